// The voting code, and the keys that are made of it: the same code gives the same vote on any device.
import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { canonical, joined, sha256, toBase64, toBytes, toNumber, utf8 } from "./encoding.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's, as in posted codes
const PRIME = 1021n;  // above every single-character change and every swap of neighbours
export const plainCode = (typed) => typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");

// 16 bytes in groups of four: 26 characters (two bits are nought) and two that catch a slip of the pen.
export function codeOf(seed) {
  const number = toNumber(seed) << 2n, whole = (number << 10n) | (number % PRIME);
  const characters = Array.from({ length: 28 }, (_, at) => ALPHABET[Number((whole >> BigInt(135 - 5 * at)) & 31n)]);
  return characters.join("").match(/..../g).join("-");
}

// The seed of a voting code as it was typed; null where it is none.
export function seedOf(typed) {
  const places = [...plainCode(typed)].map((character) => BigInt(ALPHABET.indexOf(character)));
  if (places.length !== 28 || places.includes(-1n)) return null;
  const whole = places.reduce((sum, place) => sum * 32n + place, 0n), number = whole >> 10n;
  return number % PRIME === (whole & 1023n) && !(number & 3n) ? toBytes(number >> 2n, 16) : null;
}

// Bytes for one purpose in one round at one tier (RFC 5869, without salt).
export const derived = (seed, round, tier, purpose, count) =>
  hkdf(sha256, seed, undefined, joined(utf8("comptoir-voter-v1\0"), utf8(canonical({ purpose, round, tier }))), count);

// The key that signs a voter's ballots: its public half in base64, and what it signs of a value.
export function ballotKey(seed, round, tier) {
  const secret = derived(seed, round, tier, "ballot-key", 32);
  const sign = (value) => toBase64(ed25519.sign(utf8(canonical(value)), secret));
  return { key: toBase64(ed25519.getPublicKey(secret)), sign };
}
