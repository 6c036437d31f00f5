"""A charter is amended by two officers, with a reason, from an instant on; every version stays.

What an amendment may not change is refused when it is asked for and once more when it is confirmed.
While one waits for its instant, no options are frozen: they would depend on what
is about to change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters import Charter, CharterRefused, Problem
from shared.database import Database, database_time
from shared.events.charter import CharterRules
from shared.events.scheme import Adopted
from shared.events.submission import CharterAmended
from shared.outbox import announce
from shared.refusal import Refusal
from submission import queries as submission_queries
from submission.programmes import queries
from submission.programmes.charter import charter_digest
from submission.programmes.cycling import check_cycle
from submission.programmes.fixed import Standing, check_amendment, check_title
from submission.programmes.tables import CharterVersion
from submission.projects.queries import words
from submission.refusals import ProgrammeUnknown
from submission.tables import Programme
from submission.texts import read_title

SOURCE = "submission"
AMEND = "amend-charter"
# An act's parameters, as JSON.
Parameters = Mapping[str, Any]


class AmendedInPast(Refusal):
    """An amendment takes effect from now on, never before."""

    code = "amended_in_past"


class AmendmentPending(Refusal):
    """An amendment waits for the instant from which it holds: what depends on it waits as well."""

    code = "amendment_pending"


class AmendedMeanwhile(Refusal):
    """The charter was amended since this amendment was asked for."""

    code = "amended_meanwhile"


async def amendable(
    session: AsyncSession, programme_id: UUID
) -> tuple[Programme, CharterRules, Standing]:
    """A programme and its rules, behind the locks of its phases, and how far it is.

    Raises `ProgrammeUnknown`, `AmendmentPending`.
    """
    await queries.phases_for_update(session, programme_id)
    programme = await submission_queries.programme_for_update(session, programme_id)
    if programme is None or programme.rules is None:
        raise ProgrammeUnknown(f"there is no charter of programme {programme_id}")
    await session.refresh(programme)
    await check_nothing_pending(session, programme)
    found = await queries.standing(session, programme_id)
    standing = Standing(
        deposited=found["deposited"],
        frozen=found["frozen"],
        opened=frozenset(found["opened"]),
        agreed=found["agreed"],
    )
    return programme, CharterRules.model_validate(programme.rules), standing


async def check_nothing_pending(session: AsyncSession, programme: Programme) -> None:
    """Raises `AmendmentPending`."""
    newest = (await queries.versions(session, programme.programme_id))[-1:]
    if newest and newest[0].version > programme.version:
        when = f"{newest[0].takes_effect_at:%Y-%m-%d %H:%M} UTC"
        raise AmendmentPending(f"version {newest[0].version} takes effect at {when}")


async def check_shared(
    session: AsyncSession, rules: CharterRules, programme_id: UUID, *, rehearsal: bool
) -> None:
    """Whether a programme may have this envelope beside the other editions of its cycle; no other
    one takes a part of it until the transaction ends. Raises `CharterRefused`."""
    if rules.cycle is None or rehearsal:
        return
    await queries.hold_cycle(session, rules.preset)
    check_cycle(rules, await queries.newest_rules_of(session, rules.preset, programme_id))


async def check_amended(
    session: AsyncSession, programme_id: UUID, charter: Charter
) -> tuple[Programme, CharterRules]:
    """A programme and its rules, where this charter may take their place.

    Raises `CharterRefused`, `ProgrammeUnknown`, `AmendmentPending`.
    """
    programme, rules, standing = await amendable(session, programme_id)
    title = (await words(session, [programme.title])).get(programme.title)
    if title is not None:
        check_title(title, read_title(charter.title))
    await _check_rules(session, charter, programme, rules, standing)
    return programme, rules


async def _check_rules(
    session: AsyncSession,
    charter: Charter,
    programme: Programme,
    rules: CharterRules,
    standing: Standing,
) -> None:
    if charter.rehearsal != programme.rehearsal:
        raise CharterRefused([Problem("fixed_published", "rehearsal")])
    check_amendment(rules, charter.rules, standing)
    await check_shared(session, charter.rules, programme.programme_id, rehearsal=charter.rehearsal)


def amendment_parameters(
    charter: Charter, programme: Programme, takes_effect_at: datetime, reason: str
) -> dict[str, Any]:
    """An amendment as the parameters of its act; `reason` is a commitment."""
    adopted = charter.adopted
    return {
        "programme_id": str(programme.programme_id),
        "rehearsal": charter.rehearsal,
        "rules": charter.rules.model_dump(mode="json", exclude_none=True),
        "previous": programme.charter,
        "takes_effect_at": takes_effect_at.isoformat(),
        "adopted": None if adopted is None else adopted.model_dump(mode="json"),
        "reason": reason,
    }


def check_from_now_on(takes_effect_at: datetime, now: datetime) -> None:
    """Raises `AmendedInPast`."""
    if takes_effect_at < now:
        raise AmendedInPast(f"{takes_effect_at:%Y-%m-%d %H:%M} UTC is over")


async def amend_charter(
    session: AsyncSession, parameters: Parameters, officers: tuple[UUID, UUID]
) -> None:
    """Keep and announce the next version. What was to begin before it is confirmed begins now.

    Raises `CharterRefused`, `ProgrammeUnknown`, `AmendmentPending`, `AmendedMeanwhile`.
    """
    rules = CharterRules.model_validate(parameters["rules"])
    charter = Charter("", bool(parameters["rehearsal"]), rules)
    programme_id = UUID(parameters["programme_id"])
    programme, known, standing = await amendable(session, programme_id)
    await _check_rules(session, charter, programme, known, standing)
    if programme.charter != parameters["previous"]:
        raise AmendedMeanwhile(f"the charter is at version {programme.version} by now")
    adopted = parameters["adopted"]
    asked_for = datetime.fromisoformat(parameters["takes_effect_at"])
    event = CharterAmended(
        programme_id=programme_id,
        version=programme.version + 1,
        charter=charter_digest(title=programme.title, rehearsal=programme.rehearsal, rules=rules),
        previous=programme.charter,
        rules=rules,
        takes_effect_at=max(asked_for, await database_time(session)),
        adopted=None if adopted is None else Adopted.model_validate(adopted),
        reason=parameters["reason"],
        officers=officers,
    )
    version = CharterVersion(
        **event.model_dump(exclude={"officers", "previous", "rules", "adopted"}),
        rules=parameters["rules"],
        adopted=adopted,
        event_id=announce(session, event, source=SOURCE, log=programme.log),
    )
    await queries.keep_version(session, version)
    await queries.apply_version(session, programme_id)
    await session.refresh(programme)


async def apply_versions(database: Database) -> None:
    """Every version that is due takes effect. Each programme is a transaction of its own, behind
    the locks of its phases: what is under way is held to the version before it."""
    for programme_id in await queries.programmes_with_due_versions(database):
        async with database.begin() as session:
            await queries.phases_for_update(session, programme_id)
            await queries.apply_version(session, programme_id)
