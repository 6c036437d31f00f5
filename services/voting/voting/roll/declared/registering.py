"""Being on the roll by a declared identity and a telephone: begun with a form, proved by a code.

1. The form passes the rules of `identity.py`, brings a proof of work, and no limit is reached: an
   SMS with a code of eight digits leaves, whoever it is about.
2. The code comes back from the same browser, within ten minutes, at the fifth try at the latest.
3. The registration is screened (`anomalies.py`). Most get their code to vote, by SMS; the others
   are held, and told so. No answer of a page tells one from the other.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.codes import new_code
from shared.contacts import Message
from shared.database import database_time, raw
from shared.events.screening import Screening
from shared.refusal import Refusal
from voting.roll import anomalies, networks
from voting.roll import identity as rules
from voting.roll.codes import keyed_hash
from voting.roll.declared import queries
from voting.roll.declared.form import (
    Form,
    NotOffered,
    ProofMissing,
    charter_of,
    check_proof,
    figures_of,
)
from voting.roll.declared.queries import TRIES, Begun
from voting.roll.handlers import DECLARED
from voting.roll.keys import RollKeys
from voting.roll.messages import kept, sealed, taken, tell
from voting.roll.offered.queries import RoundShown
from voting.roll.round_keys import RoundKeys
from voting.roll.verdicts import refusal

MINUTES = 10
HOUR, DAY = 60, 24 * 60
PARIS = anomalies.PARIS


class TooMany(Refusal):
    """So many messages with a code left already, to this telephone, for this place, or in all."""

    code = "too_many"


class CodeWrong(Refusal):
    """These are not the digits of the message."""

    code = "phone_code_wrong"


class CodeOver(Refusal):
    """The code is older than ten minutes, was tried five times, or was sent to another browser."""

    code = "phone_code_over"


class Place(NamedTuple):
    """Where somebody votes, as messages name it."""

    title: str
    url: str

    def case(self, reference: str) -> str:
        """Where a held registration's state is told."""
        return f"{self.url.removesuffix('/vote')}/held/{reference}"


@dataclass(frozen=True)
class Registering:
    """The registrations of one roll; `contacts` is what messages are sealed to."""

    keys: RollKeys
    round_keys: RoundKeys
    contacts: X25519PublicKey | None

    async def begin(
        self,
        session: AsyncSession,
        shown: RoundShown,
        form: Form,
        data: dict[str, str],
        browser: str,
        address: str,
        place: Place,
    ) -> str:
        """Send a code to the telephone of a form that passes; what the browser keeps meanwhile.

        `browser` is a secret of the one that sent it, `address` where from. The same form again
        sends nothing again. Raises what `identity.check` does, `NotOffered`, `ProofMissing`,
        `TooMany`, `VotingClosed`.
        """
        today = (await database_time(session)).astimezone(PARIS).date()
        charter, figures = charter_of(shown.rules, shown.opens_at), figures_of(shown.rules)
        rules.check(form.identity, form.declared, charter, today)
        if self.contacts is None:
            raise NotOffered("nobody can be sent a code here")
        check_proof(shown.round_id, data, figures.proof_bits, today)
        connection, round_id = await raw(session), shown.round_id
        verdict = await queries.lock_registering(connection, round_id, DECLARED)
        if verdict != "open":
            raise refusal(verdict, round_id, DECLARED)
        # Of this form in this browser: whoever sends it twice keeps the same.
        token = self.round_keys.hashed(round_id, "browser", f"{browser}/{form.once}".encode()).hex()
        digits = f"{secrets.randbelow(10**8):08d}"
        age = rules.age_on(form.identity.born, charter.opens)
        begun = self._begun(round_id, form, token, digits, age, address, place)
        if not await queries.begin(connection, round_id, begun, MINUTES):
            return token
        await self._count(connection, round_id, form, begun, figures, address)
        code = Message(form.telephone, "phone-code", {"code": f"{digits[:4]} {digits[4:]}"})
        tell(session, sealed(self.contacts, code))
        return token

    async def prove(
        self, session: AsyncSession, shown: RoundShown, token: str, typed: str
    ) -> Refusal | None:
        """Take the digits that came by SMS: the registration is screened, and what it leads to is
        told by message. A refusal that is returned is to be raised after the commit.

        Raises `VotingClosed`.
        """
        connection, round_id = await raw(session), shown.round_id
        verdict = await queries.lock_registering(connection, round_id, DECLARED)
        if verdict != "open":
            raise refusal(verdict, round_id, DECLARED)
        hashed = self._session(round_id, token)
        row = await queries.registration_for_update(connection, round_id, hashed)
        if row is None or (row["tries"] >= TRIES and not row["proved"]):
            return CodeOver("this code is over: send the form again, and another one is sent")
        if row["proved"]:
            return None
        wanted = self._digits(round_id, token, "".join(c for c in typed if not c.isspace()))
        if not secrets.compare_digest(wanted, row["digits"]):
            await queries.note_try(connection, hashed)
            left = TRIES - 1 - row["tries"]
            if not left:
                return CodeOver("this code was tried five times: send the form again")
            return CodeWrong(f"these are not the digits of the message; {left} tries are left")
        await queries.note_proved(connection, hashed)
        await self._screen(session, connection, shown, row)
        return None

    def _begun(
        self,
        round_id: UUID,
        form: Form,
        token: str,
        digits: str,
        age: int,
        address: str,
        place: Place,
    ) -> Begun:
        assert self.contacts is not None
        hashed = partial(self.round_keys.hashed, round_id)
        code, reference, case_id = new_code(), new_code(), uuid4()
        words: dict[str, str | int] = {"title": place.title}
        case = {**words, "case": case_id.hex[:8], "url": place.case(reference)}
        # Behind the #: no server that the link passes gets to see the code.
        given = {**words, "code": spaced(code), "url": f"{place.url}#code={code}"}
        messages = kept(
            self.contacts,
            (
                Message(form.telephone, "voting-code", given),
                Message(form.told, "right-used", {**words, "url": place.url}),
                Message(form.told, "registration-held", case),
                Message(form.told, "registration-declined", case),
            ),
        )
        return Begun(
            session=self._session(round_id, token),
            identity=hashed("identity", form.identity.secret()),
            telephone=hashed("telephone", form.telephone.address.encode()),
            address=hashed("address", networks.connection(address)),
            age=age,
            lesson=hashed("lesson", form.lesson.encode()) if form.lesson else None,
            digits=self._digits(round_id, token, digits),
            code=keyed_hash(self.keys.roll_key, round_id, code.encode()),
            reference=hashed("reference", reference.encode()),
            case_id=case_id,
            messages=messages,
        )

    async def _count(
        self,
        connection: asyncpg.Connection,
        round_id: UUID,
        form: Form,
        begun: Begun,
        figures: Screening,
        address: str,
    ) -> None:
        """Count a message against each limit. Raises `TooMany`, `ProofMissing`."""
        hashed = partial(self.round_keys.hashed, round_id)
        spent = hashed("proof", form.once.encode())
        limits = [
            ("telephone", begun.telephone, figures.phone_day, DAY),
            ("all", hashed("all", b""), figures.all_hour, HOUR),
        ]
        people = await queries.is_lesson(connection, round_id, begun.lesson)
        if people and begun.lesson is not None:
            limits.append(("lesson", begun.lesson, 2 * people, HOUR))
        else:
            block = hashed("block", networks.block(address))
            limits.append(("block", block, figures.block_hour, HOUR))
        if form.told is not form.telephone and "@" in form.told.address:
            domain = form.told.address.casefold().rpartition("@")[2].encode()
            limits.append(("domain", hashed("domain", domain), figures.domain_hour, HOUR))
        if await queries.number_seen(connection, round_id, "proof", spent, 2 * DAY):
            raise ProofMissing("this form was sent before: load the page anew")
        await queries.note_seen(connection, round_id, "proof", spent, 2 * DAY)
        for kind, what, most, minutes in limits:
            if await queries.number_seen(connection, round_id, kind, what, minutes) >= most:
                raise TooMany("too many messages were asked for; try again later, or at a counter")
            await queries.note_seen(connection, round_id, kind, what, minutes)

    async def _screen(
        self,
        session: AsyncSession,
        connection: asyncpg.Connection,
        shown: RoundShown,
        row: asyncpg.Record,
    ) -> None:
        """Give the code to vote, or hold the registration and say so."""
        round_id, figures = shown.round_id, figures_of(shown.rules)
        fresh = await queries.put_on_roll(connection, round_id, DECLARED, row["identity"])
        seen = await self._seen(connection, round_id, row, figures, await database_time(session))
        found = list(anomalies.grounds(seen, figures, known=not fresh))
        messages: dict[str, str] = json.loads(row["sealed"])
        band = rules.band_of(row["age"])
        if found:
            held = {**dict(row), "band": band}
            await queries.hold(
                connection, round_id, DECLARED, found, held, messages, contested=not fresh
            )
            tell(session, taken("registration-held", messages))
            return
        tell(session, taken("voting-code", messages))
        notice = taken("right-used", messages)
        await queries.keep_code(
            connection, round_id, DECLARED, row["code"], notice.message_id, notice.body(), band=band
        )

    async def _seen(
        self,
        connection: asyncpg.Connection,
        round_id: UUID,
        row: asyncpg.Record,
        figures: Screening,
        now: datetime,
    ) -> anomalies.Seen:
        voters = await queries.voters_with(connection, round_id, row["telephone"])
        if await queries.use_lesson(connection, round_id, row["lesson"]):
            return anomalies.Seen.in_lesson(voters)
        at_night = anomalies.is_night(now)
        address, minutes = row["address"], figures.burst_minutes
        await queries.note_seen(connection, round_id, "burst", address, minutes)
        run, registrations, by_night = await queries.screened(
            connection, round_id, row["age"], at_night=at_night
        )
        return anomalies.Seen(
            from_address=await queries.number_seen(connection, round_id, "burst", address, minutes),
            with_telephone=voters,
            age_run=run,
            at_night=by_night if at_night else None,
            registrations=registrations,
        )

    def _session(self, round_id: UUID, token: str) -> bytes:
        return self.round_keys.hashed(round_id, "session", token.encode())

    def _digits(self, round_id: UUID, token: str, digits: str) -> bytes:
        """The hash of a code, of one browser: eight digits alone would be found again."""
        return self.round_keys.hashed(round_id, "digits", f"{token}/{digits}".encode())


def spaced(code: str) -> str:
    """A code to vote as people read it."""
    return " ".join((code[:4], code[4:8], code[8:]))
