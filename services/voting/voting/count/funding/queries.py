"""Every SQL statement about what follows a decision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.carriers import CarrierCleared, CarrierJoined, CarrierLeft, ClearanceWithdrawn
from voting.count.funding.tables import Granted, Instalment, Milestone
from voting.count.tables import Programme, Round

# What a grant of a validated round comes to now: without what lapsed of it.
_COMES_TO = "coalesce(g.amount - coalesce(g.lapsed, 0), o.amount)"


# What agreements gave a carrier here as de-minimis aid in the three years that end today: what was
# signed on the same day three years before is out of them. Rehearsals count among themselves.
_AGREED = """
select sum(g.amount - coalesce(g.lapsed, 0)) from granted g
join round r on r.round_id = g.round_id and r.state <> 'annulled'
join programme m on m.programme_id = r.programme_id
where g.signed_with = p.carrier_id
  and g.signed_on > (now() at time zone 'Europe/Paris')::date - interval '3 years'
  and m.rules #>> '{funding,de_minimis}' is not null
  and m.rehearsal = (select n.rehearsal from project j join programme n using (programme_id)
      where j.project_id = p.project_id)
"""


async def lock_carriers(session: AsyncSession, projects: Sequence[UUID]) -> None:
    """Whoever signs an agreement with a carrier of these projects is alone until the transaction
    ends."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended('agreement ' || id, 0))"
        " from (select distinct carrier_id::text as id from party where project_id = any($1)"
        " order by 1) as ids",
        projects,
    )


async def lock_reference(session: AsyncSession, reference: str) -> None:
    """Whoever enters a payment under this reference is alone until the transaction ends."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended('payment ' || $1, 0))", reference
    )


async def lock_fund(session: AsyncSession, programme_id: UUID) -> None:
    """Whoever gives out a fund's money is alone until the transaction ends."""
    await session.get(Programme, programme_id, with_for_update=True, populate_existing=True)


async def drawn(session: AsyncSession, programme_id: UUID) -> dict[int, int]:
    """What the validated rounds of a fund come to now, by the year that they gave out, in cents."""
    rows = await (await raw(session)).fetch(
        f"select r.fund_year as year, sum({_COMES_TO})::bigint as cents from round r"
        " join option o on o.round_id = r.round_id and o.funded"
        " left join granted g on g.round_id = o.round_id and g.option_id = o.option_id"
        " where r.programme_id = $1 and r.fund_year is not null and r.state = 'decided'"
        " and r.validated_event is not null group by r.fund_year",
        programme_id,
    )
    return {row["year"]: row["cents"] for row in rows}


async def under_way(
    session: AsyncSession, programme_id: UUID, but: UUID | None = None
) -> Sequence[asyncpg.Record]:
    """The rounds of a fund whose result is not final yet, but for one: year and money of each."""
    return await (await raw(session)).fetch(
        "select round_id, fund_year as year, budget from round"
        " where programme_id = $1 and fund_year is not null and round_id is distinct from $2"
        " and (state in ('prepared', 'open', 'closed')"
        " or (state = 'decided' and validated_event is null)) order by round_id",
        programme_id,
        but,
    )


async def validated_rounds(session: AsyncSession) -> Sequence[Round]:
    """The rounds whose results are final, under a charter; the newest first."""
    statement = (
        select(Round)
        .join(Programme, col(Programme.programme_id) == col(Round.programme_id))
        .where(
            Round.state == "decided",
            col(Round.validated_event).is_not(None),
            col(Programme.rules).is_not(None),
        )
        .order_by(col(Round.validated_at).desc(), col(Round.round_id))
    )
    return (await session.exec(statement)).all()


async def granted(session: AsyncSession, round_id: UUID, option_id: UUID) -> Granted | None:
    """A grant, from the first act about it on; whoever changes it has the round's lock."""
    return await session.get(Granted, (round_id, option_id), populate_existing=True)


async def grants_of(session: AsyncSession, round_id: UUID) -> dict[UUID, Granted]:
    """The grants of a round, by their option."""
    found = await session.exec(select(Granted).where(Granted.round_id == round_id))
    return {row.option_id: row for row in found}


async def instalments(session: AsyncSession, round_id: UUID) -> dict[UUID, list[Instalment]]:
    """The instalments of a round's grants, in their order, by option."""
    statement = (
        select(Instalment)
        .where(Instalment.round_id == round_id)
        .order_by(col(Instalment.place))
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[Instalment]] = {}
    for row in await session.exec(statement):
        found.setdefault(row.option_id, []).append(row)
    return found


async def milestones(session: AsyncSession, round_id: UUID) -> dict[UUID, list[Milestone]]:
    """The milestones that a round's projects reached, by day, by option."""
    statement = (
        select(Milestone)
        .where(Milestone.round_id == round_id)
        .order_by(col(Milestone.reached_on), col(Milestone.name))
    )
    found: dict[UUID, list[Milestone]] = {}
    for row in await session.exec(statement):
        found.setdefault(row.option_id, []).append(row)
    return found


async def reference_known(session: AsyncSession, reference: str) -> bool:
    """Whether a payment has this reference."""
    found: bool = await (await raw(session)).fetchval(
        "select exists (select from instalment where reference = $1)", reference
    )
    return found


async def parties(session: AsyncSession, projects: Sequence[UUID]) -> Sequence[dict[str, Any]]:
    """Who carries these projects, in the order of joining, what stands of what an officer found in
    order, and what agreements here gave each in three years."""
    rows = await (await raw(session)).fetch(
        "select p.project_id, p.carrier_id, p.part, p.carrier_type, p.name, p.siret, p.rna,"
        " c.sse_until, coalesce(c.checked, '{}') as checked, c.contract_on, c.de_minimis,"
        f" coalesce(({_AGREED}), 0)::bigint as agreed from party p"
        " left join clearance c on c.project_id = p.project_id and c.carrier_id = p.carrier_id"
        " and c.withdrawn_event is null"
        " where p.project_id = any($1) and p.left_event is null"
        " order by p.project_id, p.place",
        projects,
    )
    return [dict(row) for row in rows]


async def signers(session: AsyncSession, round_id: UUID) -> dict[UUID, dict[str, Any]]:
    """Who signed the agreements of a round, by option, with what is known of it by now, whether it
    left the project since or not; none where a person signed, who is not announced."""
    rows = await (await raw(session)).fetch(
        "select distinct on (g.option_id) g.option_id, p.carrier_type, p.name, p.siret, p.rna"
        " from granted g join party p on p.project_id = g.option_id"
        " and p.carrier_id = g.signed_with where g.round_id = $1"
        " order by g.option_id, p.left_event is not null, p.place desc",
        round_id,
    )
    return {row["option_id"]: dict(row) for row in rows}


async def withdrawn(session: AsyncSession, projects: Sequence[UUID]) -> set[UUID]:
    """Those of these projects that go no further."""
    rows = await (await raw(session)).fetch(
        "select project_id from project where withdrawn and project_id = any($1)", projects
    )
    return {row["project_id"] for row in rows}


async def other_money(session: AsyncSession, option_id: UUID) -> int:
    """What others give for a project beside what it asks for, in cents, as its plan says."""
    found: int | None = await (await raw(session)).fetchval(
        "select other_money from project where project_id = $1", option_id
    )
    return found or 0


async def keep_party(session: AsyncSession, joined: Delivered[CarrierJoined]) -> None:
    """Somebody carries a project; said again, its place in the order of joining stays."""
    event = joined.event
    await (await raw(session)).execute(
        "insert into party (project_id, carrier_id, part, carrier_type, name, siret, rna,"
        " sse_until) values ($1, $2, $3, $4, $5, $6, $7, $8)"
        " on conflict (project_id, carrier_id, part) do update"
        " set carrier_type = excluded.carrier_type, name = excluded.name,"
        " siret = excluded.siret, rna = excluded.rna,"
        " sse_until = excluded.sse_until, left_event = null,"
        " place = case when party.left_event is null then party.place else excluded.place end",
        event.project_id,
        event.carrier_id,
        event.part,
        event.carrier_type,
        event.name,
        event.siret,
        event.rna,
        event.sse_until,
    )


async def leave(session: AsyncSession, left: Delivered[CarrierLeft]) -> None:
    """Somebody carries a project no more."""
    event = left.event
    await (await raw(session)).execute(
        "update party set left_event = $4"
        " where project_id = $1 and carrier_id = $2 and part = $3 and left_event is null",
        event.project_id,
        event.carrier_id,
        event.part,
        left.envelope.id,
    )


async def keep_clearance(
    session: AsyncSession, cleared: Delivered[CarrierCleared], at: datetime
) -> None:
    """An officer found a carrier in order: what was found before does not hold any more."""
    event = cleared.event
    await (await raw(session)).execute(
        "insert into clearance (project_id, carrier_id, checked, contract_on, de_minimis,"
        " sse_until, cleared_event, cleared_at) values ($1, $2, $3, $4, $5, $6, $7, $8)"
        " on conflict (project_id, carrier_id) do update set checked = excluded.checked,"
        " contract_on = excluded.contract_on, de_minimis = excluded.de_minimis,"
        " sse_until = excluded.sse_until,"
        " cleared_event = excluded.cleared_event, cleared_at = excluded.cleared_at,"
        " withdrawn_event = null",
        event.project_id,
        event.carrier_id,
        list(event.checked),
        event.contract_on,
        event.de_minimis,
        event.sse_until,
        cleared.envelope.id,
        at,
    )


async def withdraw_clearance(
    session: AsyncSession, withdrawn: Delivered[ClearanceWithdrawn]
) -> None:
    """A carrier is in order no more."""
    event = withdrawn.event
    await (await raw(session)).execute(
        "update clearance set withdrawn_event = $3 where project_id = $1 and carrier_id = $2",
        event.project_id,
        event.carrier_id,
        withdrawn.envelope.id,
    )


async def withdraw_project(session: AsyncSession, project_id: UUID) -> None:
    """A project goes no further: no agreement is signed about it."""
    await (await raw(session)).execute(
        "update project set withdrawn = true where project_id = $1", project_id
    )
