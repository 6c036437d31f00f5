"""Blind signatures against the published vectors, and as a voter and a signer make them."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared import rsabssa
from voting.signer.signing import BlindedRefused, TierKey

# RFC 9474, appendix A: the variants without a salt. Ours is the deterministic one; in the other the
# message has a random prefix, which is signed as it is.
PUBLISHED = json.loads(Path(__file__).with_name("rfc9474.json").read_text())
VECTORS = PUBLISHED["vectors"]


def number(text: str) -> int:
    return int(text, 16)


@cache
def published_key() -> RSAPrivateKey:
    """The key of the vectors, of 4096 bits."""
    n, e, d, p, q = (number(PUBLISHED["key"][name]) for name in "nedpq")
    crt = rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q)
    return RSAPrivateNumbers(p, q, d, *crt, RSAPublicNumbers(e, n)).private_key()


@cache
def private_key() -> RSAPrivateKey:
    return generate_private_key(65537, 3072)


@pytest.mark.parametrize("name", VECTORS)
def test_the_published_vectors(name: str) -> None:
    """Our client and our signer make every value that the RFC prints, one from the other's."""
    vector: dict[str, Any] = {field: bytes.fromhex(text) for field, text in VECTORS[name].items()}
    public = published_key().public_key()
    n, message = public.public_numbers().n, vector["prepared_msg"]
    assert rsabssa.encode(message, public.key_size - 1) == vector["encoded_msg"]
    r = pow(int.from_bytes(vector["inv"]), -1, n)
    assert rsabssa.factor(public, r.to_bytes(600)) == r
    blinded = rsabssa.blind(public, message, r)
    assert blinded == vector["blinded_msg"]
    signed = TierKey(published_key()).sign(blinded)
    assert signed == vector["blind_sig"]
    assert rsabssa.finalize(public, message, signed, r) == vector["sig"]


@given(st.binary(max_size=300), st.binary(min_size=400, max_size=400))
def test_what_the_signer_answers_becomes_a_signature(message: bytes, derived: bytes) -> None:
    private = private_key()
    public = private.public_key()
    if not any(derived):
        derived = b"\x01" * 400
    r = rsabssa.factor(public, derived)
    blinded = rsabssa.blind(public, message, r)
    signature = TierKey(private).sign(blinded)
    assert TierKey(private).sign(blinded) == signature
    token = rsabssa.finalize(public, message, signature, r)
    # What an ordinary signer makes of the message: nothing of the blinding is left.
    assert token == private.sign(message, rsabssa.PADDING, rsabssa.HASH)


@given(st.integers(0, 3071), st.sampled_from(["answer", "message", "factor"]))
def test_one_wrong_bit_is_no_signature(bit: int, where: str) -> None:
    private = private_key()
    public, message, r = private.public_key(), b"a message", 2**3000 + 1
    signature = TierKey(private).sign(rsabssa.blind(public, message, r))
    flipped = int.from_bytes(signature) ^ 1 << bit
    match where:
        case "answer":
            signature = flipped.to_bytes(384)
        case "message":
            message += bytes([bit % 256])
        case "factor":
            r = (r ^ 1 << bit) or 1
    with pytest.raises(rsabssa.SignatureWrong):
        rsabssa.finalize(public, message, signature, r)


def test_two_seeds_blind_one_message_into_values_that_have_nothing_in_common() -> None:
    public = private_key().public_key()
    one, other = (rsabssa.blind(public, b"message", r) for r in (3, 5))
    assert one != other


def test_no_factor_that_cannot_be_taken_off_again_is_used() -> None:
    private = private_key()
    public = private.public_key()
    numbers = private.private_numbers()
    for wrong in (0, numbers.p, 7 * numbers.q, numbers.public_numbers.n):
        with pytest.raises(rsabssa.FactorRefused):
            rsabssa.factor(public, wrong.to_bytes(400))


def test_only_numbers_below_the_modulus_are_signed() -> None:
    key, public = TierKey(private_key()), private_key().public_key()
    n = public.public_numbers().n
    refused = [b"", bytes(384), bytes(383), n.to_bytes(384), (n + 1).to_bytes(384), b"\xff" * 384]
    refused += [(1).to_bytes(383), (1).to_bytes(385)]
    for value in refused:
        assert not rsabssa.fits(public, value)
        with pytest.raises(BlindedRefused):
            key.sign(value)
    for value in ((1).to_bytes(384), (n - 1).to_bytes(384)):
        assert rsabssa.fits(public, value)
        assert key.sign(value) == value  # 1 and -1 are their own roots


def test_too_few_bits_hold_no_message() -> None:
    with pytest.raises(ValueError, match="too few"):
        rsabssa.encode(b"", 392)


def test_openssl_takes_a_token(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl is not None, "there is no openssl to ask"
    public, message, r = private_key().public_key(), b'{"v":"comptoir-token-v1"}', 2**3001 + 1
    signature = TierKey(private_key()).sign(rsabssa.blind(public, message, r))
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "token").write_bytes(rsabssa.finalize(public, message, signature, r))
    command = [
        *(openssl, "dgst", "-sha384", "-verify", "key.pem", "-signature", "token"),
        *("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:0"),
    ]
    for said, wanted in ((message, b"Verified OK"), (message + b" ", b"Verification failure")):
        run = subprocess.run(command, input=said, cwd=tmp_path, capture_output=True, check=False)
        assert wanted in run.stdout + run.stderr
