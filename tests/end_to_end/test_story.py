"""An election from its programme to its proof, and every refusal on the way."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from comptoir.client import Client, Refused
from comptoir.election import generated_election
from comptoir.pabulib import held
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from comptoir.voter import Voter, cast
from comptoir.waiting import at_once
from shared.codes import new_code
from shared.events.ballots import Approval
from shared.events.dead import DeadLetter
from tests.end_to_end.elections import assert_whole, decided, opened, revoted, silent
from tests.end_to_end.topics import all_records, put


async def test_an_election_is_proven_from_the_ledger_alone(client: Client, tmp_path: Path) -> None:
    election = generated_election(projects=12, voters=150, seed=1)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(150))
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert len(rehearsal.result.promised) == 150
    assert_whole(rehearsal, entries)
    decisions = entries.of("voting.option-decided.v2")
    assert [d["body"]["number"] for d in decisions] == list(range(1, 13))
    assert {d["body"]["reason"] for d in decisions} <= {"funded", "does_not_fit", "no_votes"}


async def test_the_highest_revision_counts_and_each_is_in_the_ledger(
    client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=6, voters=20, seed=2)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(20))
    # Half of the voters change their minds: to the choices of their neighbours.
    votes = list(election.votes)
    for place in range(0, 20, 2):
        votes[place] = votes[place + 1]
    revoted(rehearsal, votes)
    for place in range(0, 20, 2):
        ballot = rehearsal.ballot(place, revision=2)
        await cast(client, ballot)
        rehearsal.result.promised.add(hashlib.sha256(ballot).digest())
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert len(entries.of("voting.ballot-cast.v1")) == 30
    assert entries.of("voting.box-closed.v1")[0]["body"]["keys"] == 20
    assert_whole(rehearsal, entries)


@pytest.fixture(scope="module")
async def round_open(client: Client) -> Rehearsal:
    """A round that stays open; it refuses what is not two to five of six options."""
    asked = held(generated_election(projects=6, voters=40, seed=3))
    form = Approval(min=2, max=5, wrong="refused")
    votes = [[1 + at % 5, 6] for at in range(40)]
    rehearsal = await opened(client, replace(asked, form=form, choices=tuple(votes)))
    for voter in rehearsal.voters[:30]:
        await voter.fetch_token(client)
    return rehearsal


async def refusal(asked: Any) -> tuple[int, str]:
    """Status and code of a request that must be refused."""
    with pytest.raises(Refused) as refused:
        await asked
    return refused.value.status, refused.value.code


def altered(ballot: bytes, what: str, change: Callable[[Any], Any]) -> bytes:
    fields = json.loads(ballot)
    return json.dumps(fields | {what: change(fields[what])}).encode()


def swapped(text: str) -> str:
    """Another text of the same form."""
    return ("B" if text[0] == "A" else "A") + text[1:]


BALLOTS: dict[str, tuple[Callable[[Rehearsal], bytes], tuple[int, str]]] = {
    "bad token": (
        lambda r: altered(r.ballot(0), "token", swapped),
        (403, "token_invalid"),
    ),
    "another's token": (
        lambda r: altered(r.ballot(0), "token", lambda _: r.voters[1].token),
        (403, "token_invalid"),
    ),
    "bad signature": (
        lambda r: altered(r.ballot(0), "sig", swapped),
        (403, "signature_invalid"),
    ),
    "a choice altered": (
        lambda r: altered(r.voters[0].ballot([1, 2]), "choices", lambda _: [1, 3]),
        (403, "signature_invalid"),
    ),
    "wrong round": (
        lambda r: altered(r.ballot(0), "round", lambda _: str(uuid4())),
        (404, "round_unknown"),
    ),
    "another's tier": (
        lambda r: altered(r.ballot(0), "tier", lambda _: "B"),
        (403, "token_invalid"),
    ),
    "a tier without voters": (
        lambda r: altered(r.ballot(0), "tier", lambda _: "C"),
        (422, "tier_unknown"),
    ),
    "too many choices": (
        lambda r: r.voters[0].ballot([1, 2, 3, 4, 5, 6]),
        (422, "too_many"),
    ),
    "too few choices": (lambda r: r.voters[0].ballot([1]), (422, "too_few")),
    "a value beside a choice": (
        lambda r: r.voters[0].ballot([[1, 1], [2, 1]]),
        (422, "choice_malformed"),
    ),
    "unknown option": (lambda r: r.voters[0].ballot([7]), (422, "option_unknown")),
    "an option twice": (lambda r: r.voters[0].ballot([2, 2]), (422, "choices_unordered")),
    "option 0": (lambda r: r.voters[0].ballot([0]), (422, "ballot_malformed")),
    "not JSON": (lambda r: b"{", (422, "ballot_malformed")),
    "not an object": (lambda r: b"[]", (422, "ballot_malformed")),
    "one field more": (
        lambda r: altered(r.ballot(0), "v", lambda v: v)[:-1] + b',"name":"me"}',
        (422, "ballot_malformed"),
    ),
    "revision 0": (lambda r: r.voters[0].ballot([1], revision=0), (422, "ballot_malformed")),
    "revision 21": (lambda r: r.voters[0].ballot([1], revision=21), (422, "ballot_malformed")),
    "endless": (lambda r: b'{"v":"' + b"1" * 40_000 + b'"}', (413, "body_too_large")),
    "a key of small order": (
        lambda r: altered(r.ballot(0), "key", lambda _: "A" * 43 + "="),
        (422, "key_refused"),
    ),
}


@pytest.mark.parametrize("case", BALLOTS)
async def test_a_bad_ballot_is_refused_with_its_code_and_nothing_is_recorded(
    client: Client, round_open: Rehearsal, case: str
) -> None:
    make, wanted = BALLOTS[case]
    assert await refusal(cast(client, make(round_open))) == wanted
    # Nothing was recorded: the voter's good ballot still takes revision 1, and takes it again.
    good = round_open.ballot(0)
    assert await cast(client, good) == await cast(client, good)


TOKENS: dict[str, tuple[Callable[[Rehearsal], Voter], tuple[int, str]]] = {
    "a code that is no code": (
        lambda r: Voter(r.round_id, "0" * 11 + "1"),
        (422, "code_malformed"),
    ),
    "a code that was never posted": (
        lambda r: Voter(r.round_id, new_code()),
        (404, "code_unknown"),
    ),
    "a code that was used": (
        lambda r: Voter(r.round_id, r.voters[0].code),
        (409, "code_used"),
    ),
    "a round that does not exist": (
        lambda r: Voter(uuid4(), new_code()),
        (404, "round_unknown"),
    ),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_a_bad_code_is_refused_with_its_own(
    client: Client, round_open: Rehearsal, case: str
) -> None:
    make, wanted = TOKENS[case]
    assert await refusal(make(round_open).fetch_token(client)) == wanted


async def test_a_code_gives_the_same_token_again(client: Client, round_open: Rehearsal) -> None:
    voter = round_open.voters[1]
    before = voter.token
    await voter.fetch_token(client)
    assert voter.token == before


async def test_fifty_parallel_casts_with_one_token_leave_one_ballot(
    client: Client, round_open: Rehearsal
) -> None:
    voter = round_open.voters[2]
    ballots = [voter.ballot([n % 5 + 1, 6]) for n in range(5)]
    answers = await asyncio.gather(
        *(cast(client, ballots[n % 5]) for n in range(50)), return_exceptions=True
    )
    promised = {answer["ballot"] for answer in answers if isinstance(answer, dict)}
    refused = {(a.status, a.code) for a in answers if isinstance(a, Refused)}
    assert len(promised) == 1
    assert refused == {(409, "revision_taken")}
    assert all(isinstance(answer, dict | Refused) for answer in answers)


async def test_fifty_parallel_requests_with_one_code_give_one_token(
    client: Client, round_open: Rehearsal
) -> None:
    code = round_open.voters[35].code
    voters = [Voter(round_open.round_id, code) for _ in range(50)]
    answers = await asyncio.gather(
        *(voter.fetch_token(client) for voter in voters), return_exceptions=True
    )
    refused = [(a.status, a.code) for a in answers if isinstance(a, Refused)]
    assert sum(answer is None for answer in answers) == 1
    assert refused == [(409, "code_used")] * 49


async def test_a_project_cannot_change_once_the_options_are_frozen(client: Client) -> None:
    rehearsal = Rehearsal(client, held(generated_election(projects=2, voters=1, seed=4)), silent)
    made = await client.officer("submission", "/programmes", {"title": "A", "rehearsal": True})
    path = f"/programmes/{made['programme_id']}"
    dossier = {"title": "A bench", "cost": 50_000}
    project = await client.officer("submission", f"{path}/projects", dossier)
    await client.officer("submission", f"{path}/freeze")
    assert await refusal(client.officer("submission", f"{path}/projects", dossier)) == (
        409,
        "project_frozen",
    )
    assert await refusal(client.officer("submission", f"{path}/freeze")) == (409, "options_frozen")
    amended = client.officer_put("submission", f"/projects/{project['project_id']}", dossier)
    assert await refusal(amended) == (409, "project_frozen")
    assert rehearsal.result.promised == set()


async def test_nobody_votes_before_the_window_or_after_it_by_the_database_s_clock(
    client: Client,
) -> None:
    rehearsal = Rehearsal(client, held(generated_election(projects=2, voters=3, seed=5)), silent)
    await rehearsal.propose()
    rules = rehearsal._rules() | {
        "opens_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        "closes_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
    }
    rehearsal._rules = lambda: rules  # type: ignore[method-assign]
    await client.officer_until("voting.count", "/rounds", rules, "options_unknown")
    round_path = f"/rounds/{rehearsal.round_id}"
    code = new_code()
    imported = {"tier": "A", "codes": [code]}
    await client.officer_until("voting.roll", f"{round_path}/codes", imported, "round_unknown")
    early = Voter(rehearsal.round_id, code)
    assert await refusal(early.fetch_token(client)) == (409, "not_open")
    await client.officer_until("voting.count", f"{round_path}/open", None, "tier_keys_missing")
    assert await refusal(early.fetch_token(client)) == (409, "not_open")


async def test_after_closing_codes_and_ballots_are_refused(client: Client, tmp_path: Path) -> None:
    rehearsal = await opened(client, generated_election(projects=3, voters=5, seed=6))
    await rehearsal.vote(range(4))
    late = rehearsal.voters[4]
    await late.fetch_token(client)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert await refusal(cast(client, rehearsal.ballot(4))) == (409, "voting_closed")
    assert await refusal(late.fetch_token(client)) == (409, "voting_closed")
    # What was promised is still promised.
    assert (await cast(client, rehearsal.ballot(0)))["ballot"]
    assert_whole(rehearsal, entries)


async def test_casts_that_race_with_closing_are_in_the_ledger_or_refused(
    client: Client, tmp_path: Path
) -> None:
    """Two thousand casts around the last instant: never a promise without an entry."""
    election = generated_election(projects=10, voters=2_000, seed=7)
    rehearsal = await opened(client, election)
    await at_once(32, (voter.fetch_token(client) for voter in rehearsal.voters))
    ballots = [rehearsal.ballot(place) for place in range(2_000)]
    refused: list[str] = []
    closing: list[asyncio.Task[None]] = []

    async def cast_one(ballot: bytes) -> None:
        try:
            await cast(client, ballot)
            rehearsal.result.promised.add(hashlib.sha256(ballot).digest())
        except Refused as refusal:
            refused.append(refusal.code)
        if len(rehearsal.result.promised) == 1_000 and not closing:
            closing.append(asyncio.create_task(rehearsal.close_round()))

    await at_once(64, (cast_one(ballot) for ballot in ballots))
    await closing[0]
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert len(rehearsal.result.promised) + len(refused) == 2_000
    assert set(refused) == {"voting_closed"}
    assert entries.ballots().keys() == rehearsal.result.promised
    assert max(entries.ballots().values()) == 1
    assert rehearsal.result.recount_agrees, rehearsal.result.differences


async def test_an_officer_s_route_wants_the_desk_s_key(client: Client) -> None:
    for process, path in (
        ("submission", "/programmes"),
        ("voting.count", "/rounds"),
        ("voting.roll", f"/rounds/{uuid4()}/codes"),
        ("voting.box", "/desk/dead-letters"),
    ):
        assert await refusal(client.post(process, path, {})) == (401, "unauthorised")


async def test_records_that_nobody_can_read_become_dead_letters_and_stop_nobody(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=4, voters=30, seed=8)
    rehearsal = await opened(client, election)
    readers = {
        "voting.ballots": {"voting.count", "ledger"},
        "voting.rounds": {"submission", "voting.roll", "voting.box", "ledger"},
        "submission.projects": {"voting.count", "ledger"},
    }
    for topic in readers:
        await put(stack, topic, b"\x00not an event", [("ce_id", b"none")])
    await rehearsal.vote(range(30))
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    for topic, allowed in readers.items():
        letters = [
            DeadLetter.from_body(record.value or b"")
            for record in await all_records(stack, f"{topic}.dead")
        ]
        assert letters and {letter.process for letter in letters} <= allowed
        assert "ledger" in {letter.process for letter in letters}
        assert all(
            letter.origin == topic and "ce_specversion" in letter.reason for letter in letters
        )
