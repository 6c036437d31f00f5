"""The SQL of declared identities: begun with a form, proved by telephone, on the roll or held."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

TRIES = 5

_STATE = """
select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
            when t.tier is null then 'tier_unknown' else 'open' end
from round r left join tier t on t.round_id = r.round_id and t.tier = $2
where r.round_id = $1
"""
_BEGIN = """
insert into registration (session, round_id, identity, telephone, address, age, lesson, digits,
                          code, reference, case_id, messages, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        clock_timestamp() + make_interval(mins => $13))
on conflict do nothing returning true
"""
_PROVED = """
update registration
set proved = true, identity = $2, telephone = $2, address = $2, lesson = null, digits = $2,
    code = $2, reference = $2, age = 0, messages = '{}'
where session = $1
"""
_NUMBER = """
select coalesce(sum(number), 0)::bigint from seen
where round_id = $1 and kind = $2 and what = $3
    and minute > floor(extract(epoch from clock_timestamp()) / 60)::bigint - $4
"""
_NOTE = """
insert into seen as s (round_id, kind, what, minute, number, until)
select $1, $2, $3, now.minute, 1, now.minute + $4
from (select floor(extract(epoch from clock_timestamp()) / 60)::bigint as minute) now
on conflict (round_id, kind, what, minute) do update
set number = s.number + 1, until = greatest(s.until, excluded.until)
"""
_FORGET = """
delete from seen where until <= floor(extract(epoch from clock_timestamp()) / 60)::bigint
"""
_SCREENED = """
insert into screening as s (round_id, age, run, registrations, at_night)
values ($1, $2, 1, 1, $3::int)
on conflict (round_id) do update
set run = case when s.age = excluded.age then s.run + 1 else 1 end, age = excluded.age,
    registrations = s.registrations + 1, at_night = s.at_night + excluded.at_night
returning run, registrations, at_night
"""
_TELEPHONE = """
insert into channel as c (round_id, telephone, voters) values ($1, $2, 1)
on conflict (round_id, telephone) do update set voters = c.voters + 1 returning voters
"""
_HOLD = """
insert into held (held_id, round_id, tier, grounds, contested, identity, subject, telephone,
                  address, code, reference, messages, band)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""


class Begun(NamedTuple):
    """A registration whose form passed the rules. All but the age are hashes or sealed."""

    session: bytes
    identity: bytes
    telephone: bytes
    address: bytes
    age: int
    lesson: bytes | None
    digits: bytes
    code: bytes
    reference: bytes
    case_id: UUID
    messages: Mapping[str, Any]


async def lock_registering(connection: asyncpg.Connection, round_id: UUID, tier: str) -> str:
    """What the round says of registrations at a tier: `open`, or the verdict that refuses them.

    They follow one another from here to the end of the transaction, so that no figure is passed by
    two at a time; a closing waits for them, and what waits for a closing finds the round closed.
    """
    await connection.execute("select share_round($1)", round_id)
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('registering ' || $1::text, 0))",
        str(round_id),
    )
    verdict: str | None = await connection.fetchval(_STATE, round_id, tier)
    return verdict or "round_unknown"


async def begin(connection: asyncpg.Connection, round_id: UUID, begun: Begun, minutes: int) -> bool:
    """Keep what a form said for so long; false where the same form came before."""
    fresh = await connection.fetchval(
        _BEGIN,
        begun.session,
        round_id,
        begun.identity,
        begun.telephone,
        begun.address,
        begun.age,
        begun.lesson,
        begun.digits,
        begun.code,
        begun.reference,
        begun.case_id,
        json.dumps(dict(begun.messages)),
        minutes,
    )
    return bool(fresh)


async def number_seen(
    connection: asyncpg.Connection, round_id: UUID, kind: str, what: bytes, minutes: int
) -> int:
    """How often something was noted within so many minutes."""
    found: int = await connection.fetchval(_NUMBER, round_id, kind, what, minutes)
    return found


async def note_seen(
    connection: asyncpg.Connection, round_id: UUID, kind: str, what: bytes, minutes: int
) -> None:
    """Note something once more; it is forgotten after so many minutes."""
    await connection.execute(_NOTE, round_id, kind, what, minutes)


async def forget_old(connection: asyncpg.Connection) -> None:
    """Forget what no figure asks for any more, and registrations that were not proved in time."""
    await connection.execute(_FORGET)
    await connection.execute("delete from registration where expires_at <= clock_timestamp()")


async def registration_for_update(
    connection: asyncpg.Connection, round_id: UUID, session: bytes
) -> asyncpg.Record | None:
    """What was begun in a browser, while its time lasts; `messages` as a mapping."""
    row = await connection.fetchrow(
        "select *, messages::text as sealed from registration"
        " where session = $1 and round_id = $2 and expires_at > clock_timestamp() for update",
        session,
        round_id,
    )
    return row


async def note_try(connection: asyncpg.Connection, session: bytes) -> None:
    """One more wrong code was typed."""
    await connection.execute(
        "update registration set tries = tries + 1 where session = $1 and tries < 5", session
    )


async def note_proved(connection: asyncpg.Connection, session: bytes) -> None:
    """The code was right. All that is left of it is that: the identity's row and that of the
    code to vote are not to be found together."""
    await connection.execute(_PROVED, session, bytes(32))


async def screened(
    connection: asyncpg.Connection, round_id: UUID, age: int, *, at_night: bool
) -> tuple[int, int, int]:
    """Count a registration: the run of its age, all of the round, and those at night."""
    row = await connection.fetchrow(_SCREENED, round_id, age, at_night)
    assert row is not None
    return row["run"], row["registrations"], row["at_night"]


async def voters_with(connection: asyncpg.Connection, round_id: UUID, telephone: bytes) -> int:
    """How many voters have a telephone, with this one."""
    found: int = await connection.fetchval(_TELEPHONE, round_id, telephone)
    return found


async def use_lesson(connection: asyncpg.Connection, round_id: UUID, lesson: bytes | None) -> bool:
    """Whether a class is declared for now and has a place left: this registration takes it."""
    found = await connection.fetchval(
        "update lesson set registered = registered + 1 where round_id = $1 and lesson = $2"
        " and opens_at <= clock_timestamp() and clock_timestamp() < closes_at"
        " and registered < people returning true",
        round_id,
        lesson,
    )
    return bool(found)


async def is_lesson(connection: asyncpg.Connection, round_id: UUID, lesson: bytes | None) -> int:
    """How many are in the class that is declared for now under this code; 0 for none."""
    found: int | None = await connection.fetchval(
        "select people from lesson where round_id = $1 and lesson = $2"
        " and opens_at <= clock_timestamp() and clock_timestamp() < closes_at",
        round_id,
        lesson,
    )
    return found or 0


async def put_on_roll(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    identity: bytes,
    *,
    subject: bytes | None = None,
) -> bool:
    """Put an identity on the roll; false where somebody with it is there already."""
    fresh = await connection.fetchval(
        "insert into person (round_id, identity, tier, subject) values ($1, $2, $3, $4)"
        " on conflict do nothing returning true",
        *(round_id, identity, tier, subject),
    )
    return bool(fresh)


async def hold(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    grounds: Sequence[str],
    row: Mapping[str, Any],
    messages: Mapping[str, Any],
    *,
    contested: bool,
) -> None:
    """Keep a registration for two officers. Who is not contested keeps her place on the roll."""
    held_id: UUID = row["case_id"]
    await connection.execute(
        _HOLD,
        held_id,
        round_id,
        tier,
        list(grounds),
        contested,
        row["identity"],
        row.get("subject"),
        row.get("telephone"),
        row.get("address"),
        row["code"],
        row["reference"],
        json.dumps(dict(messages)),
        row.get("band"),
    )
    if not contested:
        await connection.execute(
            "update person set held = $3 where round_id = $1 and identity = $2",
            *(round_id, row["identity"], held_id),
        )


async def keep_code(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    code: bytes,
    notice_id: UUID | None = None,
    notice: bytes | None = None,
    *,
    band: int | None = None,
) -> None:
    """Keep the code that somebody was given, the sealed message for when it is used, and until
    voting is over the band of her age."""
    await connection.execute(
        "insert into code (round_id, tier, code, notice_id, notice, band)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        *(round_id, tier, code, notice_id, notice, band),
    )
