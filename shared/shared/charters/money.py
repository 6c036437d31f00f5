"""Whether what a charter says of costs, grants and yearly money makes sense."""

from collections.abc import Iterator, Sequence

from shared.charters.form import FamilyForm, cents, euros
from shared.charters.problems import Problem
from shared.events.event import Cents
from shared.events.scheme import Category, Costs, Cycle, Fund, Grant

HALF = 50


def ceilings(
    families: Sequence[FamilyForm], grant: Grant | None, envelope: str | None
) -> Iterator[Problem]:
    """No ceiling is beyond all there is."""
    if envelope is None:
        return
    found = {f"families.{each.name}.ceiling": cents(each.ceiling) for each in families}
    if grant is not None and grant.ceiling is not None:
        found["grant.ceiling"] = grant.ceiling
    for path, ceiling in found.items():
        if ceiling > cents(envelope):
            values = {"ceiling": euros(ceiling), "envelope": euros(cents(envelope))}
            yield Problem("ceiling_over_envelope", path, values)


def cycle_money(cycle: Cycle | None, envelope: str | None) -> Iterator[Problem]:
    """An edition's envelope is a part of what its cycles share."""
    if cycle is not None and envelope is not None and cents(envelope) > cycle.total:
        values = {"envelope": euros(cents(envelope)), "total": euros(cycle.total)}
        yield Problem("cycle_over_total", "cycle.total", values)


def costs(said: Costs | None) -> Iterator[Problem]:
    """A cost is eligible or excluded, and a project can take as long as it has to."""
    if said is None:
        return
    for place, named in (("kinds", said.kinds), ("excluded", said.excluded)):
        if named == ():
            yield Problem("nothing_listed", f"costs.{place}")
        known = set()
        for each in named or ():
            if each.name in known:
                path = f"costs.{place}.{each.name}"
                yield Problem("name_twice", path, {"name": each.name})
            known.add(each.name)
    if said.excluded and not said.kinds:
        yield Problem("excluded_without_kinds", "costs.excluded")
    allowed = {each.name for each in said.kinds or ()}
    for each in said.excluded or ():
        if each.name in allowed:
            path = f"costs.excluded.{each.name}"
            yield Problem("cost_allowed_and_excluded", path, {"name": each.name})
    least, most = said.months_least, said.months_most
    if least is not None and most is not None and least > most:
        values = {"least": str(least), "most": str(most)}
        yield Problem("months_reversed", "costs.months_most", values)
    if said.nature == "operating" and said.operating_years_free is not None:
        yield Problem("operating_and_free_of_it", "costs.operating_years_free")


def grants(said: Grant | None, categories: Sequence[Category] | None) -> Iterator[Problem]:
    """What may be asked for can be asked for by somebody."""
    if said is None:
        return
    known = {each.name for each in categories or ()}
    for number, name in enumerate(said.full_for or ()):
        if name not in known:
            yield Problem("category_unknown", f"grant.full_for.{number}", {"name": name})
    if said.full_for and said.percent in (None, 100):
        yield Problem("percent_and_full", "grant.full_for")
    if said.floor is not None and said.ceiling is not None and said.floor > said.ceiling:
        values = {"floor": euros(said.floor), "ceiling": euros(said.ceiling)}
        yield Problem("floor_over_ceiling", "grant.floor", values)
    yield from _shares(said)


def _shares(said: Grant) -> Iterator[Problem]:
    """A grant that is more than half of a cost is not at most half of it for another reason."""
    if not said.majority:
        return
    for name, percent, most in (
        ("percent", said.percent, HALF),
        ("most_public_percent", said.most_public_percent, HALF),
    ):
        if percent is not None and percent <= most:
            yield Problem("majority_impossible", f"grant.{name}", {"percent": str(percent)})
    if said.least_own_percent is not None and said.least_own_percent >= HALF:
        values = {"percent": str(100 - said.least_own_percent)}
        yield Problem("majority_impossible", "grant.least_own_percent", values)


def fund(said: Fund | None, grant: Grant | None) -> Iterator[Problem]:
    """Nobody gets more than there is in a year."""
    if said is None:
        return
    found: dict[str, Cents | None] = {
        "fund.project_year_ceiling": said.project_year_ceiling,
        "grant.ceiling": None if grant is None else grant.ceiling,
    }
    for path, ceiling in found.items():
        if ceiling is not None and ceiling > said.year_amount:
            values = {"ceiling": euros(ceiling), "amount": euros(said.year_amount)}
            yield Problem("ceiling_over_fund", path, values)
