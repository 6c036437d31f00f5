// What runs in a voter's browser: the ballot key, the choices, the signed ballot, the receipt.
// No other script, no other host than roll, box and ledger. The page shows this file's SHA-256.
// The first half is pure; tests run it in Node. The second half is the page.

const text = new TextEncoder();

export const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const fromBase64 = (written) => Uint8Array.from(atob(written), (c) => c.charCodeAt(0));
export const toHex = (bytes) =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const sha256 = async (written) => toHex(await crypto.subtle.digest("SHA-256", text.encode(written)));

// RFC 8785 of a flat object: names sorted; its values are ASCII strings, integers and arrays of
// integers, of which JSON.stringify makes what RFC 8785 asks for.
export function canonical(fields) {
  const parts = Object.keys(fields).sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`);
  return `{${parts.join(",")}}`;
}

// Ed25519 in PKCS #8 is these bytes and the seed (RFC 8410).
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

// The ballot key of a seed of 32 bytes: what signs, and its public half in base64.
export async function ballotKey(seed) {
  const pkcs8 = new Uint8Array([...PKCS8, ...seed]);
  const secret = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", secret);
  const padded = x.replaceAll("-", "+").replaceAll("_", "/");
  return { secret, key: `${padded}${"=".repeat((4 - (padded.length % 4)) % 4)}` };
}

// A fresh seed, of a pair that the browser made.
export async function newSeed() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  return new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)).slice(-32);
}

// A signed ballot, as the box takes it. The same vote always gives the same bytes.
export async function signedBallot(vote) {
  const { secret, key } = await ballotKey(fromBase64(vote.seed));
  const choices = [...vote.choices].sort((a, b) => a - b);
  const { round, tier, token, revision } = vote;
  const fields = { v: 1, round, tier, key, token, revision, choices };
  const sig = await crypto.subtle.sign("Ed25519", secret, text.encode(canonical(fields)));
  return canonical({ ...fields, sig: toBase64(sig) });
}

// Whether the box's signed promise is about this ballot, and signed by this key.
export async function promiseHolds(promise, ballot, round, boxKey) {
  const { ballot: digest, published_by, round_id, signature } = promise;
  if (digest !== (await sha256(ballot)) || round_id !== round) return false;
  const key = await crypto.subtle.importKey("raw", fromBase64(boxKey), "Ed25519", false, ["verify"]);
  const said = text.encode(canonical({ ballot: digest, published_by, round_id }));
  return crypto.subtle.verify("Ed25519", key, fromBase64(signature), said);
}

// The revision that a ballot with these choices has: what was tried with the same choices is tried
// again, byte for byte; other choices replace it.
export function nextRevision(tried, choices) {
  if (!tried) return 1;
  const same = [...tried.choices].sort().join() === [...choices].sort().join();
  return same ? tried.revision : tried.revision + 1;
}

// Numbers in a random order that a seed (an unsigned 32-bit integer) always gives again.
export function shuffled(numbers, seed) {
  let state = seed >>> 0;
  const random = () => {  // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = [...numbers];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

// Text without case and accents, for the search.
export const plain = (written) => written.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// The voting key as a text that the voter keeps, and read again.
export const keyText = (vote) =>
  `comptoir-voting-key-v1\nround: ${vote.round}\nrevision: ${vote.tried?.revision ?? 0}\nkey: ${vote.seed}\n`;

export function readKeyText(written, round) {
  const said = (name) => written.match(new RegExp(`^\\s*${name}:\\s*(\\S+)\\s*$`, "m"))?.[1] ?? "";
  const seed = said("key");
  if (!/^[A-Za-z0-9+/]{43}=$/.test(seed) || said("round") !== round) return null;
  const revision = Number.parseInt(said("revision"), 10);
  return { seed, revision: Number.isInteger(revision) && revision >= 0 ? revision : 0 };
}

// What went wrong, by the code that the page has a sentence for.
export class Trouble extends Error {}

// A request with a bound, tried again where the answer got lost: it is the same bytes each time.
export async function asked(url, options = {}, tries = 3) {
  for (let left = tries; ; left -= 1) {
    try {
      const answer = await fetch(url, {
        credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
        signal: AbortSignal.timeout(15000), ...options,
      });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 || left <= 1) {
        const problem = await answer.json().catch(() => ({}));
        throw new Trouble(problem.code ?? "unavailable");
      }
    } catch (error) {
      if (error instanceof Trouble) throw error;
      if (left <= 1) throw new Trouble("network");
    }
    await new Promise((later) => setTimeout(later, 1000));
  }
}

const posted = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body });

// ---- The page ------------------------------------------------------------------------------------

const STEPS = ["code", "choose", "check", "receipt"];

class VotingPage {
  constructor(main) {
    this.main = main;
    this.round = main.dataset.round;
    this.box = main.dataset.box;
    this.least = Number(main.dataset.least);
    this.most = Number(main.dataset.most);
    this.vote = null;          // { round, seed, tier, token, tried, promise } of the code in use
    this.chosen = this.recall("chosen") ?? [];
    this.busy = false;
  }

  find(selector) { return this.main.querySelector(selector); }
  findAll(selector) { return [...this.main.querySelectorAll(selector)]; }
  get cards() { return this.findAll("[data-option]"); }

  // What is kept for this tab only. A browser that refuses to keep anything votes all the same.
  recall(name) {
    try { return JSON.parse(sessionStorage.getItem(`comptoir:${this.round}:${name}`)); } catch { return null; }
  }
  remember(name, value) {
    try { sessionStorage.setItem(`comptoir:${this.round}:${name}`, JSON.stringify(value)); } catch { /* see above */ }
  }

  // What is kept on this device until voting closes: the key under the hash of the code.
  kept(place) {
    try { return JSON.parse(localStorage.getItem(place)); } catch { return null; }
  }
  keep() {
    try { localStorage.setItem(this.place, JSON.stringify(this.vote)); } catch { /* the file remains */ }
  }
  forget() {
    try {
      this.vote = null;
      const mine = Object.keys(localStorage).filter((name) => name.startsWith(`comptoir:${this.round}:`));
      for (const name of mine) localStorage.removeItem(name);
      for (const name of ["chosen", "place"]) sessionStorage.removeItem(`comptoir:${this.round}:${name}`);
    } catch { /* nothing was kept */ }
  }

  async start() {
    if (this.main.dataset.state === "closed") this.forget();
    if (!this.find('[data-step="code"]')) return;
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (code !== null) {
      history.replaceState(null, "", location.pathname + location.search);
      this.find("#code").value = code;
    }
    this.shuffle();
    this.listen();
    this.find("[data-unscripted]").hidden = true;
    for (const part of this.findAll("[data-live]")) part.hidden = false;
    const place = code === null && this.recall("place");
    if (place) {  // loaded anew, perhaps in the other language: where the voter was
      this.place = place;
      this.vote = this.kept(place);
    }
    this.search("");
    this.drawChoices();
    history.replaceState({ step: "choose" }, "");
    this.show("choose", false);
    if (!(await supported())) this.say("unsupported");
  }

  shuffle() {
    let seed = this.recall("seed");
    if (seed === null) {
      seed = crypto.getRandomValues(new Uint32Array(1))[0];
      this.remember("seed", seed);
    }
    const list = this.find("[data-options]");
    for (const card of shuffled(this.cards, seed)) list.append(card);
  }

  listen() {
    this.find("[data-code-form]").addEventListener("submit", (event) => this.once(event, () => this.enter()));
    this.find("[data-search]").addEventListener("input", (event) => this.search(event.target.value));
    this.find("[data-options]").addEventListener("change", (event) => this.choose(event.target));
    this.find("[data-cast]").addEventListener("click", (event) => this.once(event, () => this.cast()));
    this.find("[data-replace]").addEventListener("click", (event) => this.once(event, () => this.replace()));
    this.find("[data-to-check]").addEventListener("click", () => this.toCheck());
    this.find("[data-again]").addEventListener("click", () => this.go("choose"));
    this.find("[data-print]").addEventListener("click", () => print());
    this.find("[data-forget]").addEventListener("click", () => { this.forget(); this.say("forgotten"); });
    this.find("[data-key-file]").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (file) this.find("#key").value = await file.text();
    });
    for (const back of this.findAll("[data-back]")) back.addEventListener("click", () => history.back());
    addEventListener("popstate", (event) => this.show(event.state?.step ?? "code"));
  }

  // A second click while the first is under way does nothing.
  async once(event, act) {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.main.setAttribute("aria-busy", "true");
    this.say(null);
    try {
      await act();
    } catch (error) {
      this.say(error instanceof Trouble ? error.message : "unexpected");
    } finally {
      this.busy = false;
      this.main.removeAttribute("aria-busy");
    }
  }

  go(step) {
    history.pushState({ step }, "");
    this.show(step);
  }

  show(step, focus = true) {
    const reachable = this.vote?.token ? step : "code";
    for (const name of STEPS) this.find(`[data-step="${name}"]`).hidden = name !== reachable;
    if (reachable === "check") this.drawCheck();
    this.say(null);
    if (!focus) return;
    scrollTo(0, 0);
    this.find(`[data-step="${reachable}"] [tabindex="-1"]`).focus();
  }

  // One sentence at the head of the page, and what may be done about it.
  say(code) {
    const box = this.find("[data-said-box]");
    const known = code && (this.find(`[data-says="${code}"]`) ?? this.find('[data-says="unexpected"]'));
    this.find("[data-said]").textContent = known ? known.textContent.trim() : "";
    box.hidden = !known;
    this.find("[data-replace]").hidden = code !== "revision_taken";
    if (known) box.scrollIntoView({ block: "center" });
  }

  // 1. The code, for the token of this device's ballot key.
  async enter() {
    if (!(await supported())) throw new Trouble("unsupported");
    const code = this.find("#code").value;
    const plainCode = code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
    this.place = `comptoir:${this.round}:${(await sha256(`${this.round}/${plainCode}`)).slice(0, 16)}`;
    const vote = this.given() ?? this.kept(this.place) ?? { round: this.round, seed: toBase64(await newSeed()) };
    const { key } = await ballotKey(fromBase64(vote.seed));
    // Kept before it is sent: should the answer get lost, the same key asks again.
    this.vote = vote;
    this.keep();
    const { tier, token } = await asked(`/rounds/${this.round}/tokens`, posted(JSON.stringify({ code, key })));
    this.vote = { ...vote, tier, token };
    this.keep();
    this.remember("place", this.place);
    if (vote.tried && !this.chosen.length) this.chosen = [...vote.tried.choices];
    this.drawChoices();
    this.go("choose");
  }

  // The voting key that the voter brought from another device.
  given() {
    const written = this.find("#key").value.trim();
    if (!written) return null;
    const read = readKeyText(written, this.round);
    if (!read) throw new Trouble("key_malformed");
    const tried = read.revision ? { revision: read.revision, choices: [] } : undefined;
    return { round: this.round, seed: read.seed, tried };
  }

  // 2. The choices.
  search(wanted) {
    const words = plain(wanted).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const card of this.cards) {
      const about = plain(card.textContent);
      card.hidden = !words.every((word) => about.includes(word));
      found += card.hidden ? 0 : 1;
    }
    this.find("[data-found]").textContent = said(this.find("[data-found]"), { n: found, all: this.cards.length });
  }

  choose(input) {
    const number = Number(input.value);
    if (input.checked && this.chosen.length >= this.most) {
      input.checked = false;
      this.say("too_many_choices");
      return;
    }
    this.chosen = this.chosen.filter((other) => other !== number);
    if (input.checked) this.chosen.push(number);
    this.remember("chosen", this.chosen);
    this.say(null);
    this.drawChoices();
  }

  drawChoices() {
    for (const input of this.findAll("[data-option] input")) {
      input.checked = this.chosen.includes(Number(input.value));
      input.closest("[data-option]").toggleAttribute("data-chosen", input.checked);
    }
    for (const rule of this.findAll("[data-rule]")) {
      rule.textContent = said(rule, { n: this.chosen.length, most: this.most, least: this.least });
    }
  }

  toCheck() {
    if (this.chosen.length < this.least) return this.say("too_few_choices");
    return this.go("check");
  }

  // 3. What will be cast, in the voter's own order.
  drawCheck() {
    const list = this.find("[data-checked]");
    list.replaceChildren(...this.chosen.map((number) => {
      const row = document.createElement("li");
      const card = this.find(`[data-option="${number}"]`);
      row.append(...[...card.querySelectorAll("[data-brief]")].map((part) => part.cloneNode(true)));
      return row;
    }));
    this.find("[data-blank]").hidden = this.chosen.length > 0;
  }

  async cast() {
    const revision = nextRevision(this.vote.tried, this.chosen);
    await this.send(revision);
  }

  async replace() {
    await this.send(this.vote.tried.revision + 1);
  }

  async send(revision) {
    // Kept before it is sent: a click after a lost answer sends the same bytes again.
    this.vote.tried = { revision, choices: [...this.chosen] };
    this.keep();
    const ballot = await signedBallot({ ...this.vote, ...this.vote.tried });
    const promise = await asked(`${this.box}/ballots`, posted(ballot));
    const { promise: boxKey } = await asked(`${this.box}/keys`);
    if (!(await promiseHolds(promise, ballot, this.round, boxKey))) throw new Trouble("promise_wrong");
    this.vote.promise = promise;
    this.keep();
    this.drawReceipt(promise, boxKey);
    this.go("receipt");
  }

  // 4. The receipt: a sentence, a page, a file.
  drawReceipt(promise, boxKey) {
    this.find("[data-ballot]").textContent = promise.ballot;
    const { lang } = document.documentElement;
    const by = new Date(promise.published_by).toLocaleString(lang, {
      dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris",
    });
    const promised = this.find("[data-promised]"), numbered = this.find("[data-numbered]");
    promised.textContent = said(promised, { by });
    numbered.textContent = said(numbered, { n: this.vote.tried.revision });
    const receipt = `comptoir-receipt-v1\n${canonical(promise)}\nbox key: ${boxKey}\n`;
    offer(this.find("[data-receipt-file]"), `receipt-${promise.ballot.slice(0, 8)}.txt`, receipt);
    offer(this.find("[data-voting-key-file]"), `voting-key-${this.round.slice(0, 8)}.txt`, keyText(this.vote));
    this.find("[data-voting-key]").textContent = keyText(this.vote);
  }
}

// A sentence of the page with its numbers: "{n} of {most} chosen".
function said(element, values) {
  element.dataset.sentence ??= element.textContent;
  return Object.entries(values).reduce((s, [name, n]) => s.replaceAll(`{${name}}`, n), element.dataset.sentence);
}

function offer(link, name, content) {
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  link.download = name;
}

async function supported() {
  try {
    await ballotKey(await newSeed());
    return true;
  } catch {
    return false;
  }
}

const main = globalThis.document?.querySelector("[data-round]");
if (main) new VotingPage(main).start();
