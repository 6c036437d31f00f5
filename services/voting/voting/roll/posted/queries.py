"""The SQL of letters."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from voting.roll.codes import Hashed
from voting.roll.declared.queries import hold, put_on_roll
from voting.roll.paper.queries import PAPER

# `posted`: the code counts. `waiting`: its identity is contested, and two officers look at it.
# `spent`: it was tried five times. `known`: it counts for nothing.
type Standing = Literal["posted", "waiting", "spent", "known"]

_STANDING = """
select case
    when exists (select from code where round_id = $1 and code = $2) then 'posted'
    when exists (select from spent_code where round_id = $1 and code = $2) then 'spent'
    when exists (select from held where round_id = $1 and reference = $3 and state = 'waiting')
        then 'waiting'
    when exists (select from held where round_id = $1 and reference = $3) then 'known'
end
"""
# In the order of the hashes, and not of the letters: rows that were written one after the other
# would tell whose each code is.
_POST_FRESH = """
with sent as (
    select * from unnest($3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::integer[])
        as s (identity, code, letter, reference, band)
), fresh as (
    insert into person (round_id, identity, tier)
    select $1::uuid, identity, $2::text from sent s
    where not exists (select from code c where c.round_id = $1 and c.code = s.code)
        and not exists (select from spent_code c where c.round_id = $1 and c.code = s.code)
        and not exists (select from held h where h.round_id = $1 and h.reference = s.reference)
    order by identity
    on conflict do nothing returning identity
), kept as (
    insert into code (round_id, tier, code, letter, band)
    select $1::uuid, $2::text, code, letter, band from sent join fresh using (identity)
    order by code
    on conflict do nothing
)
select identity from fresh
union all
select identity from sent s
where exists (select from code c where c.round_id = $1 and c.code = s.code)
"""
_REPLACED = """
update spent_code s set replaced = true
where s.round_id = $1 and s.code = $2 and not s.replaced
    and exists (select from person p
                where p.round_id = $1 and p.identity = $3 and p.tier <> $4)
returning true
"""


class Sent(NamedTuple):
    """A letter as the roll keeps it: hashes alone, and the band of its person's age. `spent` is the
    code that a new letter replaces."""

    identity: bytes
    code: Hashed
    reference: bytes
    band: int | None
    spent: bytes | None = None


async def post_fresh(
    connection: asyncpg.Connection, round_id: UUID, tier: str, letters: Sequence[Sent]
) -> set[bytes]:
    """Put all of them on the roll of whom nothing is known; the identities whose code counts.

    Whoever is not among them is looked at one by one, by `post_letter`: new letters, and those that
    share a code or an identity, where it matters which came first.
    """
    identities = Counter(each.identity for each in letters)
    codes = Counter(each.code.code for each in letters)
    alone = [
        each
        for each in letters
        if each.spent is None and identities[each.identity] == codes[each.code.code] == 1
    ]
    rows = await connection.fetch(
        _POST_FRESH,
        *(round_id, tier),
        [each.identity for each in alone],
        [each.code.code for each in alone],
        [each.code.letter for each in alone],
        [each.reference for each in alone],
        [each.band for each in alone],
    )
    return {row["identity"] for row in rows}


async def post_letter(
    connection: asyncpg.Connection, round_id: UUID, tier: str, letter: Sent, *, homonym: bool
) -> Standing:
    """Put somebody on the roll with the code of her letter; the same letter again changes nothing.

    Where somebody declared her identity before, or is her `homonym`, it is contested, and held. Who
    has a code of this tier already, or votes on paper, gets no other.
    """
    identity, code, reference, band, spent = letter
    if spent is not None:
        return await _replace_letter(connection, round_id, tier, letter, spent)
    known: Standing | None = await connection.fetchval(_STANDING, round_id, code.code, reference)
    if known is not None:
        return known
    if await put_on_roll(connection, round_id, tier, identity):
        await _keep_letter(connection, round_id, tier, code, band)
        return "posted"
    declared = await connection.fetchval(
        "select tier <> all ($3) from person where round_id = $1 and identity = $2",
        *(round_id, identity, [tier, PAPER]),
    )
    if not declared and not homonym:
        return "known"
    row: dict[str, Any] = {"case_id": uuid4(), "identity": identity, "band": band}
    row |= {"code": code.code, "reference": reference}
    await hold(connection, round_id, tier, ["identity"], row, {}, contested=True)
    return "waiting"


async def _replace_letter(
    connection: asyncpg.Connection, round_id: UUID, tier: str, letter: Sent, spent: bytes
) -> Standing:
    """Give a new letter to whose code was spent by tries, once; the same again changes nothing.

    Who votes on paper gets none.
    """
    code = letter.code
    known: Standing | None = await connection.fetchval(_STANDING, round_id, code.code, code.code)
    if known is not None:
        return known
    if not await connection.fetchval(_REPLACED, round_id, spent, letter.identity, PAPER):
        return "known"
    await _keep_letter(connection, round_id, tier, code, letter.band)
    return "posted"


async def _keep_letter(
    connection: asyncpg.Connection, round_id: UUID, tier: str, code: Hashed, band: int | None
) -> None:
    """Keep the code of a letter, and until voting is over the band of its person's age."""
    await connection.execute(
        "insert into code (round_id, tier, code, letter, band) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing",
        *(round_id, tier, code.code, code.letter, band),
    )
