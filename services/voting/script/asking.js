// What went wrong, by the code that the page has a sentence for.
export class Trouble extends Error {}

// A request without cookies and, where the browser can, with a bound, tried again where the answer got lost: it is the same
// bytes each time.
export async function asked(url, body, kind = "json", left = 3) {
  const posted = body && { method: "POST", headers: { "Content-Type": "application/json" }, body };
  const how = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", signal: AbortSignal.timeout?.(15000) };
  const answer = await fetch(url, { ...how, ...posted }).catch(() => null), good = answer?.ok;
  const said = await answer?.[good ? kind : "json"]().catch(() => null);
  if (good && said !== null) return said;
  if (left === 1 || (answer && !good && answer.status < 500)) throw new Trouble(!answer || good ? "network" : said?.code ?? "unavailable");
  await new Promise((later) => setTimeout(later, 1000));
  return asked(url, body, kind, left - 1);
}
