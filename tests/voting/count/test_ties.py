"""A count that cannot tell options apart waits for officers, and goes on with their order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.database import Database
from shared.events.charter import CharterRules
from shared.events.voting import (
    AllocationPublished,
    OptionDecided,
    SecondOfficerAsked,
    TieAsked,
    TieOrdered,
)
from tests.serving import Answer
from tests.strategies import Cast
from tests.voting.count.conftest import ServedCount, ballot, rule
from tests.voting.count.edition import TITLES, Edition, Officers, rules
from voting.count import counting, queries
from voting.count.deciding import Deciding, decide
from voting.count.desk import work
from voting.count.tables import Round

DESK = "/desk/rounds"
# Four options of one cost, money for one: 1, 2 and 3 have two votes each, and 4 one.
COSTS = (300, 300, 300, 300)
CASTS = (Cast(1, 1, (1, 2, 3)), Cast(2, 1, (1, 2, 3)), Cast(3, 1, (4,)))
ASK = rule() | {"ties": {"criteria": ["cost", "ask"]}}
# Of seven that are level officers are asked without a count by every order.
SEVEN = (1, 2, 3, 4, 5, 6, 7)


async def complete(count: ServedCount, round_id: UUID, casts: Sequence[Cast] = CASTS) -> None:
    """Every ballot has arrived, and a checkpoint covers them all."""
    await count.handle(*(ballot(round_id, cast) for cast in casts))
    await count.close(round_id)
    await count.box_closes(round_id, len(casts), len({cast.voter for cast in casts}), 7)
    await count.checkpoint(7)


async def waiting(count: ServedCount, **others: Any) -> UUID:
    """A round whose count waits for the order of 1, 2 and 3."""
    round_id = await count.opened(COSTS, rule=ASK, **others)
    await complete(count, round_id)
    await count.decide()
    return round_id


async def due(count: ServedCount) -> list[UUID]:
    """The rounds that can be counted."""
    return [*await queries.decidable_rounds(count.database)]


async def ids(count: ServedCount, round_id: UUID, *numbers: int) -> list[str]:
    """Options by their numbers."""
    rows = await count.connection.fetch(
        "select number, option_id from option where round_id = $1", round_id
    )
    by_number = {row["number"]: str(row["option_id"]) for row in rows}
    return [by_number[number] for number in numbers]


async def order(count: ServedCount, round_id: UUID, *numbers: int) -> Answer:
    """Say an order of options by their numbers."""
    said = {"order": await ids(count, round_id, *numbers)}
    return await count.client.post(f"/rounds/{round_id}/order", said)


async def test_a_count_that_cannot_tell_options_apart_asks_once_and_waits(
    served_count: ServedCount,
) -> None:
    round_id = await waiting(served_count)
    for _ in range(3):
        await served_count.decide()
    [asked] = await served_count.announced(TieAsked)
    level = sorted(await ids(served_count, round_id, 1, 2, 3))
    assert asked == {"round_id": str(round_id), "options": level, "step": ["all", "all"]}
    state = await served_count.state(round_id)
    assert (state["state"], state["asked"]["options"]) == ("closed", level)
    assert await served_count.announced(OptionDecided) == []
    assert await due(served_count) == [], "nobody counts it in vain"
    page = await served_count.client.ask(
        "GET", f"/rounds/{round_id}/results", **{"Accept-Language": "en"}
    )
    assert "the count waits for two officers to say their order" in page.raw.decode()


async def test_with_the_order_that_was_said_the_count_goes_on(served_count: ServedCount) -> None:
    round_id = await waiting(served_count)
    answer = await order(served_count, round_id, 2, 3, 1)
    assert answer.body == {"round_id": str(round_id), "state": "closed"}
    await served_count.decide()
    state = await served_count.state(round_id)
    assert state["state"] == "decided" and state["asked"] is None
    assert state["funded"] == await ids(served_count, round_id, 2)
    [said] = await served_count.announced(TieOrdered)
    assert said["order"] == await ids(served_count, round_id, 2, 3, 1)
    assert "officers" not in said
    decided = {each["number"]: each for each in await served_count.announced(OptionDecided)}
    assert [decided[number]["reason"] for number in (1, 3)] == ["lost_tie"] * 2
    assert decided[1]["facts"]["criterion"] == "ask"


async def test_the_same_order_again_changes_nothing(served_count: ServedCount) -> None:
    round_id = await waiting(served_count)
    for _ in range(2):
        assert (await order(served_count, round_id, 2, 3, 1)).status == 200
    await served_count.decide()
    assert (await order(served_count, round_id, 2, 3, 1)).body["state"] == "decided"
    assert len(await served_count.announced(TieOrdered)) == 1


@pytest.mark.parametrize("numbers", [(1, 2), (1, 2, 3, 4), (1, 2, 4), (1, 2, 2)])
async def test_an_order_of_other_options_is_refused(
    served_count: ServedCount, numbers: tuple[int, ...]
) -> None:
    round_id = await waiting(served_count)
    assert (await order(served_count, round_id, *numbers)).refusal == (422, "not_the_tied")
    assert await served_count.announced(TieOrdered) == []
    assert (await served_count.state(round_id))["asked"] is not None


async def test_an_order_that_nobody_asked_for_is_refused(served_count: ServedCount) -> None:
    round_id = await served_count.opened(COSTS, rule=ASK)
    assert (await order(served_count, round_id, 1, 2, 3)).refusal == (409, "not_asked")
    await served_count.close(round_id)
    assert (await order(served_count, round_id, 1, 2, 3)).refusal == (409, "not_asked")
    await complete(served_count, round_id)
    await served_count.decide()
    await order(served_count, round_id, 1, 2, 3)
    assert (await order(served_count, round_id, 3, 2, 1)).refusal == (409, "not_asked"), "too late"
    await served_count.decide()
    assert (await order(served_count, round_id, 3, 2, 1)).refusal == (409, "not_asked")
    assert (await served_count.state(round_id))["funded"] == await ids(served_count, round_id, 1)
    unknown = await served_count.client.post(
        f"/rounds/{uuid4()}/order", {"order": [str(uuid4())] * 2}
    )
    assert unknown.refusal == (404, "round_unknown")


async def test_two_replicas_that_decide_at_once_ask_once_and_decide_once(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.opened(COSTS, rule=ASK)
    await complete(served_count, round_id)
    other = Database(served_count.dsn, name="another")
    try:
        for _ in range(2):
            await asyncio.gather(
                served_count.decide(), Deciding(other).turn(), Deciding(other).turn()
            )
        assert len(await served_count.announced(TieAsked)) == 1
        await order(served_count, round_id, 3, 1, 2)
        await asyncio.gather(served_count.decide(), *(Deciding(other).turn() for _ in "ab"))
    finally:
        await other.close()
    assert len(await served_count.announced(AllocationPublished)) == 1
    assert (await served_count.state(round_id))["funded"] == await ids(served_count, round_id, 3)


async def test_two_orders_at_once_say_one(served_count: ServedCount) -> None:
    round_id = await waiting(served_count)
    orders = [
        {"order": await ids(served_count, round_id, *each)}
        for each in ((1, 2, 3), (2, 3, 1), (3, 1, 2))
    ]
    answers = await asyncio.gather(
        *(served_count.client.post(f"/rounds/{round_id}/order", each) for each in orders)
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    [said] = await served_count.announced(TieOrdered)
    await served_count.decide()
    assert (await served_count.state(round_id))["funded"] == said["order"][:1]


async def test_a_count_from_before_the_order_says_nothing(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica counted without the order, and comes back when it was said: late, not wrong."""
    round_id = await waiting(served_count)
    await served_count.connection.execute("update round set asked = null")
    counted, said = asyncio.Event(), asyncio.Event()
    answer = counting.Worker.answer

    async def late(self: counting.Worker) -> counting.Counted:
        found = await answer(self)
        counted.set()
        await said.wait()
        return found

    with monkeypatch.context() as slow:
        slow.setattr(counting.Worker, "answer", late)
        replica = asyncio.create_task(decide(served_count.database, round_id))
        await counted.wait()
    await served_count.decide()  # another replica asks
    assert (await order(served_count, round_id, 2, 1, 3)).status == 200
    said.set()
    await replica
    row = await served_count.row(round_id)
    assert row["asked"] is None, "it asks nobody about what was answered"
    await served_count.decide()
    assert (await served_count.state(round_id))["funded"] == await ids(served_count, round_id, 2)


async def test_a_replica_that_dies_over_the_count_leaves_question_and_order(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = await served_count.opened(COSTS, rule=ASK)
    answer = counting.Worker.answer

    async def dies(self: counting.Worker) -> counting.Counted:
        assert self._process is not None
        self._process.kill()
        return await answer(self)

    # Every count is killed that begins before the question, and then before the decision.
    for due_by in (complete(served_count, round_id), order(served_count, round_id, 3, 2, 1)):
        with monkeypatch.context() as killed:
            killed.setattr(counting.Worker, "answer", dies)
            await due_by
            assert await due(served_count) == [round_id]
            with pytest.raises(counting.CountingFailed):
                await served_count.decide()
        await served_count.decide()
    assert len(await served_count.announced(TieAsked)) == 1
    assert len(await served_count.announced(AllocationPublished)) == 1
    assert (await served_count.state(round_id))["funded"] == await ids(served_count, round_id, 3)


async def test_a_second_tie_is_asked_about_after_the_first(served_count: ServedCount) -> None:
    """1 to 7 have two votes each, 8 to 14 one, at 100 each: 500 are enough for five of them in the
    first step, and what is left of 1,000 in the second for five of the others."""
    envelopes = [
        {"name": "all", "amount": 1000},
        {"name": "first", "within": "all", "amount": 500, "options": {"cost_from": 100}},
    ]
    passes = [
        {"name": "popular", "envelopes": ["first"], "order": {"type": "votes"}, "most": 5},
        {
            "name": "others",
            "envelopes": ["all"],
            "options": {"cost_below": 100},
            "order": {"type": "votes"},
        },
    ]
    asks = ASK | {"envelopes": envelopes, "passes": passes}
    costs = (100,) * 7 + (90,) * 7
    round_id = await served_count.opened(costs, rule=asks, format={"type": "approval", "max": 14})
    await complete(served_count, round_id, [Cast(1, 1, SEVEN), Cast(2, 1, tuple(range(1, 15)))])
    await served_count.decide()
    assert (await order(served_count, round_id, *reversed(SEVEN))).status == 200
    await served_count.decide()
    second = tuple(range(8, 15))
    questions = await served_count.announced(TieAsked)
    assert [each["step"] for each in questions] == [["popular", "first"], ["others", "all"]]
    assert sorted(questions[1]["options"]) == sorted(await ids(served_count, round_id, *second))
    assert await due(served_count) == [], "it waits once more"
    assert (await order(served_count, round_id, *SEVEN)).refusal == (422, "not_the_tied")
    assert (await order(served_count, round_id, *second)).status == 200
    await served_count.decide()
    row = await served_count.row(round_id)
    assert row["state"] == "decided"
    wanted = await ids(served_count, round_id, *reversed(SEVEN), *second)
    async with served_count.database.begin() as session:
        kept = await session.get(Round, round_id)
        assert kept is not None and kept.answers == wanted, "one order after the other"
    funded = (await served_count.state(round_id))["funded"]
    assert funded == await ids(served_count, round_id, 7, 6, 5, 4, 3, 8, 9, 10, 11, 12)


async def test_an_order_that_was_said_is_kept_and_a_new_option_comes_anywhere_in_it(
    served_count: ServedCount,
) -> None:
    """1 to 7 are level in the first step, which funds one; the others in the second, with 8."""
    envelopes = [
        {"name": "all", "amount": 300},
        {"name": "first", "within": "all", "amount": 100, "options": {"cost_from": 100}},
    ]
    passes = [
        {"name": "one", "envelopes": ["first"], "order": {"type": "votes"}},
        {"name": "rest", "envelopes": ["all"], "order": {"type": "votes"}},
    ]
    asks = ASK | {"envelopes": envelopes, "passes": passes, "ties": {"criteria": ["ask"]}}
    round_id = await served_count.opened(
        (100,) * 7 + (90,), rule=asks, format={"type": "approval", "max": 9}
    )
    await complete(served_count, round_id, [Cast(1, 1, (*SEVEN, 8))])
    await served_count.decide()
    assert (await order(served_count, round_id, *SEVEN)).status == 200
    await served_count.decide()
    answer = await order(served_count, round_id, 3, 2, 8, 4, 5, 6, 7)
    assert answer.refusal == (409, "order_said_before")
    for _ in range(2):
        assert (await order(served_count, round_id, 2, 8, 3, 4, 5, 6, 7)).status == 200
    assert len(await served_count.announced(TieOrdered)) == 2, "said twice, the same is one"
    await served_count.decide()
    funded = (await served_count.state(round_id))["funded"]
    assert funded == await ids(served_count, round_id, 1, 2, 8)


# Under a charter.

EVEN = (30_000_00,) * 4
# Something was answered meanwhile: no count that is under way writes any more. Nor does one begin.
ANSWERED = "update round set answers = '[]', box_ballots = null"


def asking() -> CharterRules:
    """A charter whose ties officers decide."""
    ruled = rule(50_000_00) | {"ties": {"criteria": ["cost", "ask"]}}
    said = {"minimum_age": 11, "format": {"type": "approval", "min": 1, "max": 3}, "rule": ruled}
    return rules(vote=said)


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.fixture
async def edition(served_count: ServedCount, officers: Officers) -> Edition:
    """An edition whose count waits for the order of 1, 2 and 3."""
    found = Edition(served_count, TITLES, EVEN)
    await found.publish(asking())
    one = await officers.officer("Fanny")
    assert (await one.fill(DESK, f"{DESK}/{found.round_id}/prepare")).status == 200
    await found.keys()
    await found.decided(*CASTS)
    return found


async def ask(officer: Browser, edition: Edition, *places: str, reason: str = "by lot") -> Seen:
    """Give 1, 2 and 3 these places."""
    fields = {f"place-{number}": place for number, place in enumerate(places, start=1)}
    return await officer.fill(DESK, f"{DESK}/{edition.round_id}/order", reason=reason, **fields)


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    seen = await officer.get("/desk/acts")
    [action] = [action for action in seen.forms() if action.endswith("/confirm")]
    return await officer.post(action, seen.fields(action))


async def test_two_officers_say_the_order_and_the_count_goes_on(
    edition: Edition, officers: Officers
) -> None:
    count = edition.count
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    seen = await one.get(DESK)
    assert "level projects to order" in seen.text and "Place of Vergers partagés" in seen.text
    assert "30\u202f000\u202f€" in seen.text and "2 votes" in seen.text
    assert TITLES[3] not in seen.text, "what is not level is not there"
    assert "waits for another officer" in (await ask(one, edition, "3", "1", "2")).text
    assert await count.announced(TieOrdered) == []
    due = await other.get("/desk/acts")
    assert "project 2, project 3, project 1" in due.text
    assert (await confirm(other)).status == 200
    [said] = await count.announced(TieOrdered)
    assert said["order"] == await ids(count, edition.round_id, 2, 3, 1)
    assert len(set(said["officers"])) == 2
    await count.decide()
    state = await count.state(edition.round_id)
    assert state["funded"] == await ids(count, edition.round_id, 2)
    assert "to validate" in (await one.get(DESK)).text


async def test_the_second_officer_reads_ballot_and_rule_before_it_opens(
    served_count: ServedCount, officers: Officers
) -> None:
    found = Edition(served_count, TITLES, EVEN)
    await found.publish(asking())
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await one.fill(DESK, f"{DESK}/{found.round_id}/prepare")
    await found.keys()
    await one.fill(DESK, f"{DESK}/{found.round_id}/acts/open-round", reason="as planned")
    seen = await other.get(DESK)
    for sentence in (
        "A ballot names between 1 and 3 projects.",
        "The envelope has 50\u202f000\u202f€.",
        "Projects with more votes come first.",
        "the count waits, where it matters, until officers say the order",
    ):
        assert sentence in seen.text, sentence
    french = (await other.get(f"{DESK}?lang=fr")).text
    assert "Un bulletin désigne entre 1 et 3 projets." in french


async def test_it_always_takes_two_whatever_the_charter_says(
    served_count: ServedCount, officers: Officers
) -> None:
    edition = Edition(served_count, TITLES, EVEN)
    await edition.publish(asking().model_copy(update={"second_officer": ()}))
    one = await officers.officer("Gaëlle")
    await one.fill(DESK, f"{DESK}/{edition.round_id}/prepare")
    await edition.keys()
    await edition.decided(*CASTS)
    await ask(one, edition, "1", "2", "3")
    assert len(await served_count.announced(SecondOfficerAsked)) == 1
    assert await served_count.announced(TieOrdered) == []
    own = await one.get("/desk/acts")
    assert not [action for action in own.forms() if action.endswith("/confirm")]


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        (("1", "2", "2"), "by lot"),
        (("1", "2", ""), "by lot"),
        (("1", "2", "4"), "by lot"),
        (("0", "1", "2"), "by lot"),
        (("first", "2", "3"), "by lot"),
        (("1", "2", "3"), ""),
    ],
)
async def test_places_that_are_no_order_are_asked_for_again(
    edition: Edition, officers: Officers, places: tuple[str, ...], reason: str
) -> None:
    one = await officers.officer("Gaëlle")
    seen = await ask(one, edition, *places, reason=reason)
    assert seen.status == 422
    assert seen.fields(f"{DESK}/{edition.round_id}/order")["place-1"] == places[0], (
        "nothing is lost"
    )
    assert await edition.count.announced(SecondOfficerAsked) == []


async def test_no_key_says_the_order_under_a_charter(edition: Edition) -> None:
    answer = await order(edition.count, edition.round_id, 1, 2, 3)
    assert answer.refusal == (403, "needs_person")
    assert await edition.count.announced(TieOrdered) == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        ANSWERED + ", asked = null",
        ANSWERED + """, asked = jsonb_set(asked, '{step,0}', '"another"')""",
        ANSWERED + ", asked = jsonb_set(asked, '{options}', (asked->'options') - 2)",
        "update option set cost = cost + 1 where number = 2",
        "update option set votes = votes + 1 where number = 3",
    ],
)
async def test_what_is_asked_about_something_else_meanwhile_is_not_confirmed(
    edition: Edition, officers: Officers, meanwhile: str
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await ask(one, edition, "3", "1", "2")
    await edition.count.connection.execute(meanwhile)
    refused = await confirm(other)
    assert refused.status == 409 and "changed_since" in refused.text
    assert await edition.count.announced(TieOrdered) == []


async def test_two_confirmations_at_the_same_time_say_it_once(
    edition: Edition, officers: Officers
) -> None:
    one = await officers.officer("Gaëlle")
    others = [await officers.officer(name) for name in ("Hugo", "Inès", "Jules")]
    await ask(one, edition, "2", "1", "3")
    answers = await asyncio.gather(*(confirm(other) for other in others))
    assert sum(answer.status == 200 for answer in answers) == 1
    assert len(await edition.count.announced(TieOrdered)) == 1


async def test_nobody_else_is_asked(edition: Edition, officers: Officers) -> None:
    stranger = await officers.officer("Karim", programme_id=uuid4())
    token = (await stranger.get("/rounds")).forms()["/sign-out"]["csrf"]
    fields = {"csrf": token, "reason": "why not", "place-1": "1", "place-2": "2", "place-3": "3"}
    refused = await stranger.post(f"{DESK}/{edition.round_id}/order", fields)
    assert refused.status == 403
    assert await edition.count.announced(SecondOfficerAsked) == []


def test_a_round_that_waits_is_due_before_one_that_is_counted() -> None:
    assert work.DUE.index("order") < work.DUE.index("validate")
    assert "gather" not in work.DUE
