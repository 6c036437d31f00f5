"""Reading a file without recording anything, and recording it afterwards, part by part.

What a file says is kept row by row when it is read. Whoever runs it records at most `AT_ONCE` rows
in a transaction, each under its reference: a process that is killed goes on with the next row, and
nothing is recorded twice, whoever is at it. A row that is refused only then, since the charter is
another by now or a vote has no room left, is reported as refused: the others are recorded, and no
file keeps those behind it waiting.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO, Final
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.charter import CharterRules
from shared.events.submission import ImportBegun
from shared.outbox import announce
from shared.pabulib import NotPabulib, parse_opening
from shared.pabulib.election import Election
from shared.pabulib.reading import Programme as Opening
from shared.refusal import Refusal
from submission import queries as submission_queries
from submission.documents.kinds import shown_name
from submission.freezing import OptionsAlreadyFrozen
from submission.imports import queries
from submission.imports.ballots import ElectionRefused, options_of
from submission.imports.foreseeing import CHANGED, DIFFERENT, Foreseeing, differing_in
from submission.imports.ideas import digest_of, read_reference
from submission.imports.keeping import Kept, keep_ideas, keep_organisations, keep_projects
from submission.imports.kinds import (
    IDEAS,
    ORGANISATIONS,
    PROJECTS,
    ImportNotHere,
    Kind,
    Refused,
    check_here,
    known_kind,
)
from submission.imports.reading import ReferenceRefused, Row, rows
from submission.imports.tables import Import
from submission.programmes.phases import PhaseNotOpen
from submission.projects.finding import Edition, check_phase, edition
from submission.reading import FormRefused
from submission.wording import SOURCE, keep_words, publish_words

AT_ONCE: Final = 500
KEPT_FOR: Final = timedelta(days=30)
LONGEST_KEY: Final = 100


async def check_file(
    session: AsyncSession,
    found: Edition,
    kind: Kind,
    file: BinaryIO,
    called: str,
    officer: UUID,
    now: datetime,
) -> Import:
    """Read a file and keep what running it now would make of each row: nothing else is recorded.

    Raises the refusals of `reading`, `ElectionRefused`, `ImportNotHere`.
    """
    check_here(kind, found.rules)
    digest = await asyncio.to_thread(digest_of_file, file)
    read = _rows(kind, file)
    checked = _Checked(kind, found.rules, now.date())
    row = Import(
        import_id=uuid4(),
        programme_id=found.programme_id,
        kind=kind.name,
        digest=digest,
        name=shown(kind, called),
        state="checked",
        rows=0,
        officer=officer,
        at=now,
    )
    await queries.keep_import(session, row)
    foreseeing = await Foreseeing.of(session, kind, found.programme_id)
    while part := await asyncio.to_thread(checked.part, read):
        held = await foreseeing.part(session, part)
        await queries.keep_rows(session, [{**each, "import_id": row.import_id} for each in held])
        row.rows += len(part)
    return row


def shown(kind: Kind, called: str) -> str:
    """What a file is called at the desk: without what nobody sees, and never a path."""
    name = shown_name(called, "text/csv")
    return f"{name.removesuffix('.csv')}.pb" if kind is PROJECTS else name


class _Checked:
    """Looks at rows one after the other, and remembers their references."""

    def __init__(self, kind: Kind, rules: CharterRules, today: date) -> None:
        self._kind, self._rules, self._today = kind, rules, today
        self._seen: dict[str, int] = {}

    def part(self, read: Iterator[Row]) -> list[dict[str, Any]]:
        """What the next rows are."""
        return [self._one(row) for row in islice(read, AT_ONCE)]

    def _one(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {"line": row.line, "key": "", "outcome": "refused"}
        try:
            if row.refused is not None:
                raise row.refused
            found["key"] = key = read_reference(row.fields)
            if key in self._seen:
                raise ReferenceRefused(f"the reference is on line {self._seen[key]} already")
            self._seen[key] = row.line
            read = self._kind.read(self._rules, row.fields, self._today)
        except (Refusal, FormRefused) as error:
            return found | asdict(Refused.of(error))
        return found | {
            "outcome": "new",
            "read": read,
            "fields": dict(row.fields),
            "digest": digest_of(row.fields),
        }


def _rows(kind: Kind, file: BinaryIO) -> Iterator[Row]:
    if kind is not PROJECTS:
        return rows(file, kind.columns)
    return iter([Row(n, each) for n, each in enumerate(read_options(file), start=1)])


def read_options(file: BinaryIO) -> Sequence[Mapping[str, str]]:
    """The projects of an election, whatever its ballots say. Raises `ElectionRefused`."""
    file.seek(0)
    try:
        opening = parse_opening(file.read(), "the file")
        found = Opening.of(opening.document)
    except NotPabulib as error:
        raise ElectionRefused(str(error)) from None
    return options_of(Election("the file", found.terms, found.projects, ()))


def digest_of_file(file: BinaryIO) -> bytes:
    """What a file is known by; it is read from its start again."""
    file.seek(0)
    found = hashlib.sha256()
    while step := file.read(1024 * 1024):
        found.update(step)
    file.seek(0)
    return found.digest()


async def begin(session: AsyncSession, row: Import, reason: str, officer: UUID) -> None:
    """Have a locked import recorded from now on: who had it done, and why, is announced before the
    first row. Where no row says anything new, nothing is recorded and nothing announced."""
    row.state = "running"
    if not await queries.rows_to_do(session, row.import_id, 1):
        return
    found = await edition(session, row.programme_id)
    event = ImportBegun.model_validate(
        {
            "programme_id": row.programme_id,
            "import_id": row.import_id,
            "kind": row.kind,
            "file": await keep_words(session, f"{row.digest.hex()} {row.name}"),
            "rows": row.rows,
            "reason": await publish_words(session, reason),
            "officer": officer,
        }
    )
    announce(session, event, source=SOURCE, log=found.log)


async def run_imports(database: Database) -> None:
    """Record what is to be imported, until nothing is."""
    if await queries.is_any_running(database):
        while await advance(database):
            pass


async def advance(database: Database) -> bool:
    """Record the next rows of an import that runs; whether there may be more to do."""
    async with database.begin() as session:
        row = await queries.running(session)
        if row is None:
            return False
        await queries.one_after_the_other(session, row.programme_id)
        found = await edition(session, row.programme_id)
        kind = known_kind(row.kind)
        try:
            now = await _allowed(session, found, kind)
        except (PhaseNotOpen, OptionsAlreadyFrozen, ImportNotHere):
            row.state = "stopped"
            return True
        # Behind the lock of its phase or of its programme: no amendment takes effect meanwhile.
        found = await edition(session, row.programme_id)
        todo = await queries.rows_to_do(session, row.import_id, AT_ONCE)
        if not todo:
            row.state, row.done_at = "done", now
            return True
        known = await queries.known_rows(
            session, row.programme_id, row.kind, [each["key"] for each in todo]
        )
        fresh = [each for each in todo if each["key"] not in known]
        old: list[queries.Noted] = [
            queries.Noted(each["line"], "known")
            if known[each["key"]] == each["digest"]
            else queries.Noted(each["line"], "changed", code=CHANGED)
            for each in todo
            if each["key"] in known
        ]
        noted = await _recorded(session, found, kind, row, fresh, now)
        await queries.note_rows(session, row.import_id, [*old, *noted])
    return True


async def _recorded(
    session: AsyncSession,
    found: Edition,
    kind: Kind,
    row: Import,
    fresh: Sequence[Any],
    now: datetime,
) -> Sequence[queries.Noted]:
    """What became of rows: recorded together. Where one of them is refused, each half by itself,
    until it is alone."""
    if not fresh:
        return []
    try:
        async with session.begin_nested():
            return await _together(session, found, kind, row, fresh, now)
    except (Refusal, FormRefused) as error:
        if len(fresh) == 1:
            refused = Refused.of(error)
            return [
                queries.Noted(fresh[0]["line"], "refused", code=refused.code, detail=refused.detail)
            ]
    half = len(fresh) // 2
    first = await _recorded(session, found, kind, row, fresh[:half], now)
    return [*first, *await _recorded(session, found, kind, row, fresh[half:], now)]


async def _together(
    session: AsyncSession,
    found: Edition,
    kind: Kind,
    row: Import,
    fresh: Sequence[Any],
    now: datetime,
) -> Sequence[queries.Noted]:
    """Record rows, each under its reference. Raises what one of them is refused by."""
    kept = await _keep(session, found, kind, row, [each["fields"] for each in fresh], now)
    pairs = [*zip(fresh, kept, strict=True)]
    await queries.keep_imported(
        session,
        row.programme_id,
        row.kind,
        [
            (each["key"], each["digest"], of.subject)
            for each, of in pairs
            if of.outcome != "changed"
        ],
    )
    return [_noted(each["line"], of) for each, of in pairs]


def _noted(line: int, kept: Kept) -> queries.Noted:
    if kept.outcome != "changed":
        return queries.Noted(line, kept.outcome, kept.subject)
    return queries.Noted(line, "changed", kept.subject, DIFFERENT, differing_in(kept.differs))


async def _allowed(session: AsyncSession, found: Edition, kind: Kind) -> datetime:
    """The database's time. Raises `PhaseNotOpen`, `OptionsAlreadyFrozen`, `ImportNotHere`."""
    check_here(kind, found.rules)
    if kind.phase is not None:
        return await check_phase(session, found.programme_id, kind.phase)
    if kind is PROJECTS:
        await submission_queries.programme_for_update(session, found.programme_id)
        if await submission_queries.round_of(session, found.programme_id) is not None:
            raise OptionsAlreadyFrozen("the options of the vote are frozen")
    return await database_time(session)


async def _keep(
    session: AsyncSession,
    found: Edition,
    kind: Kind,
    row: Import,
    fields: Sequence[Any],
    now: datetime,
) -> Sequence[Kept]:
    read = [kind.read(found.rules, _mapping(each), now.date()) for each in fields]
    if kind is IDEAS:
        return await keep_ideas(session, found, read, now)
    if kind is ORGANISATIONS:
        return await keep_organisations(session, read)
    return await keep_projects(session, found, read, row.officer, now)


def _mapping(fields: Any) -> Mapping[str, str]:
    """JSON as asyncpg gives it."""
    found: Mapping[str, str] = json.loads(fields) if isinstance(fields, str) else fields
    return found


async def forget_imports(database: Database) -> None:
    """Forget what files said that nobody has run for long."""
    async with database.begin() as session:
        await queries.forget(session, await database_time(session) - KEPT_FOR)
