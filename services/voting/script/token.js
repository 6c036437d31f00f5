// Blind signatures: RSABSSA-SHA384-PSSZERO-Deterministic (RFC 9474). The roll signs what it does not
// see. BigInt takes a time that depends on its numbers; nobody but the voter's device can measure it.
import { invert, pow } from "@noble/curves/abstract/modular.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { fromBase64, joined, toBytes, toNumber } from "./encoding.js";

const HASH = 48;

// The tier's public key, of its SPKI; the browser reads the DER.
export async function publicKey(spki) {
  const key = await crypto.subtle.importKey("spki", spki, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", key);
  const [n, e] = [jwk.n, jwk.e].map((each) => toNumber(fromBase64(each.replaceAll("-", "+").replaceAll("_", "/"))));
  return { n, e, bits: n.toString(2).length, length: Math.ceil(n.toString(2).length / 8) };
}

// EMSA-PSS without a salt (RFC 8017 §9.1.1, MGF1 with the same hash), as a number.
export function encoded(message, { bits }) {
  const length = Math.ceil((bits - 1) / 8), width = length - HASH - 1;
  const h = sha384(joined(new Uint8Array(8), sha384(message)));
  const masks = Array.from({ length: Math.ceil(width / HASH) }, (_, at) => sha384(joined(h, toBytes(at, 4))));
  const block = joined(...masks).slice(0, width);
  block[width - 1] ^= 1;
  block[0] &= 0xff >> (8 * length - (bits - 1));
  return toNumber(joined(block, h, Uint8Array.of(0xbc)));
}

// The factor that blinds, and its inverse; null where bytes cannot be used with this key.
export function factor(bytes, { n }) {
  const r = toNumber(bytes) % n;
  try { return { r, inverse: invert(r, n) }; } catch { return null; }
}

export const blinded = (key, message, { r }) =>
  toBytes((encoded(message, key) * pow(r, key.e, key.n)) % key.n, key.length);

// The token: the roll's signature unblinded; null where it is not of this key over this message.
export function finalized(key, message, signature, { inverse }) {
  const token = (toNumber(signature) * inverse) % key.n;
  return pow(token, key.e, key.n) === encoded(message, key) ? toBytes(token, key.length) : null;
}
