// The work list by keyboard: j and k go from line to line, Enter opens the one that has the focus,
// ? says so. Without it, Tab does the same. Whoever dictates, or touches a key by mistake, switches
// single keys off (WCAG 2.1.4), and the browser keeps that.
"use strict";
const keys = document.querySelector("[data-keys]");
const box = keys.querySelector("input");
const KEPT = "comptoir-work-keys";
const lines = () => [...document.querySelectorAll("main tbody a")];

function go(step) {
  const found = lines();
  const at = found.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), found.length - 1);
  found[next]?.focus();
}

function help() {
  keys.open = true;
  keys.querySelector("summary").focus();
}

const ACTS = { j: () => go(1), k: () => go(-1), "?": help };

box.checked = localStorage.getItem(KEPT) !== "off";
box.addEventListener("change", () => {
  localStorage.setItem(KEPT, box.checked ? "on" : "off");
});
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (!box.checked || writes || event.ctrlKey || event.altKey || event.metaKey) return;
  if (Object.hasOwn(ACTS, event.key)) {
    event.preventDefault();
    ACTS[event.key]();
  }
});
keys.hidden = false;
