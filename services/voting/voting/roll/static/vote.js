// What runs in a voter's browser: the ballot key, the choices, the signed ballot, the receipt.
// No other script, no other host than roll, box and ledger. The page shows this file's SHA-256.
// The first half is pure; tests run it in Node. The second half is the page.

const text = new TextEncoder();

export const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const fromBase64 = (written) => Uint8Array.from(atob(written), (c) => c.charCodeAt(0));
const hex = (byte) => byte.toString(16).padStart(2, "0");
export const toHex = (bytes) => Array.from(new Uint8Array(bytes), hex).join("");
export const sha256 = async (written) => toHex(await crypto.subtle.digest("SHA-256", text.encode(written)));

// RFC 8785: names sorted as UTF-16, at every depth. Of strings and of integers up to 2^53 - 1, all
// that is ever here, JSON.stringify makes what it asks for.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${fields.join(",")}}`;
}

// Ed25519 in PKCS #8 is these bytes and the seed (RFC 8410).
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

// The ballot key of a seed of 32 bytes: what signs, and its public half in base64.
export async function ballotKey(seed) {
  const pkcs8 = new Uint8Array([...PKCS8, ...seed]);
  const secret = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", secret);
  return { secret, key: `${x.replaceAll("-", "+").replaceAll("_", "/")}=` };
}

// A fresh seed, of a pair that the browser made.
export async function newSeed() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  return new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)).slice(-32);
}

// A signed ballot, as the box takes it. The same vote always gives the same bytes.
export async function signedBallot(vote) {
  const { secret, key } = await ballotKey(fromBase64(vote.seed));
  const { round, tier, token, revision, choices } = vote;
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
export const nextRevision = (tried, choices) =>
  tried ? tried.revision + Number(canonical(tried.choices) !== canonical(choices)) : 1;

// What a voter says, while she says it: pairs of an option's number and a value, in her own order.
const byFirst = ([one], [other]) => one - other;
export const pairs = (choices) => choices.map((each) => (Array.isArray(each) ? each : [each, 1]));
export const placeOf = (said, number) => said.findIndex(([other]) => other === number);

// The same with this value for this option; null takes the option back.
export function put(said, number, value) {
  if (value === null) return said.filter(([other]) => other !== number);
  const place = placeOf(said, number);
  return place < 0 ? [...said, [number, value]] : said.with(place, [number, value]);
}

// The same with this option a place better (-1) or worse (1), if there is such a place.
export function moved(said, number, by) {
  const place = placeOf(said, number), other = said[place + by];
  return other ? said.with(place, other).with(place + by, said[place]) : said;
}

// A kind of input: what a control says (null: nothing), how it shows what was said, and what the
// ballot states of it, to the letter (shared.events.ballots).
const numbers = {
  read: ({ checked }) => (checked ? 1 : null),
  show(control, value) { control.checked = value !== null; },
  choices: (said) => said.toSorted(byFirst).map(([number]) => number),
};
const ranking = { ...numbers, choices: (said) => said.map(([number]) => number) };
const values = {  // radios, or a field that shows `data-none` where it has no value
  read: ({ value, dataset }) => (["", dataset.none].includes(value.trim()) ? null : Number(value)),
  show(control, value) {
    if (control.type === "radio") control.checked = control.value === String(value ?? "");
    else control.value = value ?? control.dataset.none;
  },
  choices: (said) => said.toSorted(byFirst),
};
export const inputOf = ({ type }) =>
  ({ approval: numbers, contests: numbers, knapsack: numbers, ranking })[type] ?? values;

// The least and the most that an option can have, and a field's value after one more (1) or less
// (-1): below a least of more than nought is no value.
export const bounds = ({ type, most_each, low, high }) =>
  ({ cumulative: [1, most_each], score: [low, high] })[type] ?? [-Infinity, Infinity];
export function stepped(value, by, [least, most]) {
  const next = (value ?? Math.max(least - 1, 0)) + by;
  return next < least && least > 0 ? null : Math.max(least, Math.min(next, most));
}

// What limits look at. `options` has the cost in cents and the contest, if any, by number.
export function sums(said, options) {
  const all = said.map(([, value]) => value), about = said.map(([number]) => options[number]);
  const contests = about.map(({ contest }) => contest).filter(Boolean);
  return {
    n: all.length, own: contests.length, general: all.length - contests.length,
    territories: new Set(contests).size, cost: about.reduce((sum, { cost }) => sum + cost, 0),
    points: all.reduce((sum, value) => sum + value, 0), whole: all.every(Number.isInteger),
    lowest: Math.min(...all), highest: Math.max(...all),
    plus: all.filter((value) => value > 0).length, minus: all.filter((value) => value < 0).length,
  };
}

// The limits of all formats, in the order in which each format names its own. One that a format has
// not is undefined: nothing is above or below it.
const LIMITS = {
  value_out_of_bounds: (form, of, [least, most] = bounds(form)) =>
    !of.whole || of.lowest < least || of.highest > most,
  two_territories: (form, of) => of.territories > 1,
  over_cap: (form, of) => of.cost > form.cap,
  too_many_plus: (form, of) => of.plus > form.most_plus,
  too_many_minus: (form, of) => of.minus > form.most_minus,
  too_few: (form, of) =>
    of.n < form.min || (of.own && of.own < form.own?.min) || (of.general && of.general < form.general?.min),
  too_many: (form, of) => of.n > form.max || of.own > form.own?.max || of.general > form.general?.max,
  too_few_points: (form, of) => of.points < form.least_total,
  too_many_points: (form, of) => of.points > form.total,
  minus_over_plus: (form, of) => form.minus_needs_plus && of.minus > of.plus,
};
const MENDED_BY_MORE = ["too_few", "too_few_points", "minus_over_plus"];

// The codes of the limits that are broken, by a blank ballot none; and of those the first that saying
// more does not mend: it is told at once, the others before the ballot is cast.
export const broken = (form, of) => (of.n ? Object.keys(LIMITS).filter((code) => LIMITS[code](form, of)) : []);
export const above = (form, of) => broken(form, of).find((code) => !MENDED_BY_MORE.includes(code));

// Cents as the page writes them, 12 500 €: French but for the decimal mark.
export function money(cents, lang) {
  const euros = (cents / 100).toLocaleString("fr", { minimumFractionDigits: cents % 100 ? 2 : 0 });
  return `${lang === "fr" ? euros : euros.replace(",", ".")}\u202f€`;
}

// A sentence with its figures: "{n} of 3 chosen", "{left} {left|point|points} left".
export function filled(sentence, figures, lang) {
  const word = (n, one, many) => (new Intl.PluralRules(lang).select(n) === "one" ? one : many);
  return sentence.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name, one, many) =>
    one === undefined ? figures[name] : word(figures[name], one, many));
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
  return numbers.map((number) => [random(), number]).sort(byFirst).map(([, number]) => number);
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
export async function asked(url, body, tries = 3) {
  const posted = body && { method: "POST", headers: { "Content-Type": "application/json" }, body };
  for (let left = tries; ; left -= 1) {
    try {
      const answer = await fetch(url, {
        credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
        signal: AbortSignal.timeout(15000), ...posted,
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

// ---- The page ------------------------------------------------------------------------------------

class VotingPage {
  constructor(main) {
    const { round, box, format = "{}" } = main.dataset;
    Object.assign(this, { main, round, box, form: JSON.parse(format), lang: document.documentElement.lang });
    this.input = inputOf(this.form);
    this.prefix = `comptoir:${round}:`;
    this.vote = null;          // { round, seed, tier, token, tried } of the code in use
    this.said = pairs(this.recall("chosen") ?? []);
    this.options = {};         // what is to be known of each, by number
  }

  find(selector) { return this.main.querySelector(selector); }
  findAll(selector) { return [...this.main.querySelectorAll(selector)]; }
  get cards() { return this.findAll("[data-options] > li"); }
  get choices() { return this.input.choices(this.said); }
  get flaw() { return broken(this.form, sums(this.said, this.options))[0]; }

  // A sentence of the page with its figures: those given, else the ballot's as it is.
  sentence(part, given = this.figures()) {
    part.dataset.sentence ??= part.textContent.trim();
    return filled(part.dataset.sentence, given, this.lang);
  }
  write(parts, given) { for (const part of this.findAll(parts)) part.textContent = this.sentence(part, given); }
  figures() {
    const { total, cap } = this.form, of = sums(this.said, this.options);
    const left = cap === undefined ? total - of.points : money(cap - of.cost, this.lang);
    return { ...of, cost: money(of.cost, this.lang), left };
  }

  // What is kept for this tab only, and what on this device until voting closes: the key under the
  // hash of the code. A browser that refuses to keep anything votes all the same.
  recall(name) { return leniently(() => JSON.parse(sessionStorage.getItem(this.prefix + name))); }
  remember(name, value) { leniently(() => sessionStorage.setItem(this.prefix + name, JSON.stringify(value))); }
  kept(place) { return leniently(() => JSON.parse(localStorage.getItem(place))); }
  keep(vote) {
    this.vote = vote;
    leniently(() => localStorage.setItem(this.place, JSON.stringify(vote)));
  }
  forget() {
    this.vote = null;
    const mine = (name) => name.startsWith(this.prefix);
    const clear = (store) => Object.keys(store).filter(mine).forEach((name) => store.removeItem(name));
    leniently(() => [localStorage, sessionStorage].forEach(clear));
  }

  async start() {
    if (this.main.dataset.state === "closed") this.forget();
    if (!this.find('[data-step="code"]')) return;
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (code !== null) {
      history.replaceState(null, "", location.pathname + location.search);
      this.find("#code").value = code;
    }
    this.deal();
    this.listen();
    this.find("[data-unscripted]").hidden = true;
    for (const part of this.findAll("[data-live]")) part.hidden = false;
    // Loaded anew, perhaps in the other language: where the voter was.
    this.place = code === null ? this.recall("place") : null;
    if (this.place) this.vote = this.kept(this.place);
    this.search();
    this.drawChoices();
    history.replaceState({ step: "choose" }, "");
    this.show("choose", false);
    if (!(await supported())) this.say("unsupported");
  }

  // The cards in the order of this tab's own seed, a control on each.
  deal() {
    const seed = this.recall("seed") ?? crypto.getRandomValues(new Uint32Array(1))[0];
    this.remember("seed", seed);
    for (const card of shuffled(this.cards, seed)) {
      const { option: number, cost, contest } = card.dataset;
      const title = card.querySelector("h3").textContent;
      this.options[number] = { cost: Number(cost), contest, title, words: plain(card.textContent) };
      const control = this.copy("[data-control]", number), labels = control.querySelectorAll("label");
      for (const [at, input] of control.querySelectorAll("input").entries()) {
        input.name = `option-${number}`;
        input.id = labels[at].htmlFor = `option-${number}-${at}`;
      }
      card.append(control);
      this.find("[data-options]").append(card);
    }
  }

  // A part that the page has once, for one option.
  copy(part, number) {
    const copied = this.find(part).content.firstElementChild.cloneNode(true);
    for (const title of copied.querySelectorAll("[data-title]")) title.textContent = this.options[number].title;
    return copied;
  }

  listen() {
    const on = (part, kind, act) => this.find(part)?.addEventListener(kind, act);
    const once = (part, kind, act) => on(part, kind, (event) => this.once(event, act));
    const button = (act) => ({ target }) => target.closest("[data-by]") && act(target.closest("[data-by]"));
    once("[data-code-form]", "submit", () => this.enter());
    on("[data-key-file]", "change", async ({ target }) => { this.find("#key").value = await target.files[0]?.text() ?? ""; });
    on("[data-search]", "input", () => this.search());
    on("[data-contests]", "change", () => this.search());
    on("[data-options]", "change", ({ target }) => this.choose(target));
    on("[data-options]", "click", button((pressed) => this.step(pressed)));
    on("[data-to-check]", "click", () => (this.flaw ? this.say(this.flaw) : this.go("check")));
    on("[data-checked]", "click", button((pressed) => this.move(pressed)));
    once("[data-cast]", "click", () => this.cast());
    once("[data-replace]", "click", () => this.replace());
    on("[data-print]", "click", () => print());
    on("[data-again]", "click", () => this.go("choose"));
    on("[data-forget]", "click", () => { this.forget(); this.say("forgotten"); });
    for (const back of this.findAll("[data-back]")) back.addEventListener("click", () => history.back());
    addEventListener("popstate", (event) => this.show(event.state?.step ?? "code"));
  }

  // A second click while the first is under way does nothing.
  async once(event, act) {
    event.preventDefault();
    if (this.main.ariaBusy) return;
    this.main.ariaBusy = "true";
    this.say(null);
    try {
      await act();
    } catch (error) {
      this.say(error instanceof Trouble ? error.message : "unexpected");
    } finally {
      this.main.ariaBusy = null;
    }
  }

  go(step) {
    history.pushState({ step }, "");
    this.show(step);
  }
  show(step, focus = true) {
    const reachable = this.vote?.token ? step : "code";
    for (const part of this.findAll("[data-step]")) part.hidden = part.dataset.step !== reachable;
    if (reachable === "check") this.drawCheck();
    this.say(null);
    if (!focus) return;
    scrollTo(0, 0);
    this.find(`[data-step="${reachable}"] [tabindex="-1"]`).focus();
  }

  // One sentence at the head of the page, and what may be done about it.
  say(code) {
    const box = this.find("[data-said-box]");
    const known = code && (this.find(`[data-says~="${code}"]`) ?? this.find("[data-says~=unexpected]"));
    this.find("[data-said]").textContent = known ? this.sentence(known) : "";
    box.hidden = !known;
    this.find("[data-replace]").hidden = code !== "revision_taken";
    if (known) box.scrollIntoView({ block: "nearest" });
  }

  // 1. The code, for the token of this device's ballot key.
  async enter() {
    if (!(await supported())) throw new Trouble("unsupported");
    const code = this.find("#code").value;
    const plainCode = code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
    this.place = this.prefix + (await sha256(`${this.round}/${plainCode}`)).slice(0, 16);
    const vote = this.given() ?? this.kept(this.place) ?? { round: this.round, seed: toBase64(await newSeed()) };
    const { key } = await ballotKey(fromBase64(vote.seed));
    // Kept before it is sent: should the answer get lost, the same key asks again.
    this.keep(vote);
    const { tier, token } = await asked(`/rounds/${this.round}/tokens`, JSON.stringify({ code, key }));
    this.keep({ ...vote, tier, token });
    this.remember("place", this.place);
    if (vote.tried && !this.said.length) this.said = pairs(vote.tried.choices);
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
  search() {
    const words = plain(this.find("[data-search]").value).split(/\s+/).filter(Boolean);
    const wanted = this.find("[data-contests]")?.value;
    for (const card of this.cards) {
      const { words: about, contest } = this.options[card.dataset.option];
      card.hidden = !words.every((word) => about.includes(word)) || Boolean(wanted && contest && contest !== wanted);
    }
    this.write("[data-found]", { n: this.cards.filter((card) => !card.hidden).length, all: this.cards.length });
  }

  choose(control) { this.accept(put(this.said, numberOf(control), this.input.read(control))); }
  step(button) {
    const value = this.input.read(button.parentElement.querySelector("input"));
    const next = stepped(value, Number(button.dataset.by), bounds(this.form));
    this.accept(put(this.said, numberOf(button), next));
  }

  // This is said now, if no limit is in its way; else the limit is told, and all stays as it was.
  accept(said) {
    const wrong = above(this.form, sums(said, this.options));
    if (!wrong) this.said = said;
    this.remember("chosen", this.said);
    this.say(wrong);
    this.drawChoices();
  }

  drawChoices() {
    for (const card of this.cards) {
      const place = placeOf(this.said, numberOf(card)), value = this.said[place]?.[1] ?? null;
      card.toggleAttribute("data-chosen", value !== null);
      for (const control of card.querySelectorAll("input")) this.input.show(control, value);
      for (const answer of card.querySelectorAll("[data-answer]")) {
        const label = card.querySelector(":checked + label")?.textContent;
        answer.textContent = this.sentence(answer, { value, label, place: place + 1 });
        answer.hidden = value === null;
      }
    }
    this.write("[data-rule] span");
  }

  // 3. What will be cast, in the voter's own order and words.
  drawCheck() {
    this.find("[data-checked]").replaceChildren(...this.said.map(([number]) => {
      const row = document.createElement("li"), brief = `[data-options] [data-option="${number}"] [data-brief]`;
      row.dataset.option = number;
      row.append(...this.findAll(brief).map((part) => part.cloneNode(true)));
      if (this.input === ranking) row.append(this.copy("[data-moves]", number));
      return row;
    }));
    this.find("[data-blank]").hidden = this.said.length > 0;
  }

  // A place up or down; the same button of the same option keeps the focus.
  move(button) {
    const { by } = button.dataset, number = numberOf(button);
    this.accept(moved(this.said, number, Number(by)));
    this.drawCheck();
    this.find(`[data-checked] [data-option="${number}"] [data-by="${by}"]`).focus();
    this.write("[data-moved]", { title: this.options[number].title, place: placeOf(this.said, number) + 1 });
  }

  async cast() {
    // Whoever goes forward in the browser's history comes here past the limits.
    if (this.flaw) throw new Trouble(this.flaw);
    await this.send(nextRevision(this.vote.tried, this.choices));
  }
  replace() { return this.send(this.vote.tried.revision + 1); }

  async send(revision) {
    // Kept before it is sent: a click after a lost answer sends the same bytes again.
    this.keep({ ...this.vote, tried: { revision, choices: this.choices } });
    const ballot = await signedBallot({ ...this.vote, ...this.vote.tried });
    const promise = await asked(`${this.box}/ballots`, ballot);
    const { promise: boxKey } = await asked(`${this.box}/keys`);
    if (!(await promiseHolds(promise, ballot, this.round, boxKey))) throw new Trouble("promise_wrong");
    this.drawReceipt(promise, boxKey);
    this.go("receipt");
  }

  // 4. The receipt: a sentence, a page, a file.
  drawReceipt(promise, boxKey) {
    this.find("[data-ballot]").textContent = promise.ballot;
    const inParis = { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" };
    this.write("[data-promised]", { by: new Date(promise.published_by).toLocaleString(this.lang, inParis) });
    this.write("[data-numbered]", { n: this.vote.tried.revision });
    const receipt = `comptoir-receipt-v1\n${canonical(promise)}\nbox key: ${boxKey}\n`;
    offer(this.find("[data-receipt-file]"), `receipt-${promise.ballot.slice(0, 8)}.txt`, receipt);
    offer(this.find("[data-voting-key-file]"), `voting-key-${this.round.slice(0, 8)}.txt`, keyText(this.vote));
    this.find("[data-voting-key]").textContent = keyText(this.vote);
  }
}

const numberOf = (part) => Number(part.closest("[data-option]").dataset.option);

function offer(link, name, content) {
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  link.download = name;
}

const supported = () => newSeed().then(ballotKey).then(() => true, () => false);

// What a browser may refuse; null then.
const leniently = (act) => { try { return act(); } catch { return null; } };

const main = globalThis.document?.querySelector("[data-round]");
if (main) new VotingPage(main).start();
