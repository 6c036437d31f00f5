"""A tier's private key at work: RFC 9474's BlindSign.

`cryptography` offers no raw RSA private operation, and Python's `pow` takes a time that depends on
the exponent. GMP's `powmod_sec` does not.
"""

import secrets
from base64 import b64decode, b64encode

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from gmpy2 import mpz

from shared.refusal import Refusal

RSA_BITS = 3072


class BlindedRefused(Refusal):
    """What shall be signed is no canonical base64, not as long as the modulus, 0, or not below."""

    code = "blinded_refused"


class SigningFailed(Refusal):
    """What was computed is no signature. It has been thrown away."""

    code = "signing_failed"


class TierKey:
    """A private RSA key, ready to sign. A tier's has 3072 bits; RFC 9474's vectors have 4096."""

    def __init__(self, private: RSAPrivateKey) -> None:
        numbers = private.private_numbers()
        public = numbers.public_numbers
        self._n, self._e = mpz(public.n), mpz(public.e)
        self._size = (public.n.bit_length() + 7) // 8
        self._p, self._q = mpz(numbers.p), mpz(numbers.q)
        self._dp, self._dq = mpz(numbers.dmp1), mpz(numbers.dmq1)
        self._q_inverse = mpz(numbers.iqmp)

    def sign(self, blinded: bytes) -> bytes:
        """The blind signature of a blinded value (RFC 9474 §4.3).

        1. The value is in range. Raises `BlindedRefused`.
        2. It is blinded once more, so that how long step 3 takes tells nothing about the key to
           whoever chose the value (Kocher, 1996).
        3. It is raised to the private exponent modulo p and q, and put together (RFC 8017 §5.1.2).
        4. The second blinding is taken off.
        5. The signature gives the value back. Of one that was computed wrongly the key could be
           told (Boneh, DeMillo and Lipton, 1997). Raises `SigningFailed`.
        """
        # 1.
        value = mpz(int.from_bytes(blinded))
        if len(blinded) != self._size or not 0 < value < self._n:
            raise BlindedRefused(f"not {self._size} bytes, 0, or not below the modulus")
        # 2.
        factor = mpz(secrets.randbelow(int(self._n) - 1) + 1)
        hidden = value * gmpy2.powmod(factor, self._e, self._n) % self._n
        # 3.
        of_p = gmpy2.powmod_sec(hidden % self._p, self._dp, self._p)
        of_q = gmpy2.powmod_sec(hidden % self._q, self._dq, self._q)
        found = of_q + self._q * (self._q_inverse * (of_p - of_q) % self._p)
        # 4.
        signature = found * gmpy2.invert(factor, self._n) % self._n
        # 5.
        if gmpy2.powmod(signature, self._e, self._n) != value:
            raise SigningFailed("the signature does not verify")
        return int(signature).to_bytes(self._size)


def read_blinded(text: str) -> bytes:
    """The bytes of a blinded value in base64. Raises `BlindedRefused`."""
    try:
        blinded = b64decode(text, validate=True)
    except ValueError:
        raise BlindedRefused("it is not base64") from None
    if b64encode(blinded).decode() != text:
        raise BlindedRefused("its base64 is not canonical")
    return blinded
