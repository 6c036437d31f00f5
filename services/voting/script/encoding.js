// How bytes, numbers and values are written: the one form of each, that others make again.
export { bytesToHex as toHex, bytesToNumberBE as toNumber, concatBytes as joined, numberToBytesBE as toBytes } from "@noble/curves/utils.js";
export { sha256 } from "@noble/hashes/sha2.js";
export const utf8 = (written) => new TextEncoder().encode(written);
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const fromBase64 = (written) => Uint8Array.from(atob(written), (c) => c.charCodeAt(0));


// RFC 8785: names sorted as UTF-16, at every depth. Of strings and of integers up to 2^53 - 1, all
// that is ever here, JSON.stringify makes what it asks for.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}
