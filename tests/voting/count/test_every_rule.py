"""Rounds of every format and rule, from frozen options to decisions, on a real database: what is
announced is what the auditor's own count of the announced rules and ballots gives."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ledger_audit import reference
from ledger_audit.reference.formats import given as given_by
from ledger_audit.reference.formats import void as void_by
from shared.events.voting import AllocationPublished, OptionDecided, OptionListed, RoundOpened
from tests.strategies import Cast, split
from tests.voting.count.allocation.rounds import FORMAT, FORMATS, Round, ballots, rounds
from tests.voting.count.conftest import ServedCount, ballot, rule
from voting.count import counting
from voting.count.counting import CountingFailed

ON_A_DATABASE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
COSTS = (4, 1, 3, 9)
NUMBER = 1000


async def open_round(count: ServedCount, drawn: Round) -> UUID:
    """A round as drawn, opened at the desk; one that its own set-up check refuses is not drawn."""
    frozen = await count.frozen([option.cost for option in drawn.options])
    listed = await count.connection.fetchval(
        "select options from frozen_options where round_id = $1", frozen
    )
    facts = {
        str(project): option.model_dump(
            mode="json",
            exclude_none=True,
            include={"groups", "jury_rank", "other_money", "withdrawn"},
        )
        for project, option in zip(listed, drawn.options, strict=True)
    }
    answer = await count.prepare(
        frozen,
        format=FORMAT.dump_python(drawn.form, mode="json"),
        rule=drawn.rule.model_dump(mode="json"),
        facts=facts,
    )
    if answer.status != 201:
        assert answer.refusal == (422, "rule_impossible"), answer.raw
        assume(False)
    await count.keys(frozen)
    assert (await count.open(frozen)).status == 200
    return frozen


async def decide(count: ServedCount, round_id: UUID, casts: Sequence[Cast]) -> None:
    """Everything that a decision waits for."""
    await count.close(round_id)
    if casts:
        await count.handle(*(ballot(round_id, each) for each in casts))
    await count.box_closes(round_id, len(casts), len({cast.voter for cast in casts}), NUMBER)
    await count.checkpoint(NUMBER)
    await count.decide()


async def announced(count: ServedCount, round_id: UUID, event: Any) -> list[dict[str, Any]]:
    """What was announced about a round."""
    found = await count.announced(event)
    return [each for each in found if each["round_id"] == str(round_id)]


@ON_A_DATABASE
@given(rounds())
async def test_what_is_announced_is_what_an_auditor_counts(
    served_count: ServedCount, drawn: Round
) -> None:
    round_id = await open_round(served_count, drawn)
    casts = [Cast(voter, 1, tuple(each)) for voter, each in enumerate(drawn.choices, start=1)]
    await decide(served_count, round_id, casts)
    [opened] = await announced(served_count, round_id, RoundOpened)
    listed = await announced(served_count, round_id, OptionListed)
    seen = [
        OptionListed.model_validate(each).for_rule().model_dump(mode="json", exclude_none=True)
        for each in listed
    ]
    sent = [{"choices": list(each), "groups": {"tier": ["A"]}} for each in drawn.choices]
    found = reference.count(opened["rule"], opened["format"], seen, sent)
    [summary] = await announced(served_count, round_id, AllocationPublished)
    decisions = await announced(served_count, round_id, OptionDecided)
    assert summary["winners"] == list(found.winners)
    assert summary["void"] == dict(found.void)
    assert summary["spent"] == sum(found.paid.values())
    assert {d["option_id"]: d["amount"] for d in decisions if d["funded"]} == found.paid
    assert {d["option_id"]: d["reason"] for d in decisions if d["reason"] != "lost_tie"} == {
        d["option_id"]: found.reasons[d["option_id"]]
        for d in decisions
        if d["reason"] != "lost_tie"
    }
    assert [(*s["step"], s["left"]) for s in summary["steps"]] == [
        (*names, dict(left)) for *names, left in found.money
    ]
    assert summary["gone"] == dict(found.out)


def counted(form: dict[str, Any], sent: Sequence[Cast]) -> tuple[list[int], dict[str, int]]:
    """Votes by number and voids by code, of each voter's highest revision, by the auditor."""
    options = {n: {"cost": cost, "groups": {}} for n, cost in enumerate(COSTS, start=1)}
    last: dict[int, Cast] = {}
    for each in sorted(sent, key=lambda cast: cast.revision):
        last[each.voter] = each
    votes, codes = [0 for _ in COSTS], Counter[str]()
    for each in last.values():
        if (code := void_by(form, list(each.choices), options)) is not None:
            codes[code] += 1
            continue
        for number, value in given_by(form, each.choices).items():
            votes[number - 1] += value
    return votes, dict(codes)


@pytest.mark.parametrize("form", FORMATS, ids=str)
@settings(ON_A_DATABASE, max_examples=10)
@given(data=st.data())
async def test_the_running_tally_of_every_format_is_that_of_its_ballots(
    served_count: ServedCount, form: dict[str, Any], data: st.DataObject
) -> None:
    """In any batches, with later revisions, void ballots and blank ones among them."""
    names = st.tuples(st.integers(1, 4), st.integers(1, 3))
    written = FORMAT.dump_python(FORMAT.validate_python(form), mode="json", exclude_none=True)
    sent = [
        Cast(voter, revision, tuple(data.draw(ballots(form["type"], len(COSTS)))))
        for voter, revision in data.draw(st.lists(names, max_size=8, unique=True))
    ]
    round_id = await served_count.opened(COSTS, format=form, rule=rule())
    for batch in data.draw(split(sent)):
        if batch:
            await served_count.handle(*(ballot(round_id, each) for each in batch))
    votes, codes = counted(written, sent)
    assert await served_count.votes(round_id) == votes
    rows = await served_count.connection.fetch(
        "select void, count(*) from ballot where round_id = $1 and void is not null group by void",
        round_id,
    )
    assert {row[0]: row[1] for row in rows} == codes


async def test_a_ballot_that_no_box_takes_is_void_and_stops_nothing(
    served_count: ServedCount,
) -> None:
    """Somebody else wrote it to the topic: it has another format's shape, or no option's number."""
    round_id = await served_count.opened(COSTS, format={"type": "approval", "max": 2})
    strange = [(9,), (2, 1), ((1, 5),), (1, (2, 3))]
    casts = [Cast(voter, 1, choices) for voter, choices in enumerate([*strange, (1,)], start=1)]
    await decide(served_count, round_id, casts)
    [summary] = await served_count.announced(AllocationPublished)
    assert (summary["ballots"], summary["counted"]) == (len(casts), 1)
    assert summary["void"] == {"malformed": len(strange)}
    assert await served_count.votes(round_id) == [1, 0, 0, 0]


@pytest.mark.parametrize(
    "program", ["import os; os.kill(os.getpid(), 9)", "print('{}', end='')", "print('{}')", "1 / 0"]
)
async def test_a_round_whose_count_dies_is_decided_later(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Killed, out of memory, cut off in its answer, or answering nonsense."""
    round_id = await served_count.opened(COSTS)
    with monkeypatch.context() as broken:
        broken.setattr(counting, "ARGV", (sys.executable, "-c", program))
        with pytest.raises(CountingFailed):
            await decide(served_count, round_id, [Cast(1, 1, (1,))])
        assert (await served_count.state(round_id))["state"] == "closed"
        assert await served_count.announced(OptionDecided) == []
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "decided"


async def test_a_round_that_cannot_be_counted_keeps_no_other_waiting(
    served_count: ServedCount,
) -> None:
    stuck, other = await served_count.opened(COSTS), await served_count.opened(COSTS)
    for round_id in (stuck, other):
        await served_count.close(round_id)
        await served_count.handle(ballot(round_id, Cast(1, 1, (1,))))
    await served_count.connection.execute("update option set votes = 7 where round_id = $1", stuck)
    for round_id in (stuck, other):
        await served_count.box_closes(round_id, 1, 1, NUMBER)
    await served_count.checkpoint(NUMBER)
    with pytest.raises(CountingFailed, match="1 of"):
        await served_count.decide()
    assert (await served_count.state(stuck))["state"] == "closed"
    assert (await served_count.state(other))["state"] == "decided"


def test_what_counts_loads_neither_events_nor_what_serves() -> None:
    """A count begins sooner: of the contracts it needs what a rule and a ballot say."""
    code = (
        "import sys, voting.count.worker;"
        "print([name for name in sys.modules if name in ("
        "'shared.events.voting', 'shared.events.submission', 'fastapi', 'sqlalchemy')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
