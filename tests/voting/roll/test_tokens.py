"""Codes and tokens over HTTP, on a real database."""

import asyncio
import logging
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from shared.canonical import canonical
from shared.codes import new_code
from tests.serving import Answer, served
from tests.voting.roll.conftest import Roll, new_key, public_key, roll_app


async def test_importing_a_code_twice_counts_once(roll: Roll) -> None:
    round_id, codes = await roll.prepared(), [new_code() for _ in range(3)]
    assert (await roll.imported(round_id, codes[:2])).body == {"imported": 2}
    again = [codes[0].lower(), *codes[1:], codes[2]]
    assert (await roll.imported(round_id, again)).body == {"imported": 1}
    assert await roll.connection.fetchval("select count(*) from code") == 3


async def test_imports_that_overlap_do_not_hinder_each_other(roll: Roll) -> None:
    round_id, codes = await roll.prepared(), [new_code() for _ in range(2000)]
    answers = await asyncio.gather(
        *(roll.imported(round_id, turned) for turned in (codes, codes[::-1]) * 4)
    )
    assert sum(answer.body["imported"] for answer in answers) == 2000


async def _refused_import(roll: Roll, what: str) -> Answer:
    round_id, codes = await roll.opened(), [new_code()]
    match what:
        case "a malformed code":
            return await roll.imported(round_id, [*codes, "0123456789AB"])
        case "a code that is no text":
            return await roll.client.post(
                f"/rounds/{round_id}/codes", {"tier": "A", "codes": [*codes, 7]}
            )
        case "no code":
            return await roll.imported(round_id, [])
        case "too many codes":
            return await roll.imported(round_id, codes * 5001)
        case "a round nobody prepared":
            return await roll.imported(uuid4(), codes)
        case "a tier that the round has not":
            return await roll.imported(round_id, codes, tier="C")
        case "no tier":
            return await roll.imported(round_id, codes, tier="AA")
        case "no key":
            return await roll.client.ask("POST", f"/rounds/{round_id}/codes", {"codes": codes})
        case "after closing":
            await roll.close(round_id)
            return await roll.imported(round_id, codes)
        case "after closing by the clock":
            return await roll.imported(await roll.opened(-60, -1), codes)
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("a malformed code", 422, "code_malformed"),
        ("a code that is no text", 422, "malformed"),
        ("no code", 422, "malformed"),
        ("too many codes", 422, "malformed"),
        ("a round nobody prepared", 404, "round_unknown"),
        ("a tier that the round has not", 404, "tier_unknown"),
        ("no tier", 422, "malformed"),
        ("no key", 401, "unauthorised"),
        ("after closing", 409, "voting_closed"),
        ("after closing by the clock", 409, "voting_closed"),
    ],
)
async def test_a_refused_import_leaves_nothing(
    roll: Roll, what: str, status: int, code: str
) -> None:
    answer = await _refused_import(roll, what)
    assert answer.refusal == (status, code), answer.raw
    assert await roll.connection.fetchval("select count(*) from code") == 0


async def test_a_token_is_the_rolls_signature_over_the_ballot_key(
    roll: Roll, tmp_path: Path
) -> None:
    round_id, key = await roll.opened(), new_key()
    answer = await roll.token(round_id, await roll.code(round_id), key)
    assert answer.status == 201
    tiers = (await roll.client.ask("GET", f"/rounds/{round_id}")).body["tiers"]
    message = {"v": "comptoir-token-v1", "round": str(round_id), "tier": "A", "key": key}
    (tmp_path / "message").write_bytes(canonical(message))
    (tmp_path / "token").write_bytes(b64decode(answer.body["token"]))
    pem = load_der_public_key(public_key(tiers)).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "tier.pem").write_bytes(pem)
    openssl = shutil.which("openssl")
    assert openssl is not None, "there is no openssl to ask"
    checked = await asyncio.to_thread(
        subprocess.run,
        [
            *(openssl, "dgst", "-sha384", "-verify", "tier.pem", "-signature", "token"),
            *("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:0"),
            *("-sigopt", "rsa_mgf1_md:sha384", "message"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.stdout.strip() == b"Verified OK", checked.stderr


async def test_the_same_key_again_gets_the_same_token(roll: Roll, tmp_path: Path) -> None:
    round_id, key = await roll.opened(), new_key()
    code = await roll.code(round_id)
    first = await roll.token(round_id, code, key)
    again = await roll.token(round_id, f"{code[:6]}-{code[6:]}".lower(), key)
    async with served(roll_app(roll.dsn, tmp_path)) as replica:
        third = await replica.ask(
            "POST", f"/rounds/{str(round_id).upper()}/tokens", {"code": code, "key": key}
        )
    assert first.status == again.status == third.status == 201
    assert first.raw == again.raw == third.raw
    assert await roll.tokens() == 1


async def test_fifty_at_once_with_one_code_get_one_token(roll: Roll) -> None:
    round_id = await roll.opened()
    code = await roll.code(round_id)
    answers = await asyncio.gather(*(roll.token(round_id, code, new_key()) for _ in range(50)))
    assert sum(answer.status == 201 for answer in answers) == 1
    assert {a.refusal for a in answers if a.status != 201} == {(409, "code_used")}
    assert await roll.tokens() == 1


async def test_fifty_at_once_with_one_code_and_key_get_the_same_token(roll: Roll) -> None:
    round_id, key = await roll.opened(), new_key()
    code = await roll.code(round_id)
    answers = await asyncio.gather(*(roll.token(round_id, code, key) for _ in range(50)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1


CODE, KEY = new_code(), new_key()


async def _refused_token(roll: Roll, what: str) -> Answer:
    round_id = await roll.opened()
    await roll.imported(round_id, [CODE])
    match what:
        case "a code mistyped":
            return await roll.token(round_id, CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), KEY)
        case "a code too short":
            return await roll.token(round_id, CODE[:-1], KEY)
        case "a code nobody posted":
            return await roll.token(round_id, new_code(), KEY)
        case "a code of another round":
            return await roll.token(await roll.opened(), CODE, KEY)
        case "a code used":
            await roll.token(round_id, CODE, new_key())
            return await roll.token(round_id, CODE, KEY)
        case "a key that is none":
            return await roll.token(round_id, CODE, KEY[:-4] + "====")
        case "a key of small order":
            return await roll.token(round_id, CODE, "AQ" + "A" * 41 + "=")
        case "no code":
            return await roll.client.ask("POST", f"/rounds/{round_id}/tokens", {"key": KEY})
        case "a number as code":
            return await roll.token(round_id, 7, KEY)
        case "an unknown field":
            body = {"code": CODE, "key": KEY, CODE: KEY}
            return await roll.client.ask("POST", f"/rounds/{round_id}/tokens", body)
        case "no JSON":
            path = f"/rounds/{round_id}/tokens"
            return await roll.client.ask("POST", path, f"{CODE} {KEY}".encode())
        case "a body without end":
            return await roll.token(round_id, CODE * 100, KEY)
        case "a round that is no id":
            return await roll.token("one", CODE, KEY)
        case "a round nobody prepared":
            return await roll.token(uuid4(), CODE, KEY)
    late = await _round_out_of_time(roll, what)
    return await roll.token(late, CODE, KEY)


async def _round_out_of_time(roll: Roll, what: str) -> UUID:
    match what:
        case "before it is opened":
            return await roll.prepared()
        case "before its window":
            return await roll.opened(60, 90)
        case "after closing by the clock":
            return await roll.opened(-60, -0.001)
        case "after closing":
            round_id = await roll.opened()
            await roll.close(round_id)
            return round_id
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("a code mistyped", 422, "code_malformed"),
        ("a code too short", 422, "code_malformed"),
        ("a code nobody posted", 404, "code_unknown"),
        ("a code of another round", 404, "code_unknown"),
        ("a code used", 409, "code_used"),
        ("a key that is none", 422, "key_refused"),
        ("a key of small order", 422, "key_refused"),
        ("no code", 422, "malformed"),
        ("a number as code", 422, "malformed"),
        ("an unknown field", 422, "malformed"),
        ("no JSON", 422, "malformed"),
        ("a body without end", 413, "body_too_large"),
        ("a round that is no id", 422, "malformed"),
        ("a round nobody prepared", 404, "round_unknown"),
        ("before it is opened", 409, "not_open"),
        ("before its window", 409, "not_open"),
        ("after closing by the clock", 409, "voting_closed"),
        ("after closing", 409, "voting_closed"),
    ],
)
async def test_a_refused_token_leaves_nothing_and_quotes_nothing(
    roll: Roll, caplog: pytest.LogCaptureFixture, what: str, status: int, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await _refused_token(roll, what)
    assert answer.refusal == (status, code), answer.raw
    assert await roll.tokens() == (1 if what == "a code used" else 0)
    # A mistyped code is a code all the same: its first ten characters are the secret.
    for secret in (CODE[:10], KEY[:20]):
        assert secret.encode() not in answer.raw
        assert secret not in caplog.text


async def test_the_database_knows_neither_codes_nor_ballot_keys(roll: Roll) -> None:
    round_id, key = await roll.opened(), new_key()
    code = await roll.code(round_id)
    await roll.token(round_id, code, key)
    kept: list[Any] = []
    for table in ("round", "tier", "code", "token", "outbox"):
        rows = await roll.connection.fetch(f"select t::text as row from {table} t")
        kept += [row["row"].lower() for row in rows]
    assert len(kept) >= 5
    for secret in (code, code.encode().hex(), key, b64decode(key).hex()):
        assert not [row for row in kept if secret.lower() in row]


@pytest.mark.parametrize(
    "statement",
    [
        "create table its_own (one integer)",
        "delete from token",
        "update token set key = ''",
        "delete from code",
        "update code set tier = 'A'",
        "update tier set public_key = ''",
        "update round set log = 'another'",
        "drop function issue_token",
        "delete from declared",
        "update declared set form = ''",
        "delete from channel",
        "update words set value = ''",
        "update option set cost = 1",
        "update programme set rules = null",
    ],
)
async def test_the_process_has_no_right_that_it_does_not_use(roll: Roll, statement: str) -> None:
    connection = await asyncpg.connect(roll.dsn, ssl=False)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()
