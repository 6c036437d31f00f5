"""Erasing what a carrier wrote and who she is; what was decided stays, with its commitments.

Her own words a carrier erases herself. Anything else takes two administrators, by idea or by the
ids of words, with a ground of the law. What was erased is erased again in a database that was
restored from before: `erase_again` reads it from the topic that says it, and where that has lost
it, from the ledger.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.delivery import Delivered
from shared.events.submission import ContentErased, Ground
from shared.outbox import announce
from shared.people import queries as people
from shared.people.roles import NOBODY
from shared.refusal import Refusal
from submission.carriers import queries
from submission.carriers.organisations import queries as organisations
from submission.counters.returning import end_handoffs
from submission.documents.keeping import erase_documents
from submission.imports import queries as imports
from submission.projects import queries as projects
from submission.projects.finding import idea_for_update
from submission.projects.supporting import queries as supporting
from submission.projects.tables import Idea
from submission.projects.work import queries as work
from submission.queries import texts_there
from submission.wording import SOURCE, erase_words

log = logging.getLogger("comptoir.erasing")

AT_ONCE = 500


class ContentUnknown(Refusal):
    """No words have this id."""

    code = "content_unknown"


class ErasedBefore(Refusal):
    """These words were erased before."""

    code = "erased_before"


async def erase(
    session: AsyncSession,
    idea: Idea,
    now: datetime,
    by: UUID = NOBODY.id,
    reason: str | None = None,
    ground: Ground = "carrier-asked",
) -> None:
    """Erase a locked idea's words and its carrier, and sign her out everywhere.

    `by` names an officer and never a resident: the ledger keeps it, and would link her projects.
    What she declared for it goes with it, unless somebody's other project has it too. `reason` is a
    commitment to an officer's words; a carrier needs none. Whoever carries nothing more is
    forgotten as a resident too. It is at no desk any more, and its place at a session is free. Of
    an idea that nobody is known to carry the words are erased: it was imported without an address,
    or her name was erased alone. Erased before, nothing happens.
    """
    await end_handoffs(session, idea.project_id, "withdrawn", None, now)
    carrier = await queries.carrier(session, idea.project_id)
    texts = await projects.project_texts(session, idea.project_id)
    if carrier is None or carrier.resident is None:
        await _erase(session, texts, by, reason, ground)
        return
    alone = await organisations.left_alone_by(session, carrier.resident, idea.project_id)
    texts = [*texts, *await organisations.texts_of(session, alone)]
    await _erase(session, texts, by, reason, ground)
    await organisations.wipe(session, alone, now)
    await _forget_carrier(session, idea.project_id, now)


async def erase_organisation(session: AsyncSession, organisation_id: UUID, now: datetime) -> None:
    """Erase what a resident declared of an organisation that carries nothing."""
    texts = await organisations.texts_of(session, [organisation_id])
    await _erase(session, texts, NOBODY.id, None, "person-asked")
    await organisations.wipe(session, [organisation_id], now)


async def erase_name(session: AsyncSession, idea: Idea, now: datetime) -> None:
    """Erase who carries a locked idea, since that was kept for long enough, and nothing else."""
    await _erase(session, [idea.carrier], NOBODY.id, None, "kept-long-enough")
    await _forget_carrier(session, idea.project_id, now)


async def erase_content(
    session: AsyncSession, parameters: Mapping[str, Any], officers: tuple[UUID, UUID]
) -> None:
    """Do what two administrators decided: erase an idea, or some words.

    Raises `ErasedBefore` where nothing of it is left.
    """
    by, now = officers[0], await database_time(session)
    reason, ground = parameters["reason"], parameters["ground"]
    if "project_id" in parameters:
        idea = await idea_for_update(session, UUID(parameters["project_id"]))
        await check_left(session, idea)
        return await erase(session, idea, now, by, reason, ground)
    await check_there(session, parameters["content_ids"])
    # An organisation without its name has no numbers either.
    named = await organisations.named_by(session, parameters["content_ids"])
    texts = {*parameters["content_ids"], *await organisations.texts_of(session, named)}
    erased = await _erase(session, sorted(texts), by, reason, ground)
    await _forget_named(session, erased, now)


async def check_left(session: AsyncSession, idea: Idea) -> None:
    """Raises `ErasedBefore` where the idea's words and carrier were erased."""
    carrier = await queries.carrier(session, idea.project_id)
    if carrier is not None and carrier.resident is not None:
        return
    texts = await projects.project_texts(session, idea.project_id)
    if not any((await texts_there(session, texts)).values()):
        raise ErasedBefore("this idea was erased before")


async def check_there(session: AsyncSession, content_ids: Sequence[str]) -> None:
    """Raises `ContentUnknown` where there are no such words, and never were, and `ErasedBefore`
    where some are no more."""
    there = await texts_there(session, content_ids)
    for content_id in content_ids:
        if content_id not in there:
            raise ContentUnknown(f"no words have the id {content_id[:64]}")
        if not there[content_id]:
            raise ErasedBefore(f"the words {content_id} were erased before")


async def erase_again(session: AsyncSession, events: Sequence[Delivered[ContentErased]]) -> None:
    """Erase what was erased: in a database restored from before, words and carriers are back.

    Where they are gone, as always but then, nothing happens. What was not written yet when the
    backup was made stands as erased, so that nothing brings it back.
    """
    for delivered in events:
        if erased := await erase_words(session, delivered.event.content_ids):
            log.warning("%d texts of a restored database were erased again", len(erased))
        # That her documents were removed was said when she was erased: it is not said again.
        await _forget_named(
            session, delivered.event.content_ids, delivered.envelope.time, again=True
        )


async def abandon(session: AsyncSession) -> None:
    """Give up what a restored database had under way: drafts, and files that are not recorded.

    Some became ideas since, of people who were erased, perhaps: nothing here says which.
    """
    await projects.abandon_drafts(session)
    await imports.abandon(session)


async def _erase(
    session: AsyncSession, texts: Sequence[str], by: UUID, reason: str | None, ground: Ground
) -> tuple[str, ...]:
    erased = await erase_words(session, texts)
    for start in range(0, len(erased), AT_ONCE):
        event = ContentErased(
            content_ids=erased[start : start + AT_ONCE], by=by, reason=reason, ground=ground
        )
        announce(session, event, source=SOURCE)
    return erased


async def _forget_named(
    session: AsyncSession, erased: Sequence[str], now: datetime, *, again: bool = False
) -> None:
    """Whose name is erased is told nothing more, and signed out; an organisation has no number any
    more."""
    if named := await organisations.named_by(session, erased):
        await organisations.wipe(session, named, now)
    for project_id in await queries.carried_by_names(session, erased):
        await _forget_carrier(session, project_id, now, again=again)


async def _forget_carrier(
    session: AsyncSession, project_id: UUID, now: datetime, *, again: bool = False
) -> None:
    carrier = await queries.carrier(session, project_id)
    if carrier is None or carrier.resident is None:
        return
    resident = carrier.resident
    await erase_documents(session, project_id, now, say=not again)
    await queries.forget_carrier(session, project_id, now)
    connection = await raw(session)
    if await queries.carries_nothing(session, resident):
        await supporting.forget(session, resident)
        await organisations.forget_keeper(session, resident)
        await projects.forget_drafts_of(session, resident)
        await work.forget_visit(session, resident)
        await people.erase_resident(connection, resident)
    else:
        await people.end_sessions_of(connection, resident)
