"""The acts of two officers, each done in the transaction of its confirmation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.events import voting
from shared.outbox import announce
from shared.people import Role
from shared.people.second_officer import ActKind, SecondOfficer
from voting.count import queries
from voting.count.deciding import SOURCE
from voting.count.desk import work
from voting.count.funding import asking, conditions
from voting.count.funding import queries as funding
from voting.count.funding.acts import OF_GRANTS, sign_line
from voting.count.funding.loading import grant, grants, rules_of
from voting.count.later import rules
from voting.count.moving import (
    annul_round,
    close_round,
    extend_round,
    locked_round,
    open_round,
    order_tie,
)
from voting.count.paper import closing, handling
from voting.count.paper import queries as paper
from voting.count.seats.voting import standing
from voting.count.tables import Round

Officers = tuple[UUID, UUID]


async def open_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Freeze the rules of a round, as they were when it was asked for."""
    row = await _round(session, asked)
    known = work.known(row, await queries.options(session, row.round_id))
    known |= await standing(session, row)
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

    Raises `NothingToSign` where all were, `WrongState` where the round was annulled meanwhile,
    `ConditionsMissing` where something that was there is not there any more, `ChangedSince` where
    somebody else would sign than two officers saw.
    """
    row = await _round(session, asked)
    work.check_payable(row)
    wanted, now = asked["agreements"], await database_time(session)
    terms = asking.terms_of(charter := await rules_of(session, row))
    found = work.to_sign(await grants(session, row, charter))
    chosen = [line.option.option_id for line in found if str(line.option.option_id) in wanted]
    if not chosen:
        raise work.NothingToSign(f"these agreements of round {row.round_id} are signed")
    await funding.lock_carriers(session, chosen)
    for option_id in chosen:
        # Looked at one by one: what a carrier had counts for its next agreement.
        line = await grant(session, row, charter, option_id)
        number, signer = line.option.number, work.signer(line)
        # What was asked for before count said who signs has no signers.
        known = {"amount": wanted[str(option_id)]}
        known["signer"] = asked.get("signers", {}).get(str(option_id), signer)
        work.check_unchanged({"amount": line.amount, "signer": signer}, known)
        conditions.check(line.missing(terms, asking.today(now)), f"project {number}")
        await sign_line(session, line, terms, now, officers)


async def extend_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Voting ends later."""
    row = await _round(session, asked)
    now = rules.extending(row, asked["closes_at"], asked["extension"])
    work.check_unchanged(now, asked)
    closes_at = datetime.fromisoformat(now["closes_at"])
    await extend_round(session, row, closes_at, now["extension"], officers)


async def annul_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Nothing of a round is counted any more."""
    row = await _round(session, asked)
    now = rules.annulling(row, asked["annulment"], asked["by_act"])
    work.check_unchanged(now, asked)
    await annul_round(session, row, now["annulment"], now["by_act"], officers)


async def annul_batch_it(
    session: AsyncSession, asked: Mapping[str, Any], officers: Officers
) -> None:
    """None of a batch's papers counts."""
    row, batch = await handling.locked_batch(session, UUID(asked["batch_id"]))
    await handling.annul_batch(session, row, batch, asked["batch_annulment"], officers)


async def close_papers_of(
    session: AsyncSession, asked: Mapping[str, Any], officers: Officers
) -> None:
    """All papers of a round are in, as many as two officers saw."""
    row = await _round(session, asked)
    batches = await paper.batches(await raw(session), row.round_id)
    work.check_unchanged(closing.summed(row, batches), asked)
    await handling.close_papers(session, row, officers)


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
        **OF_GRANTS,
        "extend-round": ActKind(Role.RETURNING_OFFICER, extend_it),
        "annul-round": ActKind(Role.RETURNING_OFFICER, annul_it),
        "annul-batch": ActKind(Role.RETURNING_OFFICER, annul_batch_it),
        "close-papers": ActKind(Role.RETURNING_OFFICER, close_papers_of),
    },
)
