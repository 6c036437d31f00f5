"""What is done about a grant, in the transaction of whoever confirmed or entered it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import CharterRules
from shared.events.funding import (
    AgreementSigned,
    FundingConfirmed,
    GrantLapsed,
    GrantReduced,
    InstalmentPaid,
    MilestoneReached,
)
from shared.events.scheme import Funding
from shared.outbox import announce
from shared.people import Role
from shared.people.second_officer import ActKind
from shared.refusal import Refusal
from voting.count.deciding import SOURCE
from voting.count.desk import work
from voting.count.funding import asking, queries
from voting.count.funding.fund import check_drawn
from voting.count.funding.instalments import check_payment, divided, divided_again
from voting.count.funding.loading import grant, rules_of
from voting.count.funding.standing import Line
from voting.count.funding.tables import Granted, Instalment, Milestone
from voting.count.moving import locked_round
from voting.count.tables import Round

Officers = tuple[UUID, UUID]


class ReferenceUsed(Refusal):
    """Another payment was entered under this reference."""

    code = "reference_used"


async def confirm_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """A deliberation confirmed a grant, with its amount."""
    row, rules, line = await located(session, asked)
    on = date.fromisoformat(asked["deliberated_on"])
    now = asking.confirming(line, rules, asked["amount_in_cents"], asked["deliberation"], on)
    work.check_unchanged(now, asked)
    amount: int = now["amount_in_cents"]
    await check_drawn(session, row, rules, before=line.amount, amount=amount)
    kept = _kept(session, line)
    kept.amount, kept.act, kept.confirmed_on = amount, now["deliberation"], on
    event = FundingConfirmed(
        round_id=row.round_id,
        option_id=line.option.option_id,
        amount=amount,
        act=now["deliberation"],
        on=on,
        officers=officers,
    )
    kept.confirmed_event = announce(session, event, source=SOURCE, log=row.log)


async def sign_line(
    session: AsyncSession, line: Line, terms: Funding | None, now: datetime, officers: Officers
) -> None:
    """An agreement is signed: what is paid, in which parts, and as a part of which cost."""
    row, option = line.row, line.option
    parts = divided(line.amount, (terms and terms.instalments) or ())
    cost = option.cost + await queries.other_money(session, option.option_id)
    kept = _kept(session, line)
    kept.agreed, kept.cost, kept.signed_on = line.amount, cost, asking.today(now)
    kept.signed_with = None if line.answers is None else line.answers.carrier_id
    event = AgreementSigned(
        round_id=row.round_id,
        option_id=option.option_id,
        amount=line.amount,
        officers=officers,
        act=kept.act,
        signed_on=kept.signed_on,
        cost=cost if terms and terms.prorate else None,
        instalments=parts if terms and terms.instalments else None,
    )
    option.agreement_event = announce(session, event, source=SOURCE, log=row.log)
    option.agreed_at = now
    await session.flush()
    session.add_all(
        Instalment(
            round_id=row.round_id,
            option_id=option.option_id,
            name=part.name,
            place=place,
            amount=part.amount,
            due=part.on,
        )
        for place, part in enumerate(parts, start=1)
    )


async def reduce_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """A project cost less: its grant is lower, and what is unpaid of it."""
    row, rules, line = await located(session, asked)
    now = asking.reducing(line, asking.terms_of(rules), asked["spent_in_cents"])
    work.check_unchanged(now, asked)
    kept = _kept(session, line)
    kept.amount, kept.spent = now["amount_in_cents"], now["spent_in_cents"]
    parts = divided_again(line.parts, kept.amount)
    for instalment, part in zip(line.instalments, parts, strict=True):
        instalment.amount = part.amount
    event = GrantReduced(
        round_id=row.round_id,
        option_id=line.option.option_id,
        before=now["before_in_cents"],
        amount=kept.amount,
        spent=kept.spent,
        officers=officers,
    )
    kept.reduced_event = announce(session, event, source=SOURCE, log=row.log)


async def lapse_it(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """What is unpaid of a grant is paid no more; of a fund, its year can give it again."""
    row, rules, line = await located(session, asked)
    at = await database_time(session)
    now = asking.lapsing_of(line, asking.terms_of(rules), asked["ground"], at)
    work.check_unchanged(now, asked)
    kept = _kept(session, line)
    kept.lapsed, kept.ground = now["left_in_cents"], now["ground"]
    event = GrantLapsed(
        round_id=row.round_id,
        option_id=line.option.option_id,
        left=now["left_in_cents"],
        ground=now["ground"],
        officers=officers,
    )
    kept.lapsed_event = announce(session, event, source=SOURCE, log=row.log)


async def enter_payment(
    session: AsyncSession,
    line: Line,
    name: str,
    reference: str,
    paid_on: date,
    officer: UUID,
    seen: str,
) -> None:
    """The finance system paid an instalment, as one officer enters it who saw a grant of `seen`
    cents; entered so before, nothing happens.

    Raises what `check_payment` does, `WrongStep`, `ReferenceUsed`, and `ChangedSince` where the
    grant, and so perhaps its parts, are of another amount by now.
    """
    line.check("signed", "settled")
    if line.has_payment(name, reference, paid_on):
        return
    work.check_unchanged({"amount": str(line.amount)}, {"amount": seen})
    part = next((each for each in line.parts if each.name == name), None)
    today = asking.today(await database_time(session))
    assert line.granted is not None
    check_payment(part, paid_on, line.granted.signed_on, today)
    await queries.lock_reference(session, reference)
    if await queries.reference_known(session, reference):
        raise ReferenceUsed(f"another payment has the reference {reference}")
    instalment = next(each for each in line.instalments if each.name == name)
    instalment.paid_on, instalment.reference = paid_on, reference
    event = InstalmentPaid(
        round_id=line.row.round_id,
        option_id=line.option.option_id,
        instalment=name,
        amount=instalment.amount,
        reference=reference,
        paid_on=paid_on,
        officer=officer,
    )
    instalment.paid_event = announce(session, event, source=SOURCE, log=line.row.log)


async def enter_milestone(
    session: AsyncSession,
    line: Line,
    rules: CharterRules | None,
    name: str,
    on: date,
    officer: UUID,
) -> None:
    """A funded project came so far; entered so before, nothing happens. Raises what
    `check_milestone` does."""
    if line.has_milestone(name, on):
        return
    asking.check_milestone(line, rules, name, on)
    event = MilestoneReached(
        round_id=line.row.round_id,
        option_id=line.option.option_id,
        milestone=name,
        on=on,
        officer=officer,
    )
    session.add(
        Milestone(
            round_id=event.round_id,
            option_id=event.option_id,
            name=name,
            reached_on=on,
            reached_event=announce(session, event, source=SOURCE, log=line.row.log),
        )
    )


async def located(
    session: AsyncSession, asked: Mapping[str, Any]
) -> tuple[Round, CharterRules | None, Line]:
    """The grant that an act is about, its round locked. Raises `RoundUnknown`, `GrantUnknown`,
    `WrongState` where the round was annulled."""
    row = await locked_round(session, UUID(asked["round_id"]))
    work.check_payable(row)
    rules = await rules_of(session, row)
    return row, rules, await grant(session, row, rules, UUID(asked["option_id"]))


def _kept(session: AsyncSession, line: Line) -> Granted:
    """The row of a grant, from its first act on."""
    if line.granted is not None:
        return line.granted
    kept = Granted(round_id=line.row.round_id, option_id=line.option.option_id, amount=line.amount)
    session.add(kept)
    return kept


# Each is asked for by one officer and confirmed by another, whatever a charter says of others.
OF_GRANTS = {
    "confirm-funding": ActKind(Role.RETURNING_OFFICER, confirm_it),
    "reduce-grant": ActKind(Role.RETURNING_OFFICER, reduce_it),
    "lapse-grant": ActKind(Role.RETURNING_OFFICER, lapse_it),
}
