"""Blind RSA signatures: RSABSSA-SHA384-PSSZERO-Deterministic (RFC 9474), the client's half.

What is signed is encoded by EMSA-PSS without a salt (RFC 8017 §9.1.1) and blinded; from the answer
the blinding is taken off. What remains is a plain RSASSA-PSS signature. The message is signed as
it is: RFC 9474's `PrepareIdentity`. The signing half is `voting.signer`.
"""

from hashlib import sha384

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PADDING = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
HASH = hashes.SHA384()
_HASH_BYTES = 48


class FactorRefused(ValueError):
    """This blinding factor is 0 or has no inverse: another seed is needed."""


class SignatureWrong(Exception):
    """What came back is no blind signature by this key of what was sent."""


def size(public: RSAPublicKey) -> int:
    """How many bytes blinded values and signatures have."""
    return (public.key_size + 7) // 8


def factor(public: RSAPublicKey, derived: bytes) -> int:
    """The blinding factor of derived bytes, a big-endian integer modulo n. Raises `FactorRefused`.

    Some bytes more than n has make every factor practically as likely as every other.
    """
    r = int.from_bytes(derived) % public.public_numbers().n
    _inverse(public, r)
    return r


def encode(message: bytes, bits: int) -> bytes:
    """EMSA-PSS-ENCODE of a message, without a salt, into so many bits (RFC 8017 §9.1.1)."""
    length = (bits + 7) // 8
    if length < _HASH_BYTES + 2:
        raise ValueError(f"{bits} bits are too few to encode a message")
    hashed = sha384(bytes(8) + sha384(message).digest()).digest()
    data = bytes(length - _HASH_BYTES - 2) + b"\x01"
    masked = bytearray(d ^ m for d, m in zip(data, _mask(hashed, len(data)), strict=True))
    masked[0] &= 0xFF >> 8 * length - bits
    return bytes(masked) + hashed + b"\xbc"


def blind(public: RSAPublicKey, message: bytes, r: int) -> bytes:
    """What is sent to the signer: it says nothing of the message (RFC 9474 §4.2)."""
    numbers = public.public_numbers()
    encoded = int.from_bytes(encode(message, public.key_size - 1))
    blinded = encoded * pow(r, numbers.e, numbers.n) % numbers.n
    return blinded.to_bytes(size(public))


def fits(public: RSAPublicKey, blinded: bytes) -> bool:
    """Whether these bytes can be signed by this key: its length, and 0 < value < n."""
    return len(blinded) == size(public) and 0 < int.from_bytes(blinded) < public.public_numbers().n


def finalize(public: RSAPublicKey, message: bytes, signature: bytes, r: int) -> bytes:
    """The signature over the message that a blind signature gives, verified (RFC 9474 §4.4).

    Raises `SignatureWrong`: a signer that used another key, to mark who asked, is found here.
    """
    if not fits(public, signature):
        raise SignatureWrong("the answer is no number modulo n")
    n = public.public_numbers().n
    found = (int.from_bytes(signature) * _inverse(public, r) % n).to_bytes(size(public))
    try:
        public.verify(found, message, PADDING, HASH)
    except InvalidSignature:
        raise SignatureWrong("the answer is not signed by the announced key") from None
    return found


def _inverse(public: RSAPublicKey, r: int) -> int:
    try:
        return pow(r, -1, public.public_numbers().n)
    except ValueError:
        raise FactorRefused("this blinding factor has no inverse") from None


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384 (RFC 8017 §B.2.1)."""
    blocks = (sha384(seed + at.to_bytes(4)).digest() for at in range(-(-length // _HASH_BYTES)))
    return b"".join(blocks)[:length]
