// Follows a round: the figures of the page change as tallies come. Without it, the page is
// loaded anew now and then. The order of the bars stays as it was when the page was loaded.
"use strict";
const section = document.querySelector("[data-live]");
const status = section.querySelector("[data-stream]");
const grouped = (count) =>
  String(count)
    .replace(/\B(?=(\d{3})+$)/g, "\u202f")
    .replace("-", "\u2212");

function connected(on) {
  status.hidden = false;
  status.querySelector("[data-on]").hidden = !on;
  status.querySelector("[data-off]").hidden = on;
}

function show(tally) {
  if (tally.voters !== undefined) {
    section.querySelector("[data-voters]").textContent = grouped(tally.voters);
  }
  const most = Math.max(1, ...Object.values(tally.votes));
  for (const cell of section.querySelectorAll("[data-votes]")) {
    cell.textContent = grouped(tally.votes[cell.dataset.votes] ?? 0);
  }
  for (const bar of section.querySelectorAll("[data-bar]")) {
    const votes = Math.max(0, tally.votes[bar.dataset.bar] ?? 0); // there can be more against it
    bar.setAttribute("width", ((1000 * votes) / most).toFixed(1));
  }
}

const stream = new EventSource(section.dataset.live);
stream.addEventListener("open", () => connected(true));
stream.addEventListener("error", () => connected(false));
stream.addEventListener("tally", (event) => {
  const tally = JSON.parse(event.data);
  show(tally);
  if (tally.final) {
    stream.close();
    location.reload(); // the round is decided: the page says so, and where the result is
  }
});
