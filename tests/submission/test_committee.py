"""A committee votes on labels: complete dossiers are given to it, and its round decides on them."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from comptoir.browser import Browser, Seen
from shared.delivery import Delivered
from shared.events.acts import RoundAnnulled
from shared.events.ballots import Decision
from shared.events.voting import OptionDecided, ResultValidated, RoundClosed, Seats
from shared.people import Role
from shared.rules.presets import adopted
from tests.conftest import DatabaseFactory
from tests.opening import allocated, round_opened
from tests.submission.amending import amend_edition
from tests.submission.editions import BODIES, edition
from tests.submission.hearing import Inbox, delivered
from tests.submission.proposing import Town, served_town

REASON = "so that it is tried"
FAMILY, CEILING = "cooperation", 20_000_00
DIGEST = "d" * 64
OFFICERS = (uuid4(), uuid4())


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    """On a database of its own, with an edition in which a committee votes."""
    async with served_town(await database("submission")) as found:
        await found.begin()
        found.programme_id = await found.publish(
            rehearsal=True, bodies=BODIES, counter_attended=False
        )
        yield found
        await found.leave()


@pytest.fixture
async def inbox(town: Town) -> AsyncIterator[Inbox]:
    made = Inbox(town)
    yield made
    await made.close()


@dataclass
class Committee:
    """The dossiers of an edition, their carriers, and who gives them to the committee."""

    town: Town
    member: Browser
    officers: tuple[Browser, Browser]
    carriers: list[Browser]
    projects: list[UUID]

    @property
    def page(self) -> str:
        return f"/desk/programmes/{self.town.programme_id}"

    async def give(self) -> UUID:
        """Two returning officers give the complete dossiers to the committee; the round's id."""
        one, two = self.officers
        seen = await one.fill(self.page, f"{self.page}/committee", reason=REASON)
        assert seen.status == 200, seen.text
        await confirm(two)
        return UUID((await self.frozen())[-1]["round_id"])

    async def frozen(self) -> list[dict[str, Any]]:
        """The freezings so far."""
        return await bodies(self.town, "options-frozen")

    async def amend(self, place: int) -> Seen:
        """A carrier says something else in her dossier."""
        return await self.town.file(self.carriers[place], self.projects[place], cost="3 000")


async def bodies(town: Town, kind: str) -> list[dict[str, Any]]:
    """What was announced of a type since the edition began, oldest first."""
    rows = await town.connection.fetch(
        "select body from outbox where type = $1 and id > $2 order by id",
        f"submission.{kind}.v1",
        town.since,
    )
    return [json.loads(row["body"]) for row in rows]


async def confirm(officer: Browser) -> None:
    """Confirm the one act that waits."""
    seen = await officer.get("/desk/acts")
    [action] = [each for each in seen.forms() if each.endswith("/confirm")]
    assert (await officer.fill(seen, action)).status == 200


async def reviewed(town: Town, dossiers: int) -> Committee:
    """So many dossiers that a member found complete."""
    member = await town.officer(Role.COMMITTEE)
    one, two = [await town.officer(Role.RETURNING_OFFICER) for _ in range(2)]
    made = Committee(town, member, (one, two), [], [])
    for number in range(dossiers):
        carrier = town.browser()
        project_id = await town.deposit(carrier, f"carrier{number}@example.org")
        await town.file(carrier, project_id)
        assert (await town.review(member, project_id, family=FAMILY)).status == 200
        made.carriers.append(carrier)
        made.projects.append(project_id)
    return made


def said(
    round_id: UUID, programme_id: UUID, projects: Sequence[UUID], reasons: Sequence[str]
) -> list[Delivered[Any]]:
    """What voting says of a committee's round that came to this, from its opening on."""
    events = (
        round_opened(
            round_id,
            programme_id=programme_id,
            secrecy="named",
            format=Decision(members=5),
            rule=adopted(),
            options=len(projects),
            seats=Seats(body_name="committee", members=5, quorum="1/2"),
        ),
        RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)),
        *(
            decided(round_id, project_id, number, reason)
            for number, (project_id, reason) in enumerate(zip(projects, reasons, strict=True), 1)
        ),
        allocated(
            round_id,
            budget=0,
            ballots=4,
            options=len(projects),
            funded=reasons.count("funded"),
            digest=DIGEST,
        ),
        ResultValidated(round_id=round_id, allocation=DIGEST, officers=OFFICERS),
    )
    return [delivered(event) for event in events]


def decided(round_id: UUID, project_id: UUID, number: int, reason: str) -> OptionDecided:
    yes = {"funded": 3, "rejected": 2, "no_quorum": 1}[reason]
    return OptionDecided.model_validate(
        {
            "round_id": round_id,
            "option_id": project_id,
            "number": number,
            "rank": number if reason == "funded" else None,
            "votes": yes,
            "cost": 4_000_00,
            "funded": reason == "funded",
            "reason": reason,
            "amount": 0,
            "step": ["all", "all"] if reason == "funded" else None,
            "facts": {},
        }
    )


def code(seen: Seen) -> tuple[int, str]:
    return seen.status, json.loads(seen.text)["code"]


async def test_complete_dossiers_are_given_to_the_committee_and_stay_as_they_are(
    town: Town,
) -> None:
    committee = await reviewed(town, 2)
    waiting = await town.deposit(town.browser(), "late@example.org")
    seen = await committee.officers[0].get(committee.page)
    assert "2 dossiers are complete" in seen.words()
    assert (await committee.amend(1)).status == 200, "until it is given to the committee"
    assert "1 dossier is complete" in (await committee.officers[0].get(committee.page)).words()
    shown = await town.shown(committee.member, committee.projects[0])
    await committee.give()
    [event] = await committee.frozen()
    assert event["body_name"] == "committee"
    assert event["options"] == [str(committee.projects[0])], "the other one has to be read again"
    assert str(waiting) not in event["options"]
    assert (await committee.amend(0)).status == 409
    [first, again] = [
        await town.send(
            committee.member, f"/desk/projects/{committee.projects[0]}/review", **shown, **said
        )
        for said in ({"family": FAMILY}, {"missing-budget": "yes"})
    ]
    assert code(first) == code(again) == (409, "project_frozen")
    later = await town.review(committee.member, committee.projects[1], family=FAMILY)
    assert later.status == 200
    await committee.give()
    assert [len(each["options"]) for each in await committee.frozen()] == [1, 1]


async def test_a_validated_round_labels_refuses_and_leaves_undecided(
    town: Town, inbox: Inbox
) -> None:
    """The ground of each is the round; what missed its quorum can be given to the committee again,
    or changed before."""
    committee = await reviewed(town, 3)
    adopted_one, rejected, missed = committee.projects
    round_id = await committee.give()
    events = said(
        round_id, town.programme_id, committee.projects, ("funded", "rejected", "no_quorum")
    )
    await inbox.handle(*events[:-1])
    assert not await bodies(town, "project-labelled"), "it is provisional"
    await inbox.handle(events[-1])

    [labelled] = await bodies(town, "project-labelled")
    [refused] = await bodies(town, "label-refused")
    about = {"programme_id": str(town.programme_id), "round_id": str(round_id)}
    wanted = {"project_id": str(adopted_one), "family": FAMILY, "ceiling": CEILING}
    assert labelled == about | wanted
    assert refused == about | {"project_id": str(rejected)}
    [told], [told_no] = [await town.told(name) for name in ("labelled", "label-refused")]
    assert "3 oui" in str(told.values["reason"]), "in the carrier's language"
    assert "2 oui" in str(told_no.values["reason"])

    visitor = town.browser()
    pages = [(await visitor.get(f"/projects/{each}")).words() for each in committee.projects]
    assert "The committee voted, and gave it the label “Cooperation”" in pages[0]
    assert "It got 3 yes. It is adopted." in pages[0]
    assert "The committee voted, and gave it no label." in pages[1]
    assert "The committee voted, and has not decided: it can vote again." in pages[2]
    assert "Too few members answered" in pages[2]

    assert [(await committee.amend(place)).status for place in range(3)] == [409, 409, 200]
    assert (await town.review(committee.member, missed, family=FAMILY)).status == 200
    await committee.give()
    assert [each["options"] for each in await committee.frozen()][1:] == [[str(missed)]]


async def test_a_label_is_given_by_the_charter_that_its_dossier_was_filed_under(
    town: Town, inbox: Inbox
) -> None:
    """Its members vote on what an officer found complete, whatever the ceiling is by then."""
    committee = await reviewed(town, 1)
    [project_id] = committee.projects
    lowered = [
        each.model_copy(update={"ceiling": 2_000_00}) if each.name == FAMILY else each
        for each in edition().rules.families
    ]
    await amend_edition(town, families=tuple(lowered))
    round_id = await committee.give()
    await inbox.handle(*said(round_id, town.programme_id, committee.projects, ("funded",)))
    [labelled] = await bodies(town, "project-labelled")
    [told] = await town.told("labelled")
    assert labelled["ceiling"] == told.values["ceiling"] == CEILING
    page = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "with a ceiling of 20 000 €" in page.replace("\N{NO-BREAK SPACE}", " ")


async def test_what_is_heard_twice_labels_once_and_under_the_same_id(
    town: Town, inbox: Inbox
) -> None:
    committee = await reviewed(town, 1)
    round_id = await committee.give()
    events = said(round_id, town.programme_id, committee.projects, ("funded",))
    ids = []
    for _ in range(2):
        await inbox.handle(*events, events[-1])
        ids += await town.connection.fetch(
            "delete from outbox where type = 'submission.project-labelled.v1' returning event_id"
        )
        # As in a database of before: the project waits, and nothing was heard.
        await town.connection.execute("delete from decision")
        await town.connection.execute("delete from round_state")
        await town.connection.execute("delete from project_event where kind = 'project-labelled'")
        await town.connection.execute(
            "update project set family = null, decided_in = null, round_id = $1", round_id
        )
    assert len(ids) == 2 and len(set(ids)) == 1


async def test_residents_vote_once_the_committee_has_decided(town: Town, inbox: Inbox) -> None:
    committee = await reviewed(town, 2)
    round_id = await committee.give()
    await town.set_phase("labelling", "closed")
    one = committee.officers[0]
    seen = await town.send(one, f"{committee.page}/freeze", reason=REASON)
    assert code(seen) == (409, "labelling_not_over")
    reasons = ("funded", "rejected")
    await inbox.handle(*said(round_id, town.programme_id, committee.projects, reasons))
    assert (await one.fill(committee.page, f"{committee.page}/freeze", reason=REASON)).status == 200
    await confirm(committee.officers[1])
    options = (await committee.frozen())[-1]
    assert options["options"] == [str(committee.projects[0])] and "body_name" not in options
    seen = await town.send(one, f"{committee.page}/committee", reason=REASON)
    assert code(seen) == (409, "phase_not_open")


async def test_what_is_erased_while_the_committee_votes_gets_its_label_and_no_votes(
    town: Town, inbox: Inbox
) -> None:
    given = await reviewed(town, 2)
    round_id = await given.give()
    form = f"/projects/{given.projects[0]}/erase"
    await given.carriers[0].fill(form, form, sure="yes")
    reasons = ("funded", "funded")
    await inbox.handle(*said(round_id, town.programme_id, given.projects, reasons))
    assert await town.events("project-labelled") == ["project-labelled"] * 2
    assert await town.events("project-withdrawn") == ["project-withdrawn"]
    await town.set_phase("labelling", "closed")
    await given.officers[0].fill(given.page, f"{given.page}/freeze", reason=REASON)
    await confirm(given.officers[1])
    assert (await given.frozen())[-1]["options"] == [str(given.projects[1])]


async def test_a_round_that_is_annulled_leaves_its_projects_to_another_one(
    town: Town, inbox: Inbox
) -> None:
    committee = await reviewed(town, 1)
    round_id = await committee.give()
    opened = said(round_id, town.programme_id, committee.projects, ("funded",))[0]
    annulled = RoundAnnulled(
        round_id=round_id, reason="irregularity", act="Délibération 12", officers=OFFICERS
    )
    await inbox.handle(opened, delivered(annulled))
    assert not await bodies(town, "project-labelled")
    assert await committee.give() != round_id


async def test_the_phase_does_not_move_while_the_committee_votes(town: Town, inbox: Inbox) -> None:
    committee = await reviewed(town, 1)
    round_id = await committee.give()
    opened, closed, *_ = said(round_id, town.programme_id, committee.projects, ("funded",))
    alix = await town.officer(Role.ADMINISTRATOR)
    path = f"{committee.page}/phases/labelling"
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5, hours=12)
    dates = {"closes": later.isoformat(), "reason": REASON}
    await inbox.handle(opened)
    assert code(await town.send(alix, path, **dates)) == (409, "phase_fixed")
    await inbox.handle(closed)
    assert (await town.send(alix, path, **dates)).status == 200


async def test_two_officers_decide_on_the_dossiers_that_were_asked_for_and_on_no_others(
    town: Town,
) -> None:
    committee = await reviewed(town, 3)
    one, two = committee.officers
    member, late = committee.member, committee.projects[2]
    assert (await town.review(member, late, "budget", family=FAMILY)).status == 200
    ask = f"{committee.page}/committee"
    assert (await one.fill(committee.page, ask, reason=REASON)).status == 200
    waiting = await two.get("/desk/acts")
    assert "Projects 2 Fingerprint" in waiting.words(), waiting.words()
    [action] = [each for each in waiting.forms() if each.endswith("/confirm")]

    async def refused(named: UUID) -> None:
        before = await town.snapshot()
        seen = await town.send(two, action)
        assert code(seen) == (409, "options_changed"), seen.text
        assert "2 options of digest" in seen.text and str(named) in seen.text
        assert await town.snapshot() == before and not await committee.frozen()

    assert (await town.review(member, late, family=FAMILY)).status == 200
    await refused(late)
    assert (await town.review(member, late, "budget", family=FAMILY)).status == 200
    assert (await committee.amend(0)).status == 200, "and has to be read again"
    await refused(committee.projects[0])
    assert (await town.review(member, committee.projects[0], family=FAMILY)).status == 200
    assert code(await town.send(two, action)) == (409, "options_changed"), "it says another cost"
    decline = action.replace("/confirm", "/decline")
    assert (await one.fill("/desk/acts", decline, reason=REASON)).status == 200
    await committee.give()
    [event] = await committee.frozen()
    assert event["options"] == sorted(map(str, committee.projects[:2]))


@pytest.mark.parametrize(
    ("what", "status", "refused"),
    [
        ("a label by a member", 409, "body_decides"),
        ("a refusal by a member", 409, "body_decides"),
        ("complete without a family", 422, "family_unknown"),
        ("complete in no family of the charter", 422, "family_unknown"),
        ("more than the family's ceiling", 422, "cost_over_ceiling"),
        ("nothing to give", 409, "no_projects"),
        ("given before the labelling", 409, "phase_not_open"),
        ("given by a member", 403, "forbidden"),
        ("given where members decide", 409, "no_committee"),
    ],
)
async def test_what_is_refused_changes_nothing(
    town: Town, what: str, status: int, refused: str
) -> None:
    committee = await reviewed(town, 0 if what == "nothing to give" else 1)
    member, one = committee.member, committee.officers[0]
    desk = f"/desk/projects/{committee.projects[0] if committee.projects else uuid4()}"
    sender, path, form = one, f"{committee.page}/committee", {"reason": REASON}
    match what:
        case "a label by a member" | "a refusal by a member":
            path = f"{desk}/{'label' if 'label' in what else 'refuse'}"
            sender, form = member, {"family": FAMILY, "reason": REASON}
        case "complete without a family":
            sender, path, form = member, f"{desk}/review", {}
        case "complete in no family of the charter":
            sender, path, form = member, f"{desk}/review", {"family": "best-friends"}
        case "more than the family's ceiling":
            await town.file(committee.carriers[0], committee.projects[0], cost="15 000")
            shown = await town.shown(member, committee.projects[0])
            sender, path, form = member, f"{desk}/review", {"family": "sse-values", **shown}
        case "given before the labelling":
            await town.set_phase("labelling", "coming")
        case "given by a member":
            sender = member
        case "given where members decide":
            path = f"/desk/programmes/{await town.publish()}/committee"
    before = await town.snapshot()
    assert code(await town.send(sender, path, **form)) == (status, refused)
    assert await town.snapshot() == before


async def test_whoever_writes_a_project_that_is_given_stays_as_it_is(town: Town) -> None:
    """Only with what its own round decided it leaves that, and with nothing else changed."""
    committee = await reviewed(town, 1)
    await committee.give()
    other = uuid4()
    await town.connection.execute(
        "insert into round values ($1, $2, 1, $3, 'committee')", other, town.programme_id, DIGEST
    )
    for change in (
        "cost = 1",
        "round_id = null, cost = 1",
        f"round_id = null, refused = true, decided_in = '{other}'",
        "round_id = null, family = 'cooperation'",
        "missing = null, voted_family = null",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await town.connection.execute(f"update project set {change}")
    with pytest.raises(asyncpg.CheckViolationError):
        await town.connection.execute("delete from project")


async def test_everybody_reads_who_decides_about_labels(town: Town) -> None:
    seen = (await town.browser().get(f"/programmes/{town.programme_id}/rules")).words()
    assert "Labelling committee" in seen
    assert "5 seats, given by a returning officer. A vote needs a quorum of 1/2" in seen
    assert "It decides which projects get their label." in seen
