"""What running a file now would make of each of its rows, found out without recording anything.

Rows are held against what was imported under their references, against what is known here of
organisations with their numbers, against the room that a vote has, and against the rows before them
in the same file: in the file's order, as they would be recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from submission import queries as submission_queries
from submission.carriers.organisations.keeping import Foreseen
from submission.freezing import TooManyOptions, check_room
from submission.imports import queries
from submission.imports.kinds import ORGANISATIONS, PROJECTS, Kind, Refused

CHANGED: Final = "row_changed"
DIFFERENT: Final = "organisation_different"


class Foreseeing:
    """Holds one part of a file after the other against what is there; `there` is how many projects
    the programme has."""

    def __init__(self, kind: Kind, programme_id: UUID, there: int) -> None:
        self._kind, self._programme_id, self._there = kind, programme_id, there
        self._organisations = Foreseen()

    @classmethod
    async def of(cls, session: AsyncSession, kind: Kind, programme_id: UUID) -> "Foreseeing":
        """Before the first part of a file."""
        there = await submission_queries.number_of_projects(session, programme_id)
        return cls(kind, programme_id, there)

    async def part(
        self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """These rows, each with what would become of it; those that are `new` say what is read of
        them."""
        known = await queries.known_rows(
            session, self._programme_id, self._kind.name, [each["key"] for each in rows]
        )
        held = [_against(each, known) for each in rows]
        if self._kind is PROJECTS:
            return [self._fitting(each) for each in held]
        if self._kind is ORGANISATIONS:
            return await self._by_number(session, held)
        return held

    async def _by_number(
        self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        fresh = [each for each in rows if each["outcome"] == "new"]
        differ = await self._organisations.differ(session, [each["read"] for each in fresh])
        told = {
            each["line"]: {**each, **_different(differs)}
            for each, differs in zip(fresh, differ, strict=True)
            if differs is not None
        }
        return [told.get(each["line"], each) for each in rows]

    def _fitting(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row, refused behind the projects that a vote can have as options."""
        if row["outcome"] != "new":
            return row
        try:
            check_room(self._there)
        except TooManyOptions as error:
            return {**row, "outcome": "refused", "fields": None, **asdict(Refused.of(error))}
        self._there += 1
        return row


def _against(row: Mapping[str, Any], known: Mapping[str, bytes]) -> Mapping[str, Any]:
    """A row, held against what was imported under its reference before."""
    before = known.get(row["key"])
    if row["outcome"] != "new" or before is None:
        return row
    if before == row["digest"]:
        return {**row, "outcome": "known", "fields": None}
    detail = "another row was imported under this reference: it stays as it is"
    return {**row, "outcome": "changed", "fields": None, "code": CHANGED, "detail": detail}


def _different(differs: Sequence[str]) -> Mapping[str, Any]:
    """Of an organisation whose number is known. What its row says stays until it is run: by then
    the number may be nobody's."""
    if not differs:
        return {"outcome": "known"}
    return {"outcome": "changed", "code": DIFFERENT, "detail": differing_in(differs)}


def differing_in(columns: Sequence[str]) -> str:
    """In what a row differs from the organisation that has its number."""
    return f"its number is known here, with another {', '.join(columns)}: that stays as it is"
