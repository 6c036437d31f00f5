"""One cluster as somebody has it who takes its disk: every row of every table, and every file."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import asyncpg

from tests.clusters import OwnCluster
from tests.linkage.attackers import ADDRESS, ID, ORDER, TIME, TRANSACTION, Numbers
from tests.linkage.clock import Clock
from tests.linkage.disk import Disk, Needles
from tests.linkage.lines import marks

# A partition of those that wait, and what is beside a table: each of them has a name of its own.
_PARTITION = re.compile(r"waiting_[0-9a-f]{32}(_[A-Z]_\d+)?")
_TOAST = re.compile(r"pg_toast_\d+")
TABLES = """
select relname from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname
"""
FILES = """
select relname, pg_relation_filepath(oid) as path from pg_class
where pg_relation_filepath(oid) is not null
"""


def number_of(value: bytes) -> float:
    """The first bytes as a number."""
    return float(int.from_bytes(value[:6]))


@dataclass
class Side[Who]:
    """What is found of voters in the roll's cluster, or of ballots in the box's.

    `numbers` are filled in. Of what is found again, the number is that of the last time; of bytes
    in a file, that of the first time is kept as well.
    """

    cluster: OwnCluster
    connection: asyncpg.Connection
    clock: Clock
    numbers: dict[Who, Numbers]
    known: dict[object, Who] = field(default_factory=dict)
    _needles: Needles[Who] = field(default_factory=Needles)

    def __post_init__(self) -> None:
        self._disk = Disk[Who](self.cluster.data)

    def know(self, who: Who, *has: bytes | str | UUID) -> None:
        """Recognise somebody by any of these from now on, in a row and in a file."""
        for each in has:
            self.known[each] = who
            match each:
                case bytes():
                    self._needles.add(each, who)
                case str():
                    self._needles.add(each.encode(), who)
                case UUID():
                    self._needles.add(each.bytes, who)

    async def take(self) -> None:
        """Take all that is there now."""
        for table in await self.connection.fetch(TABLES):
            await self._take_rows(table["relname"])
        await self._take_files()

    async def _take_rows(self, table: str) -> None:
        """What each row that is about somebody says, with its transaction and its place."""
        name = _named(table)
        rows = await self.connection.fetch(
            f'select ctid, xmin::text::bigint as "transaction", * from "{table}" order by ctid'
        )
        for place, row in enumerate(rows):
            if (who := self._who(row)) is None:
                continue
            numbers = self.numbers.setdefault(who, {})
            numbers[f"{TRANSACTION}:{name}"] = row["transaction"]
            numbers[f"{ORDER}:{name}, on the disk"] = place
            for column, value in row.items():
                for kind, number in self._read(column, value):
                    numbers[f"{kind}:{name}.{column}"] = number

    async def _take_files(self) -> None:
        rows = await self.connection.fetch(FILES)
        relations = {row["path"]: _named(row["relname"]) for row in rows}
        # Beside the loop, whose other work has its own times to keep.
        found = await asyncio.to_thread(lambda: [*self._disk.look(self._needles, relations)])
        for each in found:
            numbers = self.numbers.setdefault(each.who, {})
            numbers.setdefault(f"{ORDER}:file {each.name}, first", each.order)
            numbers[f"{ORDER}:file {each.name}, last"] = each.order

    def _who(self, row: asyncpg.Record) -> Who | None:
        for value in row.values():
            if isinstance(value, bytes | str | UUID) and (who := self.known.get(value)) is not None:
                return who
        return None

    def _read(self, column: str, value: Any) -> Iterator[tuple[str, float]]:
        """A value as a number to compare, and what it is."""
        match value:
            case bool():
                return
            case datetime():
                yield TIME, self.clock.read(value)
            case UUID() if value.version == 7:
                made = datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
                yield TIME, self.clock.read(made)
            case UUID():
                yield ID, float(value.int)
            case IPv4Address():
                yield ADDRESS, float(int(value))
            case int() if column not in ("transaction", "revision"):
                yield ORDER, float(value)
            case bytes() if len(value) == 32:
                yield ID, number_of(value)
            case str():
                yield from marks(value)


def _named(relation: str) -> str:
    """The same name for what is the same thing at every flush."""
    return _TOAST.sub("pg_toast", _PARTITION.sub("waiting", relation))
