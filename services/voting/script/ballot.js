// A ballot: committed, sealed to the commission, signed; and what the box promises of it.
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { ed25519 } from "@noble/curves/ed25519.js";
import { canonical, fromBase64, joined, sha256, toBase64, toHex, utf8 } from "./encoding.js";

export const commitment = (salt, said) => toHex(sha256(joined(utf8("comptoir-commitment-v1"), salt, utf8(canonical(said)))));

// HPKE in base mode (RFC 9180): the encapsulated key, then the ciphertext. `ekm` fixes it in tests.
export async function sealed(publicKey, info, plaintext, ekm) {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info, ekm }, plaintext);
  return joined(new Uint8Array(enc), new Uint8Array(ct));
}

// With noughts behind, to the one size that all sealed ballots of a round have; one that is longer
// raises `RangeError`.
export const padded = (written, size) => joined(written, new Uint8Array(size - written.length));

// What a ballot says, as the round has it: the choices, or their commitment and the sealed choices.
async function content({ secrecy, commission, padded: size }, { round, tier, key, revision, choices }) {
  if (secrecy !== "sealed") return { choices };
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const info = utf8(`comptoir-ballot-v1\0${canonical({ key, revision, round, tier })}`);
  const plaintext = padded(utf8(canonical({ choices, salt: toHex(salt) })), size);
  const said = commitment(salt, { choices, key, revision, round });
  return { commitment: said, sealed: toBase64(await sealed(fromBase64(commission.key), info, plaintext)) };
}

// A signed ballot, as the box takes it. `opened` are the round's frozen rules.
export async function signedBallot(opened, { key, sign }, { round, tier, token, revision, choices }) {
  const fields = { v: 1, round, tier, key, token, revision, ...await content(opened, { round, tier, key, revision, choices }) };
  return canonical({ ...fields, sig: sign(fields) });
}

// Whether the box's promise says what it has to say of this ballot, and is signed by this key.
export function promiseHolds({ signature, ...said }, ballot, round, boxKey) {
  const fixed = { extensions: "included", published_within: 3600, v: "comptoir-promise-v1" };  // the same for all
  const promised = canonical({ ballot: toHex(sha256(utf8(ballot))), round_id: round, ...fixed });
  return canonical(said) === promised && ed25519.verify(fromBase64(signature), utf8(promised), fromBase64(boxKey));
}
