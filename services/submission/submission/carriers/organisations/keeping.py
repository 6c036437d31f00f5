"""Keeping organisations: new ones, many of a file, amendments, and their erasure.

A number is one organisation's: whoever declares it first keeps it, and whoever names it later gets
the one that is known. Everything that is declared of it is announced with each part that it takes
in a project, and again where it changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from submission.carriers.organisations import queries
from submission.carriers.organisations.declaring import (
    Declared,
    NumberTaken,
    OrganisationUnknown,
    differing,
    numbers_of,
    said_by,
)
from submission.carriers.tables import Carriage, Organisation
from submission.projects.queries import keep, words
from submission.wording import publish_words


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an organisation in a file: it is `new`, `known` as it is said to be, or
    `different` from what is known, which stays as it is: in what, `differs` says."""

    organisation_id: UUID
    outcome: Literal["new", "known", "different"]
    differs: tuple[str, ...] = ()


async def organisation_of(session: AsyncSession, carriage: Carriage) -> Organisation | None:
    """The organisation that has a part in a project; None where a person does."""
    if carriage.organisation_id is None:
        return None
    return await queries.organisation(session, carriage.organisation_id)


async def by_number(session: AsyncSession, number: str) -> Organisation:
    """The organisation with this number, in its one form. Raises `OrganisationUnknown`."""
    found = await queries.by_number(session, number)
    if found is None:
        raise OrganisationUnknown(f"no organisation with the number {number} is known here")
    return found


async def keep_organisation(
    session: AsyncSession, declared: Declared, kept_by: UUID | None
) -> Organisation:
    """Keep a new organisation. Raises `NumberTaken`."""
    await check_free(session, declared)
    row = Organisation(
        organisation_id=uuid4(),
        kept_by=kept_by,
        **(asdict(declared) | {"name": await publish_words(session, declared.name)}),
        siret_words=await _published(session, declared.siret),
        rna_words=await _published(session, declared.rna),
        sse_words=await _published(session, declared.sse),
    )
    await keep(session, row)
    await _keep_texts(session, row)
    return row


async def keep_many(session: AsyncSession, declared: Sequence[Declared]) -> Sequence[Kept]:
    """Keep the organisations of a file, in its order; what has a number that is known is kept once.

    Nobody keeps them: they change by no page. What has no number is always a new one, since names
    tell nobody apart.
    """
    numbers = {number for each in declared for number in numbers_of(each)}
    await queries.numbers_lock(session, sorted(numbers))
    return [await _keep_one(session, each) for each in declared]


async def _keep_one(session: AsyncSession, declared: Declared) -> Kept:
    for number in numbers_of(declared):
        found = await queries.by_number(session, number)
        if found is not None:
            differs = differing(said_by(found, await name_of(session, found)), declared)
            return Kept(found.organisation_id, "different" if differs else "known", differs)
    row = await keep_organisation(session, declared, None)
    return Kept(row.organisation_id, "new")


async def known_by(session: AsyncSession, numbers: Sequence[str]) -> Mapping[str, Declared]:
    """What is declared of the organisations that have one of these numbers, by each of theirs."""
    rows = await queries.with_numbers(session, numbers)
    names = await words(session, [row.name for row in rows])
    said = [said_by(row, names.get(row.name or "", "")) for row in rows]
    return {number: each for each in said for number in numbers_of(each)}


class Foreseen:
    """What `keep_many` would make of the organisations of a file, part by part in its order; none
    of them is kept. Each is held against what is known, and against those before it."""

    def __init__(self) -> None:
        self._known: dict[str, Declared] = {}

    async def differ(
        self, session: AsyncSession, declared: Sequence[Declared]
    ) -> Sequence[tuple[str, ...] | None]:
        """In what each differs from what is known under its number; None of a new one."""
        numbers = {number for each in declared for number in numbers_of(each)}
        known = await known_by(session, sorted(numbers - self._known.keys()))
        self._known.update(known)
        return [self._one(each) for each in declared]

    def _one(self, declared: Declared) -> tuple[str, ...] | None:
        for number in numbers_of(declared):
            if number in self._known:
                return differing(self._known[number], declared)
        self._known.update(dict.fromkeys(numbers_of(declared), declared))
        return None


async def amend_organisation(session: AsyncSession, row: Organisation, declared: Declared) -> None:
    """Make a locked organisation what is declared now; words that did not change stay the same.

    Raises `NumberTaken`.
    """
    before = await name_of(session, row)
    await check_free(session, declared, row.organisation_id)
    if declared.name != before:
        row.name = await publish_words(session, declared.name)
    if declared.siret != row.siret:
        row.siret_words = await _published(session, declared.siret)
    if declared.rna != row.rna:
        row.rna_words = await _published(session, declared.rna)
    if declared.sse != row.sse:
        row.sse_words = await _published(session, declared.sse)
    row.sqlmodel_update({name: v for name, v in asdict(declared).items() if name != "name"})
    await session.flush()
    await _keep_texts(session, row)


async def check_free(session: AsyncSession, declared: Declared, of: UUID | None = None) -> None:
    """Raises `NumberTaken` where another organisation has one of the numbers."""
    numbers = numbers_of(declared)
    await queries.numbers_lock(session, numbers)
    for number in numbers:
        found = await queries.by_number(session, number)
        if found is not None and found.organisation_id != of:
            raise NumberTaken(f"the number {number} is another organisation's")


async def name_of(session: AsyncSession, row: Organisation) -> str:
    """An organisation's name in words; nothing where it is erased."""
    return (await words(session, [row.name])).get(row.name or "", "")


async def _published(session: AsyncSession, number: str | None) -> str | None:
    return None if number is None else await publish_words(session, number)


async def _keep_texts(session: AsyncSession, row: Organisation) -> None:
    for said, are_numbers in (
        ((row.name, row.sse_words), False),
        ((row.siret_words, row.rna_words), True),
    ):
        kept = [each for each in said if each is not None]
        await queries.keep_texts(session, row.organisation_id, kept, are_numbers=are_numbers)
