"""Finding a carrier in order for an agreement, and taking that back: rows, events, messages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.carriers import (
    AidEntered,
    AidRemoved,
    CarrierAsked,
    CarrierCleared,
    ClearanceWithdrawn,
)
from shared.events.event import Cents
from submission.carriers import queries
from submission.carriers.checking import who_answers
from submission.carriers.clearing import (
    LACKS,
    CarrierUnknown,
    ClearedBefore,
    Granted,
    NotCleared,
    Seen,
    asks_sse,
    check_clearing,
    check_de_minimis,
    had,
    missing,
)
from submission.carriers.limits import PARIS
from submission.carriers.organisations import queries as organisations
from submission.carriers.organisations.keeping import organisation_of
from submission.carriers.tables import Aid, Carriage, Clearance
from submission.carriers.telling import Telling
from submission.projects import queries as projects
from submission.projects.finding import Edition
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.wording import publish_words


async def signs(session: AsyncSession, found: Edition, project_id: UUID) -> Carriage | None:
    """Who would sign the agreement of a project: its carrier, or the sponsor that answers for it.
    None of an idea that nobody carries."""
    lead = await queries.lead(session, project_id)
    return None if lead is None else await who_answers(session, found.rules, lead)


async def missing_for_agreement(
    session: AsyncSession, found: Edition, project_id: UUID, now: datetime
) -> tuple[str, ...]:
    """What whoever would sign a project's agreement still lacks, by the names of `LACKS`."""
    who = await signs(session, found, project_id)
    if who is None:
        return ()
    of = await organisation_of(session, who)
    kept = await queries.clearance(session, project_id, who.carrier_id)
    return missing(found.rules, who.type, of, kept, now.astimezone(PARIS).date())


async def granted(session: AsyncSession, organisation_id: UUID, project_id: UUID) -> list[Granted]:
    """The de-minimis aid that an organisation declares, and what other agreements here gave it."""
    declared = await _declared(session, organisation_id)
    here = await organisations.granted_here(session, organisation_id, project_id)
    return declared + [Granted(day, amount) for day, amount in here]


async def _declared(session: AsyncSession, organisation_id: UUID) -> list[Granted]:
    found = await organisations.aids(session, organisation_id)
    return [Granted(each.granted_on, each.amount) for each in found]


async def check_signer(
    session: AsyncSession, found: Edition, project_id: UUID, carrier_id: UUID
) -> Carriage:
    """Who would sign, where that is this carrier. Raises `CarrierUnknown`."""
    who = await signs(session, found, project_id)
    if who is None or who.carrier_id != carrier_id:
        raise CarrierUnknown(f"{carrier_id} would not sign the agreement of {project_id}")
    return who


async def clear(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    carrier_id: UUID,
    seen: Seen,
    officer: UUID,
    now: datetime,
) -> None:
    """Find a locked project's carrier in order.

    Raises `CarrierUnknown`, `ClearedBefore`, `ClearingRefused`, `ContractDayRefused`,
    `DeMinimisPassed`.
    """
    who = await check_signer(session, found, idea.project_id, carrier_id)
    if await queries.clearance(session, idea.project_id, carrier_id) is not None:
        raise ClearedBefore(f"{carrier_id} was found in order before")
    day, of = now.astimezone(PARIS).date(), await organisation_of(session, who)
    if of is not None:
        # As it stands until the transaction ends: what was looked at is not amended meanwhile.
        of = await organisations.organisation_for_update(session, of.organisation_id)
    checked = check_clearing(found.rules, who.type, of, seen, day)
    before = await _de_minimis(session, found, idea.project_id, carrier_id, day)
    event = CarrierCleared(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        carrier_id=carrier_id,
        checked=checked,
        officer=officer,
        contract_on=seen.contract_on if "contract" in checked else None,
        de_minimis=before if "de-minimis" in checked else None,
        sse_until=of.sse_until if of is not None and asks_sse(found.rules) else None,
    )
    row = Clearance(
        **event.model_dump(include={"project_id", "carrier_id", "officer"}),
        checked=list(checked),
        contract_on=event.contract_on,
        de_minimis=event.de_minimis,
        sse_until=event.sse_until,
        at=now,
    )
    await projects.keep(session, row)
    name = None if of is None else of.name
    await record(
        session, idea, found.log, event, now, name=name, type=who.type, checked=list(checked)
    )


async def _de_minimis(
    session: AsyncSession, found: Edition, project_id: UUID, carrier_id: UUID, day: date
) -> Cents:
    """What is declared of three years, where what is asked for fits beside it and beside what was
    signed here: whoever signs adds that up anew."""
    ceiling = found.rules.funding.de_minimis if found.rules.funding else None
    if ceiling is None:
        return 0
    project = await projects.project(session, project_id)
    aids = await granted(session, carrier_id, project_id)
    check_de_minimis(ceiling, aids, project.cost if project is not None else 0, day)
    return had(await _declared(session, carrier_id), day)


async def withdraw(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    carrier_id: UUID,
    reason: str,
    officer: UUID,
    now: datetime,
    telling: Telling,
) -> None:
    """Find a locked project's carrier in order no more, and tell it what it lacks.

    Raises `NotCleared`.
    """
    kept = await queries.clearance(session, idea.project_id, carrier_id)
    if kept is None:
        raise NotCleared(f"{carrier_id} is not in order")
    kept.withdrawn_at = now
    await session.flush()
    event = ClearanceWithdrawn(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        carrier_id=carrier_id,
        reason=await publish_words(session, reason),
        officer=officer,
    )
    of = await organisations.organisation(session, carrier_id)
    name = None if of is None else of.name
    await record(session, idea, found.log, event, now, name=name, reason=event.reason)
    await tell_missing(session, found, idea.project_id, now, telling)


async def tell_aid(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    kind: type[AidEntered | AidRemoved],
    aid: Aid,
    reason: str,
    officer: UUID,
) -> None:
    """Say that an officer entered or took back an aid of who answers for a locked project."""
    event = kind(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        carrier_id=aid.organisation_id,
        granted_on=aid.granted_on,
        amount=aid.amount,
        reason=await publish_words(session, reason),
        officer=officer,
    )
    now = await database_time(session)
    of = await organisations.organisation(session, aid.organisation_id)
    about: dict[str, Any] = {"reason": event.reason, "amount": event.amount}
    about["name"] = None if of is None else of.name
    await record(session, idea, found.log, event, now, **about)


async def ask(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    carrier_id: UUID,
    officer: UUID,
    now: datetime,
    telling: Telling,
) -> None:
    """Ask who answers for a locked project for what it lacks; nothing where it lacks nothing."""
    lacks = await missing_for_agreement(session, found, idea.project_id, now)
    if not lacks:
        return
    event = CarrierAsked.model_validate(
        {
            "project_id": idea.project_id,
            "programme_id": idea.programme_id,
            "carrier_id": carrier_id,
            "missing": lacks,
            "officer": officer,
        }
    )
    of = await organisations.organisation(session, carrier_id)
    name = None if of is None else of.name
    await record(session, idea, found.log, event, now, name=name, missing=list(lacks))
    await tell_missing(session, found, idea.project_id, now, telling)


async def tell_missing(
    session: AsyncSession,
    found: Edition,
    project_id: UUID,
    now: datetime,
    telling: Telling,
    heard: UUID | None = None,
) -> None:
    """Tell a carrier what it lacks for an agreement; nothing where it lacks nothing."""
    lacks = await missing_for_agreement(session, found, project_id, now)
    if lacks:
        said = [LACKS[name] for name in lacks]
        await telling.tell(session, project_id, "clearance-missing", heard, missing=said)
