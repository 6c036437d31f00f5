"""What takes two officers: to publish or amend a charter, to re-date a phase, to freeze the
options, to erase words.

The parameters of an act hold all that is done, as JSON, so that its digest binds it; what has
become impossible between asking and confirming is refused then, and nothing happens.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters import Charter
from shared.database import database_time
from shared.events import submission as events
from shared.events.charter import Act, CharterRules
from shared.events.scheme import Adopted
from shared.outbox import announce
from shared.people import Person, Role
from shared.people.people import people_of
from shared.people.second_officer import ActKind, SecondOfficer, read_reason
from submission import queries as submission_queries
from submission.carriers.checking import may_reach_vote
from submission.carriers.erasing import erase_content
from submission.carriers.telling import Telling
from submission.freezing import (
    OptionsAlreadyFrozen,
    check_as_asked,
    check_envelope,
    freeze,
    round_of,
)
from submission.labelling.bodies.choosing import leading_to_vote
from submission.labelling.grants import givable
from submission.labelling.rounds import check_not_voting, gives_labels, undecided, votable
from submission.programmes import queries
from submission.programmes.amending import AMEND, amend_charter, check_nothing_pending, check_shared
from submission.programmes.charter import charter_digest, log_name
from submission.programmes.phases import LabellingNotOver, check_labelling_over, redated
from submission.programmes.tables import CharterVersion, Phase
from submission.projects.moving import merge_projects
from submission.tables import Programme
from submission.texts import read_title
from submission.wording import publish_words

SOURCE = "submission"
# Whatever a charter says: what is erased cannot be brought back.
ERASE = "erase-content"

Parameters = Mapping[str, Any]
Officers = tuple[UUID, UUID]


def second_officer(telling: Telling) -> SecondOfficer:
    """The acts of submission; some are told to carriers."""
    return SecondOfficer(
        source=SOURCE,
        asked=events.SecondOfficerAsked,
        consented=events.SecondOfficerConsented,
        declined=events.SecondOfficerDeclined,
        acts={
            "publish-charter": ActKind(Role.ADMINISTRATOR, publish_charter),
            "redate-phase": ActKind(Role.ADMINISTRATOR, redate_phase),
            "freeze-options": ActKind(Role.RETURNING_OFFICER, freeze_options),
            "merge-projects": ActKind(Role.INSTRUCTOR, partial(merge_projects, telling)),
            AMEND: ActKind(Role.ADMINISTRATOR, amend_charter),
            ERASE: ActKind(Role.ADMINISTRATOR, erase_content),
        },
    )


def acts_of(request: Request) -> SecondOfficer:
    """The acts of the process behind a request."""
    acts = people_of(request).acts
    assert acts is not None
    return acts


async def ask(
    session: AsyncSession,
    acts: SecondOfficer,
    act: Act,
    rules: CharterRules,
    parameters: Parameters,
    *,
    about: str,
    reason: str,
    by: Person,
    programme_id: UUID | None = None,
) -> UUID | None:
    """Ask for an act; None where it was done at once, as a rehearsal's charter may allow."""
    if act in rules.second_officer:
        return await acts.needs_second_officer(
            session,
            act,
            about=about,
            parameters=parameters,
            reason=reason,
            by=by,
            programme_id=programme_id,
        )
    by.check(acts.acts[act].role, programme_id)
    read_reason(reason)
    await acts.acts[act].do(session, parameters, (by.id, by.id))
    return None


def charter_parameters(charter: Charter, programme_id: UUID) -> dict[str, Any]:
    """A charter as the parameters of its publication."""
    return {
        "programme_id": str(programme_id),
        "title": read_title(charter.title),
        "rehearsal": charter.rehearsal,
        "rules": charter.rules.model_dump(mode="json", exclude_none=True),
        "adopted": None if charter.adopted is None else charter.adopted.model_dump(mode="json"),
    }


async def publish_charter(session: AsyncSession, parameters: Parameters, _: Officers) -> None:
    """Make a programme of a charter, with its phases and the log of its edition.

    Raises `CharterRefused`.
    """
    rules = CharterRules.model_validate(parameters["rules"])
    rehearsal, adopted = bool(parameters["rehearsal"]), parameters.get("adopted")
    programme_id = UUID(parameters["programme_id"])
    await check_shared(session, rules, programme_id, rehearsal=rehearsal)
    title = await publish_words(session, parameters["title"])
    event = events.CharterPublished(
        programme_id=programme_id,
        log=log_name(parameters["title"], secrets.token_hex(4)),
        title=title,
        charter=charter_digest(title=title, rehearsal=rehearsal, rules=rules),
        rehearsal=rehearsal,
        rules=rules,
        adopted=None if adopted is None else Adopted.model_validate(adopted),
    )
    programme = Programme(
        **event.model_dump(exclude={"rules", "adopted"}),
        rules=parameters["rules"],
        event_id=announce(session, event, source=SOURCE),
    )
    phases = [
        Phase(programme_id=event.programme_id, **phase.model_dump()) for phase in rules.phases
    ]
    await queries.keep_programme(session, programme, phases)
    first = CharterVersion(
        programme_id=programme.programme_id,
        version=1,
        charter=programme.charter,
        rules=parameters["rules"],
        takes_effect_at=await database_time(session),
        adopted=adopted,
        event_id=programme.event_id,
    )
    await queries.keep_version(session, first)


async def redating(
    session: AsyncSession,
    programme: Programme,
    name: str,
    opens_at: datetime | None,
    closes_at: datetime,
) -> tuple[Phase, str]:
    """A phase, locked like all of its programme, and its state with another window; without an
    opening, that stays. Raises what `redated` does."""
    phases = await queries.phases_for_update(session, programme.programme_id)
    await check_not_voting(session, programme, name)
    frozen = await submission_queries.round_of(session, programme.programme_id)
    opens = opens_at or next((each.opens_at for each in phases if each.name == name), closes_at)
    state = redated(
        phases,
        name,
        opens,
        closes_at,
        edition=(programme.rules or {})["edition"],
        now=await database_time(session),
        frozen_for=frozen.round_id if frozen else None,
    )
    return next(phase for phase in phases if phase.name == name), state


async def redate_phase(session: AsyncSession, parameters: Parameters, _: Officers) -> None:
    """Give a phase another window. It opens and closes when that is due."""
    programme = await session.get_one(Programme, UUID(parameters["programme_id"]))
    opens_at, closes_at = (
        datetime.fromisoformat(parameters[name]) for name in ("opens_at", "closes_at")
    )
    phase, state = await redating(session, programme, parameters["phase"], opens_at, closes_at)
    phase.opens_at, phase.closes_at, phase.state = opens_at, closes_at, state
    event = events.PhaseRedated(
        programme_id=programme.programme_id,
        phase=phase.name,
        opens_at=opens_at,
        closes_at=closes_at,
        reason=parameters["reason"],
    )
    announce(session, event, source=SOURCE, log=programme.log)


async def freezable(
    session: AsyncSession, programme_id: UUID
) -> tuple[Programme, events.OptionsFrozen]:
    """A programme and the options of its residents' vote, all locked, as they can be frozen now.

    Raises `LabellingNotOver`, `OptionsAlreadyFrozen`, `NoProjects`, `TooManyOptions`,
    `LabelledOverEnvelope`, `TooManyOfCarrier`.
    """
    check_labelling_over(await queries.phases_for_share(session, programme_id))
    programme = await submission_queries.programme_for_update(session, programme_id)
    assert programme is not None
    if (known := await submission_queries.round_of(session, programme_id)) is not None:
        raise OptionsAlreadyFrozen(f"the options are frozen for round {known.round_id}")
    if (waiting := await undecided(session, programme_id)) is not None:
        raise LabellingNotOver(f"{waiting.body_name} has not decided round {waiting.round_id}")
    rules = None if programme.rules is None else CharterRules.model_validate(programme.rules)
    if rules is not None and rules.families:
        projects = await queries.labelled_projects(session, programme_id)
    else:
        admitting = () if rules is None else leading_to_vote(rules)
        projects = await queries.unlabelled_options(session, programme_id, admitting)
    if rules is not None:
        check_envelope(rules, projects)
        await may_reach_vote(session, rules, projects)
    return programme, freeze(uuid4(), programme_id, projects)


async def freeze_options(session: AsyncSession, parameters: Parameters, _: Officers) -> None:
    """Freeze projects of a programme as the options of a new round: the labelled ones, on which
    residents vote, or those that a body can be given (`body_name`); as they were asked for, or not
    at all.

    Raises `OptionsChanged`, `AmendmentPending` beside what `freezable`, `votable` and `givable` do.
    """
    programme_id, body_name = UUID(parameters["programme_id"]), parameters.get("body_name")
    if body_name is None:
        programme, event = await freezable(session, programme_id)
    elif await gives_labels(session, programme_id, body_name):
        programme, event = await votable(session, programme_id)
    else:
        programme, event = await givable(session, programme_id, body_name)
    await check_nothing_pending(session, programme)
    check_as_asked(event, parameters)
    event = event.model_copy(update={"charter": programme.charter})
    await queries.freeze_chosen(session, round_of(event), event.options)
    announce(session, event, source=SOURCE, log=programme.log)
