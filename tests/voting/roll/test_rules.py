"""The rules of the roll that need no database."""

import asyncio
import sys
from base64 import b64encode
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import new_code
from tests.voting.roll.conftest import new_key
from voting.ballot_keys import SMALL_ORDER, P
from voting.refusals import KeyRefused
from voting.roll.codes import CodeMalformed, keyed_hash, keyed_hashes, read_codes
from voting.roll.keys import RollKeys
from voting.roll.tokens import (
    RequestMalformed,
    Signer,
    check_key,
    read_request,
    sign_token,
)

ROUND = UUID(int=1)


def as_key(y: int) -> str:
    return b64encode(y.to_bytes(32, "little")).decode()


def test_a_fresh_key_is_a_ballot_key() -> None:
    check_key(new_key())


@pytest.mark.parametrize(
    "key",
    [
        "",
        "not base64",
        "é" * 44,
        b64encode(bytes(31)).decode(),
        b64encode(bytes(33)).decode(),
        "\ud800",
        *(as_key(y) for y in sorted(SMALL_ORDER)),
        *(as_key(y | 1 << 255) for y in sorted(SMALL_ORDER)),
        *(as_key(P + beyond) for beyond in range(19)),
    ],
)
def test_a_key_that_verifiers_could_disagree_about_is_refused(key: str) -> None:
    with pytest.raises(KeyRefused):
        check_key(key)


def test_a_key_has_one_name() -> None:
    key = new_key()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for other in range(1, 4):  # the last character's two spare bits
        with pytest.raises(KeyRefused, match="not canonical"):
            check_key(key[:42] + alphabet[alphabet.index(key[42]) + other] + "=")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_request_or_refused_as_one(sent: bytes) -> None:
    with pytest.raises((RequestMalformed, CodeMalformed, KeyRefused)):
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


def test_a_token_under_another_key_than_the_announced_never_leaves() -> None:
    signing, announced = [generate_private_key(65537, 3072) for _ in range(2)]
    with pytest.raises(RuntimeError):
        sign_token(Signer(signing, announced.public_key()), b"message")
    assert sign_token(Signer(signing, signing.public_key()), b"message")


async def test_a_tier_key_is_made_once(tmp_path: Path) -> None:
    first = await RollKeys(tmp_path).tier_key(ROUND, "A")
    assert await RollKeys(tmp_path).tier_key(ROUND, "A") == first
    made = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}


async def test_replicas_that_start_together_have_the_same_keys(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, hashlib, pathlib, uuid\n"
        "from voting.roll.keys import RollKeys\n"
        "keys = RollKeys(pathlib.Path(sys.argv[1]))\n"
        "key = asyncio.run(keys.tier_key(uuid.UUID(int=1), 'A'))\n"
        "print(hashlib.sha256(keys.roll_key + key).hexdigest())\n"
    )
    replicas = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(tmp_path / "keys")), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    found = {(await replica.communicate())[0] for replica in replicas}
    assert len(found) == 1 and len(found.pop().strip()) == 64
