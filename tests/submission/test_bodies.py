"""Bodies that decide money or admit: what they are given, what submission hears of it, and what
carriers are told of all that follows."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.delivery import Delivered
from shared.events.acts import RoundAnnulled
from shared.events.ballots import Decision
from shared.events.funding import (
    AgreementSigned,
    FundingConfirmed,
    GrantLapsed,
    GrantReduced,
    InstalmentPaid,
    MilestoneReached,
)
from shared.events.voting import OptionDecided, ResultValidated, RoundClosed, Seats
from shared.people import Role
from shared.rules.presets import greedy
from tests.conftest import DatabaseFactory
from tests.opening import allocated, round_opened
from tests.submission.hearing import Inbox, delivered
from tests.submission.proposing import DOSSIER, Town, served_town
from tests.submission.test_erasing import GROUND, again, confirm

ADMIN = Role.ADMINISTRATOR
REASON = "so that it is tried"
ADMITTED = ("funded", "funded", "rejected")
DIGEST, OFFICERS = "d" * 64, (uuid4(), uuid4())
DAY = date(2027, 6, 1)
COOPERATION = {"name": "cooperation", "fr": "C", "en": "C", "ceiling": 20_000_00}
FUNDING = {
    "instalments": [
        {"name": "order", "fr": "À la commande", "en": "On the order", "percent": 50, "on": "order"}
    ],
    "milestones": [{"name": "begun", "fr": "Chantier ouvert", "en": "Works begun"}],
}


def body(name: str = "jury", **others: Any) -> dict[str, Any]:
    return {
        "name": name,
        "fr": f"Le {name}",
        "en": f"The {name}",
        "members": 5,
        "quorum": "1/2",
        "decides": "money",
        "during": "vote",
        "format": {"type": "decision", "members": 5, "quorum": "1/2"},
        **others,
    }


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    async with served_town(await database("submission")) as found:
        await found.begin()
        found.programme_id = await found.publish(rehearsal=True, counter_attended=False)
        await found.connection.execute(
            "update phase set state = 'open', opens_at = now() - interval '1 day'"
            " where name = 'vote' and programme_id = $1",
            found.programme_id,
        )
        yield found
        await found.leave()


@pytest.fixture
async def inbox(town: Town) -> AsyncIterator[Inbox]:
    made = Inbox(town)
    yield made
    await made.close()


@dataclass
class Given:
    """Complete dossiers, their carriers, and who gives them to a body."""

    town: Town
    officers: tuple[Browser, Browser]
    carriers: list[Browser]
    projects: list[UUID]
    name: str = "jury"

    @property
    def page(self) -> str:
        return f"/desk/programmes/{self.town.programme_id}/bodies/{self.name}"

    async def give(self) -> UUID:
        """Two returning officers give the body what it can be given; the round's id."""
        seen = await self.officers[0].fill(self.page, self.page, reason=REASON)
        assert seen.status == 200, seen.words()
        seen = await self.officers[1].get("/desk/acts")
        [action] = [each for each in seen.forms() if each.endswith("/confirm")]
        assert (await self.officers[1].fill(seen, action)).status == 200
        return UUID((await self.frozen())[-1]["round_id"])

    async def residents_vote(self) -> list[str]:
        """Two returning officers freeze the options of the residents' vote; the projects."""
        await self.town.set_phase("labelling", "closed")
        desk = f"/desk/programmes/{self.town.programme_id}"
        seen = await self.officers[0].fill(desk, f"{desk}/freeze", reason=REASON)
        assert seen.status == 200, seen.words()
        seen = await self.officers[1].get("/desk/acts")
        [action] = [each for each in seen.forms() if each.endswith("/confirm")]
        seen = await self.officers[1].fill(seen, action)
        assert seen.status == 200, seen.words()
        last = (await self.frozen())[-1]
        assert "body_name" not in last
        options: list[str] = last["options"]
        return options

    async def refused(self) -> tuple[int, str]:
        """What a program is told that asks for it."""
        seen = await self.town.send(self.officers[0], self.page, reason=REASON)
        return seen.status, json.loads(seen.text)["code"]

    async def frozen(self) -> list[dict[str, Any]]:
        rows = await self.town.connection.fetch(
            "select body from outbox where type = 'submission.options-frozen.v1' order by id"
        )
        return [json.loads(row["body"]) for row in rows]

    async def stage(self, place: int) -> str:
        found: str = await self.town.connection.fetchval(
            "select stage from idea where project_id = $1", self.projects[place]
        )
        return found

    async def amend(self, place: int) -> Seen:
        return await self.town.file(self.carriers[place], self.projects[place], cost="3 000")

    async def life(self, project: UUID) -> str:
        return (await self.town.browser().get(f"/projects/{project}")).words()


async def complete(town: Town, dossiers: int, *bodies: Mapping[str, Any], **rules: Any) -> Given:
    """So many complete dossiers; then the charter has these bodies, and no families of labels."""
    one, two = [await town.officer(Role.RETURNING_OFFICER) for _ in range(2)]
    member = await town.officer(Role.COMMITTEE)
    made = Given(town, (one, two), [], [])
    for number in range(dossiers):
        carrier = town.browser()
        project_id = await town.deposit(carrier, f"carrier{number}@example.org")
        await town.file(carrier, project_id)
        page = f"/desk/projects/{project_id}"
        assert (await member.fill(page, f"{page}/review")).status == 200
        made.carriers.append(carrier)
        made.projects.append(project_id)
    await town.connection.execute(
        "update programme set rules = rules || $1::jsonb where programme_id = $2",
        json.dumps({"families": [], "bodies": [*bodies], "funding": FUNDING, **rules}),
        town.programme_id,
    )
    # In the order of their numbers.
    pairs = sorted(zip(made.projects, made.carriers, strict=True), key=lambda pair: str(pair[0]))
    made.projects, made.carriers = [p for p, _ in pairs], [c for _, c in pairs]
    return made


def said(
    town: Town,
    round_id: UUID,
    projects: Sequence[UUID],
    reasons: Sequence[str],
    amount: int = 4_000_00,
    name: str = "jury",
) -> list[Delivered[Any]]:
    """What voting says of a body's round that came to this; the last is its validation."""
    rule = greedy(10_000_00)
    events = (
        round_opened(
            round_id,
            programme_id=town.programme_id,
            secrecy="named",
            format=Decision(members=5),
            rule=rule,
            options=len(projects),
            seats=Seats(body_name=name, members=5, quorum="1/2"),
        ),
        RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)),
        *(
            OptionDecided.model_validate(
                {
                    "round_id": round_id,
                    "option_id": project_id,
                    "number": number,
                    "rank": number,
                    "votes": 3,
                    "cost": 4_000_00,
                    "funded": reason == "funded",
                    "reason": reason,
                    "amount": amount if reason == "funded" else 0,
                    "step": ["all", "all"] if reason == "funded" else None,
                    "facts": {"needs": 4_000_00, "left": 1} if reason == "does_not_fit" else {},
                }
            )
            for number, (project_id, reason) in enumerate(zip(projects, reasons, strict=True), 1)
        ),
        allocated(
            round_id,
            budget=rule.budget,
            ballots=4,
            options=len(projects),
            funded=reasons.count("funded"),
            digest=DIGEST,
        ),
        ResultValidated(round_id=round_id, allocation=DIGEST, officers=OFFICERS),
    )
    return [delivered(event) for event in events]


def annulled(round_id: UUID) -> RoundAnnulled:
    return RoundAnnulled(
        round_id=round_id, reason="irregularity", act="Délibération 12", officers=OFFICERS
    )


async def test_dossiers_are_read_while_instruction_lasts_and_not_sent_back_any_more(
    town: Town,
) -> None:
    """Once no dossier can be changed: what lacks something then cannot be completed."""
    windows = {"instruction": (-1.0, 6.0)}
    town.programme_id = await town.publish(windows, rehearsal=True, counter_attended=False)
    carrier = town.browser()
    project_id = await town.deposit(carrier, "reader@example.org")
    await town.file(carrier, project_id)
    for closed in ("dossiers", "labelling"):
        await town.set_phase(closed, "closed")
    instructor = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{project_id}"
    seen = await town.send(instructor, f"{page}/review", **{"missing-budget": "yes"})
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "phase_not_open")
    seen = await town.review(instructor, project_id)
    assert seen.status == 200, seen.words()
    assert (await town.told("dossier-complete"))[-1].contact.address == "reader@example.org"


async def test_a_jury_s_money_is_told_and_freezes_its_project_for_good(
    town: Town, inbox: Inbox
) -> None:
    """One is funded, one rejected, one missed its quorum: only the last can be given again."""
    given = await complete(town, 3, body())
    round_id = await given.give()
    [event] = await given.frozen()
    assert event["body_name"] == "jury" and len(event["options"]) == 3
    assert [(await given.amend(place)).status for place in range(3)] == [409] * 3
    events = said(town, round_id, given.projects, ("funded", "rejected", "no_quorum"))
    await inbox.handle(*events[:-1])
    assert await town.told("funded") == [], "it is provisional"
    assert await given.refused() == (409, "body_in_round")
    await inbox.handle(*events[-1:] * 2)
    [told], [told_no] = await town.told("funded"), await town.told("not-funded")
    assert told.values["amount"] == 4_000_00 and told_no.values["reason"]
    pages = [await given.life(project) for project in given.projects]
    assert "The jury voted, and gave it 4 000 €" in pages[0]
    assert "The jury voted, and gave it no money." in pages[1]
    assert "The jury voted, and has not decided: it can vote again." in pages[2]
    assert [(await given.amend(place)).status for place in range(2)] == [409, 409]
    assert await given.stage(1) == "not-funded", "and no officer finds it complete again"
    again = await given.give()
    assert again != round_id
    assert (await given.frozen())[-1]["options"] == [str(given.projects[2])]


async def test_what_a_body_decided_about_stays_as_it_saw_it(town: Town, inbox: Inbox) -> None:
    """The next body or residents vote on it; what missed its quorum or an opinion is as the other
    tests have it."""
    reasons = ("funded", "rejected", "no_quorum")
    given = await complete(town, 3, body("readers", decides="admits"), body(admitted_by="readers"))
    given.name = "readers"
    round_id = await given.give()
    await inbox.handle(*said(town, round_id, given.projects, reasons, 0, "readers"))
    officer, member = [await town.officer(role) for role in (Role.INSTRUCTOR, Role.COMMITTEE)]
    for place, decision in ((0, "chose"), (1, "did not choose")):
        project, carrier = given.projects[place], given.carriers[place]
        shown = await town.shown(member, project)
        dossier = {**DOSSIER, "cost": "3 000", "revision": "1"}
        parts = {"title-1": "A", "title-2": "B", "reason": REASON}
        before = await town.snapshot()
        for sender, path, form in (
            (carrier, f"/projects/{project}/dossier", dossier),
            (member, f"/desk/projects/{project}/review", shown),
            (member, f"/desk/projects/{project}/review", shown | {"missing-budget": "yes"}),
            (officer, f"/desk/projects/{project}/split", parts),
        ):
            seen = await town.send(sender, path, **form)
            told = json.loads(seen.text)
            assert (seen.status, told["code"]) == (409, "already_decided"), path
            assert told["detail"] == f"readers {decision} the project in round {round_id}"
        assert await town.snapshot() == before
    assert (await given.amend(2)).status == 200, "it is given to them again"


@pytest.mark.parametrize("act", ["label", "refuse"])
async def test_no_member_labels_what_a_body_is_voting_on(town: Town, act: str) -> None:
    given = await complete(town, 1, body("readers", decides="admits"), families=[COOPERATION])
    given.name = "readers"
    await given.give()
    member, before = await town.officer(Role.COMMITTEE), await town.snapshot()
    path = f"/desk/projects/{given.projects[0]}/{act}"
    seen = await town.send(member, path, family="cooperation", reason=REASON)
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "project_frozen")
    assert await town.snapshot() == before


async def test_the_phase_that_a_body_votes_during_does_not_move_until_its_round_is_over(
    town: Town, inbox: Inbox
) -> None:
    windows = {"instruction": (-1.0, 5.0)}
    town.programme_id = await town.publish(windows, rehearsal=True, counter_attended=False)
    given = await complete(town, 1, body(during="instruction"))
    round_id = await given.give()
    opened, closed, *_ = said(town, round_id, given.projects, ("funded",))
    alix = await town.officer(Role.ADMINISTRATOR)
    ends = await town.connection.fetch(
        "select name, closes_at from phase where programme_id = $1", town.programme_id
    )
    later = {each["name"]: each["closes_at"] + timedelta(minutes=5) for each in ends}

    async def redate(phase: str) -> str:
        dates = {"closes": later[phase].isoformat(), "reason": REASON}
        path = f"/desk/programmes/{town.programme_id}/phases/{phase}"
        seen = await town.send(alix, path, **dates)
        return "moved" if seen.status == 200 else str(json.loads(seen.text)["code"])

    await inbox.handle(opened)
    assert [await redate(phase) for phase in ("instruction", "counters")] == [
        "phase_fixed",
        "moved",
    ]
    await inbox.handle(closed)
    assert await redate("instruction") == "moved"


async def test_of_a_fund_what_did_not_fit_can_be_given_again_and_two_rounds_never_run(
    town: Town, inbox: Inbox
) -> None:
    fund = {"year_amount": 100_000_00}
    given = await complete(town, 2, body(), body("board"), fund=fund)
    round_id = await given.give()
    given.name = "board"
    assert await given.refused() == (409, "fund_in_round")
    given.name = "jury"
    await inbox.handle(*said(town, round_id, given.projects, ("funded", "does_not_fit")))
    await given.give()
    assert (await given.frozen())[-1]["options"] == [str(given.projects[1])]


async def test_a_body_votes_on_what_another_one_admitted(town: Town, inbox: Inbox) -> None:
    first = body("readers", decides="admits")
    given = await complete(town, 2, first, body(admitted_by="readers"))
    assert await given.refused() == (409, "no_projects"), "nothing is admitted yet"
    given.name = "readers"
    round_id = await given.give()
    events = said(town, round_id, given.projects, ("funded", "rejected"), 0, "readers")
    await inbox.handle(*events)
    [told] = await town.told("not-admitted")
    assert await town.told("funded") == await town.told("not-funded") == []
    assert str(given.projects[1]) in str(told.values["url"])
    pages = [await given.life(project) for project in given.projects]
    assert "The readers voted, and admitted it to the next step." in pages[0]
    assert "The readers voted, and did not admit it to the next step." in pages[1]
    given.name = "jury"
    await given.give()
    assert (await given.frozen())[-1]["options"] == [str(given.projects[0])]


async def test_residents_vote_on_what_the_last_body_admitted_and_on_nothing_else(
    town: Town, inbox: Inbox
) -> None:
    """One is admitted, one is admitted and withdrawn, one is not admitted."""
    first = body("readers", decides="admits")
    given = await complete(town, 3, first, body("hearing", decides="admits", admitted_by="readers"))
    for given.name, reasons in (("readers", ("funded",) * 3), ("hearing", ADMITTED)):
        round_id = await given.give()
        await inbox.handle(*said(town, round_id, given.projects, reasons, 0, given.name))
    gone = given.projects[1]
    officer, page = await town.officer(Role.INSTRUCTOR), f"/desk/projects/{gone}/standing"
    await officer.fill(page, f"/desk/projects/{gone}/withdraw", reason=REASON)
    assert await given.residents_vote() == [str(given.projects[0])]


async def standing(given: Given, place: int) -> str:
    found: str = await given.town.connection.fetchval(
        "select standing from idea where project_id = $1", given.projects[place]
    )
    return found


async def erase(given: Given, place: int) -> None:
    """Its carrier erases it."""
    form = f"/projects/{given.projects[place]}/erase"
    assert (await given.carriers[place].fill(form, form, sure="yes")).status == 200


async def title_of(given: Given, place: int) -> str:
    found: str = await given.town.connection.fetchval(
        "select title from project where project_id = $1", given.projects[place]
    )
    return found


async def test_what_was_erased_is_among_no_options(town: Town) -> None:
    """By its carrier, by two administrators who erase its title, by a backup that was brought
    back, and by whoever erased it before that withdrew it: residents vote on what is left."""
    given = await complete(town, 5)
    await erase(given, 0)
    title, (one, two) = await title_of(given, 1), [await town.officer(ADMIN) for _ in range(2)]
    await one.fill("/desk/erase", "/desk/erase", content_ids=title, **GROUND)
    assert await confirm(town, two, title) == 200
    assert await town.events("project-withdrawn") == ["project-withdrawn"] * 2
    await again(town, [await title_of(given, 2)])
    assert await town.events("project-withdrawn") == ["project-withdrawn"] * 2, "said before"
    await town.connection.execute(
        "update text set value = null, salt = null where content_id = $1", await title_of(given, 3)
    )
    assert [await standing(given, place) for place in range(4)] == ["withdrawn"] * 3 + ["active"]
    page = await given.life(given.projects[0])
    assert "It was withdrawn, since its words were erased." in page
    assert await town.told("project-withdrawn") == [], "nobody is left to tell, or should be"
    assert await given.residents_vote() == [str(given.projects[4])]


async def test_what_is_erased_in_a_round_stays_in_it_and_enters_no_other(
    town: Town, inbox: Inbox
) -> None:
    """The first is admitted and erased meanwhile; the round of the second is annulled."""
    first = body("readers", decides="admits")
    given = await complete(town, 3, first, body("hearing", decides="admits", admitted_by="readers"))
    given.name = "readers"
    round_id = await given.give()
    await erase(given, 0)
    assert await standing(given, 0) == "active"
    await inbox.handle(*said(town, round_id, given.projects, ("funded",) * 3, 0, "readers"))
    assert "admitted it to the next step" in await given.life(given.projects[0])
    assert await standing(given, 0) == "withdrawn"
    given.name = "hearing"
    round_id = await given.give()
    assert (await given.frozen())[-1]["options"] == [str(each) for each in given.projects[1:]]
    await erase(given, 1)
    await inbox.handle(delivered(annulled(round_id)))
    assert await standing(given, 1) == "withdrawn"
    await given.give()
    assert (await given.frozen())[-1]["options"] == [str(given.projects[2])]


async def test_what_is_erased_in_the_vote_of_residents_stays_an_option(
    town: Town, inbox: Inbox
) -> None:
    given = await complete(town, 2)
    options = await given.residents_vote()
    round_id = UUID((await given.frozen())[-1]["round_id"])
    await erase(given, 0)
    events = said(town, round_id, given.projects, ("funded", "funded"))
    await inbox.handle(*events)
    assert (await given.frozen())[-1]["options"] == options
    assert [await given.stage(place) for place in range(2)] == ["funded"] * 2
    assert await standing(given, 0) == "active"
    assert await town.events("project-withdrawn") == []


async def test_where_a_charter_has_labels_a_jury_is_given_labelled_projects(town: Town) -> None:
    given = await complete(town, 2, body())
    await town.connection.execute(
        "update programme set rules = rules || $1::jsonb", json.dumps({"families": [COOPERATION]})
    )
    assert await given.refused() == (409, "no_projects")
    member = await town.officer(Role.COMMITTEE)
    assert (await town.label(member, given.projects[1])).status == 200
    await given.give()
    assert (await given.frozen())[-1]["options"] == [str(given.projects[1])]


async def test_residents_vote_on_what_is_labelled_and_has_no_money_of_a_body(
    town: Town, inbox: Inbox
) -> None:
    """What the jury funded stays in its round; what it did not fund is theirs."""
    given = await complete(town, 2, body(), families=[COOPERATION])
    member = await town.officer(Role.COMMITTEE)
    for project in given.projects:
        assert (await town.label(member, project)).status == 200
    round_id = await given.give()
    await inbox.handle(*said(town, round_id, given.projects, ("funded", "rejected")))
    assert await given.residents_vote() == [str(given.projects[1])]


async def test_a_round_that_is_annulled_decided_nothing(town: Town, inbox: Inbox) -> None:
    """Before its result is final, or after: the project can be given to the body again, and
    stands where it stood."""
    given = await complete(town, 1, body())
    for validated in (False, True):
        round_id = await given.give()
        events = said(town, round_id, given.projects, ("funded",))
        await inbox.handle(*events[: None if validated else -1])
        stage = await given.stage(0)
        assert stage == ("funded" if validated else "complete")
        await inbox.handle(delivered(annulled(round_id)))
        assert await given.stage(0) == "complete"
    page = await given.life(given.projects[0])
    assert "nothing that it decided holds" in page and "Délibération 12" in page
    await given.give()
    assert len(await given.frozen()) == 3


async def test_an_annulled_round_leaves_what_another_one_decided(town: Town, inbox: Inbox) -> None:
    given = await complete(town, 1, body(), body("board"))
    await inbox.handle(*said(town, await given.give(), given.projects, ("rejected",)))
    given.name = "board"
    round_id = await given.give()
    events = said(town, round_id, given.projects, ("funded",), name="board")
    await inbox.handle(*events)
    assert await given.stage(0) == "funded"
    await inbox.handle(delivered(annulled(round_id)))
    assert await given.stage(0) == "not-funded", "as the jury decided"


@pytest.mark.parametrize(
    ("what", "refused"),
    [
        ("no such body", (404, "body_unknown")),
        ("the one that labels", (404, "body_unknown")),
        ("before its phase", (409, "phase_not_open")),
        ("nothing is complete", (409, "no_projects")),
        ("another programme's officer", (403, "forbidden")),
    ],
)
async def test_what_is_refused_freezes_nothing(
    town: Town, what: str, refused: tuple[int, str]
) -> None:
    labels = body("committee", decides="labels", during="labelling")
    given = await complete(town, 0 if what == "nothing is complete" else 1, body(), labels)
    match what:
        case "no such body":
            given.name = "strangers"
        case "the one that labels":
            given.name = "committee"
        case "before its phase":
            await town.set_phase("vote", "coming")
        case "another programme's officer":
            other = await town.officer(Role.RETURNING_OFFICER, programme_id=uuid4())
            given.officers = (other, given.officers[1])
    assert await given.refused() == refused
    assert await given.frozen() == []


@pytest.mark.parametrize("act", ["withdraw", "suspend"])
async def test_what_is_not_active_is_not_given_and_keeps_nothing_else_back(
    town: Town, act: str
) -> None:
    given = await complete(town, 2, body())
    gone, stays = given.projects
    officer, page = await town.officer(Role.INSTRUCTOR), f"/desk/projects/{gone}/standing"
    seen = await officer.fill(page, f"/desk/projects/{gone}/{act}", reason=REASON)
    assert seen.path == page, seen.words()
    await given.give()
    assert [each["options"] for each in await given.frozen()] == [[str(stays)]]


async def test_all_that_follows_a_decision_is_told_and_in_the_life_of_the_project(
    town: Town, inbox: Inbox
) -> None:
    """The amount is deliberated: nothing is told of it before."""
    given = await complete(town, 1, body(amounts="deliberated"))
    round_id = await given.give()
    await inbox.handle(*said(town, round_id, given.projects, ("funded",), 0))
    assert await town.told("funded") == []
    [project] = given.projects
    assert "The jury voted, and chose it: how much it gets is deliberated." in await given.life(
        project
    )
    of = {"round_id": round_id, "option_id": project}
    officer = {"officer": OFFICERS[0]}
    for event in (
        FundingConfirmed(**of, amount=3_000_00, act="CD62-2027-118", on=DAY, officers=OFFICERS),
        AgreementSigned(**of, amount=3_000_00, officers=OFFICERS),
        InstalmentPaid.model_validate(
            of
            | officer
            | {"instalment": "order", "amount": 1_500_00, "reference": "M-1", "paid_on": DAY}
        ),
        MilestoneReached.model_validate(of | officer | {"milestone": "begun", "on": DAY}),
        GrantReduced(**of, before=3_000_00, amount=2_000_00, spent=5_000_00, officers=OFFICERS),
        GrantLapsed(**of, left=500_00, ground="renounced", officers=OFFICERS),
    ):
        await inbox.handle(delivered(event))
    told = {message.name: message.values for message in await town.told() if message.values}
    assert told["funding-confirmed"]["act"] == "CD62-2027-118"
    assert told["agreement-signed"]["amount"] == 3_000_00
    assert told["instalment-paid"]["instalment"] == "À la commande", "in the carrier's language"
    assert told["grant-reduced"]["amount"] == 2_000_00
    assert told["grant-lapsed"]["left"] == 500_00
    page = await given.life(project)
    for sentence in (
        "The deliberation CD62-2027-118 of 1 June 2027 confirmed the grant",
        "were paid on 1 June 2027 (On the order)",
        "On 1 June 2027 it came so far: Works begun.",
        "The project cost less",
        "Its carrier renounced it.",
    ):
        assert sentence in page, sentence
