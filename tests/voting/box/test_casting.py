"""Casting over HTTP, on a real database."""

import asyncio
import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comptoir.ports import free_ports
from shared.canonical import canonical
from shared.events.acts import RoundExtended
from shared.events.voting import BoxKeyAnnounced, RoundClosed
from tests.opening import round_opened
from tests.serving import Answer, served
from tests.shared.conftest import eventually
from tests.voting.box.conftest import AT_ONCE, OPTIONS, ServedBox, box_app, listed
from tests.voting.box.voters import Voter, public_keys
from voting.box.routes import LARGEST_BALLOT


async def test_the_answer_to_a_ballot_is_a_signed_promise(served_box: ServedBox) -> None:
    """It names the rule, and no hour that would be false once the round is extended."""
    voter = Voter(await served_box.opened())
    sent = voter.ballot([1, 3])
    answer = await served_box.post(sent)
    assert answer.status == 201
    promised = {k: v for k, v in answer.body.items() if k != "signature"}
    assert promised == {
        "v": "comptoir-promise-v1",
        "ballot": hashlib.sha256(sent).hexdigest(),
        "round_id": str(voter.round_id),
        "published_within": 3600,
        "extensions": "included",
    }
    key = b64decode((await served_box.client.ask("GET", "/keys")).body["promise"])
    signature = b64decode(answer.body["signature"])
    Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(promised))


async def test_promises_are_signed_with_the_key_that_the_box_announces(
    served_box: ServedBox,
) -> None:
    """A key that the ledger has not could be another one for each voter."""

    async def announced() -> list[dict[str, Any]]:
        return await served_box.announced(BoxKeyAnnounced.type)

    [said] = await eventually(announced, bool)
    shown = (await served_box.client.ask("GET", "/keys")).body
    assert shown == {"promise": said["service_key"]}


async def test_a_promise_is_the_same_for_all_but_for_the_ballot(served_box: ServedBox) -> None:
    round_id = await served_box.opened()
    answers = [await served_box.post(Voter(round_id).ballot([1])) for _ in range(2)]
    own = {"ballot", "signature"}
    first, second = ({k: v for k, v in a.body.items() if k not in own} for a in answers)
    assert first == second


async def test_an_extended_round_takes_ballots_and_promises_as_before(
    served_box: ServedBox,
) -> None:
    voter = Voter(await served_box.opened())
    sent = voter.ballot([2])
    first = await served_box.post(sent)
    await served_box.window_ends(voter.round_id)
    assert (await served_box.post(voter.ballot([2], 2))).refusal == (409, "voting_closed")
    by = {"round_id": voter.round_id, "reason": "box-down", "officers": (UUID(int=1), UUID(int=2))}
    for later in (timedelta(hours=2), timedelta(hours=1)):
        at = datetime.now(UTC) + later
        await served_box.handle(RoundExtended.model_validate({**by, "closes_at": at}))
    assert (await served_box.post(voter.ballot([2], 2))).status == 201
    assert (await served_box.post(sent)).raw == first.raw
    ends = await served_box.connection.fetchval("select closes_at from round")
    assert ends - datetime.now(UTC) > timedelta(minutes=90)
    # A box that is told after its closing stays closed.
    await served_box.close(voter.round_id)
    at = datetime.now(UTC) + timedelta(hours=9)
    await served_box.handle(RoundExtended.model_validate({**by, "closes_at": at}))
    assert (await served_box.post(voter.ballot([2], 3))).refusal == (409, "voting_closed")


async def test_the_ledger_gets_the_ballot_byte_for_byte(served_box: ServedBox) -> None:
    voter = Voter(await served_box.opened())
    sent = voter.ballot([1, 3])
    spread = json.dumps(json.loads(sent), indent=3).encode()
    promises = [(await served_box.post(each)).raw for each in (sent, spread)]
    assert promises[0] == promises[1]
    await served_box.close(voter.round_id)
    [row] = await served_box.rows()
    assert (row["body"], row["key"], row["subject"]) == (sent, voter.key, str(voter.round_id))


async def test_the_same_bytes_get_the_same_promise_also_after_closing(
    served_box: ServedBox,
) -> None:
    voter = Voter(await served_box.opened())
    sent = voter.ballot([2])
    first = await served_box.post(sent)
    assert first.status == 201
    await served_box.flush()
    assert (await served_box.post(sent)).raw == first.raw, "published"
    await served_box.window_ends(voter.round_id)
    assert (await served_box.post(sent)).raw == first.raw, "past its window"
    await served_box.close(voter.round_id)
    assert (await served_box.post(sent)).raw == first.raw, "closed"
    assert (await served_box.post(voter.ballot([2], 2))).refusal == (409, "voting_closed")
    assert len(await served_box.rows()) == 1


@pytest.mark.parametrize("flushed", [False, True])
async def test_a_revision_is_taken_once(served_box: ServedBox, flushed: bool) -> None:
    voter = Voter(await served_box.opened())
    assert (await served_box.post(voter.ballot([2]))).status == 201
    if flushed:
        await served_box.flush()
    assert (await served_box.post(voter.ballot([3]))).refusal == (409, "revision_taken")
    assert (await served_box.post(voter.ballot([3], 20))).status == 201
    assert (await served_box.post(voter.ballot([1], 2))).status == 201, "in any order"
    closed = await served_box.close(voter.round_id)
    assert (closed["ballots"], closed["keys"]) == (3, 1)


async def test_a_ballot_of_one_round_is_none_of_another(served_box: ServedBox) -> None:
    one, other = [await served_box.opened() for _ in range(2)]
    voter = Voter(one)
    assert (await served_box.post(voter.ballot([1]))).status == 201
    moved = await served_box.post(voter.ballot([1], round=str(other)))
    assert moved.refusal == (403, "token_invalid")


async def test_all_possible_ballots_at_once_with_one_token_are_one(served_box: ServedBox) -> None:
    voter = Voter(await served_box.opened())
    possible = [some for n in (1, 2, 3) for some in combinations(range(1, OPTIONS + 1), n)]
    sent = [voter.ballot(some) for some in possible]
    answers = await asyncio.gather(*(served_box.post(each) for each in sent))
    assert [answer.status for answer in answers].count(201) == 1
    assert {a.refusal for a in answers if a.status != 201} == {(409, "revision_taken")}
    assert (await served_box.close(voter.round_id))["ballots"] == 1


async def test_fifty_times_the_same_ballot_at_once_get_one_promise(served_box: ServedBox) -> None:
    voter = Voter(await served_box.opened())
    sent = voter.ballot([1])
    answers = await asyncio.gather(*(served_box.post(sent) for _ in range(50)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert (await served_box.close(voter.round_id))["ballots"] == 1


async def _refused(box: ServedBox, what: str) -> Answer:
    voter = Voter(await box.opened())
    match what:
        case "no JSON":
            return await box.post(b"a ballot")
        case "a body without end":
            return await box.post(b" " * LARGEST_BALLOT + voter.ballot([1]))
        case "no revision":
            return await box.post(voter.ballot([1], revision=None))  # type: ignore[arg-type]
        case "revision 21":
            return await box.post(voter.ballot([1], 21))
        case "an unknown field":
            return await box.post(voter.ballot([1], name="Ada"))
        case "another version":
            return await box.post(voter.ballot([1], v=2))
        case "a fraction of an option":
            return await box.post(canonical(voter.fields()).replace(b"[]", b"[1.5]"))
        case "a round nobody opened":
            return await box.post(Voter(uuid4()).ballot([1]))
        case "a tier that the round has not":
            return await box.post(Voter(voter.round_id, "B").ballot([1]))
        case "a key of small order":
            return await box.post(voter.ballot([1], key="A" * 43 + "="))
        case "a token of another voter":
            return await box.post(voter.ballot([1], token=Voter(voter.round_id).token))
        case "another signature":
            return await box.post(canonical(voter.fields([1]) | {"choices": [2]}))
        case "too many choices":
            return await box.post(voter.ballot([1, 2, 3, 4]))
        case "an unknown option":
            return await box.post(voter.ballot([OPTIONS + 1]))
        case "an option twice":
            return await box.post(voter.ballot([1, 1]))
        case "not increasing":
            return await box.post(voter.ballot([2, 1]))
    late = Voter(await _round_out_of_time(box, what))
    return await box.post(late.ballot([1]))


async def _round_out_of_time(box: ServedBox, what: str) -> UUID:
    match what:
        case "before its window":
            return await box.opened(60, 90)
        case "after closing by the clock":
            return await box.opened(-60, -0.001)
        case "after its window ended by the database's clock":
            round_id = await box.opened()
            assert (await box.post(Voter(round_id).ballot([1]))).status == 201
            await box.window_ends(round_id)
            return round_id
        case "after closing":
            round_id = await box.opened()
            await box.close(round_id)
            return round_id
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("no JSON", 422, "ballot_malformed"),
        ("a body without end", 413, "body_too_large"),
        ("no revision", 422, "ballot_malformed"),
        ("revision 21", 422, "ballot_malformed"),
        ("an unknown field", 422, "ballot_malformed"),
        ("another version", 422, "ballot_malformed"),
        ("a fraction of an option", 422, "ballot_malformed"),
        ("a round nobody opened", 404, "round_unknown"),
        ("a tier that the round has not", 422, "tier_unknown"),
        ("a key of small order", 422, "key_refused"),
        ("a token of another voter", 403, "token_invalid"),
        ("another signature", 403, "signature_invalid"),
        ("too many choices", 422, "too_many"),
        ("an unknown option", 422, "option_unknown"),
        ("an option twice", 422, "choices_unordered"),
        ("not increasing", 422, "choices_unordered"),
        ("before its window", 409, "not_open"),
        ("after closing by the clock", 409, "voting_closed"),
        ("after its window ended by the database's clock", 409, "voting_closed"),
        ("after closing", 409, "voting_closed"),
    ],
)
async def test_a_refused_ballot_leaves_nothing(
    served_box: ServedBox, what: str, status: int, code: str
) -> None:
    answer = await _refused(served_box, what)
    assert answer.refusal == (status, code), answer.raw
    left = await served_box.count("waiting") + await served_box.count("published")
    assert left == (1 if "database's clock" in what else 0)


async def test_replicas_give_the_same_promise(served_box: ServedBox, tmp_path: Path) -> None:
    voter = Voter(await served_box.opened())
    async with served(box_app(served_box.dsn, tmp_path)) as other:
        sent = voter.ballot([1])
        answers = [await served_box.post(sent), await other.ask("POST", "/ballots", sent)]
        assert answers[0].raw == answers[1].raw
        taken = await other.ask("POST", "/ballots", voter.ballot([2]))
        assert taken.refusal == (409, "revision_taken")


async def test_without_a_database_voters_are_asked_to_come_again(tmp_path: Path) -> None:
    port = free_ports({"nobody": None})["nobody"]
    nobody = f"postgresql://voting_box:x@127.0.0.1:{port}/voting_box"
    async with served(box_app(nobody, tmp_path)) as client:
        answer = await client.ask("POST", "/ballots", Voter(uuid4()).ballot([1]))
        assert answer.refusal == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert (await client.ask("GET", "/health/ready")).status == 503
        assert (await client.ask("GET", "/health/live")).status == 200


async def test_the_database_going_away_is_no_refusal_and_no_loss(served_box: ServedBox) -> None:
    """Every session is cut while voters cast: each is promised, or told to come again."""
    round_id = await served_box.opened()
    voters = [Voter(round_id) for _ in range(40)]

    async def cut() -> None:
        for _ in range(4):
            await asyncio.sleep(0.02)
            await served_box.connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'voting.box'"
            )

    async def cast(voter: Voter) -> int:
        for attempt in range(1, 200):
            answer = await served_box.post(voter.ballot([1]))
            if answer.status == 201:
                return attempt
            assert answer.refusal == (503, "unavailable"), answer.raw
        raise AssertionError("never promised")

    await asyncio.gather(cut(), *(cast(voter) for voter in voters))
    closed = await served_box.close(round_id)
    assert closed["ballots"] == len(await served_box.rows()) == len(voters)


async def test_no_cookie_is_set_and_no_trace_is_carried_on(served_box: ServedBox) -> None:
    """Whoever reads them could link address and ballot; what it logs: `test_silent.py`."""
    voter = Voter(await served_box.opened())
    trace = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    for sent in (voter.ballot([1]), voter.ballot([2]), b"no ballot " + voter.key.encode()):
        answer = await served_box.client.ask("POST", "/ballots", sent, traceparent=trace)
        assert not {"set-cookie", "traceparent"} & {name.lower() for name in answer.headers}
    await served_box.close(voter.round_id)
    rows: list[Any] = await served_box.rows()
    assert [row["traceparent"] for row in rows] == [None]


async def test_a_named_round_has_no_box(served_box: ServedBox) -> None:
    """Its ballots are cast at count's desk, by people with seats: with tokens and all that a round
    of residents has, nothing is taken here, and nobody's name comes near."""
    named = round_opened(
        uuid4(), secrecy="named", tiers=public_keys("A"), options=OPTIONS, flush=AT_ONCE
    )
    await served_box.handle(*listed(named.round_id), named)
    assert await served_box.count("round") == await served_box.count("tier") == 0
    answer = await served_box.post(Voter(named.round_id).ballot([1]))
    assert answer.refusal == (404, "round_unknown")
    assert await served_box.count("waiting") == 0
    # Nor has it anything to close.
    await served_box.handle(RoundClosed(round_id=named.round_id, closed_at=datetime.now(UTC)))
    assert await served_box.rows("voting.box-closed.v1") == []


@pytest.mark.parametrize(
    "statement",
    [
        "create table its_own (one integer)",
        "update waiting set body = ''",
        "delete from published",
        "update published set digest = ''",
        "delete from round",
        "drop function cast_ballot",
    ],
)
async def test_the_process_has_no_right_that_it_does_not_use(
    served_box: ServedBox, statement: str
) -> None:
    connection = await asyncpg.connect(served_box.dsn, ssl=False)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()
