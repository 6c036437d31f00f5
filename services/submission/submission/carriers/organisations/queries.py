"""Every SQL statement about organisations."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.carriers.tables import Aid, Carriage, Organisation


async def organisation(session: AsyncSession, organisation_id: UUID) -> Organisation | None:
    """An organisation, as it stands."""
    return await session.get(Organisation, organisation_id, populate_existing=True)


async def organisation_for_update(
    session: AsyncSession, organisation_id: UUID
) -> Organisation | None:
    """An organisation, locked: it is amended, and its words erased, by one after the other."""
    statement = (
        select(Organisation)
        .where(Organisation.organisation_id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def numbers_lock(session: AsyncSession, numbers: Sequence[str]) -> None:
    """Lock numbers until the transaction ends: two who declare one of them at the same time are
    one after the other."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended(n, 16))"
        " from (select unnest($1::text[]) as n order by 1) s",
        sorted(numbers),
    )


async def by_number(session: AsyncSession, number: str) -> Organisation | None:
    """The organisation with this SIRET or RNA number."""
    statement = select(Organisation).where(
        (col(Organisation.siret) == number) | (col(Organisation.rna) == number)
    )
    return (await session.exec(statement.execution_options(populate_existing=True))).first()


async def with_numbers(session: AsyncSession, numbers: Sequence[str]) -> Sequence[Organisation]:
    """The organisations with one of these SIRET or RNA numbers."""
    statement = select(Organisation).where(
        col(Organisation.siret).in_(numbers) | col(Organisation.rna).in_(numbers)
    )
    return (await session.exec(statement.execution_options(populate_existing=True))).all()


async def by_name(
    session: AsyncSession, resident: UUID, carrier_type: str, name: str
) -> Organisation | None:
    """What a resident declared under this name and type before."""
    found = await (await raw(session)).fetchval(
        "select organisation_id from organisation o join text t on t.content_id = o.name"
        " where o.kept_by = $1 and o.type = $2 and t.value = $3 order by 1 limit 1",
        resident,
        carrier_type,
        name,
    )
    return None if found is None else await organisation(session, found)


async def keep_texts(
    session: AsyncSession,
    organisation_id: UUID,
    content_ids: Sequence[str],
    *,
    are_numbers: bool,
) -> None:
    """These words are an organisation's: they are erased with it. It is known by its numbers."""
    await (await raw(session)).executemany(
        "insert into organisation_text (content_id, organisation_id, is_number)"
        " values ($1, $2, $3) on conflict do nothing",
        [(content_id, organisation_id, are_numbers) for content_id in content_ids],
    )


async def texts_of(session: AsyncSession, organisations: Sequence[UUID]) -> Sequence[str]:
    """All words of these organisations, in every version."""
    rows = await (await raw(session)).fetch(
        "select content_id from organisation_text where organisation_id = any($1)"
        " order by content_id",
        list(organisations),
    )
    return [row["content_id"] for row in rows]


async def kept_by(session: AsyncSession, resident: UUID) -> Sequence[asyncpg.Record]:
    """The organisations that a resident declared, by name, and in how many projects each is."""
    return await (await raw(session)).fetch(
        "select o.organisation_id, o.type, o.siret, o.rna, o.sse_until, t.value as name,"
        " (select count(distinct c.project_id) from carriage c"
        " where c.organisation_id = o.organisation_id and c.left_at is null) as projects"
        " from organisation o join text t on t.content_id = o.name"
        " where o.kept_by = $1 order by t.value, o.organisation_id",
        resident,
    )


async def projects_of(session: AsyncSession, organisation_id: UUID) -> Sequence[asyncpg.Record]:
    """The projects that an organisation has a part in, newest first."""
    return await (await raw(session)).fetch(
        "select c.project_id, c.part, coalesce(d.value, t.value) as title"
        " from carriage c join idea i using (project_id)"
        " join text t on t.content_id = i.title"
        " left join project p using (project_id) left join text d on d.content_id = p.title"
        " where c.organisation_id = $1 and c.left_at is null order by c.place desc",
        organisation_id,
    )


async def carriages_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Carriage]:
    """The parts that an organisation has in projects, by the projects' ids."""
    statement = (
        select(Carriage)
        .where(
            Carriage.organisation_id == organisation_id,
            col(Carriage.left_at).is_(None),
        )
        .order_by(col(Carriage.project_id), col(Carriage.place))
    )
    return (await session.exec(statement)).all()


async def is_cleared(session: AsyncSession, organisation_id: UUID) -> bool:
    """Whether an officer found an organisation in order for some project."""
    found = await (await raw(session)).fetchval(
        "select exists (select from clearance where carrier_id = $1 and withdrawn_at is null)",
        organisation_id,
    )
    return bool(found)


async def aids_counted(session: AsyncSession, organisation_id: UUID) -> bool:
    """Whether an officer counted what an organisation declares for an agreement that can still be
    signed."""
    found = await (await raw(session)).fetchval(
        "select exists (select from clearance l join idea i using (project_id)"
        " where l.carrier_id = $1 and l.withdrawn_at is null and 'de-minimis' = any(l.checked)"
        " and i.stage not in ('agreement', 'lapsed')"
        " and coalesce(to_jsonb(i) ->> 'standing', 'active') = 'active')",
        organisation_id,
    )
    return bool(found)


async def territories(session: AsyncSession) -> Mapping[str, Mapping[str, str]]:
    """The labels of the territories of all charters, by name; the newest edition's."""
    rows = await (await raw(session)).fetch(
        "select distinct on (t ->> 'name') t ->> 'name' as name, t ->> 'fr' as fr, t ->> 'en' as en"
        " from programme, jsonb_array_elements(rules -> 'territories') t"
        " where rules is not null order by 1, rules ->> 'edition' desc, log"
    )
    found = {row["name"]: {"fr": row["fr"], "en": row["en"]} for row in rows}
    return dict(sorted(found.items(), key=lambda each: each[1]["fr"]))


async def aids(session: AsyncSession, organisation_id: UUID) -> Sequence[Aid]:
    """The aids that an organisation declares, newest first."""
    statement = (
        select(Aid)
        .where(Aid.organisation_id == organisation_id)
        .order_by(col(Aid.granted_on).desc(), col(Aid.aid_id))
    )
    return (await session.exec(statement)).all()


async def forget_aid(session: AsyncSession, organisation_id: UUID, aid_id: UUID) -> bool:
    """Forget an aid of an organisation's; false where there is none of this id."""
    done = await (await raw(session)).execute(
        "delete from aid where aid_id = $1 and organisation_id = $2", aid_id, organisation_id
    )
    return str(done) == "DELETE 1"


async def granted_here(
    session: AsyncSession, organisation_id: UUID, project_id: UUID
) -> Sequence[tuple[date, int]]:
    """What agreements of other projects here gave an organisation as de-minimis aid and still do,
    with the day in Paris on which each was signed. Rehearsals count among themselves, and nothing
    of a round that was annulled."""
    rows = await (await raw(session)).fetch(
        "select (d.agreed_at at time zone 'Europe/Paris')::date as day,"
        " coalesce((select min((e.about ->> 'amount')::bigint) from project_event e"
        "  where e.project_id = i.project_id and e.kind = 'grant-reduced'), d.agreed)"
        " - coalesce((select sum((e.about ->> 'left')::bigint) from project_event e"
        "  where e.project_id = i.project_id and e.kind = 'grant-lapsed'), 0) as amount"
        " from carriage c join idea i using (project_id) join programme r using (programme_id)"
        " join decision d using (project_id)"
        " left join round_state s on s.round_id = d.round_id"
        " where s.annulled_at is null"
        " and c.organisation_id = $1 and c.part in ('lead', 'sponsor') and c.left_at is null"
        " and c.project_id <> $2 and d.agreed > 0"
        " and r.rules #>> '{funding,de_minimis}' is not null"
        " and r.rehearsal = (select m.rehearsal from idea j join programme m using (programme_id)"
        "  where j.project_id = $2)"
        " order by 1",
        organisation_id,
        project_id,
    )
    return [(row["day"], row["amount"]) for row in rows]


async def left_alone_by(session: AsyncSession, resident: UUID, project_id: UUID) -> Sequence[UUID]:
    """What a resident declared, and no other project has that anybody carries still."""
    rows = await (await raw(session)).fetch(
        "select organisation_id from organisation o where kept_by = $1"
        " and exists (select from carriage c where c.organisation_id = o.organisation_id"
        " and c.project_id = $2)"
        " and not exists (select from carriage c join carrier k using (project_id)"
        " where c.organisation_id = o.organisation_id and c.left_at is null"
        " and c.project_id <> $2 and k.erased_at is null)"
        " order by organisation_id",
        resident,
        project_id,
    )
    return [row["organisation_id"] for row in rows]


async def left_by(session: AsyncSession, resident: UUID) -> Sequence[UUID]:
    """What a resident declared, locked, that no project has which anybody carries still."""
    rows = await (await raw(session)).fetch(
        "select organisation_id from organisation o where kept_by = $1"
        " and not exists (select from carriage c join carrier k using (project_id)"
        " where c.organisation_id = o.organisation_id and c.left_at is null"
        " and k.erased_at is null) order by organisation_id for update",
        resident,
    )
    return [row["organisation_id"] for row in rows]


async def named_by(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[UUID]:
    """The organisations whose name is among these words, and that are not erased yet."""
    rows = await (await raw(session)).fetch(
        "select organisation_id from organisation where name = any($1) and erased_at is null"
        " order by organisation_id",
        list(content_ids),
    )
    return [row["organisation_id"] for row in rows]


async def wipe(session: AsyncSession, organisations: Sequence[UUID], now: datetime) -> None:
    """Forget what names these organisations, and what they declared; that they were stays."""
    connection = await raw(session)
    await connection.execute("delete from aid where organisation_id = any($1)", list(organisations))
    await connection.execute(
        "update organisation set name = null, siret = null, siret_words = null, rna = null,"
        " rna_words = null, founded_on = null, seat = null, branch = null, sse = null,"
        " sse_words = null, sse_until = null,"
        " kept_by = null, erased_at = $2 where organisation_id = any($1) and erased_at is null",
        list(organisations),
        now,
    )


async def forget_keeper(session: AsyncSession, resident: UUID) -> None:
    """Nobody keeps any more what somebody declared who is forgotten."""
    await (await raw(session)).execute(
        "update organisation set kept_by = null where kept_by = $1", resident
    )
