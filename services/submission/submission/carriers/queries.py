"""Every SQL statement about who carries what: contacts, parts in projects, and limits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.carriers.tables import Carriage, Carrier, Clearance, Consent


async def carrier(session: AsyncSession, project_id: UUID) -> Carrier | None:
    """Who carries an idea, as it stands."""
    statement = (
        select(Carrier)
        .where(Carrier.project_id == project_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def forget_carrier(session: AsyncSession, project_id: UUID, now: datetime) -> None:
    """Forget name, address and person, and whom she was a minor of; what they carried stays."""
    connection = await raw(session)
    await connection.execute(
        "update carrier set resident = null, name = null, address = null, erased_at = $2"
        " where project_id = $1 and erased_at is null",
        project_id,
        now,
    )
    await connection.execute(
        "update carriage set resident = null where project_id = $1 and resident is not null",
        project_id,
    )
    await connection.execute("delete from consent where project_id = $1", project_id)


async def whom_to_tell(session: AsyncSession, project_id: UUID) -> asyncpg.Record | None:
    """Address, language and the project's title in words; None where they were erased."""
    return await (await raw(session)).fetchrow(
        "select c.address, c.language, coalesce(d.value, t.value) as title"
        " from carrier c join idea i using (project_id)"
        " join text t on t.content_id = i.title"
        " left join project p on p.project_id = c.project_id"
        " left join text d on d.content_id = p.title"
        " where c.project_id = $1 and c.address is not null"
        " and coalesce(d.value, t.value) is not null",
        project_id,
    )


async def carries_nothing(session: AsyncSession, resident: UUID) -> bool:
    """Whether a resident carries nothing any more."""
    found = await (await raw(session)).fetchval(
        "select exists (select from carrier where resident = $1)", resident
    )
    return not found


async def carried_by_names(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[UUID]:
    """The ideas whose carrier's name is among these words, and who is not forgotten yet."""
    rows = await (await raw(session)).fetch(
        "select project_id from idea join carrier using (project_id)"
        " where idea.carrier = any($1) and erased_at is null order by project_id",
        list(content_ids),
    )
    return [row["project_id"] for row in rows]


async def carried_too_long(session: AsyncSession, months: int, most: int) -> Sequence[UUID]:
    """Ideas whose carrier is known still, though their programme's last phase closed so many
    months ago."""
    rows = await (await raw(session)).fetch(
        "select project_id from idea i join carrier c using (project_id)"
        " where c.erased_at is null and not exists (select from phase p"
        " where p.programme_id = i.programme_id"
        " and p.closes_at > now() - make_interval(months => $1))"
        " order by project_id limit $2",
        months,
        most,
    )
    return [row["project_id"] for row in rows]


async def lead(session: AsyncSession, project_id: UUID) -> Carriage | None:
    """Who carries a project and answers for it, as it stands."""
    statement = (
        select(Carriage)
        .where(
            Carriage.project_id == project_id,
            Carriage.part == "lead",
            col(Carriage.left_at).is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def carriages(session: AsyncSession, project_id: UUID) -> Sequence[Carriage]:
    """Everybody who has a part in a project, in the order of joining."""
    statement = (
        select(Carriage)
        .where(Carriage.project_id == project_id, col(Carriage.left_at).is_(None))
        .order_by(col(Carriage.place))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def carriers_named(session: AsyncSession, project_id: UUID) -> Sequence[asyncpg.Record]:
    """Everybody who has a part in a project, with the names of organisations in words."""
    return await (await raw(session)).fetch(
        "select c.carrier_id, c.part, c.type, c.status, c.organisation_id, c.joined_at,"
        " t.value as name, o.siret, o.rna, o.founded_on, o.seat, o.branch, o.sse, o.sse_until,"
        " o.ambassador, l.checked, l.contract_on, l.de_minimis, l.at as cleared_at"
        " from carriage c left join organisation o using (organisation_id)"
        " left join text t on t.content_id = o.name"
        " left join clearance l on l.project_id = c.project_id and l.carrier_id = c.carrier_id"
        " and l.withdrawn_at is null"
        " where c.project_id = $1 and c.left_at is null"
        " order by array_position(array['lead', 'joint', 'sponsor', 'host', 'research-partner',"
        " 'co-funder'], c.part), c.place",
        project_id,
    )


async def try_carrier_lock(session: AsyncSession, carrier: UUID) -> bool:
    """Lock a carrier's limits until the transaction ends, if nobody else has them locked."""
    found = await (await raw(session)).fetchval(
        "select pg_try_advisory_xact_lock(hashtextextended($1::text, 15))", str(carrier)
    )
    return bool(found)


async def carrier_lock(session: AsyncSession, carrier: UUID) -> None:
    """Lock a carrier's limits until the transaction ends: before any other lock."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended($1::text, 15))", str(carrier)
    )


# What was withdrawn, or went on in another project, counts for no limit.
_STANDS = " coalesce(to_jsonb(i) ->> 'standing', 'active') not in ('withdrawn', 'merged', 'split')"


# A number of an organisation's, as it was ever declared: of a SIRET the SIREN, since each of its
# establishments has a SIRET of its own.
_NUMBERS = (
    "select x.organisation_id,"
    " case when length(t.value) = 14 then left(t.value, 9) else t.value end as number"
    " from organisation_text x join text t using (content_id)"
    " where x.is_number and t.value is not null"
)


async def same_organisations(session: AsyncSession, organisation_id: UUID) -> Sequence[UUID]:
    """An organisation, and all that have or had one of its numbers: one legal person, whoever
    declared it under whatever name."""
    rows = await (await raw(session)).fetch(
        f"with numbered as ({_NUMBERS}) select $1::uuid as id union"
        " select b.organisation_id from numbered a join numbered b using (number)"
        " where a.organisation_id = $1 order by id",
        organisation_id,
    )
    return [row["id"] for row in rows]


async def numbers_of(
    session: AsyncSession, organisations: Sequence[UUID]
) -> Sequence[tuple[UUID, str]]:
    """Each number that one of these organisations has or had."""
    rows = await (await raw(session)).fetch(
        f"{_NUMBERS} and x.organisation_id = any($1) order by 2, 1", list(organisations)
    )
    return [(row["organisation_id"], row["number"]) for row in rows]


async def ideas_of(
    session: AsyncSession, programme_id: UUID, organisations: Sequence[UUID], idea: UUID | None
) -> int:
    """How many other ideas of a programme these organisations carry, and have not withdrawn."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from carriage c join idea i using (project_id)"
        " where c.organisation_id = any($2) and c.part = 'lead' and c.left_at is null"
        f" and i.programme_id = $1 and i.project_id is distinct from $3 and {_STANDS}",
        programme_id,
        list(organisations),
        idea,
    )
    return found


async def projects_of(session: AsyncSession, resident: UUID) -> Sequence[asyncpg.Record]:
    """What somebody deposited, by what it is called now, newest first."""
    return await (await raw(session)).fetch(
        "select i.project_id, coalesce(d.value, t.value) as title"
        " from carrier c join idea i using (project_id) join text t on t.content_id = i.title"
        " left join project p using (project_id) left join text d on d.content_id = p.title"
        " where c.resident = $1 order by i.deposited_at desc, i.project_id",
        resident,
    )


async def ideas_carried(session: AsyncSession, programme_id: UUID, resident: UUID) -> int:
    """How many ideas of a programme somebody deposited and has not withdrawn."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from carrier c join idea i using (project_id)"
        f" where c.resident = $2 and i.programme_id = $1 and {_STANDS}",
        programme_id,
        resident,
    )
    return found


# Of the carriage `c`: its carrier is one of these organisations, or this resident.
_SAME = " c.left_at is null and (c.organisation_id = any($2) or c.resident = $3)"


async def dossiers_carried(
    session: AsyncSession, programme_id: UUID, of: Carriage, same: Sequence[UUID]
) -> int:
    """How many other dossiers of a programme the same carrier has filed and not withdrawn; `same`
    are the organisations that are its own."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from carriage c join project p using (project_id)"
        " join idea i using (project_id)"
        f" where p.programme_id = $1 and c.part = 'lead' and {_SAME}"
        f" and i.project_id <> $4 and {_STANDS}",
        programme_id,
        list(same),
        of.resident,
        of.project_id,
    )
    return found


# Of the carriage `c`.
_OF_LIFE = "exists (select from project_event where project_id = c.project_id and kind = '{}')"
_PAID, _LAPSED = _OF_LIFE.format("instalment-paid"), _OF_LIFE.format("grant-lapsed")


# A sponsor answers for the money where its charter has carriers of the lead's type sponsored; of
# several it is the one that joined first.
_ANSWERED = (
    " (c.part = 'lead' or c.part = 'sponsor' and exists (select from carriage l"
    " where l.project_id = c.project_id and l.part = 'lead' and l.left_at is null"
    " and g.rules #> '{submitting,sponsored}' ? l.type)"
    " and not exists (select from carriage s where s.project_id = c.project_id"
    " and s.part = 'sponsor' and s.left_at is null and s.place < c.place))"
)


async def funded_on(session: AsyncSession, of: Carriage, same: Sequence[UUID]) -> date | None:
    """The day in Paris on which another project was last funded that the same carrier has, or
    answers for as a sponsor, whatever the programme; None where none was. `same` are the
    organisations that are its own.

    A round that was annulled funded nothing, nor did a grant that lapsed before anything was paid;
    what a rehearsal funds counts in rehearsals alone.
    """
    found: date | None = await (await raw(session)).fetchval(
        "select max((coalesce(case when s.validated = s.allocation then s.validated_at end,"
        " d.agreed_at) at time zone 'Europe/Paris')::date)"
        " from carriage c join decision d using (project_id)"
        " join idea i using (project_id) join programme g using (programme_id)"
        " left join round_state s on s.round_id = d.round_id"
        " left join round r on r.round_id = d.round_id"
        " where (d.agreed is not null or (s.validated = s.allocation and d.funded"
        " and (d.amount > 0 or (d.amount is null and r.body_name is null))))"
        " and s.annulled_at is null and (not g.rehearsal or (select m.rehearsal from idea"
        " join programme m using (programme_id) where project_id = $1))"
        f" and ({_PAID} or not {_LAPSED})"
        f" and c.project_id <> $1 and {_SAME} and {_ANSWERED}",
        of.project_id,
        list(same),
        of.resident,
    )
    return found


async def leads(
    session: AsyncSession, projects: Sequence[UUID]
) -> Sequence[tuple[UUID, UUID | None]]:
    """Each of these projects with the organisation or the resident that carries it; None where
    nobody is known any more."""
    rows = await (await raw(session)).fetch(
        "select project_id, coalesce(organisation_id, resident) as who from carriage"
        " where project_id = any($1) and part = 'lead' and left_at is null order by project_id",
        list(projects),
    )
    return [(row["project_id"], row["who"]) for row in rows]


async def clearance(session: AsyncSession, project_id: UUID, carrier_id: UUID) -> Clearance | None:
    """What an officer found in order of a carrier, unless it was withdrawn."""
    statement = (
        select(Clearance)
        .where(
            Clearance.project_id == project_id,
            Clearance.carrier_id == carrier_id,
            col(Clearance.withdrawn_at).is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def consent(session: AsyncSession, project_id: UUID) -> Consent | None:
    """The consent that a minor's idea needs; None where it needs none."""
    return await session.get(Consent, project_id, populate_existing=True)


async def consent_of(session: AsyncSession, token: bytes) -> Consent | None:
    """The consent that a mailed link asks for, as it stands."""
    statement = (
        select(Consent).where(Consent.token == token).execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def unagreed(session: AsyncSession, before: datetime, most: int) -> Sequence[UUID]:
    """The ideas whose carrier's representative was asked before then, and has not agreed."""
    rows = await (await raw(session)).fetch(
        "select project_id from consent where given_at is null and asked_at <= $1"
        " order by project_id limit $2",
        before,
        most,
    )
    return [row["project_id"] for row in rows]


async def forget_consent(session: AsyncSession, project_id: UUID) -> None:
    """Nobody is asked any more to agree to an idea."""
    await (await raw(session)).execute("delete from consent where project_id = $1", project_id)
