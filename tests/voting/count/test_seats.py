"""Named rounds: a committee and a jury vote at count's desk, from their seats to the recount.

What count announces is put into a log as the ledger would, and counted again by the auditor.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import ledger_audit
from comptoir.browser import Browser, Seen
from shared.canonical import commitment
from shared.envelope import Envelope, leaf_bytes
from shared.events.charter import CharterRules
from shared.events.event import Event
from shared.events.projects import LabelRefused, ProjectLabelled
from shared.events.seats import (
    SeatBallotCast,
    SeatGranted,
    SeatRecused,
    SeatsClosed,
    SeatWithdrawn,
)
from shared.events.voting import (
    AllocationPublished,
    OptionDecided,
    ResultValidated,
    RoundOpened,
    RoundPrepared,
    TieAsked,
    TieOrdered,
)
from shared.people import Grant, Role
from shared.rules.presets import greedy
from tests.ledger_audit.logs import publish
from tests.voting.count.conftest import LOG, ServedCount, project
from tests.voting.count.edition import COSTS, ENVELOPE, TITLES, Edition, Officers, rules
from tests.voting.count.test_desk import by_two, confirm

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

    async def vote_late(self, name: str, sheet: Sheet) -> Seen:
        """The same by somebody whose page has no ballot any more, or never had one."""
        seen = await self.members[name].get(DESK)
        fields = {f"option-{number}": value for number, value in sheet.items()}
        token = seen.fields("/sign-out")["csrf"]
        return await self.members[name].post(f"{self.ballot_page}/ballot", {"csrf": token} | fields)

    async def grant_anyway(self, name: str, *, chair: bool = False, officer: str = "") -> Seen:
        """The same as `grant`, whatever the page offers."""
        token = (await self.one.get(DESK)).fields("/sign-out")["csrf"]
        given = {"csrf": token, "officer": officer or str(self.officers.ids[name])}
        return await self.one.post(self.page, given | ({"chair": "yes"} if chair else {}))

    async def recuse(self, name: str, number: int, *, seat: str = "", reason: str = "") -> Seen:
        """Say that a seat has no say on a project: one's own, or another's as the chair."""
        token = (await self.members[name].get(DESK)).fields("/sign-out")["csrf"]
        fields = {"csrf": token, "option": str(number), "reason": reason}
        action = f"{self.ballot_page}/recusals"
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

    async def recount(
        self,
        directory: Path,
        change: Any = None,
        labels: Sequence[Event] = (),
        before: Sequence[Event] = (),
    ) -> ledger_audit.Recount:
        """What an auditor finds in a log of all that submission froze and count announced, and of
        these labels; those of `before` were given before the projects were frozen."""
        said = (*before, self.edition.options, *labels)
        [found] = await self.recounts(directory, said, change)
        return found

    async def recounts(
        self, directory: Path, said_before: Sequence[Event], change: Any = None
    ) -> Sequence[ledger_audit.Recount]:
        """The same of several rounds, in a log of what submission said and count announced."""
        await self.count.connection.fetchval("select number_outbox(100000)")
        said_by_submission = enumerate(said_before, 1)
        entries = [_leaf("submission", number, event) for number, event in said_by_submission]
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
        return ledger_audit.recount(export)

    def labelled(self, number: int) -> ProjectLabelled:
        """Submission gave a project its label, since this round adopted it."""
        programme = self.edition.programme
        return ProjectLabelled(
            project_id=project(programme, number),
            programme_id=programme,
            family="cooperation",
            ceiling=100,
            round_id=self.round_id,
        )

    def labelled_alone(self, number: int) -> ProjectLabelled:
        """Submission says that an officer gave a project its label, without any round."""
        alone = {"round_id": None, "officer": uuid4(), "reason": "0" * 64}
        return self.labelled(number).model_copy(update=alone)

    def refused(self, number: int) -> LabelRefused:
        """Submission refused a project its label, since this round rejected it."""
        programme = self.edition.programme
        return LabelRefused(
            project_id=project(programme, number), programme_id=programme, round_id=self.round_id
        )


def _leaf(src: str, number: int, event: Event) -> bytes:
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


async def test_an_auditor_finds_labels_that_the_committee_did_not_give(
    committee: Body, tmp_path: Path
) -> None:
    """1 is adopted, 2 rejected, and 3 misses its quorum: so 1 is labelled, and 2 refused."""
    await committee.meet(*NAMES[:3])
    await committee.open()
    for name, sheet in {
        "Inès": {1: YES, 2: YES, 3: YES},
        "Jules": {1: YES, 2: NO, 3: YES},
        "Karim": {1: NO, 2: NO},
    }.items():
        assert (await committee.vote(name, sheet)).status == 200
    await committee.close()
    honest = (committee.labelled(1), committee.refused(2))
    found = await committee.recount(tmp_path / "provisional", labels=honest)
    assert [each.partition(": ")[2] for each in found.differences] == [
        "the result of the round was never validated"
    ] * 2
    await by_two(committee.one, committee.other, committee.edition, "validate-result")
    found = await committee.recount(tmp_path / "honest", labels=honest)
    assert (found.differences, found.agrees) == ((), True)
    lies = {
        "the label of this project was decided before": (*honest, committee.labelled(1)),
        "the round decided rejected about this project, and not funded": (committee.labelled(2),),
        "the round decided funded about this project, and not rejected": (committee.refused(1),),
        "the round decided no_quorum about this project, and not funded": (committee.labelled(3),),
        "the round decided nothing about this project, and not rejected": (committee.refused(9),),
    }
    for number, (what, labels) in enumerate(lies.items()):
        found = await committee.recount(tmp_path / str(number), labels=labels)
        assert [each.partition(": ")[2] for each in found.differences] == [what]
        assert not found.agrees
    # Nobody gives one past the committee, beside those that it gave or in their place.
    past: dict[str, list[Event]] = {"beside": [*honest], "in their place": []}
    for name, given in past.items():
        told = [*given, committee.labelled_alone(3)]
        found = await committee.recount(tmp_path / name, labels=told)
        assert [each.partition(": ")[2] for each in found.differences] == [
            "it names no round, and a committee votes on labels"
        ]


async def test_what_was_labelled_before_a_jury_had_it_needs_no_committee(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    """Where no body votes on labels, a member gives them at the desk."""
    panel = await held(served_count, officers, jury())
    await panel.meet(*NAMES[:3])
    await panel.open()
    for name in NAMES[:3]:
        await panel.vote(name, {1: "3", 2: "1"})
    found = await panel.recount(tmp_path, before=(panel.labelled_alone(1),))
    assert found.differences == ()


async def test_what_misses_its_quorum_is_decided_by_nobody(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    panel = await held(served_count, officers, jury())
    await panel.meet("Inès", "Jules", "Karim")
    await panel.open()
    for name in ("Inès", "Jules"):
        await panel.vote(name, {1: "3"})
    await panel.close()
    assert set((await panel.decided()).values()) == {"no_quorum"}
    [closing] = await served_count.announced(SeatsClosed)
    assert (closing["seats"], closing["quorum"]) == (2, False)
    found = await panel.recount(tmp_path)
    assert (found.differences, found.agrees, found.funded) == ((), True, ())
    seen = await panel.one.get(f"/rounds/{panel.round_id}/results")
    assert "Too few members answered." in seen.words()
    assert "2 of 5 members voted" in seen.words()


async def test_a_jury_s_tie_is_ordered_by_two_officers_and_a_recused_member_grades_nothing(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    """1 and 2 have the same grades only since Maud, who gave 2 nothing, is recused on it. With the
    worst grade from her, 1 would have won alone."""
    of = jury()
    of["rule"]["passes"][0]["most"] = 1
    panel = await held(served_count, officers, of)
    await panel.meet(*NAMES[:3])
    await panel.open()
    for name in NAMES[:3]:
        await panel.vote(name, {1: "2", 2: "2"} if name != "Karim" else {1: "2"})
    await panel.recuse("Karim", 2)
    await panel.close()
    [asked] = await served_count.announced(TieAsked)
    level = [str(project(panel.edition.programme, number)) for number in (1, 2)]
    assert sorted(asked["options"]) == level

    order = {"place-1": "2", "place-2": "1", "reason": "the smaller town first"}
    desk = "/desk/rounds"
    await panel.one.fill(desk, f"{desk}/{panel.round_id}/order", **order)
    await confirm(panel.other)
    await served_count.decide()
    [said] = await served_count.announced(TieOrdered)
    assert said["order"] == level[::-1]
    [allocation] = await served_count.announced(AllocationPublished)
    assert allocation["winners"] == [level[1]]
    found = await panel.recount(tmp_path)
    assert (found.differences, found.agrees, found.funded) == ((), True, (level[1],))


async def test_a_member_changes_her_mind_until_voting_closes(committee: Body) -> None:
    count = committee.count
    await committee.meet(*NAMES)
    await committee.open()
    await committee.vote("Inès", {1: YES, 2: YES})
    await committee.vote("Inès", {1: NO})
    await committee.vote("Inès", {1: NO})  # a second click
    said = await count.announced(SeatBallotCast)
    seat = await committee.seat("Inès")
    assert [(each["seat_id"], each["revision"], each["choices"]) for each in said] == [
        (seat, 1, [[1, 1], [2, 1]]),
        (seat, 2, [[1, 2]]),
    ]
    assert await count.votes(committee.round_id) == [0, 0, 0, 0]
    row = await count.row(committee.round_id)
    assert (row["ballots"], row["voters"]) == (2, 1)

    public = await (await committee.officers.visitor()).get(f"/rounds/{committee.round_id}/seats")
    assert "Seat 1" in public.words() and "Inès" not in public.text
    await by_two(committee.one, committee.other, committee.edition, "close-round")
    assert (await committee.vote_late("Inès", {1: YES})).status == 409
    assert len(await count.announced(SeatBallotCast)) == 2


async def test_members_vote_until_the_later_end_of_an_extended_round(committee: Body) -> None:
    """The frozen end has passed."""
    count = committee.count
    await committee.meet(*NAMES[:3])
    await committee.open()
    await count.connection.execute(
        "update round set opens_at = opens_at - interval '2 hours',"
        " closes_at = now() - interval '1 second', extended_to = now() + interval '1 hour'"
    )
    assert (await committee.vote("Inès", {1: YES})).status == 200
    assert await count.votes(committee.round_id) == [1, 0, 0, 0]
    await count.connection.execute("update round set extended_to = closes_at + interval '1 us'")
    assert (await committee.vote_late("Jules", {1: YES})).status == 409
    assert await count.votes(committee.round_id) == [1, 0, 0, 0]


async def test_a_member_s_list_says_where_her_vote_is_missing_and_until_when(
    committee: Body,
) -> None:
    await committee.meet(*NAMES)
    await committee.open()
    member = committee.members["Inès"]

    async def listed(state: str = "") -> str:
        return (await member.get(f"{DESK}?state={state}")).words()

    for state, found in (("", True), ("missing", True), ("voted", False), ("over", False)):
        assert ("your vote is missing: vote until" in await listed(state)) == found, state
    await committee.vote("Inès", {1: YES})
    assert "None of your votes" in await listed("missing")
    assert "you have voted: your ballot can be changed until" in await listed("voted")
    move = "update round set opens_at = opens_at {0}, closes_at = closes_at {0}"
    await committee.count.connection.execute(move.format("+ interval '2 days'"))
    other = (await committee.members["Jules"].get(f"{DESK}?state=to-come")).words()
    assert "your vote is missing:" not in other and "Seat 2" in other
    await committee.count.connection.execute(move.format("- interval '2 days'"))
    await by_two(committee.one, committee.other, committee.edition, "close-round")
    assert "Seat 1" in await listed("over") and "Seat 1" not in await listed("voted")


async def test_a_withdrawn_seat_says_nothing_more_and_what_it_said_counts(
    committee: Body, tmp_path: Path
) -> None:
    await committee.meet(*NAMES)
    await committee.open()
    for name in ("Inès", "Jules", "Karim"):
        await committee.vote(name, {1: YES})
    action = f"{DESK}/{await committee.seat('Karim')}/withdraw"
    refused = await committee.one.fill(committee.page, action, reason=" ")
    assert refused.status == 422 and "write a reason" in refused.words()
    await committee.one.fill(committee.page, action, reason="she moved away")
    assert (await committee.vote_late("Karim", {1: NO})).status == 409
    await committee.close()
    assert (await committee.decided())[1] == "funded"
    [withdrawn] = await committee.count.announced(SeatWithdrawn)
    assert "moved" not in json.dumps(withdrawn)
    assert (await committee.recount(tmp_path)).agrees is True


async def test_a_seat_that_is_given_after_the_opening_waits_for_the_next_round(
    committee: Body,
) -> None:
    await committee.meet(*NAMES[:4])
    await committee.open()
    committee.members["Maud"] = await committee.officers.person("Maud")
    await committee.grant("Maud")
    seen = await committee.members["Maud"].get(committee.ballot_page)
    assert (seen.status, "you have no seat" in seen.words()) == (403, True)
    assert (await committee.vote_late("Maud", {1: YES})).status == 403


async def test_seats_are_given_by_whom_the_charter_names_and_never_twice(
    served_count: ServedCount, officers: Officers
) -> None:
    panel = await held(served_count, officers, jury(members=2, seats_by="administrator"))
    await panel.meet()
    inès = await officers.person("Inès")
    assert (await panel.one.get(panel.page)).status == 403, "a returning officer"
    stranger = await officers.person("Zoé", Grant(Role.ADMINISTRATOR, uuid4()))
    assert (await stranger.get(panel.page)).status == 403, "another programme's"
    panel.one = await officers.officer("Alix", Role.ADMINISTRATOR)
    await panel.grant("Inès", chair=True)
    for name, chair, code in (
        ("Inès", False, "this person has a seat"),
        ("Zoé", True, "has a chair"),
        ("Zoé", False, ""),
        ("Hugo", False, "all 2 seats"),
    ):
        answer = await panel.grant_anyway(name, chair=chair)
        assert answer.status == (409 if code else 200), name
        assert code in answer.words()
    nobody = await panel.grant_anyway("Zoé", officer=str(uuid4()))
    assert nobody.status == 422 and "has signed in here" in nobody.words()
    assert [each["chair"] for each in await served_count.announced(SeatGranted)] == [True, False]
    assert (await inès.get(panel.page)).status == 403


async def test_a_form_that_is_sent_twice_is_answered_the_same_and_said_once(
    committee: Body,
) -> None:
    await committee.meet(*NAMES)
    last = await committee.grant_anyway("Maud")
    assert (last.status, last.path) == (200, committee.page), "though every seat is given"
    await committee.open()
    for _ in range(2):
        assert (await committee.recuse("Jules", 1)).status == 200
        seen = await committee.recuse(
            "Inès", 2, seat=await committee.seat("Jules"), reason=" a  cousin's "
        )
        assert (seen.status, seen.path) == (200, committee.ballot_page)
    action = f"{DESK}/{await committee.seat('Karim')}/withdraw"
    seen = await committee.one.get(committee.page)
    sent = seen.fields(action) | {"reason": "she moved away"}
    for _ in range(2):
        seen = await committee.one.post(action, sent)
        assert (seen.status, seen.path) == (200, committee.page)
    other = await committee.one.post(action, sent | {"reason": "she fell ill"})
    assert other.status == 409
    for kind, many in ((SeatGranted, 5), (SeatRecused, 2), (SeatWithdrawn, 1)):
        assert len(await committee.count.announced(kind)) == many


async def test_what_is_published_of_a_member_is_a_commitment(committee: Body) -> None:
    await committee.meet("Inès")
    [granted] = await committee.count.announced(SeatGranted)
    salt = await committee.count.connection.fetchval("select salt from seat")
    assert granted["member"] == commitment(salt, "Inès").hex()
    bodies = await committee.count.connection.fetch("select body from outbox")
    assert not [row for row in bodies if "Inès".encode() in (row["body"] or b"")]


async def test_a_round_opens_with_seats_enough_for_its_quorum_and_those_that_officers_saw(
    committee: Body,
) -> None:
    desk = "/desk/rounds"
    await committee.meet("Inès", "Jules")
    await committee.one.fill(desk, f"{desk}/{committee.round_id}/prepare")
    asking = f"{desk}/{committee.round_id}/acts/open-round"
    await committee.one.fill(desk, asking, reason="as planned")
    refused = await confirm(committee.other)
    assert refused.status == 409 and "2 of 5 seats are given" in refused.words()
    committee.members["Karim"] = await committee.officers.person("Karim")
    await committee.grant("Karim")
    changed = await confirm(committee.other)
    assert changed.status == 409 and "seats changed" in changed.words()
    assert await committee.count.announced(RoundOpened) == []


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ({1: "3"}, "choices are not what this vote asks for"),
        ({1: "9"}, "choices are not what this vote asks for"),
        ({1: "yes"}, "choices are not what this vote asks for"),
        ({2: YES}, "leave out the projects on which you are recused"),
    ],
)
async def test_a_ballot_that_would_not_count_is_refused(
    committee: Body, sheet: Sheet, words: str
) -> None:
    await committee.meet(*NAMES)
    await committee.open()
    await committee.recuse("Jules", 2)
    seen = await committee.vote("Jules", sheet)
    assert seen.status == 422 and words in seen.words()
    assert await committee.count.announced(SeatBallotCast) == []


async def test_only_the_chair_says_that_others_are_recused_and_only_with_a_reason(
    committee: Body,
) -> None:
    await committee.meet(*NAMES)
    await committee.open()
    inès, jules = await committee.seat("Inès"), await committee.seat("Jules")
    assert (await committee.recuse("Jules", 1, seat=inès, reason="a rival")).status == 403
    silent = await committee.recuse("Inès", 1, seat=jules)
    assert silent.status == 422 and "write a reason" in silent.words()
    assert (await committee.recuse("Inès", 1, seat=jules, reason="a cousin's")).status == 200
    again = await committee.recuse("Jules", 1)
    assert again.status == 409
    assert (await committee.recuse("Jules", 9)).status == 422
    [said] = await committee.count.announced(SeatRecused)
    assert (said["seat_id"], said["by"], said["number"]) == (jules, inès, 1)
    assert "cousin" not in json.dumps(said)


async def test_a_named_round_has_no_tier_that_a_token_could_be_of(committee: Body) -> None:
    """What the box makes of such a round, which is nothing, is tried there."""
    await committee.meet(*NAMES)
    await committee.open()
    row = await committee.count.row(committee.round_id)
    assert (row["tiers"], row["secrecy"]) == ("{}", "named")


def lie(kind: str, **changes: Any) -> Any:
    """Say otherwise what count said of this type; without changes, keep it back."""

    def change(said_kind: str, said: dict[str, Any]) -> dict[str, Any] | None:
        if said_kind != f"voting.{kind}.v1":
            return said
        return said | changes if changes else None

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lie("seat-granted"), "its seat was not given before the round opened"),
        (lie("seat-granted", body_name="jury"), "its seat was not given before the round opened"),
        (lie("seat-recused"), "not 3"),
        (lie("seat-recused", by=str(uuid4())), "it is said by neither the seat nor the chair"),
        (lie("seat-recused", number=1), "it speaks of an option on which its seat is recused"),
        (lie("seat-ballot-cast", revision=7), "it is number 1 under its seat, not 7"),
        (lie("seat-ballot-cast", choices=[[1, 9]]), "it is void: malformed"),
        (lie("seat-ballot-cast", choices=[[1, 3]]), "a ballot says no recusal"),
        (lie("seats-closed", ballots=9), "it says ballots 9, not 4"),
        (lie("seats-closed", seats=5), "it says seats 5, not 3"),
        (lie("seats-closed", quorum=False), "it says quorum False, not True"),
        (lie("round-prepared", seats=None), "it was prepared for others than vote in it"),
    ],
)
async def test_each_lie_about_a_named_round_is_found_by_the_recount(
    committee: Body, tmp_path: Path, change: Any, found: str
) -> None:
    await committee.meet(*NAMES)
    await committee.open()
    for name in NAMES[:3]:
        await committee.vote(name, {1: YES})
    await committee.recuse("Inès", 2)
    await committee.vote("Inès", {1: YES, 3: YES})
    await committee.close()
    assert (await committee.recount(tmp_path / "true")).agrees is True
    told = await committee.recount(tmp_path / "lie", change)
    assert told.agrees is False
    assert any(found in each for each in told.differences), told.differences
