// What runs in a voter's browser. No other host than roll, box and ledger. The digest of all of it,
// with its libraries, is in the record from the round's opening on.
import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";
import { asked, Trouble } from "./asking.js";
import { promiseHolds, signedBallot } from "./ballot.js";
import { above, bounds, broken, filled, inputOf, money, moved, pairs, placeOf, plain, put, ranking, shuffled, stepped, sums } from "./choices.js";
import { ballotKey, codeOf, derived, plainCode, seedOf } from "./code.js";
import { canonical, fromBase64, sha256, toBase64, toHex, utf8 } from "./encoding.js";
import { Log } from "./record.js";
import { blinded, factor, finalized, publicKey } from "./token.js";

const numberOf = (part) => Number(part.closest("[data-option]").dataset.option);
const leniently = (act) => { try { return act(); } catch { return null; } };  // what a browser may refuse

class VotingPage {
  constructor(main) {
    const { round, box, format = "{}" } = main.dataset, form = JSON.parse(format), lang = document.documentElement.lang;
    // `vote` is { seed, tier, token, tried, last } of the code in use, `options` what is to be known of each.
    Object.assign(this, { main, round, box, form, lang, input: inputOf(form), vote: null, options: {} });
    Object.assign(this, { log: new Log(main.dataset), prefix: `comptoir:${round}:` });
    this.said = pairs(this.recall("chosen") ?? []);
  }

  find(selector) { return this.main.querySelector(selector); }
  findAll(selector) { return [...this.main.querySelectorAll(selector)]; }
  get cards() { return this.findAll("[data-options] > li"); }
  get choices() { return this.input.choices(this.said); }
  get flaw() { return broken(this.form, sums(this.said, this.options))[0]; }
  get promised() { return [this.vote?.tried, this.vote?.last].find((cast) => cast?.promise); }
  get keys() { return ballotKey(fromBase64(this.vote.seed), this.round, this.vote.tier); }

  // A sentence of the page with its figures: those given, else the ballot's as it is.
  sentence(part, given = this.figures()) {
    part.dataset.sentence ??= part.textContent.trim();
    return filled(part.dataset.sentence, given, this.lang);
  }
  write(parts, given) { for (const part of this.findAll(parts)) part.textContent = this.sentence(part, given); }
  figures() {
    const { total, cap } = this.form, of = sums(this.said, this.options);
    return { ...of, cost: money(of.cost, this.lang), left: cap === undefined ? total - of.points : money(cap - of.cost, this.lang) };
  }
  inParis(time) { return new Date(time).toLocaleString(this.lang, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" }); }

  // What is kept for this tab only, and what on this device until voting closes: the vote under the
  // hash of the code. A browser that refuses to keep anything votes all the same.
  recall(name) { return leniently(() => JSON.parse(sessionStorage.getItem(this.prefix + name))); }
  remember(name, value) { leniently(() => sessionStorage.setItem(this.prefix + name, JSON.stringify(value))); }
  kept(place) { return leniently(() => JSON.parse(localStorage.getItem(place))); }
  keep(vote) { this.vote = vote; leniently(() => localStorage.setItem(this.place, JSON.stringify(vote))); }
  forget() {
    const mine = (store) => Object.keys(store).filter((name) => name.startsWith(this.prefix));
    leniently(() => [localStorage, sessionStorage].forEach((store) => mine(store).forEach((name) => store.removeItem(name))));
  }
  leave() { this.forget(); this.remember("say", "forgotten"); location.reload(); }

  start() {
    // Not at once: officers may extend the vote.
    if (this.main.dataset.state === "closed") return Date.now() > Date.parse(this.main.dataset.closes) + 864e5 && this.forget();
    if (!this.find('[data-step="code"]')) return;
    if (!globalThis.crypto?.subtle) return this.say("unsupported");
    const given = new URLSearchParams(location.hash.slice(1));  // codes come behind the #, which no server sees
    for (const name of ["code", "voting"]) this.find(`#${name}`).value = given.get(name) ?? "";
    this.find("[data-resuming]").open = given.has("voting");
    this.deal();
    this.listen();
    this.find("[data-unscripted]").hidden = true;
    for (const part of this.findAll("[data-live]")) part.hidden = false;
    // Loaded anew, perhaps in the other language: where the voter was.
    this.place = [...given].length ? null : this.recall("place");
    this.vote = this.place && this.kept(this.place);
    this.search();
    this.drawChoices();
    history.replaceState({ step: "choose" }, "", location.pathname + location.search);
    this.show("choose", false);
    if (!this.place) this.say(this.recall("say"));
  }

  // The cards in the order of this tab's own seed, a control on each.
  deal() {
    const seed = this.recall("seed") ?? toHex(crypto.getRandomValues(new Uint8Array(8)));
    this.remember("seed", seed);
    for (const card of shuffled(this.cards, seed, numberOf)) {
      const { option: number, cost, contest } = card.dataset, title = card.querySelector("h3").textContent;
      this.options[number] = { cost: Number(cost), contest, title, words: plain(card.textContent) };
      const control = this.copy("[data-control]", number), labels = control.querySelectorAll("label");
      for (const [at, input] of control.querySelectorAll("input").entries()) {
        input.name = `option-${number}`;
        input.id = labels[at].htmlFor = `option-${number}-${at}`;
      }
      card.append(control);
      card.parentElement.append(card);
    }
  }

  // A part that the page has once, for one option.
  copy(part, number) {
    const copied = this.find(part).content.firstElementChild.cloneNode(true);
    for (const title of copied.querySelectorAll("[data-title]")) title.textContent = this.options[number].title;
    return copied;
  }

  // A button says what it does; a second click while the first is under way does nothing.
  listen() {
    const on = (part, kind, act) => this.find(part)?.addEventListener(kind, act);
    this.main.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-act]");
      if (button) this.once(() => this[button.dataset.act](button.dataset.to ?? button));
    });
    on("[data-code-form]", "submit", (event) => { event.preventDefault(); this.once(() => this.enter()); });
    on("[data-seeking]", "input", () => this.search());
    on("[data-options]", "change", ({ target }) => this.accept(put(this.said, numberOf(target), this.input.read(target))));
    addEventListener("popstate", (event) => this.show(event.state?.step ?? "code"));
  }
  async once(act) {
    if (this.main.ariaBusy) return;
    this.main.ariaBusy = "true";
    this.say(null);
    await (async () => act())().catch((error) => this.say(error instanceof Trouble ? error.message : "unexpected"));
    this.main.ariaBusy = null;
  }

  back() { history.back(); }
  print() { print(); }
  go(step) { history.pushState({ step }, ""); this.show(step); }
  show(step, focus = true) {
    const reachable = this.vote?.token || (this.code && step === "mine") ? step : "code";
    for (const part of this.findAll("[data-step]")) part.hidden = part.dataset.step !== reachable;
    ({ check: () => this.drawCheck(), mine: () => this.drawCode() })[reachable]?.();
    for (const part of this.findAll("[data-cast-before]")) part.hidden = !this.promised;
    this.say(null);
    if (!focus) return;
    scrollTo(0, 0);
    this.find(`[data-step="${reachable}"] [tabindex="-1"]`).focus();
  }

  // One sentence at the head of the page.
  say(code) {
    const box = this.find("[data-said-box]");
    const known = code && (this.find(`[data-says~="${code}"]`) ?? this.find("[data-says~=unexpected]"));
    this.find("[data-said]").textContent = known ? this.sentence(known) : "";
    box.hidden = !known;
    if (known) box.scrollIntoView({ block: "nearest" });
  }

  // The frozen rules, from the record; what they say of this script holds of the one that runs.
  async opened() {
    if (this.rules) return this.rules;
    const opened = await this.log.event(this.main.dataset.opened, "voting.round-opened.v");
    const own = toHex(sha256(new Uint8Array(await (await fetch(import.meta.url)).arrayBuffer())));
    if (opened.round_id !== this.round) throw new Trouble("record_wrong");
    if (opened.script && opened.script !== own) throw new Trouble("script_other");
    return (this.rules = opened);
  }
  async blinding({ seed, tier }) {
    const key = await publicKey(fromBase64((await this.opened()).tiers[tier]));
    return [key, factor(derived(fromBase64(seed), this.round, tier, "blinding", 400), key)];
  }

  // 1. Who I am: the code of a letter or message, and whoever has one already, the voting code.
  async enter() {
    const code = plainCode(this.find("#code").value), typed = this.find("#voting").value.trim(), given = leniently(() => toBase64(seedOf(typed)));
    if (typed && !given) throw new Trouble("voting_code_malformed");
    const { tier } = await asked(`/rounds/${this.round}/tier`, JSON.stringify({ code }));
    const place = this.prefix + toHex(sha256(utf8(`${this.round}/${code}`))).slice(0, 16), kept = this.kept(place);
    // A code goes with one voting code: that which has its token here is not given up for another.
    if (kept?.token && given && kept.seed !== given) throw new Trouble("code_used");
    const vote = kept && (!given || kept.seed === given) ? kept : { seed: given, tier };
    while (!vote.seed || !(await this.blinding(vote))[1]) vote.seed = toBase64(crypto.getRandomValues(new Uint8Array(16)));
    if (this.recall("place") !== place) this.remember("chosen", (this.said = []));  // those of another code
    Object.assign(this, { code, place, vote });
    // Kept before anything is asked with it: should the answer get lost, the same bytes ask again. One
    // that was typed is at hand, and perhaps another person's: it is kept once it has a token.
    if (!given) this.keep(vote);
    this.remember("place", place);
    if (vote.tried && !this.said.length) this.said = pairs(vote.tried.choices);
    await (vote.token || given ? this.admit() : this.go("mine"));
  }

  // 2. My voting code, and for it the roll's blind signature.
  drawCode() {
    const code = codeOf(fromBase64(this.vote.seed)), qr = generate(`${location.origin}${location.pathname}#voting=${code}`);
    this.find("[data-qr]").setAttribute("viewBox", `-4 -4 ${qr.size + 8} ${qr.size + 8}`);
    this.find("[data-qr] path").setAttribute("d", toSvgPath(qr));
    this.find("[data-voting-code]").textContent = code;
    const written = `comptoir-voting-code-v1\nround: ${this.round}\ncode: ${code}\n`;
    offer(this.find("[data-voting-code-file]"), `voting-code-${this.round.slice(0, 8)}.txt`, written);
  }
  async admit() {
    if (!this.vote.token) {
      const { round, vote: { tier } } = this, [key, how] = await this.blinding(this.vote);
      const message = utf8(canonical({ v: "comptoir-token-v1", round, tier, key: this.keys.key }));
      const { signature } = await asked(`/rounds/${round}/tokens`, canonical({ code: this.code, blinded: toBase64(blinded(key, message, how)) }));
      const token = finalized(key, message, fromBase64(signature), how);
      if (!token) throw new Trouble("token_wrong");
      this.keep({ ...this.vote, token: toBase64(token) });
    }
    this.drawChoices();
    this.go("choose");
  }

  // 3. The choices.
  search() {
    const sought = plain(this.find("[data-search]").value).split(/\s+/), wanted = this.find("[data-contests]")?.value;
    for (const card of this.cards) {
      const { words, contest } = this.options[numberOf(card)];
      card.hidden = !sought.every((word) => words.includes(word)) || Boolean(wanted && contest && contest !== wanted);
    }
    this.write("[data-found]", { n: this.cards.filter((card) => !card.hidden).length, all: this.cards.length });
  }
  step(button) {
    const value = this.input.read(button.parentElement.querySelector("input"));
    this.accept(put(this.said, numberOf(button), stepped(value, Number(button.dataset.by), bounds(this.form))));
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
        answer.textContent = this.sentence(answer, { value, place: place + 1, label: card.querySelector(":checked + label")?.textContent });
        answer.hidden = value === null;
      }
    }
    this.write("[data-rule] span");
  }

  // 4. What will be cast, in the voter's own order and words.
  toCheck() { this.flaw ? this.say(this.flaw) : this.go("check"); }
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
    if (this.flaw) throw new Trouble(this.flaw);  // who goes forward in history comes here past limits
    const { round, choices, vote: { tier, token, tried } } = this, highest = await this.highest();
    // What was said on another device since is replaced by these choices, also where they are said again.
    if (!tried || tried.revision < highest || canonical(tried.choices) !== canonical(choices)) {
      if (highest === 20) throw new Trouble("revisions_over");
      const said = { round, tier, token, revision: highest + 1, choices }, ballot = await signedBallot(await this.opened(), this.keys, said);
      // Kept before it is sent: a click after a lost answer sends the same bytes again.
      this.keep({ ...this.vote, tried: { revision: said.revision, choices, ballot }, last: this.promised });
    }
    const { ballot } = this.vote.tried, promise = await asked(`${this.box}/ballots`, ballot).catch((trouble) => {
      // One that was refused is none: what stands is the last one that was promised, with its receipt.
      if (!["network", "unavailable"].includes(trouble.message)) this.keep({ ...this.vote, tried: this.promised });
      throw trouble;
    });
    const { promise: boxKey } = await asked(`${this.box}/keys`);
    if (!promiseHolds(promise, ballot, round, boxKey)) throw new Trouble("promise_wrong");
    this.keep({ ...this.vote, tried: { ...this.vote.tried, promise, boxKey } });
    this.receipt();
  }

  // The highest revision that the box has under this key, which another device may have cast.
  async highest() {
    const { box, round, keys: { key, sign } } = this, { nonce } = await asked(`${box}/nonce`);
    const question = { key, nonce, purpose: "highest-revision", round };
    return (await asked(`${box}/highest`, canonical({ ...question, sig: sign(question) }))).revision;
  }

  // 5. The receipt: a sentence, a page, a file.
  receipt() {
    const { revision, promise, boxKey } = this.promised;
    this.find("[data-ballot]").textContent = promise.ballot;
    this.write("[data-promised]", { by: this.inParis(Date.parse(this.main.dataset.closes) + promise.published_within * 1000) });
    this.write("[data-numbered]", { n: revision });
    const written = `comptoir-receipt-v1\n${canonical(promise)}\nbox key: ${boxKey}\n`;
    offer(this.find("[data-receipt-file]"), `receipt-${promise.ballot.slice(0, 8)}.txt`, written);
    this.looked(null, "");
    this.go("receipt");
  }

  // 6. Is my ballot there? If not: does the record know the key of the promise, and is its hour past?
  async lookUp() {
    const { promise: { ballot }, boxKey } = this.promised, found = await this.log.ballot(ballot);
    const { due, keys } = found ? {} : await this.log.read(`promises/${this.round}`);
    const code = found ? "published" : !keys.includes(boxKey) ? "stranger" : Date.now() > Date.parse(due) ? "broken" : "unpublished";
    this.looked(found, this.sentence(this.find(`[data-says=${code}]`), { ...found, by: due && this.inParis(due) }));
    if (found) offer(this.find("[data-proof]"), `ballot-${ballot.slice(0, 8)}.tlog-proof`, found.proof);
  }
  looked(found, said) { this.find("[data-proof]").hidden = !found; this.find("[data-looked]").textContent = said; }
}

// A file to save, made here.
function offer(link, name, content) {
  if (link.href) URL.revokeObjectURL(link.href);
  Object.assign(link, { href: URL.createObjectURL(new Blob([content], { type: "text/plain" })), download: name });
}

const main = globalThis.document?.querySelector("[data-round]");
if (main) new VotingPage(main).start();
