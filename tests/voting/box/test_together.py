"""Ballots that arrive together share a commit, and each gets its own verdict."""

import asyncio
import hashlib
from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import canonical
from shared.events.voting import BallotCast, choices_on_the_wire, token_bytes
from tests.voting.box.conftest import Box
from tests.voting.box.voters import Voter, bytes_of, token_message
from voting.box.casting import Casting

VOTER = Voter(UUID("00000000-0000-4000-8000-00000000000a"))


async def verdict(casting: Casting, sent: bytes) -> str:
    ballot = BallotCast.model_validate_json(sent)
    body = ballot.body()
    assert body == sent
    digest = hashlib.sha256(body).digest()
    return await casting.record(ballot, bytes_of(ballot.key), digest, body)


async def test_ballots_that_arrive_together_are_in_few_commits(box: Box) -> None:
    round_id = await box.opened()
    casting, ballots = Casting(box.database), [Voter(round_id).ballot([1]) for _ in range(40)]
    said = await asyncio.gather(*(verdict(casting, ballot) for ballot in ballots))
    assert said == ["accepted"] * 40
    assert await box.count("waiting") == 40
    commits = await box.connection.fetchval("select count(distinct xmin::text) from waiting")
    assert commits <= 4


async def test_each_ballot_of_a_commit_gets_its_own_verdict(box: Box) -> None:
    round_id = await box.opened()
    casting, known, rival = Casting(box.database), Voter(round_id), Voter(round_id)
    before = known.ballot([1])
    assert await verdict(casting, before) == "accepted"
    together = [
        Voter(round_id).ballot([2]),
        known.ballot([3]),
        rival.ballot([1]),
        before,
        rival.ballot([2]),
        known.ballot([3], revision=2),
    ]
    said = await asyncio.gather(*(verdict(casting, ballot) for ballot in together))
    assert [said[0], said[1], said[3], said[5]] == [
        "accepted",
        "revision_taken",
        "accepted",
        "accepted",
    ]
    assert sorted([said[2], said[4]]) == ["accepted", "revision_taken"]
    assert await box.count("waiting") == 4


async def test_rivals_of_many_keys_on_two_replicas_neither_wait_for_each_other_nor_count_twice(
    box: Box,
) -> None:
    """Transactions of several ballots could lock each other out: keys are taken in one order."""
    round_id = await box.opened()
    replicas = [Casting(box.database), Casting(box.database)]
    voters = [Voter(round_id) for _ in range(20)]
    ballots = [voter.ballot([number]) for number in (1, 2) for voter in voters]
    backwards = [voter.ballot([3]) for voter in reversed(voters)]
    said = await asyncio.gather(
        *(verdict(replicas[0], ballot) for ballot in ballots),
        *(verdict(replicas[1], ballot) for ballot in backwards),
    )
    assert said.count("accepted") == len(voters) == await box.count("waiting")
    assert said.count("revision_taken") == 2 * len(voters)


async def test_a_commit_that_fails_is_told_to_every_ballot_in_it_and_the_next_ones_are_taken(
    box: Box,
) -> None:
    round_id = await box.opened()
    casting, ballots = Casting(box.database), [Voter(round_id).ballot([1]) for _ in range(5)]
    await box.connection.execute("revoke insert on waiting from voting_box")
    said = await asyncio.gather(
        *(verdict(casting, ballot) for ballot in ballots), return_exceptions=True
    )
    assert [type(each) for each in said] == [asyncpg.InsufficientPrivilegeError] * 5
    await box.connection.execute("grant insert on waiting to voting_box")
    again = await asyncio.gather(*(verdict(casting, ballot) for ballot in ballots))
    assert again == ["accepted"] * 5


choices_of_ballots = st.lists(
    st.integers(1, 10_000) | st.tuples(st.integers(1, 10_000), st.integers(-9, 9))
)
sealed_bytes = st.binary(min_size=48, max_size=90).map(lambda raw: raw[: len(raw) // 3 * 3])


@given(
    choices=st.none() | choices_of_ballots,
    sealed=st.none() | sealed_bytes,
    revision=st.integers(1, 20),
)
def test_a_ballots_bytes_are_those_of_rfc_8785(
    choices: list[int | tuple[int, int]] | None, sealed: bytes | None, revision: int
) -> None:
    chosen: Any = None if choices is None else choices_on_the_wire(choices)
    others = {
        "sealed": None if sealed is None else b64encode(sealed).decode(),
        "commitment": None if sealed is None else sealed[:32].hex(),
    }
    fields = VOTER.fields(chosen, revision, **others)
    ballot = BallotCast.model_validate(fields)
    assert ballot.body() == canonical(fields)
    unsigned = {name: value for name, value in fields.items() if name != "sig"}
    assert ballot.signed_bytes() == canonical(unsigned)


@pytest.mark.parametrize("tier", ["A", "B"])
def test_what_a_token_is_over_is_rfc_8785_too(tier: str) -> None:
    round_id = uuid4()
    assert token_bytes(round_id, tier, VOTER.key) == token_message(round_id, tier, VOTER.key)
