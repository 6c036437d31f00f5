// Checks a receipt in the reader's browser. It asks no host but the ledger's own, and sends nothing
// of a receipt: for a ballot, the first digits of its digest, which many ballots share.
// The first half is pure; tests run it in Node. The second half is the page.

const text = new TextEncoder();

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromBase64 = (written) => Uint8Array.from(atob(written), (c) => c.charCodeAt(0));
const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

// What a reader is told where a text is none of what it should be.
export class Malformed extends Error {}

function base64(written, length) {
  try {
    const bytes = fromBase64(written);
    if (toBase64(bytes) === written && (length === undefined || bytes.length === length)) return bytes;
  } catch { /* it is not base64 */ }
  throw new Malformed(written.slice(0, 60));
}

function whole(written) {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(written) || !Number.isSafeInteger(Number(written))) throw new Malformed(written.slice(0, 60));
  return Number(written);
}

// A checkpoint (C2SP tlog-checkpoint) and the signatures below it, none of which is verified yet.
export function readNote(note) {
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) throw new Malformed("note");
  const signed = note.slice(0, at + 1), [origin, size, root] = signed.split("\n");
  const signatures = note.slice(at + 2, -1).split("\n").map((line) => {
    const [, name, content] = line.match(/^\u2014 (\S+) (\S+)$/) ?? [];
    if (!name) throw new Malformed(line.slice(0, 60));
    const bytes = base64(content);
    return { name, id: toHex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
  });
  if (!origin || root === undefined) throw new Malformed("checkpoint");
  return { signed, origin, size: whole(size), root: base64(root, 32), signatures };
}

// A `.tlog-proof` (C2SP tlog-proof@v1).
export function readProof(written) {
  const at = written.indexOf("\n\n");
  const [magic, ...lines] = written.slice(0, Math.max(at, 0)).split("\n");
  if (magic !== "c2sp.org/tlog-proof@v1") throw new Malformed(magic);
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const index = lines.shift()?.match(/^index (\S+)$/)?.[1] ?? "";
  if (lines.length > 63) throw new Malformed("proof");
  return { index: whole(index), hashes: lines.map((line) => base64(line, 32)), note: written.slice(at + 2) };
}

export const writtenProof = (index, hashes, note) =>
  ["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes].join("\n") + `\n\n${note}`;

// The receipt of the voting page: the box's signed promise to publish a ballot.
const ROUND = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export function readPromise(written) {
  const [magic, promise] = written.split("\n");
  if (magic !== "comptoir-receipt-v1") throw new Malformed(magic.slice(0, 60));
  try {
    const { ballot, round_id: round, signature } = JSON.parse(promise);
    if (/^[0-9a-f]{64}$/.test(ballot) && ROUND.test(round)) return { digest: ballot, round, signature };
  } catch { /* it is not JSON */ }
  throw new Malformed("promise");
}

// Who signed what a box promises: "good" where it was one of these keys, "wrong" where it was none, or
// "unable". It promises by a rule, in this one form: an hour would be false once a vote is extended.
export async function promiseSigned({ digest, round, signature }, keys) {
  const said = `{"ballot":"${digest}","extensions":"included","published_within":3600,"round_id":"${round}","v":"comptoir-promise-v1"}`;
  let bytes;
  try { bytes = base64(signature, 64); } catch { return "wrong"; }
  for (const key of keys) {
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", fromBase64(key), "Ed25519", false, ["verify"]);
    } catch { return "unable"; }
    if (await crypto.subtle.verify("Ed25519", imported, bytes, text.encode(said))) return "good";
  }
  return "wrong";
}

// What was given: a receipt of the log, the box's promise, or a ballot's digest alone.
export function read(given) {
  // Whoever pastes loses the last line's end, and may have got a line's end of another kind.
  const written = `${given.replaceAll("\r\n", "\n").trim()}\n`;
  if (/^[0-9a-f]{64}\n$/.test(written)) return { kind: "ballot", digest: written.trim() };
  if (written.startsWith("comptoir-receipt-")) return { kind: "ballot", ...readPromise(written) };
  const proof = readProof(written);
  return { kind: "proof", ...proof, checkpoint: readNote(proof.note) };
}

export const leafHash = (entry) => sha256(joined([0], text.encode(entry)));
const nodeHash = (left, right) => sha256(joined([1], left, right));

// Whether the hashes lead from a leaf to a root (RFC 9162 §2.1.3.2).
export async function includes(index, size, leaf, hashes, root) {
  if (index >= size) return false;
  let [place, last, found] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const hash of hashes) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      found = await nodeHash(hash, found);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else found = await nodeHash(found, hash);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && same(found, root);
}

// An entry that is a ballot of the box, and nothing else that somebody published with its bytes.
const BALLOT = new RegExp('^\\{"body":(.*),"id":"[0-9a-f-]{36}","number":[0-9]+,"src":"voting\\.box"'
  + ',"t":"[0-9TZ:-]{17}","type":"voting\\.ballot-cast\\.v1","v":1\\}$', "s");

// The digest that the box promised: of the ballot, which is an entry's body. Null of any other entry.
export async function ballotDigest(entry) {
  const body = entry.match(BALLOT)?.[1];
  return body === undefined ? null : toHex(await sha256(text.encode(body)));
}

const LOG = 1, COSIGNATURE = 4;

async function readKey(vkey) {
  const [name, id, encoded] = vkey.match(/^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/)?.slice(1) ?? [];
  if (!name) throw new Malformed("vkey");
  const bytes = base64(encoded), found = await sha256(joined(text.encode(`${name}\n`), bytes));
  if (toHex(found.slice(0, 4)) !== id) throw new Malformed("vkey");
  return { name, id, kind: bytes[0], key: bytes.slice(1) };
}

// What a key's signature below a checkpoint is worth: "good", "wrong", "absent", or "unable" where
// this browser does not know signatures of its kind.
export async function verified(checkpoint, vkey) {
  const { name, id, kind, key } = await readKey(vkey);
  const found = checkpoint.signatures.filter((each) => each.name === name && each.id === id);
  if (!found.length) return "absent";
  if (![LOG, COSIGNATURE].includes(kind)) return "unable";
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch { return "unable"; }
  for (const { bytes } of found) {
    const [signature, said] = kind === LOG ? [bytes, checkpoint.signed] : cosigned(bytes, checkpoint.signed);
    if (!(await crypto.subtle.verify("Ed25519", imported, signature, text.encode(said)))) return "wrong";
  }
  return "good";
}

// A cosignature begins with its time (C2SP tlog-cosignature).
function cosigned(bytes, signed) {
  const time = bytes.length > 8 ? new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) : 0n;
  return [bytes.slice(8), `cosignature/v1\ntime ${time}\n${signed}`];
}

// What holds of a receipt about an entry: one state a line, in the order in which they are shown.
// `log` is what the page knows: its keys, the one of today last, and the keys of its witnesses.
// A root that the log did not sign is anybody's, and what an earlier key signed may be somebody
// else's: keys are replaced when others have them, too.
export async function checked({ index, hashes, checkpoint }, entry, log) {
  const inTree = await includes(index, checkpoint.size, await leafHash(entry), hashes, checkpoint.root);
  const keys = await Promise.all(log.keys.map((vkey) => verified(checkpoint, vkey)));
  const witnesses = await Promise.all(log.witnesses.map((vkey) => verified(checkpoint, vkey)));
  const any = (states, state) => states.includes(state);
  const signed = any(keys, "wrong") ? "wrong" : keys.at(-1) === "good" ? "good" : any(keys, "good") ? "earlier"
    : any(keys, "unable") ? "unable" : "absent";
  return {
    included: !inTree ? "wrong" : ["wrong", "absent"].includes(signed) ? "unsigned" : "good",
    signed,
    witnessed: any(witnesses, "wrong") ? "wrong" : any(witnesses, "good") ? "good" : any(witnesses, "unable") ? "unable" : "absent",
    witnesses: witnesses.filter((state) => state === "good").length,
  };
}

// ---- The page ------------------------------------------------------------------------------------

class Trouble extends Error {}

async function asked(path) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(15000) });
  } catch { throw new Trouble("network"); }
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Trouble("network");
  return answer;
}

class ReceiptPage {
  constructor(main) {
    this.main = main;
    this.logs = JSON.parse(main.dataset.logs);
    this.lang = document.documentElement.lang;
  }

  find(selector) { return this.main.querySelector(selector); }

  start() {
    this.find("[data-unscripted]").hidden = true;
    this.find("[data-live]").hidden = false;
    const drop = this.find("[data-drop]"), file = this.find("[data-file]"), form = this.find("form");
    file.addEventListener("change", () => this.open(file.files[0]));
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.toggleAttribute("data-over", true); });
    }
    drop.addEventListener("dragleave", () => drop.toggleAttribute("data-over", false));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", false);
      this.open(event.dataTransfer.files[0]);
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.check(form.elements.receipt.value); });
  }

  async open(file) {
    if (!file) return;
    // No receipt is larger; a film is not read to its end.
    const written = file.size > 200_000 ? "" : await file.text();
    this.find("form").elements.receipt.value = written;
    await this.check(written);
  }

  // The sentence of a code, with its values.
  sentence(code, values = {}) {
    const found = this.find(`[data-says="${code}"]`).textContent.trim();
    return found.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }
  number(value) { return value.toLocaleString("fr").replace(/\s/g, "\u202f"); }

  async check(written) {
    this.clear();
    if (this.main.ariaBusy) return;
    this.main.ariaBusy = "true";
    this.verdict("checking");
    try {
      const given = read(written);
      await (given.kind === "ballot" ? this.checkBallot(given) : this.checkProof(given));
    } catch (error) {
      this.clear();
      const code = error instanceof Malformed ? "malformed" : error instanceof Trouble ? error.message : "unexpected";
      this.verdict(code);
    } finally {
      this.main.ariaBusy = null;
    }
  }

  clear() {
    this.find("[data-lines]").replaceChildren();
    this.find("[data-result]").hidden = true;
    this.find("[data-saving]").hidden = true;
  }
  verdict(code, values) {
    const said = this.find("[data-verdict]");
    said.textContent = this.sentence(code, values);
    said.dataset.code = code;
  }
  line(state, code, values, link) {
    const row = document.createElement("li"), said = document.createElement("p");
    row.dataset.state = state;
    row.append(said);
    said.append(this.find(`[data-status="${state}"]`).content.cloneNode(true), " ", this.sentence(code, values));
    if (link) {
      const way = Object.assign(document.createElement("a"), { href: link, textContent: this.sentence("look") });
      said.append(" ", way);
    }
    this.find("[data-lines]").append(row);
  }

  // A receipt of the log: the entry itself comes from the log, and need not be believed.
  async checkProof(receipt) {
    const log = this.logs.find(({ origin }) => origin === receipt.checkpoint.origin);
    if (!log) return this.verdict("other_log", { origin: receipt.checkpoint.origin });
    const answer = await asked(`/logs/${log.log}/entry/${receipt.index}`);
    if (!answer) return this.verdict("entry_missing", { index: this.number(receipt.index) });
    await this.tell(receipt, await answer.text(), log);
  }

  // A ballot: all those whose digests begin alike are asked for, so that the log does not learn which.
  async checkBallot({ digest, ...promise }) {
    for (const log of this.logs.filter(({ ballots }) => ballots)) {
      const digits = await asked(`/logs/${log.log}/by-prefix`);
      if (!digits) continue;
      const prefix = digest.slice(0, (await digits.json()).digits);
      const answer = await asked(`/logs/${log.log}/by-prefix/${prefix}`);
      if (!answer) throw new Trouble("network");  // it has one digit more since a moment ago
      const { checkpoint, ballots } = await answer.json();
      const digests = await Promise.all(ballots.map(({ entry }) => ballotDigest(entry)));
      const found = ballots[digests.indexOf(digest)];
      if (!found) continue;
      const written = writtenProof(found.index, found.proof, checkpoint);
      await this.tell(read(written), found.entry, log, ballots.length);
      return this.save(written, `${log.log}-${found.index}.tlog-proof`);
    }
    return promise.round ? this.checkPromise({ digest, ...promise }) : this.verdict("ballot_missing");
  }

  // The box's promise about a ballot that is not there: whether it is the box's, and its hour past.
  async checkPromise(promise) {
    for (const { log } of this.logs.filter(({ ballots }) => ballots)) {
      const answer = await asked(`/logs/${log}/promises/${promise.round}`);
      if (!answer) continue;
      const { due, entry, keys } = await answer.json(), signed = await promiseSigned(promise, keys);
      const by = new Date(due).toLocaleString(this.lang, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" });
      this.find("[data-result]").hidden = false;
      this.line({ good: "good", wrong: "wrong", unable: "unknown" }[signed], `promise_${signed}`);
      this.line("good", "promise_due", { by, index: this.number(entry) }, `/explore/${log}/${entry}`);
      const hour = Date.now() > Date.parse(due) ? "promise_broken" : "ballot_missing_yet";
      return this.verdict(signed === "wrong" ? "promise_not_the_boxs" : hour, { by });
    }
    this.verdict("round_missing");
  }

  async tell(receipt, entry, log, among) {
    const found = await checked(receipt, entry, log);
    const size = this.number(receipt.checkpoint.size), index = this.number(receipt.index);
    this.find("[data-result]").hidden = false;
    if (among !== undefined) this.line("good", "ballot", { among: this.number(among) });
    const state = { good: "good", wrong: "wrong", unsigned: "wrong", earlier: "unknown", unable: "unknown", absent: "unknown" };
    // How a ballot is found again stays with its voter: no link that would tell the log which it is.
    this.line(state[found.included], `included_${found.included}`, { index, size }, among === undefined && `/explore/${log.log}/${receipt.index}`);
    this.line(found.signed === "absent" ? "wrong" : state[found.signed], `signed_${found.signed}`, { origin: log.origin });
    const today = among === undefined && await this.tellToday(receipt, entry, log, found.signed);
    this.line(state[found.witnessed], `witnessed_${found.witnessed}`, { n: found.witnesses });
    const wrong = this.find('[data-lines] [data-state="wrong"]');
    const signed = found.signed === "good" || (found.signed === "earlier" && today);
    const essential = found.included === "good" && signed;
    this.verdict(wrong ? "does_not_hold" : essential ? "holds" : "holds_in_part");
  }

  // The log of today: whether the same entry stands in the same place of the tree that it signs now.
  async tellToday(receipt, entry, log, signed) {
    const answer = await asked(`/logs/${log.log}/proof/${receipt.index}`);
    const today = answer && read(await answer.text());
    const found = today && (await checked(today, entry, log));
    const older = !today || today.checkpoint.size < receipt.checkpoint.size;
    const good = !older && found.included === "good" && ["good", "unable"].includes(found.signed);
    const said = good ? "today_good" : signed === "good" ? "today_wrong" : "today_missing";
    this.line(good ? "good" : "wrong", said, { size: this.number(today?.checkpoint.size ?? 0) });
    return good && found.signed === "good";
  }

  save(written, name) {
    const link = this.find("[data-save]");
    if (link.href) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([written], { type: "text/plain" }));
    link.download = name;
    this.find("[data-saving]").hidden = false;
  }
}

const main = globalThis.document?.querySelector("[data-logs]");
if (main) new ReceiptPage(main).start();
