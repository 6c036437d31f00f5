"""The acts of two officers at the ledger, each done in the transaction of its confirmation.

What they do and what they said stand in the logs, as entries of the ledger itself.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from ledger.appending import append_own, begin, released
from ledger.desk import queries, work
from ledger.handlers import Sequencer
from ledger.queries import Connection, open_logs
from ledger.sequence import LEDGER, Stream
from shared.canonical import commitment
from shared.database import database_time, raw
from shared.events import ledger
from shared.events.event import PLATFORM_LOG, Event
from shared.people import Role
from shared.people.second_officer import ActKind, SecondOfficer

type Officers = tuple[UUID, UUID]


def acts(sequencer: Sequencer) -> SecondOfficer:
    """The acts that officers do here."""

    async def accept_gap(
        session: AsyncSession, asked: Mapping[str, Any], officers: Officers
    ) -> None:
        """A publisher's missing numbers are given up, and what waited for them goes on."""
        connection, stream = await _locked(session, asked)
        found = work.gap(await queries.waiting_of(connection, stream))
        work.check_unchanged(found, asked)
        words, salt = await queries.reason(connection, "accept-gap", work.about(stream))
        event = ledger.GapAccepted(
            src=stream.src,
            from_=found["from"],
            to=found["to"],
            reason=commitment(salt, words).hex(),
            officers=officers,
        )
        await _fill(session, connection, stream, event)

    async def reject_event(
        session: AsyncSession, asked: Mapping[str, Any], officers: Officers
    ) -> None:
        """An event that nobody can read is rejected in public, and what waited for it goes on."""
        connection, stream = await _locked(session, asked)
        found = work.unreadable(await queries.waiting_of(connection, stream))
        work.check_unchanged(found, asked)
        event = ledger.IngestRejected(
            src=stream.src,
            number=found["number"],
            digest=found["digest"],
            reason="not_readable",
            officers=officers,
        )
        await queries.forget_held(connection, stream, found["number"], officers[1])
        await _fill(session, connection, stream, event)

    async def freeze_log(
        session: AsyncSession, asked: Mapping[str, Any], officers: Officers
    ) -> None:
        """The log ends with an entry that states the last number of each publisher."""
        connection, log = await raw(session), asked["log"]
        await begin(connection, {log})
        found = await ending(connection, log)
        work.check_unchanged(found, asked)
        event = ledger.LogFrozen(log=log, numbers=found["numbers"], officers=officers)
        await append_own(connection, log, event, await database_time(session))

    async def replace_key(
        session: AsyncSession, asked: Mapping[str, Any], officers: Officers
    ) -> None:
        """A publisher whose keys were lost signs with another one, which every log says that goes
        on, and that nobody but two officers vouches for it."""
        connection = await raw(session)
        await begin(connection, ())
        key = await queries.unvouched_key(connection, asked["src"], UUID(asked["event_id"]))
        work.check_unchanged(work.replacing(key), asked)
        assert key is not None
        words, salt = await queries.reason(connection, "replace-key", key.about)
        event = ledger.ServiceKeyReplaced(
            src=key.src,
            service_key=key.service_key,
            reason=commitment(salt, words).hex(),
            officers=officers,
        )
        now = await database_time(session)
        for log in (PLATFORM_LOG, *await open_logs(connection)):
            await append_own(connection, log, event, now)
        await queries.take_key(connection, key)

    async def _fill(
        session: AsyncSession, connection: Connection, stream: Stream, event: Event
    ) -> None:
        now = await database_time(session)
        await append_own(connection, stream.log, event, now)
        await sequencer.go_on(connection, await released(connection, {stream}), now=now)

    return SecondOfficer(
        source=LEDGER,
        asked=ledger.SecondOfficerAsked,
        consented=ledger.SecondOfficerConsented,
        declined=ledger.SecondOfficerDeclined,
        acts={
            "accept-gap": ActKind(Role.ADMINISTRATOR, accept_gap),
            "reject-event": ActKind(Role.ADMINISTRATOR, reject_event),
            "replace-key": ActKind(Role.ADMINISTRATOR, replace_key),
            "freeze-log": ActKind(Role.ADMINISTRATOR, freeze_log),
        },
        say=_say,
    )


async def ending(connection: Connection, log: str) -> dict[str, Any]:
    """What is decided by freezing a log. Raises `LogEnded`, `EventsWait`."""
    return work.ending(
        log,
        await queries.numbers(connection, log),
        await queries.held(connection, log),
        open_=await queries.goes_on(connection, log),
    )


async def _say(session: AsyncSession, event: Event) -> None:
    """What officers do is an entry of the platform's log, at once."""
    connection = await raw(session)
    await begin(connection, ())
    await append_own(connection, PLATFORM_LOG, event, await database_time(session))


async def _locked(session: AsyncSession, asked: Mapping[str, Any]) -> tuple[Connection, Stream]:
    connection, stream = await raw(session), Stream(asked["log"], asked["src"])
    await begin(connection, {stream.log})
    return connection, stream
