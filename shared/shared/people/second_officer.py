"""Acts that need two officers: one asks, another confirms, and only then is it done.

The asking, the answer and the act itself are events of one publisher; what is confirmed is done in
the transaction of the confirmation, or not at all. Nobody confirms what she asked for: the rule
stands here, and again as a constraint of the table.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import commitment, digest
from shared.database import raw
from shared.events import administration
from shared.events.event import Event
from shared.outbox import announce
from shared.people import queries
from shared.people.roles import Person, PersonNeeded, Role
from shared.refusal import Refusal
from shared.words import blank, unseen

LONGEST_REASON = 1000

# Says an event, in the transaction of what it tells of.
Say = Callable[[AsyncSession, Event], Awaitable[None]]
# The parameters, and who asked and who confirmed. Runs in the transaction of the confirmation.
Do = Callable[[AsyncSession, Mapping[str, Any], tuple[UUID, UUID]], Awaitable[None]]


class SameOfficer(Refusal):
    """Whoever asked for an act confirms it herself."""

    code = "same_officer"


class ActUnknown(Refusal):
    """No act has this id."""

    code = "act_unknown"


class ActAnswered(Refusal):
    """The act was done or declined before."""

    code = "act_answered"


class AskerWithoutRole(Refusal):
    """Whoever asked for an act has lost the role that it takes."""

    code = "asker_without_role"


class ActWaiting(Refusal):
    """The same act waits already about the same subject, with other parameters."""

    code = "act_waiting"


class ReasonMissing(Refusal):
    """Nothing of this kind is done without a reason."""

    code = "reason_missing"


STATUSES: dict[type[Refusal], int] = {
    SameOfficer: 409,
    ActUnknown: 404,
    ActAnswered: 409,
    ActWaiting: 409,
    AskerWithoutRole: 409,
    ReasonMissing: 422,
}


@dataclass(frozen=True, slots=True)
class ActKind:
    """Who may ask for and confirm an act, and what does it. `do` may refuse: nothing happens."""

    role: Role
    do: Do


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act, as it waits or was answered."""

    act_id: UUID
    act: str
    about: str
    programme_id: UUID | None
    parameters: Mapping[str, Any]
    reason: str
    asked_by: UUID
    state: str
    row: Mapping[str, Any]


class SecondOfficer:
    """The acts of one publisher."""

    def __init__(
        self,
        *,
        source: str,
        asked: type[administration.SecondOfficerAsked],
        consented: type[administration.SecondOfficerConsented],
        declined: type[administration.SecondOfficerDeclined],
        acts: Mapping[str, ActKind],
        say: Say | None = None,
    ) -> None:
        """What happens is announced; where its publisher has no outbox, `say` does it."""
        self.acts = dict(acts)
        self._say = say or self._announce
        self._source = source
        self._asked, self._consented, self._declined = asked, consented, declined

    async def needs_second_officer(
        self,
        session: AsyncSession,
        act: str,
        *,
        about: str,
        parameters: Mapping[str, Any],
        reason: str,
        by: Person,
        programme_id: UUID | None = None,
    ) -> UUID:
        """Ask for an act; it is done when another officer confirms it. Asked again: the same id.

        Raises `PersonNeeded`, `Forbidden`, `ReasonMissing`, `ActWaiting`.
        """
        _check_person(by)
        by.check(self.acts[act].role, programme_id)
        words = read_reason(reason)
        found = digest({"about": about, "act": act, "parameters": dict(parameters)}).hex()
        act_id, salt = uuid4(), secrets.token_bytes(32)
        connection = await raw(session)
        kept = await queries.keep_act(
            connection, act_id, act, about, programme_id, parameters, found, words, salt, by.id
        )
        if kept is None:
            waiting = await queries.waiting_act(connection, act, about)
            if waiting is None or waiting["digest"] != found:
                raise ActWaiting(f"{act} waits for a second officer already, with other figures")
            known: UUID = waiting["act_id"]
            return known
        event = self._asked(
            act_id=act_id,
            officer=by.id,
            act=act,
            about=about,
            digest=found,
            reason=commitment(salt, words).hex(),
        )
        await self._say(session, event)
        return act_id

    async def consent(self, session: AsyncSession, act_id: UUID, by: Person) -> Waiting:
        """Confirm an act, and do it. Two officers decide it, each of whom may now. Confirmed by her
        before, nothing more happens: she pressed twice.

        Raises `SameOfficer`, `AskerWithoutRole`, `ActAnswered`, what `do` raises.
        """
        waiting = await self._locked(session, act_id, by, "done")
        if waiting.state == "done":
            return waiting
        if waiting.asked_by == by.id:
            raise SameOfficer("another officer has to confirm what you asked for")
        grants = await queries.grants_of(await raw(session), waiting.asked_by)
        role = self.acts[waiting.act].role
        if not Person(waiting.asked_by, "officer", grants=grants).may(role, waiting.programme_id):
            raise AskerWithoutRole(f"whoever asked for it is no {role} any more: decline it")
        await queries.answer_act(await raw(session), act_id, "done", by.id)
        await self._say(session, self._consented(act_id=act_id, officer=by.id))
        await self.acts[waiting.act].do(session, waiting.parameters, (waiting.asked_by, by.id))
        return waiting

    async def decline(
        self, session: AsyncSession, act_id: UUID, by: Person, reason: str
    ) -> Waiting:
        """Decline an act, or take back one's own; once. Raises `ReasonMissing`, `ActAnswered`."""
        waiting = await self._locked(session, act_id, by, "declined")
        words, salt = read_reason(reason), secrets.token_bytes(32)
        if waiting.state == "declined":
            if waiting.row["answer"] == words:
                return waiting
            raise ActAnswered("you declined this act before, for another reason")
        await queries.answer_act(await raw(session), act_id, "declined", by.id, words, salt)
        why = commitment(salt, words).hex()
        event = self._declined(act_id=act_id, officer=by.id, reason=why)
        await self._say(session, event)
        return waiting

    async def _announce(self, session: AsyncSession, event: Event) -> None:
        announce(session, event, source=self._source)

    async def listed(
        self, session: AsyncSession, person: Person, *, answered: int = 0
    ) -> list[Waiting]:
        """The acts that somebody may confirm: all that wait, and some of those answered last."""
        may = [(act, each) for act, kind in self.acts.items() for each in person.held(kind.role)]
        rows = await queries.acts(await raw(session), may, answered)
        return [_read(dict(row)) for row in rows]

    async def done_for(
        self, session: AsyncSession, person: Person, act: str, about: str
    ) -> list[Waiting]:
        """What somebody asked for and may go on with, about what begins so: all of it, however much
        was answered since."""
        rows = await queries.done_acts(await raw(session), act, person.id, about)
        return [_read(dict(row)) for row in rows]

    async def found(self, session: AsyncSession, act_id: UUID, person: Person) -> Waiting:
        """One act, waiting or answered. Raises `ActUnknown`, `Forbidden`."""
        return self._of(await queries.act(await raw(session), act_id), act_id, person)

    async def _locked(
        self, session: AsyncSession, act_id: UUID, by: Person, answer: str
    ) -> Waiting:
        """An act that waits, locked, or that this officer answered so before.
        Raises `ActAnswered`."""
        _check_person(by)
        row = await queries.act_for_update(await raw(session), act_id)
        waiting = self._of(row, act_id, by)
        hers = waiting.state == answer and waiting.row["answered_by"] == by.id
        if waiting.state != "waiting" and not hers:
            raise ActAnswered(f"this act was {waiting.state} before")
        return waiting

    def _of(self, row: asyncpg.Record | None, act_id: UUID, person: Person) -> Waiting:
        if row is None or row["act"] not in self.acts:
            raise ActUnknown(f"there is no act {act_id}")
        found = _read(dict(row))
        person.check(self.acts[found.act].role, found.programme_id)
        return found


def read_reason(written: str) -> str:
    """A reason in its one form: everybody who reads it sees the same. Raises `ReasonMissing`."""
    words = " ".join(written.split())
    if (character := unseen(words)) is not None:
        raise ReasonMissing(f"a reason may not have the character {character}")
    if blank(words) or not 3 <= len(words) <= LONGEST_REASON:
        raise ReasonMissing(f"a reason has between 3 and {LONGEST_REASON} characters")
    return words


def _check_person(by: Person) -> None:
    if by.kind != "officer":
        raise PersonNeeded("two officers do this, signed in as themselves")


def _read(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        act_id=row["act_id"],
        act=row["act"],
        about=row["about"],
        programme_id=row["programme_id"],
        parameters=row["parameters"],
        reason=row["reason"],
        asked_by=row["asked_by"],
        state=row["state"],
        row=row,
    )
