"""What exactly two officers are asked for about a grant, and what one may enter alone. Pure.

The parameters of an act say all that it decides: the second officer confirms what the first one
saw, or the act refuses.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from shared.events.charter import CharterRules
from shared.events.funding import ActNumber, Reference
from shared.events.scheme import Funding, Labelled
from shared.refusal import Refusal
from shared.words import blank, unseen
from voting.count.funding import lapsing
from voting.count.funding.drawing import PARIS
from voting.count.funding.instalments import NotProrated, divided_again, prorated
from voting.count.funding.standing import Line

type Step = Literal["confirm", "reduce", "lapse", "pay", "milestone"]
_ACT = TypeAdapter[str](ActNumber)
_REFERENCE = TypeAdapter[str](Reference)


class EntryRefused(Refusal):
    """What was entered is no number, no amount or no day that can be meant."""

    code = "entry_refused"


class AmountRefused(Refusal):
    """A grant is confirmed with more than what was decided or asked for, or with nothing."""

    code = "amount_refused"


class MilestoneRefused(Refusal):
    """The charter has no such milestone, or the project reached it before: before this was said, or
    before an agreement without which nothing is spent."""

    code = "milestone_refused"


def today(now: datetime) -> date:
    """The day in Paris."""
    return now.astimezone(PARIS).date()


def read_day(written: str, now: datetime) -> date:
    """A day that has begun. Raises `EntryRefused`."""
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise EntryRefused(f"{written[:20]!r} is no day such as 2027-05-31") from None
    if not date(2000, 1, 1) <= day <= today(now):
        raise EntryRefused(f"{day} is not a day until {today(now)}")
    return day


def read_act(written: str) -> str:
    """The number of a deliberation. Raises `EntryRefused`."""
    return _read(_ACT, " ".join(written.split()), "the number of a deliberation")


def read_reference(written: str) -> str:
    """The number of a payment, as the finance system writes it. Raises `EntryRefused`."""
    return _read(_REFERENCE, written.strip(), "the reference of a payment")


def _read(form: TypeAdapter[str], written: str, what: str) -> str:
    if blank(written) or unseen(written) is not None:
        raise EntryRefused(f"{written[:60]!a} is not {what}")
    try:
        return form.validate_python(written)
    except ValidationError:
        raise EntryRefused(f"{written[:60]!r} is not {what}") from None


def read_cents(written: str) -> int:
    """An amount in euros, as people write it. Raises `EntryRefused`."""
    plain = "".join(written.replace("€", "").split()).replace(",", ".")
    whole, dot, part = plain.partition(".")
    plausible = whole.isascii() and whole.isdecimal() and len(whole) <= 12
    if not plausible or (dot and not (part.isascii() and part.isdecimal() and len(part) <= 2)):
        raise EntryRefused(f"{written[:20]!r} is no amount such as 4 500 or 4500,50")
    return int(whole) * 100 + int(part.ljust(2, "0") if part else 0)


def terms_of(rules: CharterRules | None) -> Funding | None:
    """What the charter says of money after a decision."""
    return None if rules is None else rules.funding


def followed(terms: Funding | None) -> tuple[Labelled, ...]:
    """What is entered of a funded project: its milestones, and its duties, once kept."""
    return () if terms is None else (*(terms.milestones or ()), *(terms.duties or ()))


def confirming(
    line: Line, rules: CharterRules | None, amount: int, act: str, on: date
) -> dict[str, Any]:
    """What is decided by confirming a grant. Where the body decided amounts, it is at most that;
    else at most what is asked for, and what the fund gives one project in a year. Raises
    `WrongStep`, `AmountRefused`."""
    line.check("decided")
    most = most_for(line, rules)
    if not 0 < amount <= most:
        raise AmountRefused(f"{amount} cents are not between 1 and {most}")
    return _about(line) | {
        "amount_in_cents": amount,
        "deliberation": act,
        "deliberated_on": on.isoformat(),
    }


def most_for(line: Line, rules: CharterRules | None) -> int:
    """The most that a grant can be confirmed with, in cents."""
    if not line.open_amount:
        return line.option.amount or 0
    fund = rules.fund if rules is not None and line.row.fund_year is not None else None
    ceiling = None if fund is None else fund.project_year_ceiling
    return line.option.cost if ceiling is None else min(line.option.cost, ceiling)


def reducing(line: Line, terms: Funding | None, spent: int) -> dict[str, Any]:
    """What is decided by reducing a grant to what was spent.

    Raises `WrongStep`, `NotProrated`, `NotLower`, `PaidMore`.
    """
    line.check("signed")
    if terms is None or not terms.prorate:
        raise NotProrated("the charter does not lower a grant with the cost")
    assert line.granted is not None
    amount = prorated(*_agreed(line), spent, line.granted.spent)
    divided_again(line.parts, amount)
    return _about(line) | {
        "before_in_cents": line.amount,
        "spent_in_cents": spent,
        "amount_in_cents": amount,
    }


def _agreed(line: Line) -> tuple[int, int]:
    """The grant that was agreed, and the cost that it is a part of. Of one that was reduced before
    count kept that, it is what it was reduced to, and what was spent."""
    kept = line.granted
    assert kept is not None
    if kept.agreed is None and kept.spent is not None:
        return kept.amount, kept.spent
    amount = kept.amount if kept.agreed is None else kept.agreed
    return amount, line.option.cost if kept.cost is None else kept.cost


def lapsing_of(line: Line, terms: Funding | None, ground: str, now: datetime) -> dict[str, Any]:
    """What is decided by letting a grant lapse. Raises `WrongStep`, `LapseRefused`."""
    line.check("decided", "confirmed", "signed")
    known = {name: name for name in lapsing.GROUNDS}
    if ground not in known:
        raise lapsing.LapseRefused(f"{ground[:60]!r} is none of {', '.join(known)}")
    lapsing.check_lapse(terms, known[ground], standing_of(line, terms), now)
    return _about(line) | {"left_in_cents": line.left, "ground": ground}


def standing_of(line: Line, terms: Funding | None) -> lapsing.Standing:
    """A grant of a final result, as what may lapse: its project is begun with its first milestone,
    and finished with the charter's last one."""
    assert line.row.validated_at is not None
    known_steps = {each.name for each in (terms.milestones if terms else None) or ()}
    reached = {each.name for each in line.milestones} & known_steps
    last = [each.name for each in (terms.milestones if terms and terms.milestones else ())][-1:]
    return lapsing.Standing(
        left=line.left,
        validated_at=line.row.validated_at,
        signed_at=line.option.agreed_at,
        begun=bool(reached),
        finished=bool(last) and last[0] in reached,
        open=line.waits,
    )


def deadline(line: Line, terms: Funding | None) -> lapsing.Deadline | None:
    """What a grant has to keep next, and until when; None of one whose way has ended, or whose
    result is not final."""
    if line.state not in ("decided", "confirmed", "signed"):
        return None
    return lapsing.deadline(terms, standing_of(line, terms))


def check_milestone(line: Line, rules: CharterRules | None, name: str, on: date) -> None:
    """A milestone that is reached, or a duty that is kept, once. Where costs from before the
    agreement are not eligible, no project comes so far before it.

    Raises `WrongStep`, `MilestoneRefused`.
    """
    line.check("signed", "settled")
    terms = terms_of(rules)
    names = [each.name for each in followed(terms)]
    if name not in names:
        raise MilestoneRefused(f"{name[:60]!r} is none of {', '.join(names) or 'no milestone'}")
    if any(each.name == name for each in line.milestones):
        raise MilestoneRefused(f"{name} was reached before")
    signed = line.granted.signed_on if line.granted is not None else None
    early = rules is not None and rules.costs is not None and rules.costs.before_agreement is False
    if early and signed is not None and on < signed:
        raise MilestoneRefused(
            f"{name} on {on}: costs from before the agreement of {signed} are not eligible"
        )


def _about(line: Line) -> dict[str, Any]:
    return {
        "round_id": str(line.row.round_id),
        "option_id": str(line.option.option_id),
        "number": line.option.number,
    }
