"""The rules of the roll that need no database."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import new_code
from voting.roll.codes import CodeMalformed, keyed_hash, keyed_hashes, read_codes
from voting.roll.tokens import (
    AnnouncedKey,
    BlindedRefused,
    RequestMalformed,
    SignatureWrong,
    check_signature,
    fitting,
    read_request,
)
from voting.signer.signing import TierKey

ROUND = UUID(int=1)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_request_or_refused_as_one(sent: bytes) -> None:
    with pytest.raises((RequestMalformed, CodeMalformed, BlindedRefused)):
        read_request(sent)


def test_malformed_codes_are_counted_and_the_first_is_placed_but_never_quoted() -> None:
    good, bad = new_code(), "HELLO-WORLD0"
    with pytest.raises(CodeMalformed) as found:
        read_codes([good, bad, good, "", "\ud800"])
    assert str(found.value).startswith("3 of 5 codes are malformed, the first at place 2;")
    assert bad not in str(found.value)


def test_a_code_is_one_however_it_is_written() -> None:
    code = new_code()
    written = [code, code.lower(), f" {code[:4]}-{code[4:8]} {code[8:]} "]
    assert read_codes(written) == [code]


def test_a_keyed_hash_differs_by_key_round_and_code() -> None:
    hashes = {
        keyed_hash(key, round_id, code)
        for key in (bytes(32), bytes(31) + b"1")
        for round_id in (ROUND, UUID(int=2))
        for code in (b"0", b"1")
    }
    assert len(hashes) == 8


def test_hashes_come_in_an_order_of_their_own() -> None:
    codes = [new_code() for _ in range(50)]
    hashes = keyed_hashes(bytes(32), ROUND, codes)
    assert hashes == keyed_hashes(bytes(32), ROUND, reversed(codes)) == sorted(hashes)


def test_what_another_key_signed_is_found() -> None:
    signing, announced = [generate_private_key(65537, 3072) for _ in range(2)]
    blinded = bytes([0, 1] * 192)
    signature = TierKey(signing).sign(blinded)
    check_signature(announced_key(signing), blinded, signature)
    for wrong in (signature[::-1], signature[:-1] + bytes([signature[-1] ^ 1]), b"", bytes(384)):
        with pytest.raises(SignatureWrong):
            check_signature(announced_key(signing), blinded, wrong)
    with pytest.raises(SignatureWrong):
        check_signature(announced_key(announced), blinded, signature)


def announced_key(private: RSAPrivateKey) -> AnnouncedKey:
    public = private.public_key()
    return AnnouncedKey.of(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_a_value_is_signed_by_the_keys_that_it_is_below_of() -> None:
    keys = {tier: announced_key(generate_private_key(65537, 3072)) for tier in "AB"}
    small, large = sorted(keys, key=lambda tier: keys[tier].modulus)
    modulus = {tier: int(keys[tier].modulus).to_bytes(384) for tier in keys}
    assert not any(fitting(keys, none) for none in (bytes(384), b"\xff" * 384))
    assert fitting(keys, bytes(383) + b"\x01") == ["A", "B"]
    assert fitting(keys, modulus[small]) == [large]
    assert fitting(keys, modulus[large]) == []


async def test_replicas_that_start_together_have_the_same_secret(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib, pathlib\n"
        "from voting.roll.keys import RollKeys\n"
        "print(hashlib.sha256(RollKeys(pathlib.Path(sys.argv[1])).roll_key).hexdigest())\n"
    )
    replicas = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(tmp_path / "keys")), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    found = {(await replica.communicate())[0] for replica in replicas}
    assert len(found) == 1 and len(found.pop().strip()) == 64
    [made] = await asyncio.to_thread(lambda: list((tmp_path / "keys").iterdir()))
    assert made.name == "roll.key" and made.stat().st_mode & 0o777 == 0o600
