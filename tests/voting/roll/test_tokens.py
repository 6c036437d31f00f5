"""Codes and tokens over HTTP, on a real database."""

import asyncio
import logging
import shutil
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from shared import rsabssa
from shared.codes import new_code
from shared.database import connection_lost
from shared.events.voting import token_bytes
from shared.voting_code import BALLOT_KEY, BLINDING, derive, new_seed
from tests.serving import Answer, served
from tests.voting.roll.conftest import Roll, new_blinded, prepared, roll_app
from voting.roll.signer import Signer, SignerUnavailable


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


async def tier_key(roll: Roll, round_id: UUID, tier: str = "A") -> RSAPublicKey:
    """The key that was announced."""
    tiers = (await roll.client.ask("GET", f"/rounds/{round_id}")).body["tiers"]
    public = load_der_public_key(b64decode(tiers[tier]))
    assert isinstance(public, RSAPublicKey)
    return public


async def test_a_token_unblinds_to_a_signature_that_openssl_takes(
    roll: Roll, tmp_path: Path
) -> None:
    """Over a ballot key that the roll never saw: from a voting code to a token."""
    round_id, seed = await roll.opened(), new_seed()
    code = await roll.code(round_id)
    assert (await roll.tier(round_id, code)).body == {"tier": "A"}
    public = await tier_key(roll, round_id)
    private = Ed25519PrivateKey.from_private_bytes(derive(seed, round_id, "A", BALLOT_KEY))
    message = token_bytes(
        round_id, "A", b64encode(private.public_key().public_bytes_raw()).decode()
    )
    r = rsabssa.factor(public, derive(seed, round_id, "A", BLINDING))
    blinded = b64encode(rsabssa.blind(public, message, r)).decode()
    answer = await roll.token(round_id, code, blinded)
    assert answer.status == 201 and set(answer.body) == {"tier", "signature"}
    signature = b64decode(answer.body["signature"])
    token = rsabssa.finalize(public, message, signature, r)
    assert await accepted(tmp_path, public, token, message)
    assert not await accepted(tmp_path, public, signature, message)  # it is blinded still


async def accepted(directory: Path, public: RSAPublicKey, token: bytes, message: bytes) -> bool:
    """Whether `openssl` takes a token."""
    (directory / "message").write_bytes(message)
    (directory / "token").write_bytes(token)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (directory / "tier.pem").write_bytes(pem)
    openssl = shutil.which("openssl")
    assert openssl is not None, "there is no openssl to ask"
    checked = await asyncio.to_thread(
        subprocess.run,
        [
            *(openssl, "dgst", "-sha384", "-verify", "tier.pem", "-signature", "token"),
            *("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:0"),
            *("-sigopt", "rsa_mgf1_md:sha384", "message"),
        ],
        cwd=directory,
        capture_output=True,
        check=False,
    )
    return bool(checked.stdout.strip() == b"Verified OK")


async def test_the_same_value_again_gets_the_same_answer(roll: Roll, tmp_path: Path) -> None:
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)
    first = await roll.token(round_id, code, blinded)
    again = await roll.token(round_id, f"{code[:6]}-{code[6:]}".lower(), blinded)
    async with served(roll_app(roll.dsn, tmp_path, roll.signing.socket)) as replica:
        third = await replica.ask(
            "POST", f"/rounds/{str(round_id).upper()}/tokens", {"code": code, "blinded": blinded}
        )
    assert first.status == again.status == third.status == 201
    assert first.raw == again.raw == third.raw
    assert await roll.tokens() == 1
    assert (await roll.tier(round_id, code)).status == 200  # another device goes on


async def test_a_signer_that_is_away_costs_another_request_and_no_right(roll: Roll) -> None:
    """The code is bound to the value that was sent, and to no other; it is counted once."""
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)
    await roll.signing.down()
    away = await roll.token(round_id, code, blinded)
    assert away.refusal == (503, "signer_unavailable") and away.headers["Retry-After"] == "1"
    assert (await roll.tier(round_id, code)).status == 200
    await roll.signing.up()
    answer = await roll.token(round_id, code, blinded)
    assert answer.status == 201
    assert (await roll.token(round_id, code, new_blinded())).refusal == (409, "code_used")
    assert await roll.tokens() == 1


async def test_no_key_is_made_while_the_signer_is_away_and_the_round_is_prepared_later(
    roll: Roll,
) -> None:
    round_id = uuid4()
    await roll.signing.down()
    with pytest.raises(SignerUnavailable) as found:
        await roll.handle(prepared(round_id))
    assert connection_lost(found.value)  # the inbox waits, and tries again
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).status == 404
    await roll.signing.up()
    await roll.handle(prepared(round_id))
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).status == 200


async def test_a_signer_with_another_key_than_the_announced_is_found(roll: Roll) -> None:
    """Nothing that it signs reaches a voter, and her code stays good for the same value."""
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)
    ours, other = (roll.signing.directory / f"tier-{round_id}-{tier}.key" for tier in "AB")
    kept = ours.read_bytes()
    ours.write_bytes(other.read_bytes())
    answer = await roll.token(round_id, code, blinded)
    assert answer.refusal == (502, "signature_wrong")
    await roll.signing.down()
    ours.write_bytes(kept)
    await roll.signing.up()
    assert (await roll.token(round_id, code, blinded)).status == 201
    assert await roll.tokens() == 1


async def test_a_voter_finds_a_key_that_was_meant_for_her_alone(roll: Roll) -> None:
    """A roll that used another key to know her ballot again: its answer is no token."""
    round_id = await roll.opened()
    shown, used = await tier_key(roll, round_id), await tier_key(roll, round_id, "B")
    message, r = token_bytes(round_id, "A", "key"), 3
    blinded = rsabssa.blind(shown, message, r)
    if not rsabssa.fits(used, blinded):
        r = next(r for r in range(5, 999) if rsabssa.fits(used, rsabssa.blind(shown, message, r)))
        blinded = rsabssa.blind(shown, message, r)
    signature = await roll.signer.sign(round_id, "B", blinded)
    with pytest.raises(rsabssa.SignatureWrong):
        rsabssa.finalize(shown, message, signature, r)


async def test_fifty_at_once_with_one_code_get_one_token(roll: Roll) -> None:
    round_id = await roll.opened()
    code = await roll.code(round_id)
    answers = await asyncio.gather(*(roll.token(round_id, code, new_blinded()) for _ in range(50)))
    assert sum(answer.status == 201 for answer in answers) == 1
    assert {a.refusal for a in answers if a.status != 201} == {(409, "code_used")}
    assert await roll.tokens() == 1


async def test_fifty_at_once_with_one_code_and_value_get_the_same_answer(roll: Roll) -> None:
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)
    answers = await asyncio.gather(*(roll.token(round_id, code, blinded) for _ in range(50)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1


async def test_a_voting_code_of_somebody_else_takes_nobodys_right(roll: Roll) -> None:
    """Two rights under one ballot key would be one vote."""
    round_id, blinded = await roll.opened(), new_blinded()
    hers, his = await roll.code(round_id), await roll.code(round_id)
    assert (await roll.token(round_id, hers, blinded)).status == 201
    refused = await roll.token(round_id, his, blinded)
    assert refused.refusal == (409, "voting_code_taken")
    assert (await roll.token(round_id, hers, blinded)).status == 201
    assert (await roll.token(round_id, his, new_blinded())).status == 201
    other = await roll.opened()
    assert (await roll.token(other, await roll.code(other), blinded)).status == 201
    assert await roll.tokens() == 3


async def test_who_used_one_voting_code_at_the_same_moment_both_have_their_tokens(
    roll: Roll,
) -> None:
    round_id, blinded = await roll.opened(), new_blinded()
    hers, his = await roll.code(round_id), await roll.code(round_id)
    assert (await roll.token(round_id, hers, blinded)).status == 201
    kept = await roll.connection.fetchval("select blinded from token")
    assert (await roll.token(round_id, his, new_blinded())).status == 201
    # What two transactions leave that did not see each other.
    await roll.connection.execute("update token set blinded = $1", kept)
    for code in (hers, his):
        assert (await roll.token(round_id, code, blinded)).status == 201
    third = await roll.token(round_id, await roll.code(round_id), blinded)
    assert third.refusal == (409, "voting_code_taken")


async def test_a_conversation_whose_end_nobody_read_yet_costs_another_request(roll: Roll) -> None:
    """The signer was killed a moment ago: uvloop closes the writer before the reader is told, and
    then raises what is no `OSError` at whoever writes."""
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)

    class Gone:
        def is_closing(self) -> bool:
            return True

        def write(self, _line: bytes) -> None:
            raise RuntimeError("the handler is closed")

        def close(self) -> None:
            pass

    asking = Signer(roll.signing.socket)
    await asking.sign(round_id, "A", b64decode(blinded))
    assert asking._signing is not None
    writer = asking._signing._writer
    assert writer is not None
    asking._signing._writer = cast(asyncio.StreamWriter, Gone())
    with pytest.raises(SignerUnavailable):
        await asking.sign(round_id, "A", b64decode(blinded))
    assert await asking.sign(round_id, "A", b64decode(blinded))
    asking._signing.close()
    writer.close()
    await writer.wait_closed()
    assert (await roll.token(round_id, code, blinded)).status == 201


CODE, BLINDED = new_code(), new_blinded()


async def _refused_token(roll: Roll, what: str) -> Answer:
    round_id = await roll.opened()
    await roll.imported(round_id, [CODE])
    match what:
        case "a code mistyped":
            mistyped = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
            return await roll.token(round_id, mistyped, BLINDED)
        case "a code too short":
            return await roll.token(round_id, CODE[:-1], BLINDED)
        case "a code nobody posted":
            return await roll.token(round_id, new_code(), BLINDED)
        case "a code of another round":
            return await roll.token(await roll.opened(), CODE, BLINDED)
        case "a code used":
            await roll.token(round_id, CODE, new_blinded())
            return await roll.token(round_id, CODE, BLINDED)
        case "no base64":
            return await roll.token(round_id, CODE, BLINDED[:-4] + "====")
        case "base64 with another end":
            return await roll.token(round_id, CODE, BLINDED[:-4] + "AAB=")
        case "a byte less":
            return await roll.token(round_id, CODE, b64encode(bytes([1]) * 383).decode())
        case "nothing blinded":
            return await roll.token(round_id, CODE, "")
        case "nought":
            return await roll.token(round_id, CODE, b64encode(bytes(384)).decode())
        case "the modulus":
            n = (await tier_key(roll, round_id)).public_numbers().n
            return await roll.token(round_id, CODE, b64encode(n.to_bytes(384)).decode())
        case "more than any modulus":
            return await roll.token(round_id, CODE, b64encode(b"\xff" * 384).decode())
        case "no code":
            return await roll.client.ask("POST", f"/rounds/{round_id}/tokens", {"blinded": BLINDED})
        case "a number as code":
            return await roll.token(round_id, 7, BLINDED)
        case "an unknown field":
            body = {"code": CODE, "blinded": BLINDED, CODE: CODE}
            return await roll.client.ask("POST", f"/rounds/{round_id}/tokens", body)
        case "no JSON":
            path = f"/rounds/{round_id}/tokens"
            return await roll.client.ask("POST", path, f"{CODE} {BLINDED}".encode())
        case "a body without end":
            return await roll.token(round_id, CODE * 100, BLINDED)
        case "a round that is no id":
            return await roll.token("one", CODE, BLINDED)
        case "a round nobody prepared":
            return await roll.token(uuid4(), CODE, BLINDED)
    late = await _round_out_of_time(roll, what)
    return await roll.token(late, CODE, BLINDED)


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
        ("no base64", 422, "blinded_refused"),
        ("base64 with another end", 422, "blinded_refused"),
        ("a byte less", 422, "blinded_refused"),
        ("nothing blinded", 422, "blinded_refused"),
        ("nought", 422, "blinded_refused"),
        ("the modulus", 422, "blinded_refused"),
        ("more than any modulus", 422, "blinded_refused"),
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
    for secret in (CODE[:10], BLINDED[:20]):
        assert secret.encode() not in answer.raw
        assert secret not in caplog.text


async def test_the_database_knows_neither_codes_nor_what_was_signed(roll: Roll) -> None:
    round_id, blinded = await roll.opened(), new_blinded()
    code = await roll.code(round_id)
    await roll.token(round_id, code, blinded)
    kept: list[Any] = []
    for table in ("round", "tier", "code", "token", "outbox"):
        rows = await roll.connection.fetch(f"select t::text as row from {table} t")
        kept += [row["row"].lower() for row in rows]
    assert len(kept) >= 5
    for secret in (code, code.encode().hex(), blinded, b64decode(blinded).hex()):
        assert not [row for row in kept if secret.lower() in row]


@pytest.mark.parametrize(
    "statement",
    [
        "create table its_own (one integer)",
        "delete from token",
        "update token set blinded = ''",
        "delete from code",
        "update code set tier = 'A'",
        "update code set tries = 0",
        "delete from spent_code",
        "update reissue set person = ''",
        "update reissue set tier = 'A'",
        "update tier set public_key = ''",
        "update round set log = 'another'",
        "drop function issue_token",
        "update waiting_notice set due_at = now()",
        "update person set identity = ''",
        "update channel set telephone = ''",
        "update held set identity = ''",
        "update held set grounds = '{}'",
        "update lesson set people = 500",
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


async def test_a_code_s_tier_is_told_to_whoever_has_it(roll: Roll) -> None:
    round_id = await roll.opened()
    await roll.imported(round_id, [CODE], tier="B")
    assert (await roll.tier(round_id, CODE)).body == {"tier": "B"}
    path = f"/rounds/{round_id}/tier"
    asked = [
        (await roll.tier(round_id, new_code()), (404, "code_unknown")),
        (await roll.tier(round_id, CODE[:-1]), (422, "code_malformed")),
        (await roll.tier(round_id, 7), (422, "malformed")),
        (await roll.tier("one", CODE), (422, "malformed")),
        (await roll.tier(uuid4(), CODE), (404, "round_unknown")),
        (await roll.tier(await roll.prepared(), CODE), (409, "not_open")),
        (await roll.client.ask("POST", path, {"code": CODE, "key": 1}), (422, "malformed")),
    ]
    await roll.close(round_id)
    asked.append((await roll.tier(round_id, CODE), (409, "voting_closed")))
    for answer, wanted in asked:
        assert answer.refusal == wanted
        assert CODE[:10].encode() not in answer.raw
    assert await roll.tokens() == 0


async def test_the_roll_has_no_private_tier_key(roll: Roll, tmp_path: Path) -> None:
    """Neither in its files nor in its database: a token cannot be made of either."""
    await roll.opened(codes=1)
    private = [file.read_bytes() for file in roll.signing.directory.iterdir()]
    assert len(private) == 2 and all(len(key) > 1500 for key in private)
    # What the roll has: its directory but for the signer's, and every row that it may read.
    own = await asyncio.to_thread(lambda: [f for f in tmp_path.iterdir() if f.is_file()])
    secret = {each.name: each.read_bytes() for each in own if each.suffix == ".key"}
    assert secret.keys() >= {"roll.key", "service.key"}
    assert all(len(each) == 32 for each in secret.values())
    held = b"".join(each.read_bytes() for each in own)
    connection = await asyncpg.connect(roll.dsn, ssl=False)
    tables = await connection.fetch(
        "select oid::regclass::text as name from pg_class where relkind = 'r'"
        " and relnamespace = 'public'::regnamespace and has_table_privilege(oid, 'select')"
    )
    rows: list[str] = []
    for table in tables:
        found = await connection.fetch(f"select t::text as row from {table['name']} t")
        rows += [each["row"].lower() for each in found]
    await connection.close()
    assert len(rows) > 3
    for key in private:
        loaded = load_der_private_key(key, password=None)
        assert isinstance(loaded, RSAPrivateKey)
        prime = loaded.private_numbers().p.to_bytes(192)
        assert not [row for row in rows if prime[:32].hex() in row or key[-32:].hex() in row]
        assert prime[:32] not in held and key[-32:] not in held
