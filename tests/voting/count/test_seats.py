"""Named rounds: a committee and a jury vote at count's desk, from their seats to the recount.

What count announces is put into a log as the ledger would, and counted again by the auditor.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import ledger_audit
from comptoir.browser import Browser, Seen
from shared.envelope import Envelope, leaf_bytes
from shared.events.charter import CharterRules
from shared.events.seats import (
    SeatsClosed,
)
from shared.events.submission import OptionsFrozen
from shared.events.voting import (
    AllocationPublished,
    OptionDecided,
    ResultValidated,
    RoundOpened,
    RoundPrepared,
)
from shared.rules.presets import greedy
from tests.ledger_audit.logs import publish
from tests.voting.count.conftest import LOG, ServedCount
from tests.voting.count.edition import COSTS, ENVELOPE, TITLES, Edition, Officers, rules
from tests.voting.count.test_desk import by_two

DESK = "/desk/seats"
YES, NO, ABSTAIN = "1", "2", "0"
GRADES = ("insufficient", "fair", "good", "excellent")
NAMES = ("Inès", "Jules", "Karim", "Lila", "Maud")
type Sheet = Mapping[int, str]


def body(name: str = "committee", **others: Any) -> dict[str, Any]:
    """A committee of five that labels by yes and no, with a quorum of three."""
    return {
        "name": name,
        "fr": "Comité de labellisation",
        "en": "Labelling committee",
        "members": 5,
        "quorum": "3/5",
        "decides": "labels",
        "during": "labelling",
        "format": {"type": "decision", "members": 5, "quorum": "3/5"},
        **others,
    }


def jury(**others: Any) -> dict[str, Any]:
    """A jury of five that grades; the envelope goes to the best, and officers tell equals apart."""
    rule = greedy(ENVELOPE).model_dump(mode="json", exclude_none=True)
    rule["passes"][0]["order"] = {"type": "median-grade"}
    rule["ties"] = {"criteria": ["ask"]}
    graded = {"type": "grades", "grades": GRADES}
    return body("jury", decides="money", during="vote", format=graded, rule=rule) | others


def charter(*bodies: Mapping[str, Any]) -> CharterRules:
    now = datetime.now(UTC).replace(microsecond=0)
    window = {
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(hours=1)).isoformat(),
    }
    phases = [{"name": name, **window} for name in ("labelling", "vote")]
    return rules(bodies=list(bodies), phases=phases)


@dataclass
class Body:
    """A body whose round is held, with the people who meet there."""

    edition: Edition
    officers: Officers
    name: str
    members: dict[str, Browser] = field(default_factory=dict)

    @property
    def count(self) -> ServedCount:
        return self.edition.count

    @property
    def round_id(self) -> UUID:
        return self.edition.round_id

    @property
    def page(self) -> str:
        return f"{DESK}/bodies/{self.edition.programme}/{self.name}"

    @property
    def ballot_page(self) -> str:
        return f"{DESK}/rounds/{self.round_id}"

    async def meet(self, *names: str) -> None:
        """Two officers and these members sign in; the first member gets the chair."""
        self.one = await self.officers.officer("Gaëlle")
        self.other = await self.officers.officer("Hugo")
        for name in names:
            self.members[name] = await self.officers.person(name)
            await self.grant(name, chair=name == names[0])

    async def grant(self, name: str, *, chair: bool = False) -> Seen:
        """Give somebody a seat."""
        given = {"officer": str(self.officers.ids[name])} | ({"chair": "yes"} if chair else {})
        return await self.one.fill(self.page, self.page, **given)

    async def open(self) -> None:
        """Prepare and open the round, by two officers."""
        desk = "/desk/rounds"
        seen = await self.one.fill(desk, f"{desk}/{self.round_id}/prepare")
        assert seen.status == 200, seen.text
        await by_two(self.one, self.other, self.edition, "open-round")

    async def vote(self, name: str, sheet: Sheet) -> Seen:
        """Fill in a ballot, from nothing."""
        fields = {f"option-{number}": value for number, value in sheet.items()}
        seen = await self.members[name].get(self.ballot_page)
        action = f"{self.ballot_page}/ballot"
        hidden = {n: v for n, v in seen.fields(action).items() if not n.startswith("option-")}
        return await self.members[name].post(action, hidden | fields)

    async def recuse(self, name: str, number: int, *, seat: str = "", reason: str = "") -> Seen:
        """Say that a seat has no say on a project: one's own, or another's as the chair."""
        action = f"{self.ballot_page}/recusals"
        seen = await self.members[name].get(self.ballot_page)
        fields = seen.fields(action) | {"option": str(number), "reason": reason}
        fields.pop("seat", None)
        return await self.members[name].post(action, fields | ({"seat": seat} if seat else {}))

    async def seat(self, name: str) -> str:
        """The id of somebody's seat."""
        found = await self.count.connection.fetchval(
            "select seat_id from seat where officer_id = $1", self.officers.ids[name]
        )
        return str(found)

    async def close(self) -> None:
        """End voting, and decide once a checkpoint covers what count said."""
        await by_two(self.other, self.one, self.edition, "close-round")
        await self.covered()
        await self.count.decide()

    async def covered(self) -> None:
        """A checkpoint covers all that count has announced so far."""
        await self.count.connection.execute(
            "insert into checkpoint (log, size, numbers) values ($1, 99, $2) on conflict (log)"
            " do update set numbers = excluded.numbers",
            LOG,
            json.dumps({"voting.count": 1_000_000}),
        )

    async def decided(self) -> dict[int, str]:
        """Why each option is where it is, by number."""
        return {d["number"]: d["reason"] for d in await self.count.announced(OptionDecided)}

    async def recount(self, directory: Path, change: Any = None) -> ledger_audit.Recount:
        """What an auditor finds in a log of all that submission froze and count announced."""
        await self.count.connection.fetchval("select number_outbox(100000)")
        entries = [_leaf("submission", 1, self.edition.options)]
        rows = await self.count.connection.fetch(
            "select * from outbox where log = $1 order by number", LOG
        )
        for row in rows:
            envelope = Envelope(
                id=row["event_id"],
                type=row["type"],
                source=row["source"],
                subject=row["subject"],
                time=row["time"],
                log=LOG,
                number=row["number"],
            )
            said = json.loads(row["body"])
            if change is not None and (said := change(row["type"], said)) is None:
                continue
            body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            entries.append(leaf_bytes(envelope, body.encode()))
        export = ledger_audit.read(publish(entries, directory))
        [found] = ledger_audit.recount(export)
        return found


def _leaf(src: str, number: int, event: OptionsFrozen) -> bytes:
    envelope = Envelope(uuid4(), event.type, src, event.subject, datetime.now(UTC), LOG, number)
    return leaf_bytes(envelope, event.body())


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def held(served_count: ServedCount, officers: Officers, of: Mapping[str, Any]) -> Body:
    """A body with its projects, before anybody has a seat."""
    edition = Edition(served_count, TITLES, COSTS)
    labels = of["decides"] != "labels"
    await edition.publish(charter(of), labelled=labels, body_name=of["name"])
    return Body(edition, officers, of["name"])


@pytest.fixture
async def committee(served_count: ServedCount, officers: Officers) -> Body:
    return await held(served_count, officers, body())


async def test_a_committee_decides_by_its_quorum_with_a_recusal(
    committee: Body, tmp_path: Path
) -> None:
    """Five seats, four voters. 1 is adopted; 2 is a draw, and so refused; 3 has its quorum only
    since the recused do not count; 4 misses it."""
    count = committee.count
    await committee.meet(*NAMES)
    await committee.open()
    [prepared], [opened] = await count.announced(RoundPrepared), await count.announced(RoundOpened)
    seats = {"body_name": "committee", "members": 5, "quorum": "3/5"}
    assert prepared["seats"] == opened["seats"] == seats
    assert (opened["secrecy"], opened["tiers"]) == ("named", {})

    for name, sheet in {
        "Inès": {1: YES, 2: YES, 3: YES},
        "Jules": {1: YES, 2: NO, 3: YES, 4: YES},
        "Karim": {1: NO, 2: YES, 4: YES},
        "Lila": {1: YES, 2: NO},
    }.items():
        assert (await committee.vote(name, sheet)).status == 200
    # 3: two answers of five members; two of four once Karim is recused, and of three with Lila.
    await committee.recuse("Karim", 3)
    await committee.recuse("Inès", 3, seat=await committee.seat("Lila"), reason="a cousin's")
    assert await count.votes(committee.round_id) == [3, 2, 2, 2]

    await committee.close()
    assert await committee.decided() == {
        1: "funded",
        2: "rejected",
        3: "funded",
        4: "no_quorum",
    }
    [closing] = await count.announced(SeatsClosed)
    assert (closing["ballots"], closing["seats"], closing["quorum"]) == (4, 4, True)
    [allocation] = await count.announced(AllocationPublished)
    assert (allocation["spent"], allocation["ballots"]) == (0, 4)
    found = await committee.recount(tmp_path)
    assert found.differences == ()
    assert (found.agrees, found.ballots, found.keys) == (True, 4, 4)

    await by_two(committee.one, committee.other, committee.edition, "validate-result")
    [validated] = await count.announced(ResultValidated)
    assert validated["allocation"] == allocation["digest"]
    seen = await committee.one.get("/desk/rounds")
    assert "agreements" not in seen.words().lower(), "a label is no money"
