"""The acts of two officers, each done in the transaction of its confirmation."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events import voting
from shared.outbox import announce
from shared.people import Role
from shared.people.second_officer import ActKind, SecondOfficer
from voting.count import queries
from voting.count.deciding import SOURCE
from voting.count.desk import work
from voting.count.moving import close_round, locked_round, open_round, order_tie
from voting.count.tables import Round

Officers = tuple[UUID, UUID]


async def open_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Freeze the rules of a round, as they were when it was asked for."""
    row = await _round(session, asked)
    known = work.known(row, await queries.options(session, row.round_id))
    work.check_unchanged(work.opening(row, await database_time(session)) | known, asked)
    await open_round(session, row)


async def close_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """End voting now."""
    row = await _round(session, asked)
    work.check_unchanged(work.closing(row, await database_time(session)), asked)
    await close_round(session, row)


async def order_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """The count goes on with the order that two officers said, if it still asks for that one."""
    row = await _round(session, asked)
    options = await queries.options(session, row.round_id)
    order = [UUID(each["option_id"]) for each in asked["order"]]
    work.check_asked(row, asked)
    work.check_unchanged(work.ordering(row, options, order), asked)
    await order_tie(session, row, order, officers)


async def validate_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """The allocation is no longer provisional."""
    row = await _round(session, asked)
    work.check_unchanged(work.validating(row, await database_time(session)), asked)
    event = voting.ResultValidated(
        round_id=row.round_id, allocation=asked["allocation"], officers=officers
    )
    row.validated_event = announce(session, event, source=SOURCE, log=row.log)
    row.validated_at = await database_time(session)


async def sign_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """The agreements are signed, each once: one that was signed meanwhile stays as it is.

    Raises `NothingToSign` where all were.
    """
    row = await _round(session, asked)
    wanted, now = asked["agreements"], await database_time(session)
    options = work.to_sign(await queries.options(session, row.round_id))
    chosen = [option for option in options if str(option.option_id) in wanted]
    if not chosen:
        raise work.NothingToSign(f"these agreements of round {row.round_id} are signed")
    for option in chosen:
        work.check_unchanged({"amount": option.amount}, {"amount": wanted[str(option.option_id)]})
        event = voting.AgreementSigned(
            round_id=row.round_id,
            option_id=option.option_id,
            amount=option.amount or 0,
            officers=officers,
        )
        option.agreement_event = announce(session, event, source=SOURCE, log=row.log)
        option.agreed_at = now


async def reopen_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Say that a restored service may open; it opens if it is closed by that recovery."""
    event = voting.ServiceReopened(
        service=asked["service"],
        recovery=UUID(asked["recovery"]),
        reason=asked["cause"],
        by_hand=asked["by_hand"],
        officers=officers,
    )
    announce(session, event, source=SOURCE)


async def _round(session: AsyncSession, asked: Mapping[str, Any]) -> Round:
    return await locked_round(session, UUID(asked["round_id"]))


ACTS = SecondOfficer(
    source=SOURCE,
    asked=voting.SecondOfficerAsked,
    consented=voting.SecondOfficerConsented,
    declined=voting.SecondOfficerDeclined,
    acts={
        "open-round": ActKind(Role.RETURNING_OFFICER, open_it),
        "close-round": ActKind(Role.RETURNING_OFFICER, close_it),
        "order-tie": ActKind(Role.RETURNING_OFFICER, order_it),
        # The services are the whole platform's: no officer of one programme opens them.
        "reopen-service": ActKind(Role.ADMINISTRATOR, reopen_it),
        "validate-result": ActKind(Role.RETURNING_OFFICER, validate_it),
        "sign-agreement": ActKind(Role.RETURNING_OFFICER, sign_it),
    },
)
