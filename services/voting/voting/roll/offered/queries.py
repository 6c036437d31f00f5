"""The SQL of charters, options and words."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from shared.events.ballots import Contests, Format
from shared.events.charter import CharterRules, Vote
from shared.events.rules import Groups
from shared.events.submission import CharterAmended, CharterPublished
from shared.events.voting import OptionListed
from voting.roll.identity import CONSENT_AGE

_ROUNDS = """
select r.round_id, r.programme_id, r.opens_at, r.closes_at, r.rehearsal, r.format::text as format,
    r.log, r.secrecy, r.opened_event, r.batch,
    case when r.closed or r.closes_at <= clock_timestamp() then 'closed'
         when r.opens_at <= clock_timestamp() then 'open'
         else 'prepared' end as state,
    coalesce(v.rules, p.rules)::text as rules, p.vote_opens_at, w.value as title,
    exists (select from tier t where t.round_id = r.round_id and t.tier = 'S') as assisted
from round r
left join programme p using (programme_id)
left join lateral (
    select rules from charter_version c
    where c.programme_id = p.programme_id and c.takes_effect_at <= clock_timestamp()
    order by version desc limit 1) v on true
left join words w on w.content_id = p.title
"""


_FORMAT = TypeAdapter[Any](Format)


class RoundShown(NamedTuple):
    """A round as its pages show it. What has not arrived here yet is None."""

    round_id: UUID
    programme_id: UUID | None
    state: str
    title: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    format: Format | None
    rules: CharterRules | None
    log: str
    rehearsal: bool | None
    secrecy: str | None
    opened_event: UUID | None
    # The booth has a tier of its own in it.
    assisted: bool
    batch: int | None

    @property
    def vote(self) -> Vote | None:
        """The residents' vote of the charter."""
        return None if self.rules is None else self.rules.vote

    @property
    def consent_age(self) -> int:
        """Below it, a parent has to agree."""
        return (self.vote and self.vote.consent_age) or CONSENT_AGE

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """From a row; before the round's window is known, the charter's is."""
        rules = None if row["rules"] is None else CharterRules.model_validate_json(row["rules"])
        return cls(
            round_id=row["round_id"],
            programme_id=row["programme_id"],
            state=row["state"],
            title=row["title"],
            opens_at=row["opens_at"] or row["vote_opens_at"],
            closes_at=row["closes_at"],
            format=None if row["format"] is None else _FORMAT.validate_json(row["format"]),
            rules=rules,
            log=row["log"],
            rehearsal=row["rehearsal"],
            secrecy=row["secrecy"],
            opened_event=row["opened_event"],
            assisted=row["assisted"],
            batch=row["batch"],
        )


class OptionShown(NamedTuple):
    """An option with its words, as far as they are known and not erased. `cost` is in cents.

    `withdrawn` is why it is never funded; it stays on the ballot, and the box takes it.
    """

    number: int
    option_id: UUID
    cost: int
    title: str | None
    summary: str | None
    territory: str | None
    groups: Groups
    withdrawn: str | None

    def contest(self, form: Format | None) -> str | None:
        """The contest of a ballot that it belongs to; None for the general one, or without any."""
        if not isinstance(form, Contests):
            return None
        return next(iter(self.groups.get(form.group, ())), None)


async def round_shown(connection: asyncpg.Connection, round_id: UUID) -> RoundShown | None:
    """A round with its programme's title and rules; None where it was never prepared."""
    row = await connection.fetchrow(f"{_ROUNDS} where r.round_id = $1", round_id)
    return None if row is None else RoundShown.of(row)


async def rounds_shown(connection: asyncpg.Connection) -> Sequence[RoundShown]:
    """The rounds that are not over, the one that closes first at the head."""
    rows = await connection.fetch(
        f"{_ROUNDS} where not r.closed and coalesce(r.closes_at > clock_timestamp(), true)"
        " order by r.closes_at nulls last, r.round_id"
    )
    return [RoundShown.of(row) for row in rows]


async def options_shown(connection: asyncpg.Connection, round_id: UUID) -> Sequence[OptionShown]:
    """The options of a round by number."""
    rows = await connection.fetch(
        "select o.number, o.option_id, o.cost, t.value as title, s.value as summary, o.territory,"
        " o.groups::text, o.withdrawn"
        " from option o left join words t on t.content_id = o.title"
        " left join words s on s.content_id = o.summary"
        " where o.round_id = $1 order by o.number",
        round_id,
    )
    return [OptionShown(**{**row, "groups": json.loads(row["groups"])}) for row in rows]


async def keep_programme(connection: asyncpg.Connection, event: CharterPublished) -> None:
    """Keep a programme's charter, which is published once."""
    rules = event.rules
    opens_at = next((p.opens_at for p in rules.phases if p.name == "vote"), None) if rules else None
    await connection.execute(
        "insert into programme (programme_id, title, rules, vote_opens_at)"
        " values ($1, $2, $3, $4) on conflict do nothing",
        event.programme_id,
        event.title,
        None if rules is None else rules.model_dump_json(),
        opens_at,
    )


async def keep_version(connection: asyncpg.Connection, event: CharterAmended) -> None:
    """Keep a version of a charter, which holds from its instant on."""
    await connection.execute(
        "insert into charter_version (programme_id, version, rules, takes_effect_at)"
        " values ($1, $2, $3, $4) on conflict do nothing",
        event.programme_id,
        event.version,
        event.rules.model_dump_json(),
        event.takes_effect_at,
    )


async def redate_vote(
    connection: asyncpg.Connection, programme_id: UUID, opens_at: datetime
) -> None:
    """The charter's vote opens at another instant."""
    await connection.execute(
        "update programme set vote_opens_at = $2 where programme_id = $1", programme_id, opens_at
    )


async def keep_options(connection: asyncpg.Connection, options: Sequence[OptionListed]) -> None:
    """Keep options of rounds, each once."""
    await connection.executemany(
        "insert into option"
        " (round_id, number, option_id, cost, title, summary, territory, groups, withdrawn)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        [
            (
                o.round_id,
                o.number,
                o.option_id,
                o.cost,
                o.title,
                o.summary,
                o.territory,
                json.dumps(o.for_rule().groups),
                o.withdrawn,
            )
            for o in options
        ],
    )


async def keep_words(connection: asyncpg.Connection, content_id: str, value: str) -> None:
    """Keep the words under a content id: they never differ, or it would be another."""
    await connection.execute(
        "insert into words (content_id, value) values ($1, $2) on conflict do nothing",
        content_id,
        value,
    )


async def erase_words(connection: asyncpg.Connection, content_ids: Sequence[str]) -> None:
    """Forget the words under these content ids."""
    await connection.execute("delete from words where content_id = any($1)", list(content_ids))
