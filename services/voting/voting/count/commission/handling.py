"""What a commission's members tell, by their command or on their page: recorded and announced."""

from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.voting import Commission
from shared.outbox import announce
from voting.count import queries as count_queries
from voting.count.commission import queries
from voting.count.commission.opening import (
    NotCovered,
    Opening,
    OpeningMalformed,
    Openings,
    Trial,
    TrialOpened,
    check_asked,
    commission_of,
    opened,
    purpose_of,
    size_of,
)
from voting.count.deciding import SOURCE
from voting.count.projecting import projection
from voting.count.rounds import format_of, seen_by_rule
from voting.count.tables import Round


class CommissionState(BaseModel):
    """Where the commission of a round stands, with the test ballot that it is to open now."""

    commission: Commission | None
    prepared: bool
    covered: bool
    openings: int
    ballots: int
    test: dict[str, Any] | None


class Kept(BaseModel):
    """How many of these ballots were sealed until now, and how many are sealed still."""

    opened: int
    left: int


async def ask(session: AsyncSession, trial: Trial, row: Round, commission: Commission) -> None:
    """Ask for a commission's trial in a locked round. Raises what `check_asked` does."""
    check_asked(row, commission)
    trial.ballot(row.round_id, commission.key, "prepare", size_of(row))
    row.asked_commission = commission.model_dump()


async def prepare_commission(
    session: AsyncSession, trial: Trial, row: Round, said: TrialOpened
) -> None:
    """Keep in a locked round that its commission holds the key; said again, nothing more happens.

    Raises `NotSealed`, `WrongState`, `CommissionUnknown`, `NotTheCommission`.
    """
    size_of(row)
    commission = commission_of(row)
    trial.check(row.round_id, commission.key, "prepare", said.salt)
    if row.commission is not None:
        return
    purpose_of(row)
    row.commission = commission.model_dump()
    event = CommissionPrepared(round_id=row.round_id, commission=commission)
    announce(session, event, source=SOURCE, log=row.log)


async def open_ballots(session: AsyncSession, trial: Trial, row: Round, said: Openings) -> Kept:
    """Keep and announce openings in a locked round.

    Raises `NotSealed`, `WrongState`, `CommissionUnknown`, `NotTheCommission`, `NotCovered`,
    `BallotUnknown`, `OpenedOtherwise`.
    """
    if purpose_of(row) == "prepare":
        raise NotCovered(f"round {row.round_id} is {row.state}: nobody has voted")
    trial.check(row.round_id, commission_of(row).key, "open", said.test)
    if not await queries.is_covered(session, row):
        raise NotCovered(f"no checkpoint covers the closing of round {row.round_id}'s box yet")
    by_key: dict[str, Opening] = {each.key: each for each in said.openings}
    if len(by_key) < len(said.openings):
        raise OpeningMalformed("a key is there twice")
    known = await queries.known_ballots(session, row.round_id, by_key)
    seen = seen_by_rule(await count_queries.options(session, row.round_id))
    read_by = projection(format_of(row), seen)
    rows = {
        key: found
        for key, each in by_key.items()
        if (found := opened(row.round_id, each, known.get(key), read_by)) is not None
    }
    fresh = await queries.open_ballots(session, row.round_id, [*rows.values()])
    if fresh != len(rows):
        raise RuntimeError(f"{len(rows)} ballots were sealed, {fresh} were opened")
    for key in rows:
        event = BallotOpened.model_validate(
            {"round_id": row.round_id, **by_key[key].model_dump(exclude_none=True)}
        )
        announce(session, event, source=SOURCE, log=row.log)
    await session.refresh(row)
    return Kept(opened=fresh, left=(row.box_keys or 0) - row.openings)


async def state_of(session: AsyncSession, trial: Trial, row: Round) -> CommissionState:
    """Where the commission of a sealed round stands. Raises `NotSealed`."""
    padded, known = size_of(row), row.commission or row.asked_commission
    test = None
    if known is not None and row.state in ("prepared", "closed"):
        test = trial.ballot(row.round_id, known["key"], purpose_of(row), padded)
    return CommissionState(
        commission=None if known is None else Commission.model_validate(known),
        prepared=row.commission is not None,
        covered=await queries.is_covered(session, row),
        openings=row.openings,
        ballots=row.voters if row.box_keys is None else row.box_keys,
        test=test,
    )
