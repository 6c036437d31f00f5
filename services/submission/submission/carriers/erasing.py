"""Erasing what a carrier wrote and who she is; what was decided stays, with its commitments.

Her own words a carrier erases herself, and who carries nothing her account. Anything else takes two
administrators, by idea or by the ids of words, with a ground of the law. What was erased is erased
again in a database that was restored from before: `erase_again` and `forget_again` read it from the
topic that says it, and where that has lost it, from the ledger.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.delivery import Delivered
from shared.events.submission import ContentErased, Ground, ResidentErased
from shared.outbox import announce
from shared.people import queries as people
from shared.people.roles import NOBODY
from shared.refusal import Refusal
from submission.carriers import queries
from submission.carriers.organisations import queries as organisations
from submission.counters.returning import end_handoffs
from submission.documents.keeping import erase_documents, lost_documents
from submission.imports import queries as imports
from submission.projects import queries as projects
from submission.projects.finding import held_idea
from submission.projects.supporting import queries as supporting
from submission.projects.tables import Idea
from submission.projects.withdrawing.erased import withdraw_erased
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


class IdeasCarried(Refusal):
    """Whoever carries ideas erases each of them, and is forgotten with the last."""

    code = "ideas_carried"


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
    forgotten as a resident too. It is withdrawn unless a round has it (`held_idea` locks it so that
    none takes it meanwhile); it is at no desk any more, and its place at a session is free. Of
    an idea that nobody is known to carry the words are erased: it was imported without an address,
    or her name was erased alone. Erased before, nothing happens.
    """
    await withdraw_erased(session, idea, now, None if by == NOBODY.id else by)
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


async def erase_resident(session: AsyncSession, resident: UUID, now: datetime) -> None:
    """Forget somebody who carries nothing, and erase what she declared of organisations that nobody
    else carries a project with. How many support an idea stays. Forgotten before, nothing happens.

    Raises `IdeasCarried`: of her ideas each is erased by itself, or the ledger would link them.
    """
    if not await people.hold_resident(await raw(session), resident):
        return
    if not await queries.carries_nothing(session, resident):
        raise IdeasCarried("you carry ideas: each is erased on its own page, and you with the last")
    alone = await organisations.left_by(session, resident)
    texts = await organisations.texts_of(session, alone)
    await _erase(session, texts, NOBODY.id, None, "person-asked")
    await organisations.wipe(session, alone, now)
    await _forget_resident(session, resident)


async def forget_again(session: AsyncSession, events: Sequence[Delivered[ResidentErased]]) -> None:
    """Forget who was forgotten: in a database restored from before, she is back."""
    connection = await raw(session)
    for delivered in events:
        if await people.hold_resident(connection, delivered.event.resident):
            log.warning("a resident of a restored database was forgotten again")
            await _forget_resident(session, delivered.event.resident, say=False)


async def erase_name(session: AsyncSession, idea: Idea, now: datetime) -> None:
    """Erase who carries a locked idea, since that was kept for long enough, and nothing else: the
    name of the idea, and those of its dossier in every version."""
    names = await projects.carrier_names(session, [idea.project_id])
    await _erase(session, names, NOBODY.id, None, "kept-long-enough")
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
        idea = await held_idea(session, UUID(parameters["project_id"]))
        await check_left(session, idea)
        return await erase(session, idea, now, by, reason, ground)
    await check_there(session, parameters["content_ids"])
    untitled = await _hold_titled(session, parameters["content_ids"])
    # An organisation without its name has no numbers either.
    named = await organisations.named_by(session, parameters["content_ids"])
    texts = {*parameters["content_ids"], *await organisations.texts_of(session, named)}
    # Nor has a dossier the name that its carrier has no more.
    carried = await queries.carried_by_names(session, parameters["content_ids"])
    texts |= {*await projects.carrier_names(session, carried)}
    erased = await _erase(session, sorted(texts), by, reason, ground)
    for idea in untitled:
        await withdraw_erased(session, idea, now, by)
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
        content_ids, then = delivered.event.content_ids, delivered.envelope.time
        untitled = await _hold_titled(session, content_ids)
        if erased := await erase_words(session, content_ids):
            log.warning("%d texts of a restored database were erased again", len(erased))
        # That it was withdrawn, and her documents removed, was said when she was erased: it is not
        # said again.
        for idea in untitled:
            await withdraw_erased(session, idea, then, say=False)
        await _forget_named(session, content_ids, then, again=True)


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


async def _hold_titled(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[Idea]:
    """The ideas that are voted on under one of these titles: no round takes them meanwhile."""
    return [await held_idea(session, each) for each in await projects.titled(session, content_ids)]


async def _forget_named(
    session: AsyncSession, erased: Sequence[str], now: datetime, *, again: bool = False
) -> None:
    """Whose name is erased is told nothing more, and signed out; an organisation has no number any
    more."""
    if named := await organisations.named_by(session, erased):
        await organisations.wipe(session, named, now)
    for project_id in await queries.carried_by_names(session, erased):
        if await _forget_carrier(session, project_id, now, again=again):
            await lost_documents(session, project_id)


async def _forget_carrier(
    session: AsyncSession, project_id: UUID, now: datetime, *, again: bool = False
) -> bool:
    """Whether documents went with the carrier."""
    carrier = await queries.carrier(session, project_id)
    if carrier is None or carrier.resident is None:
        return False
    resident = carrier.resident
    documents = await erase_documents(session, project_id, now, say=not again)
    await queries.forget_carrier(session, project_id, now)
    if await queries.carries_nothing(session, resident):
        await _forget_resident(session, resident, say=not again)
    else:
        await people.end_sessions_of(await raw(session), resident)
    return documents


async def _forget_resident(session: AsyncSession, resident: UUID, *, say: bool = True) -> None:
    await supporting.forget(session, resident)
    await organisations.forget_keeper(session, resident)
    await projects.forget_drafts_of(session, resident)
    await work.forget_visit(session, resident)
    await people.erase_resident(await raw(session), resident)
    if say:
        announce(session, ResidentErased(resident=resident), source=SOURCE)
