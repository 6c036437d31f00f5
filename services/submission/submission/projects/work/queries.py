"""Every SQL statement about officers' work lists."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import Person, Role
from shared.rules.agreeing import PEOPLE
from submission.counters.desks import REMIND
from submission.projects.work.work import MOST, Charter, Looked, scope

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


async def tasks(session: AsyncSession, person: Person, looked: Looked) -> Sequence[asyncpg.Record]:
    """What an officer has to do, by what is due first; one more than is shown."""
    return await (await raw(session)).fetch(
        f"select w.*, n.value as programme from ({_TASKS}) w"
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
    )


async def changed(
    session: AsyncSession, person: Person, looked: Looked, since: datetime
) -> Sequence[asyncpg.Record]:
    """The projects that an officer works on of which something was noted since, the last first; one
    more than is shown. What another service decided before her visit may be heard of after it."""
    every = scope(person, Role.ADVISER, Role.COMMITTEE, Role.INSTRUCTOR)
    return await (await raw(session)).fetch(
        f"select {_OF}, {_TITLE}, i.standing, e.at as changed_at, e.times, n.value as programme"
        " from (select project_id, max(at) as at, count(*) as times from project_event"
        " where noted_at > $3 group by project_id) e join idea i using (project_id)"
        f" {_WORDS} join programme r on r.programme_id = i.programme_id"
        " join text n on n.content_id = r.title"
        f" where {_HELD.format(1, 2, _HERE)}"
        " and ($4 = '' or i.programme_id::text = $4) and ($5 = '' or i.territory = $5)"
        " and ($6 = '' or coalesce(p.theme, i.theme) = $6) and ($7 = '' or i.stage = $7)"
        " order by e.at desc, i.project_id limit $8",
        *every,
        since,
        looked.programme,
        looked.territory,
        looked.theme,
        looked.stage,
        MOST + 1,
    )


async def charters(session: AsyncSession, person: Person) -> Sequence[Charter]:
    """The programmes in which an officer works, the newest first, with what their charters name."""
    rows = await (await raw(session)).fetch(
        "select i.programme_id, n.value as title, i.rules -> 'territories' as territories,"
        " i.rules -> 'themes' as themes, i.rules -> 'desks' as desks from programme i"
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
        )
        for row in rows
    ]


async def visit(session: AsyncSession, officer: UUID) -> tuple[datetime | None, Mapping[str, Any]]:
    """Until when an officer has seen what changed, and what she looked for then."""
    row = await (await raw(session)).fetchrow(
        "select seen_at, looked::text as looked from visit where officer = $1", officer
    )
    return (None, {}) if row is None else (row["seen_at"], json.loads(row["looked"]))


async def keep_visit(
    session: AsyncSession, officer: UUID, seen_at: datetime, looked: Mapping[str, str]
) -> None:
    """An officer has seen what changed until then; an earlier page brings nothing back."""
    await (await raw(session)).execute(
        "insert into visit (officer, seen_at, looked) values ($1, $2, $3::text::jsonb)"
        " on conflict (officer) do update set looked = excluded.looked,"
        " seen_at = greatest(visit.seen_at, excluded.seen_at)",
        officer,
        seen_at,
        json.dumps(dict(looked)),
    )
