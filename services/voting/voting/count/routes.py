"""The desk of rounds, and where a round stands."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from shared.database import database_time
from shared.people.guards import everybody, operator
from shared.process import RouteDatabase
from voting.count import charters, queries, rounds
from voting.count.funding.fund import drawing
from voting.count.moving import (
    close_round,
    locked_round,
    no_charter,
    open_round,
    order_tie,
    prepare,
)
from voting.count.rounds import OptionsUnknown, RoundIn
from voting.count.ties import OrderIn, said_before
from voting.refusals import RoundUnknown

router = APIRouter()


@router.post("/rounds", status_code=201, dependencies=[operator])
async def prepare_round(
    asked: RoundIn, database: RouteDatabase, response: Response
) -> dict[str, Any]:
    """Prepare a round with the options that were frozen for it. Asked again: the same answer."""
    async with database.begin() as session:
        frozen = await queries.frozen_options(session, asked.round_id)
        if frozen is None:
            raise OptionsUnknown(f"no options for round {asked.round_id} have arrived here")
        programme = await queries.programme(session, frozen.programme_id)
        if programme is None:
            raise OptionsUnknown(f"programme {frozen.programme_id} has not arrived here")
        rules, now = charters.rules_of(programme), await database_time(session)
        draws = None
        if rules is not None:
            draws = await drawing(
                session, programme.programme_id, rules, frozen.body_name, asked.round_id, now
            )
        left, year = (None, None) if draws is None else (draws.left, draws.year)
        charters.check(asked, programme, now, frozen.body_name, left)
        row = await prepare(session, asked, frozen, programme, year)
        options = await queries.options(session, row.round_id)
    return {
        "round_id": str(row.round_id),
        "options": row.options,
        "digest": row.digest,
        "warnings": [f"{each.path}: {each.what}" for each in rounds.warnings(row, options)],
    }


@router.post("/rounds/{round_id}/open", dependencies=[operator])
async def open_imported_round(round_id: UUID, database: RouteDatabase) -> dict[str, str]:
    """Freeze the rules; voting begins when its window does. For rounds without a charter."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        await no_charter(session, row)
        if row.state != "open":
            await open_round(session, row)
    return {"round_id": str(round_id), "state": row.state}


@router.post("/rounds/{round_id}/close", dependencies=[operator])
async def close_imported_round(round_id: UUID, database: RouteDatabase) -> dict[str, str]:
    """End voting now, as only a rehearsal may. For rounds without a charter."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        await no_charter(session, row)
        if row.state not in ("closed", "decided"):
            rounds.check_rehearsal(row)
            await close_round(session, row)
    return {"round_id": str(round_id), "state": row.state}


@router.post("/rounds/{round_id}/order", dependencies=[operator])
async def order_tie_of_imported_round(
    round_id: UUID, said: OrderIn, database: RouteDatabase
) -> dict[str, str]:
    """Say the order of level options that the count waits for. For rounds without a charter."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        await no_charter(session, row)
        if not said_before(row, said.order):
            await order_tie(session, row, said.order)
    return {"round_id": str(round_id), "state": row.state}


@router.get("/rounds/{round_id}", dependencies=[everybody])
async def round_state(round_id: UUID, database: RouteDatabase) -> dict[str, Any]:
    """Where a round stands: its state, the tally, and what was decided."""
    async with database.begin() as session:
        row = await queries.round_as_it_is(session, round_id)
        if row is None:
            raise RoundUnknown(f"there is no round {round_id}")
        options = await queries.options(session, round_id)
    decided = [option for option in options if option.funded is not None]
    winners = sorted((o for o in decided if o.funded), key=lambda o: o.place or 0)
    return {
        "round_id": str(round_id),
        "state": row.state,
        "tier_keys": bool(row.tiers),
        "tiers": row.tiers or {},
        "ballots": row.ballots,
        "budget": row.budget,
        "spent": row.spent,
        "allocation_event": None if row.allocation_event is None else str(row.allocation_event),
        "log": row.log,
        "secrecy": row.secrecy,
        "flush": row.flush,
        "commission": row.commission,
        "padded": row.padded,
        "openings": row.openings,
        "tally": rounds.tally(row, options, final=row.state == "decided").votes,
        "asked": row.asked if row.state == "closed" else None,
        "funded": [str(option.option_id) for option in winners],
        "decisions": [
            {
                "option_id": str(option.option_id),
                "number": option.number,
                "rank": option.rank,
                "votes": option.votes,
                "cost": option.cost,
                "funded": option.funded,
                "reason": option.reason,
                "amount": option.amount,
                "place": option.place,
                "step": option.step,
                "facts": option.facts,
            }
            for option in decided
        ],
    }


@router.get("/rounds/{round_id}/options", dependencies=[everybody])
async def round_options(round_id: UUID, database: RouteDatabase) -> list[dict[str, Any]]:
    """The options of a round, by number; `title` is a commitment."""
    async with database.begin() as session:
        options = await queries.options(session, round_id)
    if not options:
        raise RoundUnknown(f"there is no round {round_id}")
    return [
        {"option_id": str(o.option_id), "number": o.number, "cost": o.cost, "title": o.title}
        for o in options
    ]
