"""The declared budget of a dossier: what it spends on what, who pays, and what may be asked for.

Whoever files a dossier could object to each of these rules, so each refuses on its own, with its
figures. Amounts are integer cents; shares are compared as products of integers, never as quotients.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast, get_args

from shared.events.charter import CharterRules
from shared.events.event import Cents
from shared.events.projects import CostLine, IncomeLine, Source
from shared.events.scheme import Costs, Grant, Labelled
from shared.refusal import Refusal
from shared.web.messages import mark
from submission.amounts import read_euros
from submission.reading import Reader

type Nature = Literal["operating", "investment"]
NATURES: Mapping[str, str] = {
    "investment": mark("investment: what lasts, such as works or equipment"),
    "operating": mark("operation: what is used up, such as services or wages"),
}
SOURCES: tuple[Source, ...] = get_args(Source)
# What is asked for has a field of its own.
OTHERS: Mapping[Source, str] = {
    "own": mark("Your own money"),
    "other-public": mark("Other public money"),
    "private": mark("Gifts, sponsors and other private money"),
    "in-kind": mark("Work and things that are given"),
}
LINES = 10
MOST_LINES = 30
# Where a charter names no kinds of costs, the whole is one.
WHOLE = "total"
MONTHS = 240


class CostKindRefused(Refusal):
    """The charter pays for no cost of this kind."""

    code = "cost_kind_refused"


class CostExcluded(Refusal):
    """The charter excludes costs of this kind."""

    code = "cost_excluded"


class NatureRefused(Refusal):
    """The charter pays for investment alone, or for operation alone."""

    code = "nature_refused"


class MonthsRefused(Refusal):
    """The project takes fewer or more months than the charter says, or does not say how many."""

    code = "months_refused"


class PlanUnbalanced(Refusal):
    """What is spent and what comes in are not the same sum."""

    code = "plan_unbalanced"


class OverRate(Refusal):
    """More is asked for than the part of the eligible cost that the charter pays."""

    code = "over_rate"


class OverBase(Refusal):
    """More is asked for than the eligible cost that counts."""

    code = "over_base"


class AskedOverCeiling(Refusal):
    """More is asked for than a grant can be."""

    code = "asked_over_ceiling"


class AskedUnderFloor(Refusal):
    """Less is asked for than a grant is at least."""

    code = "asked_under_floor"


class OwnShareMissing(Refusal):
    """The carrier, with gifts and what is given in kind, pays less than its part."""

    code = "own_share_missing"


class PublicShareOver(Refusal):
    """Public money is more than its part of the cost."""

    code = "public_share_over"


class BudgetMinority(Refusal):
    """What is asked for is no more than half of the cost."""

    code = "budget_minority"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project spends, who pays it, what kind of money it is, and how long it takes."""

    costs: tuple[CostLine, ...]
    income: tuple[IncomeLine, ...]
    nature: Nature | None = None
    months: int | None = None

    @property
    def total(self) -> Cents:
        """What the project costs."""
        return sum(line.amount for line in self.costs)

    @property
    def asked(self) -> Cents:
        """What is asked of the programme."""
        return self.of("asked")

    def of(self, *sources: Source) -> Cents:
        """What comes from these sources."""
        return sum(line.amount for line in self.income if line.source in sources)


def planned(rules: CharterRules) -> bool:
    """Whether the charter says anything that a plan is needed for."""
    return rules.costs is not None or rules.grant is not None


def kinds(rules: CharterRules) -> tuple[Labelled, ...]:
    """The kinds of costs that a line may have; none where the whole is one line."""
    return (rules.costs.kinds if rules.costs is not None else None) or ()


def natures(rules: CharterRules) -> tuple[Nature, ...]:
    """The natures that the charter asks to choose among; none where it does not ask."""
    if rules.costs is None:
        return ()
    if rules.costs.nature is not None or rules.costs.operating_years_free is not None:
        return ("investment", "operating")
    return ()


def timed(rules: CharterRules) -> bool:
    """Whether the charter bounds how many months a project takes."""
    costs = rules.costs
    return costs is not None and (costs.months_least, costs.months_most) != (None, None)


def read_plan(
    rules: CharterRules, reader: Reader, data: Mapping[str, str], asked: Cents
) -> Plan | None:
    """The plan of a dossier that asks for so much, as its form says it; None where the charter
    needs none. What is refused in one line is said at that line; the reader keeps it."""
    if not planned(rules):
        return None
    income = [IncomeLine(source="asked", amount=asked)] if asked else []
    for source in OTHERS:
        name = f"income-{source}"
        if data.get(name, "").strip() and (amount := reader.read(name, _read_income, 0)):
            income.append(IncomeLine(source=source, amount=amount))
    nature = None
    if natures(rules):
        nature = reader.read("nature", partial(read_nature, rules), None)
    months = reader.read("months", partial(read_months, rules), None) if timed(rules) else None
    return Plan(tuple(_costs(rules, reader, data)), tuple(income), nature, months)


def _read_income(written: str) -> Cents:
    """An amount that may be nothing."""
    return 0 if written.strip().rstrip("€ ") in ("0", "0,00", "0.00") else read_euros(written)


def _costs(rules: CharterRules, reader: Reader, data: Mapping[str, str]) -> Iterator[CostLine]:
    for number in range(1, MOST_LINES + 1):
        kind, amount = f"cost-kind-{number}", f"cost-amount-{number}"
        if not (data.get(kind, "").strip() or data.get(amount, "").strip()):
            continue
        named = WHOLE
        if kinds(rules):
            named = reader.read(kind, partial(read_kind, rules), WHOLE)
        if cents := reader.read(amount, read_euros, 0):
            yield CostLine(kind=named, amount=cents)


def read_kind(rules: CharterRules, written: str) -> str:
    """A kind of cost that the charter pays for. Raises `CostExcluded`, `CostKindRefused`."""
    excluded = (rules.costs.excluded if rules.costs is not None else None) or ()
    if written in {each.name for each in excluded}:
        raise CostExcluded(f"costs of the kind {written} are excluded")
    known = [each.name for each in kinds(rules)]
    if written not in known:
        raise CostKindRefused(f"{written[:60]!r} is none of {', '.join(known)}")
    return written


def read_nature(rules: CharterRules, written: str) -> Nature | None:
    """What kind of money is asked for. Raises `NatureRefused`."""
    costs = rules.costs
    if written not in NATURES:
        raise NatureRefused(f"{written[:60]!r} is none of {', '.join(NATURES)}")
    if costs is not None and costs.nature not in (None, written):
        raise NatureRefused(f"{written} is asked for, {costs.nature} is paid")
    if costs is not None and costs.operating_years_free and written == "operating":
        years = costs.operating_years_free
        raise NatureRefused(f"no operating money is asked for in the first {years} years")
    return cast(Nature, written)


def read_months(rules: CharterRules, written: str) -> int | None:
    """How many months the project takes. Raises `MonthsRefused`."""
    costs = rules.costs or Costs()
    least, most = costs.months_least or 1, costs.months_most or MONTHS
    bare = written.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 3 and least <= int(bare) <= most):
        raise MonthsRefused(f"{bare[:20]!r} is no number of months from {least} to {most}")
    return int(bare)


def check_plan(rules: CharterRules, plan: Plan, category: str | None) -> None:
    """A plan is balanced, and asks for no more than the charter pays.

    Raises `PlanUnbalanced`, `AskedOverCeiling`, `AskedUnderFloor`, `OverBase`, `OverRate`,
    `OwnShareMissing`, `PublicShareOver`, `BudgetMinority`.
    """
    income = plan.of(*SOURCES)
    if plan.total != income:
        raise PlanUnbalanced(f"{plan.total} cents are spent, {income} come in")
    if rules.grant is None:
        return
    grant = rules.grant
    _check_bounds(grant, plan.asked)
    _check_rate(grant, plan, category)
    _check_shares(grant, plan)


def _check_bounds(grant: Grant, asked: Cents) -> None:
    if grant.ceiling is not None and asked > grant.ceiling:
        raise AskedOverCeiling(f"{asked} cents are asked for, a grant is at most {grant.ceiling}")
    if grant.floor is not None and asked < grant.floor:
        raise AskedUnderFloor(f"{asked} cents are asked for, a grant is at least {grant.floor}")


def highest_rate(grant: Grant, category: str | None) -> int:
    """How many percent of the eligible cost may be asked for, in this category."""
    full = category is not None and category in (grant.full_for or ())
    return 100 if full or grant.percent is None else grant.percent


def _check_rate(grant: Grant, plan: Plan, category: str | None) -> None:
    base = plan.total if grant.base_ceiling is None else min(plan.total, grant.base_ceiling)
    if plan.asked > base:
        raise OverBase(f"{plan.asked} cents are asked for, {base} of the cost count")
    percent = highest_rate(grant, category)
    if plan.asked * 100 > base * percent:
        raise OverRate(
            f"{plan.asked} cents are asked for, {percent} percent of {base} are"
            f" {base * percent // 100}"
        )


def _check_shares(grant: Grant, plan: Plan) -> None:
    own, public = plan.of("own", "in-kind", "private"), plan.of("asked", "other-public")
    if grant.least_own_percent is not None and own * 100 < plan.total * grant.least_own_percent:
        raise OwnShareMissing(
            f"{own} cents of {plan.total} are the carrier's, less than {grant.least_own_percent}"
            " percent"
        )
    if grant.most_public_percent is not None and (
        public * 100 > plan.total * grant.most_public_percent
    ):
        raise PublicShareOver(
            f"{public} cents of {plan.total} are public, more than {grant.most_public_percent}"
            " percent"
        )
    if grant.majority and 2 * plan.asked <= plan.total:
        raise BudgetMinority(f"{plan.asked} cents of {plan.total} are asked for: no more than half")


def lines_shown(data: Mapping[str, str]) -> int:
    """How many cost lines a form shows: ten, or up to the last that is filled in."""
    filled = [
        number
        for number in range(1, MOST_LINES + 1)
        if data.get(f"cost-kind-{number}") or data.get(f"cost-amount-{number}")
    ]
    return min(MOST_LINES, max(LINES, max(filled, default=0)))


def written_plan(
    costs: Sequence[Mapping[str, object]] | None, income: Sequence[Mapping[str, object]] | None
) -> dict[str, str]:
    """A kept plan as its form has it."""
    said: dict[str, str] = {}
    for number, line in enumerate(costs or (), 1):
        said[f"cost-kind-{number}"] = str(line["kind"])
        said[f"cost-amount-{number}"] = in_euros(cast(int, line["amount"]))
    for line in income or ():
        if line["source"] != "asked":
            said[f"income-{line['source']}"] = in_euros(cast(int, line["amount"]))
    return said


def in_euros(amount: Cents) -> str:
    """An amount as it is typed into a form."""
    euros, cents = divmod(amount, 100)
    return f"{euros},{cents:02}" if cents else str(euros)
