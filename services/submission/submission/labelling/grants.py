"""The rounds of bodies that decide money, admit projects or give an opinion.

Voting holds the round (mode `named`). A project is frozen for it until it is decided there; one
that is given money stays as it is for good. What missed its quorum, was in a round that was
annulled, or came when the money of a fund had run out, can be given to the body again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.delivery import Delivered
from shared.events.charter import Body
from shared.events.funding import (
    FundingConfirmed,
    GrantLapsed,
    GrantReduced,
    InstalmentPaid,
    MilestoneReached,
)
from shared.events.scheme import Labelled
from shared.events.submission import OptionsFrozen
from shared.web.languages import LANGUAGES
from submission import queries as submission_queries
from submission import verdicts
from submission.carriers.telling import Said, Telling
from submission.freezing import freeze
from submission.labelling.bodies import choosing
from submission.labelling.bodies import queries as bodies
from submission.labelling.bodies.tables import BodyDecision
from submission.labelling.rounds import NO_QUORUM
from submission.programmes import queries as programmes
from submission.programmes.tables import Decision, RoundState
from submission.projects import queries
from submission.projects.finding import check_phase, edition
from submission.projects.recording import keep_event
from submission.projects.stages import stage_after
from submission.projects.tables import Idea, ProjectEvent
from submission.projects.withdrawing.erased import leave_round
from submission.tables import Programme, Round

type OfGrant = FundingConfirmed | InstalmentPaid | GrantReduced | MilestoneReached | GrantLapsed


async def givable(
    session: AsyncSession, programme_id: UUID, body_name: str
) -> tuple[Programme, OptionsFrozen]:
    """A programme and what one of its bodies can vote on now, all locked.

    Raises `BodyUnknown`, `PhaseNotOpen`, `BodyInRound`, `FundInRound`, `NoProjects`,
    `TooManyOptions`.
    """
    found = await edition(session, programme_id)
    body = choosing.body_of(found.rules, body_name)
    await check_phase(session, programme_id, body.during)
    found = await edition(session, programme_id)
    body = choosing.body_of(found.rules, body_name)
    programme = await submission_queries.programme_for_update(session, programme_id)
    assert programme is not None
    rounds = await programmes.rounds_of_bodies(session, programme_id)
    choosing.check_free(found.rules, body, [row for row, _, waiting in rounds if waiting])
    projects = await bodies.givable_projects(
        session,
        programme_id,
        body.name,
        labelled=choosing.takes_labelled(found.rules, body),
        admitted_by=body.admitted_by,
    )
    return programme, freeze(uuid4(), programme_id, projects, body.name)


@dataclass(frozen=True, slots=True)
class Granting:
    """What a body's round decided: in the life of each project, and told to its carrier."""

    session: AsyncSession
    telling: Telling
    row: Round
    state: RoundState

    async def decide(self, decisions: Sequence[Decision]) -> None:
        """Note each decision; what was not given money leaves the round."""
        found = await edition(self.session, self.row.programme_id)
        assert self.row.body_name is not None
        body = choosing.body_of(found.rules, self.row.body_name)
        known = verdicts.setting(self.state, (), found.rules)
        await queries.programme_for_share(self.session, self.row.programme_id)
        for each in decisions:
            idea = await queries.idea_for_update(self.session, each.project_id)
            project = await programmes.project_of_round(
                self.session, self.row.round_id, each.project_id
            )
            heard = await bodies.decided_in(self.session, self.row.round_id, each.project_id)
            if project is None or heard:
                continue
            chosen = bool(each.funded)
            if not (chosen and body.decides == "money"):
                project.round_id = None
            if each.reason != NO_QUORUM:
                await self.session.flush()
                kept = BodyDecision(
                    project_id=each.project_id,
                    body_name=body.name,
                    round_id=self.row.round_id,
                    chosen=chosen,
                    amount=each.amount or 0,
                    again=not chosen and choosing.givable_again(found.rules, body, each.reason),
                )
                await bodies.keep_decision(self.session, kept)
            if idea is None:  # imported: it has no page, and nobody to tell
                continue
            of = verdicts.verdict(each.model_dump())
            reason = {language: verdicts.said(of, known, language) for language in LANGUAGES}
            await self._note(idea, body, each)
            await self._tell(body, each, reason)
            await leave_round(self.session, idea, await database_time(self.session))

    async def _note(self, idea: Idea, body: Body, each: Decision) -> None:
        """In the life of the project, under the decision's id: heard once more, it is the same."""
        assert self.state.validated_at is not None and each.event_id is not None
        names = ("reason", "votes", "rank", "cost", "amount", "facts", "step")
        decided = {name: getattr(each, name) for name in names}
        row = ProjectEvent(
            event_id=each.event_id,
            project_id=idea.project_id,
            kind=_kind(body, each),
            at=self.state.validated_at,
            about={
                "decided": decided | {"round_id": str(self.row.round_id)},
                "body": body.name,
                "amount": None if body.amounts == "deliberated" else each.amount,
            },
        )
        await queries.keep(self.session, row)
        if body.decides == "money" and each.reason != NO_QUORUM:
            idea.stage = stage_after(idea.stage, "option-decided", good=bool(each.funded))

    async def _tell(self, body: Body, each: Decision, reason: dict[str, str]) -> None:
        """Tell the carrier; the amount of a grant that is deliberated is told with it."""
        said: dict[str, Said] = {}
        match body.decides, bool(each.funded):
            case _ if each.reason == NO_QUORUM:
                return
            case "money", True if body.amounts != "deliberated":
                message, said = "funded", {"amount": each.amount or 0}
            case "money", False:
                message, said = "not-funded", {"reason": reason}
            case "admits", False:
                message = "not-admitted"
            case _:
                return
        await self.telling.tell(self.session, each.project_id, message, each.event_id, **said)


def _kind(body: Body, each: Decision) -> str:
    if each.reason == NO_QUORUM:
        return "body-undecided"
    chosen = {
        "money": ("body-funded", "body-not-funded"),
        "admits": ("body-admitted", "body-not-admitted"),
        "opinion": ("body-for", "body-against"),
    }[body.decides]
    return chosen[0] if each.funded else chosen[1]


async def note_of_grant(session: AsyncSession, telling: Telling, heard: Delivered[Any]) -> None:
    """What followed a decision, in the life of its project and told to its carrier."""
    event: OfGrant = heard.event
    envelope = heard.envelope
    idea = await queries.idea_for_update(session, event.option_id)
    if idea is None:
        return
    rules = (await edition(session, idea.programme_id)).rules
    terms = rules.funding
    about = event.model_dump(mode="json", exclude={"round_id", "option_id", "officers", "officer"})
    await keep_event(session, idea, envelope.id, event.type, envelope.time, **about)
    said: dict[str, Said] = {}
    match event:
        case FundingConfirmed():
            message, said = "funding-confirmed", {"amount": event.amount, "act": event.act}
        case InstalmentPaid():
            message = "instalment-paid"
            parts = (terms and terms.instalments) or ()
            said = {"instalment": _called(parts, event.instalment), "amount": event.amount}
        case GrantReduced():
            message, said = "grant-reduced", {"amount": event.amount}
        case GrantLapsed():
            message, said = "grant-lapsed", {"left": event.left}
        case MilestoneReached():
            return
    await telling.tell(session, idea.project_id, message, envelope.id, **said)


def _called(named: Sequence[Labelled], name: str) -> Said:
    """What the charter calls a part; a grant that it does not divide is one."""
    whole = {"fr": "la subvention entière", "en": "the whole grant"}
    return next((each for each in named if each.name == name), whole if name == "grant" else name)
