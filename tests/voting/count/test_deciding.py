"""When a round is decided, what is announced then, and what stops it."""

import asyncio
import json
import sys
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger_audit.services import Services
from shared.canonical import digest
from shared.database import Database
from shared.events.voting import (
    AllocationPublished,
    BoxClosed,
    CountKeyAnnounced,
    OptionDecided,
    RoundClosed,
    RoundOpened,
    TallyUpdated,
)
from shared.process import StillFailing
from shared.service_key import announce_key
from shared.signing import SERVICE_KEY, ServiceKey
from tests.strategies import Cast
from tests.voting.count.conftest import COSTS, LOG, ServedCount, ballot
from voting.count import counting, deciding, queries
from voting.count.counting import CountingFailed
from voting.count.deciding import Deciding, decide

# Votes 2, 0, 2, 1 at costs 400, 100, 300, 300 and a budget of 500: option 3 comes first (cheaper
# than 1), then neither 1 nor 4 fits, and nobody wants 2.
CASTS = (Cast(1, 1, (1, 2)), Cast(1, 2, (1, 3)), Cast(2, 1, (1, 3, 4)))
KEYS, NUMBER = 2, len(CASTS) + 1


async def closed(count: ServedCount) -> UUID:
    """A round that has ended; nothing of the box has arrived."""
    round_id = await count.opened()
    await count.close(round_id)
    return round_id


async def complete(count: ServedCount) -> UUID:
    """A round that can be decided."""
    round_id = await closed(count)
    await count.handle(ballot(round_id, CASTS[0]))
    for what in ("the last ballots", "the box's last word", "a checkpoint that covers it"):
        await arrives(count, round_id, what)
    return round_id


async def arrives(count: ServedCount, round_id: UUID, what: str) -> None:
    """One of the things that the decision waits for."""
    match what:
        case "the last ballots":
            await count.handle(*(ballot(round_id, each) for each in CASTS[1:]))
        case "the box's last word":
            await count.box_closes(round_id, len(CASTS), KEYS, NUMBER)
        case "a checkpoint that covers it":
            await count.checkpoint(NUMBER)
        case "an older checkpoint":
            await count.checkpoint(NUMBER - 1, size=9)
        case "a checkpoint of another log":
            await count.checkpoint(NUMBER + 7, log="another")


WAITED_FOR = ("the last ballots", "the box's last word", "a checkpoint that covers it")


@pytest.mark.parametrize("order", [*permutations(WAITED_FOR)], ids=" > ".join)
async def test_a_round_is_decided_when_the_last_thing_arrives(
    served_count: ServedCount, order: tuple[str, ...]
) -> None:
    round_id = await closed(served_count)
    await served_count.handle(ballot(round_id, CASTS[0]))
    for what in order:
        assert (await served_count.state(round_id))["state"] == "closed", f"before {what}"
        assert await served_count.announced(AllocationPublished) == []
        await arrives(served_count, round_id, "an older checkpoint")
        await arrives(served_count, round_id, "a checkpoint of another log")
        await served_count.decide()
        assert (await served_count.state(round_id))["state"] == "closed"
        await arrives(served_count, round_id, what)
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "decided"
    assert len(await served_count.announced(AllocationPublished)) == 1


@pytest.mark.parametrize("missing", WAITED_FOR)
async def test_nothing_is_decided_while_one_is_missing(
    served_count: ServedCount, missing: str
) -> None:
    round_id = await closed(served_count)
    await served_count.handle(ballot(round_id, CASTS[0]))
    for what in (*WAITED_FOR, *WAITED_FOR[1:]):
        if what != missing:
            await arrives(served_count, round_id, what)
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "closed"
    assert await served_count.announced(OptionDecided) == []


@pytest.mark.parametrize("order", [*permutations(WAITED_FOR)], ids=" > ".join)
async def test_an_open_round_is_never_decided(
    served_count: ServedCount, order: tuple[str, ...]
) -> None:
    """The box closes after count said so; whoever claims otherwise changes nothing."""
    round_id = await served_count.opened()
    await served_count.handle(ballot(round_id, CASTS[0]))
    for what in order:
        await arrives(served_count, round_id, what)
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "open"


async def decided(count: ServedCount) -> UUID:
    round_id = await closed(count)
    await count.handle(*(ballot(round_id, each) for each in CASTS))
    await count.box_closes(round_id, len(CASTS), KEYS, NUMBER)
    await count.checkpoint(NUMBER)
    await count.decide()
    return round_id


def unsigned(body: dict[str, Any]) -> dict[str, Any]:
    """Without the signature: the served count may decide before a test's hand does, and signs."""
    return {name: value for name, value in body.items() if name != "signature"}


async def test_every_option_is_decided_with_its_reason(served_count: ServedCount) -> None:
    round_id = await decided(served_count)
    decisions = await served_count.announced(OptionDecided)
    tie = {"to": decisions[2]["option_id"], "criterion": "cost", "left": 200, "more_votes": 1}
    late = {"left": 200, "more_votes": 2}
    names = ("number", "votes", "cost", "funded", "reason", "amount", "place", "rank", "facts")
    assert [tuple(d.get(name) for name in names) for d in decisions] == [
        (1, 2, 400, False, "lost_tie", 0, None, 2, tie | {"needs": 400, "cheaper_by": 200}),
        (2, 0, 100, False, "no_votes", 0, None, None, {}),
        (3, 2, 300, True, "funded", 300, 1, 1, {}),
        (4, 1, 300, False, "does_not_fit", 0, None, 3, late | {"needs": 300, "cheaper_by": 100}),
    ]
    assert {tuple(d["step"]) for d in decisions} == {("all", "all")}
    [opened] = await served_count.announced(RoundOpened)
    [summary] = await served_count.announced(AllocationPublished)
    first, _, winner, last = (d["option_id"] for d in decisions)
    step = {"step": ["all", "all"], "funded": [winner], "left": {"all": 200}, "facts": {}}
    before = await served_count.connection.fetchval(
        "select count(*) from outbox where log = $1 and type <> $2", LOG, AllocationPublished.type
    )
    assert unsigned(summary) == {
        "round_id": str(round_id),
        "rules_digest": opened["rules_digest"],
        "budget": 500,
        "spent": 300,
        "ballots": KEYS,
        "blank": 0,
        "counted": KEYS,
        "void": {},
        "options": len(COSTS),
        "funded": 1,
        "winners": [winner],
        "steps": [step],
        "reserve": [first, last],
        "gone": {},
        "prizes": [],
        "digest": digest(decisions).hex(),
        "last_number": before,
    }
    final = (await served_count.announced(TallyUpdated))[-1]
    assert final == {
        "round_id": str(round_id),
        "ballots": len(CASTS),
        "voters": KEYS,
        "votes": {"1": 2, "2": 0, "3": 2, "4": 1},
        "final": True,
    }


async def test_the_state_of_a_decided_round_is_what_was_announced(
    served_count: ServedCount,
) -> None:
    state = await served_count.state(await decided(served_count))
    announced = await served_count.announced(OptionDecided)
    for here, there in zip(state["decisions"], announced, strict=True):
        said = {name: value for name, value in here.items() if value is not None}
        assert said | {"round_id": there["round_id"]} == unsigned(there)
    assert state["funded"] == [d["option_id"] for d in announced if d["funded"]]
    assert state["tally"] == {"1": 2, "2": 0, "3": 2, "4": 1}
    assert (state["spent"], state["budget"], state["ballots"]) == (300, 500, len(CASTS))
    rows = await served_count.connection.fetch(
        "select event_id, type, log from outbox where topic = 'voting.decisions' order by id"
    )
    assert [row["type"] for row in rows] == [*[OptionDecided.type] * 4, AllocationPublished.type]
    assert {row["log"] for row in rows} == {LOG}
    # Whoever finds the last one in the ledger finds all of them.
    assert state["allocation_event"] == str(rows[-1]["event_id"])


async def test_decisions_and_closings_are_signed_by_count(
    served_count: ServedCount, tmp_path: Path
) -> None:
    round_id = await complete(served_count)
    key = ServiceKey.of(tmp_path)
    signing = Database(served_count.dsn, name="signing", info={SERVICE_KEY: key})
    await decide(signing, round_id)
    await signing.close()
    rows = await served_count.connection.fetch(
        "select event_id, type, body, number from outbox where log = $1 order by id", LOG
    )
    kinds = (RoundClosed.type, OptionDecided.type, AllocationPublished.type)
    said = [(row, json.loads(row["body"])) for row in rows if row["type"] in kinds]
    assert len(said) == 1 + len(COSTS) + 1
    begun = {"log": LOG, "service_keys": {"voting.count": [key.public]}}
    auditor = Services()
    auditor.take(0, "ledger", 1, "ledger.log-begun.v1", "begun", begun)
    for place, (row, body) in enumerate(said, start=1):
        event_id = str(row["event_id"])
        auditor.take(place, "voting.count", 100 + place, row["type"], event_id, body)
    auditor.check({"voting.count": 100 + len(said)}, 1 + len(said))
    assert auditor.unsigned == 0
    # What sums them up is over the decisions as they were published, and says which is the last.
    *_, (_, summary) = said
    decisions = [(row, body) for row, body in said if row["type"] == OptionDecided.type]
    assert summary["digest"] == digest([body for _, body in decisions]).hex()
    assert summary["last_number"] == decisions[-1][0]["number"]


async def test_count_announces_its_key_once(served_count: ServedCount, tmp_path: Path) -> None:
    keys = tmp_path / "announced"
    key = ServiceKey.of(keys)  # the process under test has another one, and announces that
    for _ in range(2):
        await announce_key(served_count.database, key, CountKeyAnnounced, deciding.SOURCE)
    announced = await served_count.announced(CountKeyAnnounced)
    assert announced.count({"service_key": key.public}) == 1
    # Another key, vouched for by the one before.
    (keys / "service.key").rename(keys / "service.previous.key")
    other = ServiceKey.of(keys)
    await announce_key(served_count.database, other, CountKeyAnnounced, deciding.SOURCE)
    rows = await served_count.connection.fetch(
        "select event_id, type, body from outbox where type = $1 order by id",
        CountKeyAnnounced.type,
    )
    said = [(str(row["event_id"]), json.loads(row["body"])) for row in rows]
    chain = [each for each in said if each[1]["service_key"] in (key.public, other.public)]
    auditor = Services()
    for place, (event_id, body) in enumerate(chain):
        auditor.take(place, "voting.count", place + 1, CountKeyAnnounced.type, event_id, body)
    assert len(chain) == 2


async def test_deciding_again_announces_nothing(served_count: ServedCount) -> None:
    round_id = await decided(served_count)
    await served_count.box_closes(round_id, len(CASTS), KEYS, NUMBER)
    await served_count.checkpoint(NUMBER, size=20)
    await served_count.decide()
    assert len(await served_count.announced(OptionDecided)) == len(COSTS)
    assert len(await served_count.announced(AllocationPublished)) == 1
    finals = [t for t in await served_count.announced(TallyUpdated) if t["final"]]
    assert len(finals) == 1


async def test_two_that_decide_at_once_decide_once(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    await served_count.handle(*(ballot(round_id, each) for each in CASTS))
    await served_count.checkpoint(NUMBER - 1, size=9)
    await served_count.connection.execute(
        "update round set box_ballots = $2, box_keys = $3, box_number = $4 where round_id = $1",
        *(round_id, len(CASTS), KEYS, NUMBER),
    )
    await served_count.checkpoint(NUMBER)
    await asyncio.gather(*(decide(served_count.database, round_id) for _ in range(4)))
    assert len(await served_count.announced(OptionDecided)) == len(COSTS)


async def test_a_smaller_checkpoint_takes_nothing_back(served_count: ServedCount) -> None:
    await served_count.checkpoint(NUMBER, size=10)
    await served_count.checkpoint(1, size=9)
    round_id = await closed(served_count)
    await served_count.handle(*(ballot(round_id, each) for each in CASTS))
    await served_count.box_closes(round_id, len(CASTS), KEYS, NUMBER)
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "decided"


async def test_a_round_without_ballots_is_decided_too(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    await served_count.checkpoint(1)
    await served_count.box_closes(round_id, 0, 0, 1)
    await served_count.decide()
    state = await served_count.state(round_id)
    assert state["state"] == "decided" and state["funded"] == [] and state["spent"] == 0
    assert {d["reason"] for d in state["decisions"]} == {"no_votes"}


@pytest.mark.parametrize(
    "damage",
    [
        "update option set votes = votes + 1 where number = 2",
        "update option set votes = 0 where number = 1",
        "update ballot set choices = array[2] where revision = 2",
        "update round set box_keys = box_keys + 1",
    ],
)
async def test_a_tally_that_is_not_that_of_the_ballots_stops_the_round(
    served_count: ServedCount, damage: str
) -> None:
    round_id = await closed(served_count)
    await served_count.handle(*(ballot(round_id, each) for each in CASTS))
    await served_count.box_closes(round_id, len(CASTS), KEYS, NUMBER)
    await served_count.connection.execute(damage)
    await served_count.checkpoint(NUMBER)
    with pytest.raises(CountingFailed) as failed:
        await served_count.decide()
    assert "not that of the ballots" in str(failed.value.__cause__)
    assert (await served_count.state(round_id))["state"] == "closed"
    assert await served_count.announced(OptionDecided) == []
    assert await served_count.announced(AllocationPublished) == []


async def test_a_box_that_closes_an_unknown_round_stops_count(served_count: ServedCount) -> None:
    with pytest.raises(RuntimeError, match="never prepared"):
        await served_count.box_closes(UUID(int=1), 0, 0, 1)


async def test_ballots_behind_the_boxs_last_word_in_one_batch_are_counted(
    served_count: ServedCount,
) -> None:
    """The session has the round already when its ballots change it in the database."""
    round_id = await closed(served_count)
    await served_count.checkpoint(NUMBER)
    last_word = BoxClosed(round_id=round_id, ballots=len(CASTS), keys=KEYS, last_number=NUMBER - 1)
    ballots: list[Any] = [ballot(round_id, each) for each in CASTS]
    await served_count.handle(last_word, *ballots, number=NUMBER)
    await served_count.decide()
    assert (await served_count.state(round_id))["state"] == "decided"
    assert (await served_count.announced(TallyUpdated))[-1]["ballots"] == len(CASTS)


async def test_a_locked_round_is_as_the_database_has_it(served_count: ServedCount) -> None:
    """Also where the session had it before `project_ballots` changed it."""
    round_id = await served_count.opened()
    async with served_count.database.begin() as session:
        before = await queries.round_for_update(session, round_id)
        await queries.project_ballots(session, round_id, [ballot(round_id, CASTS[0])])
        locked = await queries.round_for_update(session, round_id)
        assert before is locked is not None and locked.ballots == 1


class Counts:
    """Counts of rounds: each fails until somebody mends them. `asked` for through `database`."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.mended = False

        async def counted(through: Database, round_id: UUID) -> None:
            self.asked += through is database  # the served process counts too
            if not self.mended:
                raise CountingFailed("out of memory")
            await decide(through, round_id)

        monkeypatch.setattr(deciding, "decide", counted)


async def test_a_round_whose_count_fails_is_counted_ever_less_often(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, clock = Counts(served_count.database, monkeypatch), [1000.0]
    replica = Deciding(served_count.database, lambda: clock[0])
    round_id = await complete(served_count)
    for wait in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0):
        failed_at = clock[0]
        with pytest.raises(CountingFailed, match="1 of 1"):
            await replica.turn()
        asked = counts.asked
        for part in (0.0, 0.5, 0.99):
            clock[0] = failed_at + part * wait
            # No process was started, and it is no success either: the alarm stays.
            with pytest.raises(StillFailing, match="1 of 1"):
                await replica.turn()
        assert counts.asked == asked
        clock[0] = failed_at + wait
    counts.mended = True
    await replica.turn()
    assert (await served_count.state(round_id))["state"] == "decided"
    await replica.turn()


async def test_a_round_that_another_replica_decided_is_waited_for_no_longer(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(served_count.database, monkeypatch)
    replica = Deciding(served_count.database, lambda: 0.0)
    await complete(served_count)
    with pytest.raises(CountingFailed):
        await replica.turn()
    counts.mended = True
    await served_count.decide()
    await replica.turn()


async def test_a_long_count_keeps_no_other_round_waiting_and_ends_with_the_process(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = await complete(served_count)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def counted(through: Database, round_id: UUID) -> None:
        if round_id != long:
            return await decide(through, round_id)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(deciding, "decide", counted)
    replica = Deciding(served_count.database, patience=0.01)
    await replica.turn()
    await begun.wait()
    short = await complete(served_count)
    while (await served_count.state(short))["state"] != "decided":
        await replica.turn()
    assert (await served_count.state(long))["state"] == "closed" and not ended.is_set()
    stopping = asyncio.Event()
    stopping.set()
    await replica.leave(stopping)
    assert ended.is_set()
    await replica.turn()  # as one does that waited for the count


async def test_a_round_that_needs_too_many_steps_is_not_waited_for(
    served_count: ServedCount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends itself: its answer is that it needed too long."""
    round_id = await complete(served_count)
    program = (
        "import voting.count.worker as worker\n"
        "worker.LONGEST = 0.05\n"
        "worker.counted = lambda *_: [step for step in iter(int, 1)]\n"
        "worker.main()"
    )
    monkeypatch.setattr(counting, "ARGV", (sys.executable, "-P", "-c", program))
    with pytest.raises(CountingFailed) as failed:
        await served_count.decide()
    assert "not counted within 0.05 seconds" in str(failed.value.__cause__)
    assert (await served_count.state(round_id))["state"] == "closed"
