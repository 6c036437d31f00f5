"""Every SQL statement about work lists: officers' ones, and those of residents."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import Person, Role
from shared.rules.agreeing import PEOPLE
from submission.counters.desks import REMIND
from submission.projects.work.work import MOST, Charter, Looked, Seen, Visit, scope

# Whether a role is held where something is: `{0}` and `{1}` are programmes and territories, `{2}` a
# condition about `may.territory`.
_HELD = (
    "exists (select from unnest(${0}::text[], ${1}::text[]) as may (programme, territory)"
    " where (may.programme is null or may.programme = i.programme_id::text)"
    " and (may.territory is null or {2}))"
)
_HERE = "may.territory = i.territory"
# What is at a desk belongs to its territories, or else to where the session or the idea is.
_AT_DESK = (
    "coalesce(k.territories, to_jsonb(array[coalesce(g.territory, i.territory)])) ? may.territory"
)
_TITLE = "coalesce(d.value, t.value) as title"
_WORDS = """
join text t on t.content_id = i.title
left join project p on p.project_id = i.project_id
left join text d on d.content_id = p.title
"""
# Whether an event is new to a visit. Its clock is read when it is noted, and it can be seen once
# its transaction is over: the snapshot knows which were not. None that wrote lasts a day.
_NEW = (
    "(e.noted_at > ${0}::timestamptz - interval '1 day' and (e.noted_at > ${0}"
    " or not pg_visible_in_snapshot(e.noted_by, ${1}::text::pg_snapshot)))"
)
_LAST = "(select max(e.at) from project_event e where e.project_id = i.project_id) as changed_at"
# The phases in which a dossier is read.
_READ = "array['dossiers', 'labelling', 'instruction']"
_OF = "i.project_id, i.programme_id, i.territory, coalesce(p.theme, i.theme) as theme, i.stage"

# Who would sign the agreement, and whether anything is checked of it: the rules of
# `shared.rules.agreeing`, which says them.
_SIGNER = """
select c.carrier_id, c.type from carriage c
where c.project_id = i.project_id and c.left_at is null
  and (c.part = 'lead' or c.part = 'sponsor' and exists (
      select from carriage l where l.project_id = i.project_id and l.left_at is null
      and l.part = 'lead' and r.rules #> '{submitting,sponsored}' ? l.type))
order by c.part = 'lead', c.place limit 1"""
_CHECKED = f"""
r.rules ? 'funding' and r.rules #>> '{{funding,built_by}}' is distinct from 'department'
  and (who.type not in ({", ".join(f"'{each}'" for each in sorted(PEOPLE))})
       or jsonb_array_length(coalesce(r.rules #> '{{funding,identifiers}}', '[]')) > 0)"""

_TASKS = f"""
select case h.state when 'requested' then 'answer' when 'scheduled' then 'mark'
       when 'attended' then 'return' when 'missed' then 'return' else 'place' end as task,
       {_OF}, {_TITLE}, coalesce(h.desk, 'counters') as desk,
       case h.state when 'scheduled' then g.ends_at else coalesce(h.due_at, g.begins_at) end
       as due_at,
       case when h.state <> 'scheduled' then coalesce(k.remind, '{REMIND}') end as remind,
       {_LAST}, '/desk/handoffs/' || h.handoff_id as address
from handoff h join idea i using (project_id) left join gathering g using (gathering_id) {_WORDS}
join programme r on r.programme_id = i.programme_id
left join lateral (
    select e.value ->> 'role' as role, e.value -> 'territories' as territories,
           e.value ->> 'remind' as remind
    from jsonb_array_elements(coalesce(r.rules -> 'desks', '[]')) e
    where e.value ->> 'name' = h.desk) k on true
where h.state in ('requested', 'accepted', 'awaiting', 'scheduled', 'attended', 'missed')
  and (h.state <> 'scheduled' or g.begins_at <= clock_timestamp()) and i.standing = 'active'
  and case when coalesce(k.role, 'adviser') = 'adviser' then {_HELD.format(1, 2, _AT_DESK)}
      else {_HELD.format(7, 8, _AT_DESK)} end
union all
select 'review', {_OF}, {_TITLE}, null,
       (select min(closes_at) from phase f where f.programme_id = i.programme_id
        and f.name = any({_READ}) and f.state = 'open'), null, {_LAST},
       '/desk/projects/' || i.project_id
from idea i {_WORDS}
where i.stage = 'dossier' and i.standing = 'active' and p.round_id is null
  and exists (select from phase f where f.programme_id = i.programme_id
              and f.name = any({_READ}) and f.state = 'open')
  and {_HELD.format(3, 4, _HERE)}
union all
select 'label', {_OF}, {_TITLE}, null, f.closes_at, null, {_LAST},
       '/desk/projects/' || i.project_id
from idea i {_WORDS}
join programme r on r.programme_id = i.programme_id
join phase f on f.programme_id = i.programme_id and f.name = 'labelling' and f.state = 'open'
where i.stage = 'complete' and i.standing = 'active' and p.round_id is null
  and not exists (select from jsonb_array_elements(coalesce(r.rules -> 'bodies', '[]')) body
                  where body ->> 'decides' = 'labels')
  and {_HELD.format(5, 6, _HERE)}
union all
select 'clear', {_OF}, {_TITLE}, null, null, null, {_LAST},
       '/desk/projects/' || i.project_id || '/carriers'
from idea i {_WORDS}
join programme r on r.programme_id = i.programme_id
join lateral ({_SIGNER}) who on true
where i.stage = 'funded' and i.standing = 'active' and {_CHECKED}
  and not exists (select from clearance c where c.project_id = i.project_id
                  and c.carrier_id = who.carrier_id and c.withdrawn_at is null)
  and {_HELD.format(7, 8, _HERE)}
union all
select 'resume', {_OF}, {_TITLE}, null, null, null, {_LAST},
       '/desk/projects/' || i.project_id || '/standing'
from idea i {_WORDS}
where i.standing = 'suspended' and {_HELD.format(7, 8, _HERE)}
"""


def _scopes(person: Person) -> list[list[str | None]]:
    return [
        *scope(person, Role.ADVISER),
        *scope(person, Role.COMMITTEE, Role.INSTRUCTOR),
        *scope(person, Role.COMMITTEE),
        *scope(person, Role.INSTRUCTOR),
    ]


async def tasks(
    session: AsyncSession, person: Person, looked: Looked, last: Seen | None
) -> Sequence[asyncpg.Record]:
    """What an officer has to do, by what is due first; one more than is shown."""
    return await (await raw(session)).fetch(
        "select w.*, n.value as programme, exists (select from project_event e"
        f" where e.project_id = w.project_id and {_NEW.format(17, 18)}) as is_new"
        f" from ({_TASKS}) w"
        " join programme r using (programme_id) join text n on n.content_id = r.title"
        " where ($9 = '' or w.task = $9) and ($10 = '' or w.programme_id::text = $10)"
        " and ($11 = '' or w.territory = $11) and ($12 = '' or w.theme = $12)"
        " and ($13 = '' or w.stage = $13)"
        " and ($14 = '' or w.due_at <= clock_timestamp()"
        " + case $14 when 'week' then interval '7 days' else interval '0' end)"
        " and ($15 = '' or w.desk = $15)"
        " order by w.due_at nulls last, w.changed_at, w.project_id, w.task limit $16",
        *_scopes(person),
        looked.task,
        looked.programme,
        looked.territory,
        looked.theme,
        looked.stage,
        looked.due,
        looked.desk,
        MOST + 1,
        *_said(last),
    )


async def votes(session: AsyncSession, person: Person, looked: Looked) -> Sequence[asyncpg.Record]:
    """The rounds that bodies of an officer's programmes vote in now, the first to end first: count
    alone knows who has a seat in them."""
    programmes, _ = scope(person, Role.COMMITTEE)
    return await (await raw(session)).fetch(
        "select 'vote' as task, r.round_id, r.programme_id, r.body_name, s.closes_at as due_at,"
        " n.value as programme from round r join round_state s using (round_id)"
        " join programme g using (programme_id) join text n on n.content_id = g.title"
        " where r.body_name is not null and s.opened_at is not null and s.closed_at is null"
        " and s.annulled_at is null and s.opens_at <= clock_timestamp()"
        " and s.closes_at > clock_timestamp()"
        " and exists (select from unnest($1::text[]) as may (programme)"
        " where may.programme is null or may.programme = r.programme_id::text)"
        " and $2 in ('', 'vote') and ($3 = '' or r.programme_id::text = $3)"
        " and ($4 = '' or s.closes_at <= clock_timestamp()"
        " + case $4 when 'week' then interval '7 days' else interval '0' end)"
        " and $5 = '' order by s.closes_at, r.round_id limit $6",
        programmes,
        looked.task,
        looked.programme,
        looked.due,
        # A round has no desk, no place, no theme and no stage.
        looked.desk or looked.territory or looked.theme or looked.stage,
        MOST,
    )


def _said(seen: Seen | None) -> tuple[datetime | None, str | None]:
    return (None, None) if seen is None else (seen.at, seen.snapshot)


async def changed(
    session: AsyncSession, person: Person, looked: Looked, last: Seen
) -> Sequence[asyncpg.Record]:
    """The projects that an officer works on of which something was noted since, the last first; one
    more than is shown. What another service decided before her visit may be heard of after it."""
    every = scope(person, Role.ADVISER, Role.COMMITTEE, Role.INSTRUCTOR)
    return await (await raw(session)).fetch(
        f"select {_OF}, {_TITLE}, i.standing, e.at as changed_at, e.times, n.value as programme,"
        " true as is_new from (select project_id, max(at) as at, count(*) as times"
        f" from project_event e where {_NEW.format(3, 9)} group by project_id) e"
        " join idea i using (project_id)"
        f" {_WORDS} join programme r on r.programme_id = i.programme_id"
        " join text n on n.content_id = r.title"
        f" where {_HELD.format(1, 2, _HERE)}"
        " and ($4 = '' or i.programme_id::text = $4) and ($5 = '' or i.territory = $5)"
        " and ($6 = '' or coalesce(p.theme, i.theme) = $6) and ($7 = '' or i.stage = $7)"
        " order by e.at desc, i.project_id limit $8",
        *every,
        last.at,
        looked.programme,
        looked.territory,
        looked.theme,
        looked.stage,
        MOST + 1,
        last.snapshot,
    )


async def charters(session: AsyncSession, person: Person) -> Sequence[Charter]:
    """The programmes in which an officer works, the newest first, with what their charters name."""
    rows = await (await raw(session)).fetch(
        "select i.programme_id, n.value as title, i.rules -> 'territories' as territories,"
        " i.rules -> 'themes' as themes, i.rules -> 'desks' as desks,"
        " i.rules -> 'bodies' as bodies from programme i"
        " join text n on n.content_id = i.title left join phase f using (programme_id)"
        " where i.rules is not null and exists (select from unnest($1::text[]) as may (programme)"
        " where may.programme is null or may.programme = i.programme_id::text)"
        " group by i.programme_id, n.value order by min(f.opens_at) desc, i.programme_id limit $2",
        [None if each.programme_id is None else str(each.programme_id) for each in person.grants],
        MOST,
    )
    return [
        Charter(
            row["programme_id"],
            row["title"] or "—",
            tuple(row["territories"] or ()),
            tuple(row["themes"] or ()),
            tuple(row["desks"] or ()),
            tuple(row["bodies"] or ()),
        )
        for row in rows
    ]


# What the life of a project tells: what is new in it, when money was given and signed, how far the
# project is, and what is left to pay.
_TOLD = f"""
cross join lateral (
    select max(e.at) as changed_at, count(*) filter (where {_NEW.format(2, 3)}) as times,
           max(e.at) filter (where e.kind in ('option-decided', 'body-funded')) as decided_at,
           max(e.at) filter (where e.kind = 'agreement-signed') as signed_at,
           array_agg(e.about ->> 'milestone') filter (where e.kind = 'milestone-reached')
           as milestones,
           (array_agg((e.about ->> 'amount')::bigint order by e.place desc) filter (
               where e.kind in ('agreement-signed', 'grant-reduced')))[1] as amount,
           coalesce(sum((e.about ->> 'amount')::bigint) filter (
               where e.kind = 'instalment-paid'), 0) as paid
    from project_event e where e.project_id = i.project_id) l
"""
# Of whoever asks: what she carries, and that in which an organisation of hers has another part.
_OWN = f"""
with mine as (
    select project_id, true as own, '{{}}'::text[] as parts from carrier where resident = $1
    union all
    select k.project_id, false, array_agg(distinct k.part) from carriage k
    join organisation o using (organisation_id)
    where o.kept_by = $1 and k.left_at is null and not exists (
        select from carrier c where c.project_id = k.project_id and c.resident = $1)
    group by k.project_id)
select {_OF}, i.standing, i.deposited_at, {_TITLE}, p.cost, n.value as programme, mine.own,
       mine.parts, p.project_id is not null as filed, p.missing,
       p.round_id is null and p.family is null and not p.refused as undecided,
       coalesce((r.rules ->> 'counter_attended')::boolean, false) as counter_attended,
       r.rules -> 'documents' as documents, r.rules -> 'funding' as funding,
       (select f.closes_at from phase f where f.programme_id = i.programme_id
        and f.name = 'counters' and f.state = 'open' and f.closes_at > clock_timestamp())
       as counters_until,
       (select f.closes_at from phase f where f.programme_id = i.programme_id
        and f.name = 'dossiers' and f.state = 'open' and f.closes_at > clock_timestamp())
       as dossiers_until,
       s.asked_at as consent_asked_at, h.state as handoff, g.begins_at,
       i.guided or exists (select from handoff a join registration v using (handoff_id)
           where a.project_id = i.project_id and v.state = 'attended') as attended,
       l.decided_at, l.signed_at, l.milestones, l.amount - l.paid as left_to_pay,
       l.changed_at, l.times, l.times > 0 as is_new
from mine join idea i using (project_id) {_WORDS}
join programme r on r.programme_id = i.programme_id
join text n on n.content_id = r.title
left join consent s on s.project_id = i.project_id and s.given_at is null
left join handoff h on h.project_id = i.project_id and h.state not in ('redirected', 'returned')
left join gathering g using (gathering_id)
{_TOLD}
order by i.deposited_at desc, i.project_id limit {MOST + 1}
"""


async def own(session: AsyncSession, resident: UUID, last: Seen | None) -> Sequence[asyncpg.Record]:
    """The projects in which a resident has a part, the newest first, each with all that tells what
    is due of it and how many events are new to her; one more than is shown."""
    return await (await raw(session)).fetch(_OWN, resident, *_said(last))


async def grants(session: AsyncSession) -> Sequence[asyncpg.Record]:
    """The active projects that have money under a charter with times for it, each with what tells
    what is due of it."""
    return await (await raw(session)).fetch(
        "select i.project_id, i.stage, r.rules -> 'funding' as funding, l.decided_at, l.signed_at,"
        " l.milestones, l.amount - l.paid as left_to_pay from idea i"
        " join project p on p.project_id = i.project_id"
        f" join programme r on r.programme_id = i.programme_id {_TOLD}"
        " where i.stage = any($1) and i.standing = 'active'"
        " and exists (select from carrier c where c.project_id = i.project_id"
        " and c.address is not null)"
        " and r.rules -> 'funding' ?| array['sign_within', 'begin_within', 'finish_within']"
        " order by i.project_id",
        ["funded", "agreement"],
        *_said(None),
    )


async def visit(session: AsyncSession, person: UUID) -> Visit:
    """What an officer or a resident has seen and looked for, and what can be seen now: the first
    statement of a page, so that it shows all of that."""
    row = await (await raw(session)).fetchrow(
        "select clock_timestamp() as now, pg_current_snapshot()::text as snapshot, v.seen_at,"
        " v.seen::text as seen, v.looked::text as looked"
        " from (select) as here left join visit v on v.officer = $1",
        person,
    )
    assert row is not None
    now = Seen(row["now"], row["snapshot"])
    if row["seen_at"] is None:
        return Visit(now, None, {})
    return Visit(now, Seen(row["seen_at"], row["seen"]), json.loads(row["looked"]))


async def keep_visit(
    session: AsyncSession, person: UUID, seen: Seen, looked: Mapping[str, str]
) -> None:
    """Somebody has seen what could be shown then; an earlier page brings nothing back."""
    await (await raw(session)).execute(
        "insert into visit (officer, seen_at, seen, looked)"
        " values ($1, $2, $3::text::pg_snapshot, $4::text::jsonb)"
        " on conflict (officer) do update set looked = excluded.looked,"
        " seen = case when excluded.seen_at < visit.seen_at then visit.seen else excluded.seen end,"
        " seen_at = greatest(visit.seen_at, excluded.seen_at)",
        person,
        seen.at,
        seen.snapshot,
        json.dumps(dict(looked)),
    )


async def forget_visit(session: AsyncSession, person: UUID) -> None:
    """Nobody knows any more what somebody has seen."""
    await (await raw(session)).execute("delete from visit where officer = $1", person)
