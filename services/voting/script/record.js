// The public record: what it says is believed where its own signature and those of witnesses, whom
// the page names, are below a tree that has it (C2SP signed-note, tlog-proof, tlog-policy).
import { ed25519 } from "@noble/curves/ed25519.js";
import { asked, Trouble } from "./asking.js";
import { canonical, fromBase64, joined, sha256, toBase64, toHex, utf8 } from "./encoding.js";

const LOG = 1, COSIGNATURE = 4;
const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

// The root of a tree of `size` entries that has this one there, by the hashes of a proof, those near
// the root last (RFC 6962 §2.1.1).
export function rootOf(entry, index, size, hashes) {
  if ((size === 1) !== (hashes.length === 0) || index >= size) throw new Trouble("record_wrong");
  if (size === 1) return sha256(joined(Uint8Array.of(0), utf8(entry)));
  const half = 2 ** ((size - 1).toString(2).length - 1), [last, rest] = [hashes.at(-1), hashes.slice(0, -1)];
  return index < half ? node(rootOf(entry, index, half, rest), last) : node(last, rootOf(entry, index - half, size - half, rest));
}

// Whether this key signed a note. A wrong signature under its name is none; nor is one of another kind.
export function signed(note, vkey) {
  const [, name, id, content] = vkey.match(/^(\S+)\+([0-9a-f]{8})\+(\S+)$/) ?? [], key = fromBase64(content ?? "");
  const identity = (bytes) => toHex(sha256(joined(utf8(`${name}\n`), bytes))).slice(0, 8);
  if (![LOG, COSIGNATURE].includes(key[0]) || identity(key) !== id) return false;
  const at = note.lastIndexOf("\n\n"), said = note.slice(0, at + 1);
  return note.slice(at + 2).split("\n").map((line) => line.split(" ")).some(([dash, whose, encoded]) => {
    const bytes = dash === "\u2014" && whose === name ? fromBase64(encoded) : new Uint8Array();
    if (toHex(bytes.slice(0, 4)) !== id) return false;
    const time = key[0] === COSIGNATURE ? `cosignature/v1\ntime ${new DataView(bytes.buffer).getBigUint64(4)}\n` : "";
    return ed25519.verify(bytes.slice(time ? 12 : 4), utf8(time + said), key.slice(1));
  });
}

// Whether those witnesses of a policy that it asks for signed a note.
export function witnessed(note, policy) {
  const known = { none: true };
  for (const [word, name, ...rest] of policy.split("\n").map((line) => line.trim().split(/\s+/))) {
    if (word === "witness") known[name] = signed(note, rest[0]);
    if (word === "group") {
      const [least, ...members] = rest, wanted = { all: members.length, any: 1 }[least] ?? Number(least);
      known[name] = members.filter((member) => known[member]).length >= wanted;
    }
    if (word === "quorum") return known[name] === true;
  }
  return false;
}

// The record of one log: where it answers, and the policy that says whom to believe.
export class Log {
  constructor({ ledger, log, policy }) { Object.assign(this, { url: `${ledger}/logs`, log, policy }); }
  read(path, kind) { return asked(`${this.url}/${this.log}/${path}`, null, kind); }

  // Raises `record_wrong` unless a `.tlog-proof` leads from an entry to a checkpoint to be believed.
  async check(entry, proof) {
    const at = proof.indexOf("\n\n"), [, place, ...hashes] = proof.slice(0, at).split("\n"), note = proof.slice(at + 2);
    const [origin, size, root] = note.split("\n"), index = place.slice("index ".length);
    const vkey = (await asked(this.url)).find(({ log }) => log === this.log)?.vkey ?? "";
    const good = vkey.startsWith(`${origin}+`) && signed(note, vkey) && witnessed(note, this.policy);
    if (!good || toBase64(rootOf(entry, Number(index), Number(size), hashes.map(fromBase64))) !== root) throw new Trouble("record_wrong");
  }

  // The body of an event of this kind, by its id.
  async event(id, type) {
    const { index } = await this.read(`by-id/${id}`), entry = await this.read(`entry/${index}`, "text");
    await this.check(entry, await this.read(`proof/${index}`, "text"));
    const { id: found, type: kind, body } = JSON.parse(entry);
    if (found !== id || !kind.startsWith(type)) throw new Trouble("record_wrong");
    return body;
  }

  // A ballot among those whose digests begin alike, so that the record does not learn whose: how many
  // these are, and a `.tlog-proof`; null where it is not published.
  async ballot(digest) {
    const { digits } = await this.read("by-prefix");
    const { checkpoint, ballots } = await this.read(`by-prefix/${digest.slice(0, digits)}`);
    const own = ({ body, src }) => src === "voting.box" && toHex(sha256(utf8(canonical(body)))) === digest;
    const found = ballots.find(({ entry }) => own(JSON.parse(entry)));
    if (!found) return null;
    const proof = ["c2sp.org/tlog-proof@v1", `index ${found.index}`, ...found.proof, "", checkpoint].join("\n");
    await this.check(found.entry, proof);
    return { among: ballots.length, proof };
  }
}
