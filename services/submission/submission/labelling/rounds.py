"""The committee's rounds: complete dossiers become its options, and its decisions labels.

Voting holds the round (mode `named`). A project is frozen for it until it is decided there; what
missed its quorum, or was in a round that was annulled, can be given to the committee again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import CharterRules
from shared.events.projects import LabelRefused, ProjectLabelled
from shared.events.submission import OptionsFrozen
from shared.web.languages import LANGUAGES
from submission import queries as submission_queries
from submission import verdicts
from submission.carriers.telling import Telling
from submission.freezing import OptionsAlreadyFrozen, check_room, freeze
from submission.labelling.bodies import queries as bodies
from submission.labelling.labels import check_committee, committee, known_family
from submission.labelling.queries import number_labelled
from submission.programmes import queries as programmes
from submission.programmes.phases import PhaseFixed
from submission.programmes.tables import Decision, RoundState
from submission.projects import queries
from submission.projects.finding import Edition, check_phase, edition, held_to
from submission.projects.recording import record
from submission.projects.tables import Idea, ProjectEvent
from submission.projects.withdrawing.erased import leave_round
from submission.tables import Programme, Project, Round

NO_QUORUM = "no_quorum"


async def votable(session: AsyncSession, programme_id: UUID) -> tuple[Programme, OptionsFrozen]:
    """A programme and what its committee can vote on now, all locked.

    Raises `NoCommittee`, `PhaseNotOpen`, `OptionsAlreadyFrozen`, `NoProjects`, `TooManyOptions`.
    """
    check_committee((await edition(session, programme_id)).rules)
    await check_phase(session, programme_id, "labelling")
    body = check_committee((await edition(session, programme_id)).rules)
    programme = await submission_queries.programme_for_update(session, programme_id)
    assert programme is not None
    if (known := await submission_queries.round_of(session, programme_id)) is not None:
        raise OptionsAlreadyFrozen(f"the options are frozen for round {known.round_id}")
    projects = await programmes.complete_projects(session, programme_id)
    if body.admitted_by is not None:
        admitted = await bodies.admitted_projects(session, programme_id, body.admitted_by)
        projects = [each for each in projects if each.project_id in admitted]
    # All of them may get their label: the vote of residents has to take them.
    check_room(await number_labelled(session, programme_id) + len(projects) - 1)
    return programme, freeze(uuid4(), programme_id, projects, body.name)


async def gives_labels(session: AsyncSession, programme_id: UUID, body_name: str) -> bool:
    """Whether a body is the one that gives labels."""
    body = committee((await edition(session, programme_id)).rules)
    return body is not None and body.name == body_name


async def undecided(session: AsyncSession, programme_id: UUID) -> Round | None:
    """A round of the committee in which projects are frozen still; None where all is decided."""
    rounds = await programmes.rounds_of_bodies(session, programme_id)
    return next((row for row, _, waiting in rounds if waiting), None)


async def check_not_voting(session: AsyncSession, programme: Programme, phase: str) -> None:
    """Raises `PhaseFixed` while a body votes during this phase: its round ends with it. Whoever
    asks holds the phases, so that no further round is given to a body meanwhile."""
    rules = CharterRules.model_validate(programme.rules)
    during = {body.name for body in rules.bodies or () if body.during == phase}
    for row, state, _ in await programmes.rounds_of_bodies(session, programme.programme_id):
        if row.body_name not in during or state is None or state.opened_at is None:
            continue
        if state.closed_at is None:
            raise PhaseFixed(f"{row.body_name} votes in round {row.round_id} until it is over")


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a committee's validated round decided, made the labels of its projects."""

    session: AsyncSession
    telling: Telling
    row: Round
    state: RoundState

    async def decide(self, decisions: Sequence[Decision]) -> None:
        """Label or refuse each project that waits for this round; what missed its quorum waits for
        another one."""
        found = await edition(self.session, self.row.programme_id)
        known = verdicts.setting(self.state, (), found.rules)
        await queries.programme_for_share(self.session, self.row.programme_id)
        for each in decisions:
            idea = await queries.idea_for_update(self.session, each.project_id)
            project = await programmes.project_of_round(
                self.session, self.row.round_id, each.project_id
            )
            if idea is None or project is None:
                continue
            of = verdicts.verdict(each.model_dump())
            reason = {language: verdicts.said(of, known, language) for language in LANGUAGES}
            project.round_id = None
            if each.reason == NO_QUORUM:
                await self._note(idea, each)
            elif each.funded:
                await self._label(found, idea, project, each, reason)
            else:
                await self._refuse(found, idea, project, each, reason)
            await leave_round(self.session, idea, await database_time(self.session))

    async def _label(
        self,
        found: Edition,
        idea: Idea,
        project: Project,
        each: Decision,
        reason: Mapping[str, str],
    ) -> None:
        assert project.voted_family is not None
        # What its members voted on: the ceiling of the version that the dossier is held to.
        held = await held_to(self.session, found, project)
        family = known_family(held.rules, project.voted_family)
        project.family, project.decided_in = family.name, self.row.round_id
        event = ProjectLabelled(
            project_id=project.project_id,
            programme_id=project.programme_id,
            family=family.name,
            ceiling=family.ceiling,
            round_id=self.row.round_id,
        )
        about = {"family": family.name, "ceiling": family.ceiling, "decided": self._about(each)}
        await self._record(found, idea, event, each, about)
        await self.telling.tell(
            self.session,
            project.project_id,
            "labelled",
            each.event_id,
            family=family,
            ceiling=family.ceiling,
            reason=reason,
        )

    async def _refuse(
        self,
        found: Edition,
        idea: Idea,
        project: Project,
        each: Decision,
        reason: Mapping[str, str],
    ) -> None:
        project.refused, project.decided_in = True, self.row.round_id
        event = LabelRefused(
            project_id=project.project_id,
            programme_id=project.programme_id,
            round_id=self.row.round_id,
        )
        await self._record(found, idea, event, each, {"decided": self._about(each)})
        await self.telling.tell(
            self.session, project.project_id, "label-refused", each.event_id, reason=reason
        )

    async def _record(
        self,
        found: Edition,
        idea: Idea,
        event: ProjectLabelled | LabelRefused,
        each: Decision,
        about: Mapping[str, Any],
    ) -> None:
        """Under an id of the decision's: heard once more, after a restoration, it is the same."""
        at, heard = self.state.validated_at, each.event_id
        assert at is not None and heard is not None
        event_id = uuid5(heard, event.type)
        await record(self.session, idea, found.log, event, at, event_id=event_id, **about)

    async def _note(self, idea: Idea, each: Decision) -> None:
        """In the life of a project that the committee has not decided: it stands where it stood."""
        assert self.state.validated_at is not None and each.event_id is not None
        row = ProjectEvent(
            event_id=each.event_id,
            project_id=idea.project_id,
            kind="label-undecided",
            at=self.state.validated_at,
            about={"decided": self._about(each)},
        )
        await queries.keep(self.session, row)

    def _about(self, each: Decision) -> dict[str, Any]:
        names = ("reason", "votes", "rank", "cost", "amount", "facts", "step")
        return {name: getattr(each, name) for name in names} | {"round_id": str(self.row.round_id)}
