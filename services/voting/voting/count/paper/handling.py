"""Opening, entering, locking and annulling batches, and saying that all papers are in: in the
caller's transaction."""

import secrets
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID, uuid4, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import commitment
from shared.database import raw
from shared.events.paper import (
    MOST_PAPERS,
    TIER,
    BatchAnnulment,
    PaperBatchAnnulled,
    PaperBatchOpened,
)
from shared.outbox import announce, number_all
from shared.words import unseen
from voting.count import queries as count_queries
from voting.count.deciding import SOURCE
from voting.count.moving import locked_round
from voting.count.paper import batches, closing, queries
from voting.count.paper.batches import (
    BatchAnnulled,
    BatchMalformed,
    BatchNotOpen,
    BatchUnknown,
)
from voting.count.paper.closing import Batch
from voting.count.rounds import format_of
from voting.count.tables import Round

SHORTEST_PLACE, LONGEST_PLACE = 2, 200


@dataclass(frozen=True)
class PaperBallot:
    """A ballot of tier P, as it is projected: its batch and number stand for a voter's key."""

    key: str
    choices: tuple[Any, ...]
    tier: str = TIER
    revision: int = 1
    commitment: None = None
    sealed: None = None


async def open_batch(
    session: AsyncSession, row: Round, place: str, stubs: str, *, once: str = ""
) -> UUID:
    """Begin to enter the papers of a place; `row` is locked. The same said again under the same
    `once` is the same batch. Raises `NoPaper`, `PapersIn`, `BatchMalformed`."""
    closing.check_takes_papers(row)
    words = " ".join(place.split())
    many = int(stubs) if stubs.isascii() and stubs.isdigit() and len(stubs) < 6 else 0
    if (character := unseen(words)) is not None:
        raise BatchMalformed(f"a place may not have the character {character}")
    if not SHORTEST_PLACE <= len(words) <= LONGEST_PLACE or not 1 <= many <= MOST_PAPERS:
        raise BatchMalformed(
            f"a batch has a place of {SHORTEST_PLACE} to {LONGEST_PLACE} characters and 1 to"
            f" {MOST_PAPERS} stubs"
        )
    batch_id = uuid5(row.round_id, f"{once} {many} {words}") if once else uuid4()
    if once and await queries.batch(await raw(session), batch_id) is not None:
        return batch_id
    salt = secrets.token_bytes(32)
    await queries.keep_batch(await raw(session), batch_id, row.round_id, words, salt, many)
    event = PaperBatchOpened(
        round_id=row.round_id,
        batch_id=batch_id,
        place=commitment(salt, words).hex(),
        stubs=many,
    )
    announce(session, event, source=SOURCE, log=row.log)
    return batch_id


async def locked_batch(session: AsyncSession, batch_id: UUID) -> tuple[Round, Batch]:
    """A batch and its round, which nobody else moves meanwhile. Raises `BatchUnknown`."""
    found = await queries.batch(await raw(session), batch_id)
    if found is None:
        raise BatchUnknown(f"there is no batch {batch_id}")
    row = await locked_round(session, found.round_id)
    again = await queries.batch_for_update(await raw(session), batch_id)
    assert again is not None
    return row, again


async def enter_paper(
    session: AsyncSession, batch_id: UUID, paper: int, agent: UUID, choices: str, void: str
) -> None:
    """Keep what an agent read off a paper. Raises `BatchUnknown`, `BatchNotOpen`, `PaperUnknown`,
    `PaperMalformed`, `EnteredBefore`, `PaperDone`."""
    connection = await raw(session)
    batch = await queries.batch_for_update(connection, batch_id)
    if batch is None:
        raise BatchUnknown(f"there is no batch {batch_id}")
    _check_open(batch)
    batches.check_paper(paper, batch.stubs)
    row = await count_queries.round_as_it_is(session, batch.round_id)
    assert row is not None
    entry = batches.read_entry(agent, choices, void, format_of(row), row.options)
    before = (await queries.entries(connection, batch_id)).get(paper, [])
    turn = batches.turn(before, agent)
    await queries.keep_entry(connection, batch_id, paper, turn, entry)


async def lock_batch(session: AsyncSession, row: Round, batch: Batch) -> None:
    """A batch becomes ballots, each signed by its key; both rows are locked. Raises `PapersIn`,
    `BatchNotOpen`, `BoxOpen`, `NotAllEntered`."""
    closing.check_takes_papers(row)
    _check_open(batch)
    closing.check_box_closed(row)
    connection = await raw(session)
    entered = await queries.entries(connection, batch.batch_id)
    locked = batches.lock(row.round_id, batch.batch_id, batch.stubs, entered)
    event_id = announce(session, locked.event, source=SOURCE, log=row.log)
    for ballot in locked.ballots:
        announce(session, ballot, source=SOURCE, log=row.log)
    await queries.keep_locked(connection, locked.event, event_id, locked.ballots)


async def annul_batch(
    session: AsyncSession,
    row: Round,
    batch: Batch,
    reason: BatchAnnulment,
    officers: tuple[UUID, UUID],
) -> None:
    """None of a batch's papers counts; both rows are locked. Raises `PapersIn`,
    `BatchAnnulled`."""
    check_annullable(row, batch)
    connection = await raw(session)
    await queries.annul_batch(connection, batch.batch_id)
    await queries.forget_entries(connection, batch.batch_id)
    event = PaperBatchAnnulled(
        round_id=row.round_id, batch_id=batch.batch_id, reason=reason, officers=officers
    )
    announce(session, event, source=SOURCE, log=row.log)


def annulling(batch: Batch, cause: str) -> dict[str, Any]:
    """What two officers decide by annulling a batch. Raises `BatchMalformed`."""
    if cause not in get_args(BatchAnnulment):
        raise BatchMalformed(f"{cause[:40]!r} is no reason for which a batch is annulled")
    return {
        "round_id": str(batch.round_id),
        "batch_id": str(batch.batch_id),
        "batch": batch.number,
        "stubs": batch.stubs,
        "batch_annulment": cause,
    }


def check_annullable(row: Round, batch: Batch) -> None:
    """Raises `PapersIn`, `BatchAnnulled`."""
    closing.check_takes_papers(row)
    if batch.state == "annulled":
        raise BatchAnnulled(f"batch {batch.number} was annulled before")


async def close_papers(session: AsyncSession, row: Round, officers: tuple[UUID, UUID]) -> None:
    """All papers are in: they are counted with the other ballots; `row` is locked. Raises what
    `closing.summed` does."""
    connection = await raw(session)
    sums = closing.summed(row, await queries.batches(connection, row.round_id))
    found = await queries.locked_ballots(connection, row.round_id)
    # Before the event: it states the last number before its own, which the batches have.
    await session.flush()
    last_number = await number_all(connection, row.log)
    event = closing.papers_closed(sums, officers, last_number)
    row.papers = sums
    row.papers_event = announce(session, event, source=SOURCE, log=row.log)
    row.paper_ballots = len(found)
    await session.flush()
    ballots = [PaperBallot(f"{batch_id}/{number}", said) for batch_id, number, said in found]
    await count_queries.project_ballots(session, row.round_id, ballots)
    await session.refresh(row)


def _check_open(batch: Batch) -> None:
    if batch.state != "open":
        raise BatchNotOpen(f"batch {batch.number} is {batch.state}")
