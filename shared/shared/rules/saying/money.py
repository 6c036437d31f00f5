"""How much money there is, what it may be spent on, and what may be asked for."""

from collections.abc import Iterator

from shared.events.charter import CharterRules
from shared.events.scheme import Costs, Fund, Grant
from shared.rules.saying.speech import Speech
from shared.rules.saying.terms import labels, named


def money(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """The envelope, its cycles, a fund's years; and what may be asked for."""
    _ = speech.gettext
    if rules.envelope is not None:
        yield _(
            "The envelope of the edition %(edition)s is %(amount)s.",
            edition=rules.edition,
            amount=speech.money(rules.envelope),
        )
    elif rules.fund is None:
        yield _("The envelope: not published.")
    if rules.cycle is not None:
        yield _(
            "This is cycle %(number)s of %(of)s, which share %(total)s.",
            number=speech.number(rules.cycle.number),
            of=speech.number(rules.cycle.of),
            total=speech.money(rules.cycle.total),
        )
    if rules.fund is not None:
        yield from _fund(rules.fund, speech)
    if rules.grant is not None:
        yield from _grant(rules.grant, rules, speech)
    if rules.vote is None:  # what a call's readers look for
        if rules.grant is None or rules.grant.percent is None:
            yield _("Which part of the cost may be asked for: not published.")
        if rules.fund is None and (rules.grant is None or rules.grant.ceiling is None):
            yield _("How much may be asked for at most: not published.")


def _fund(said: Fund, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    yield _("There are %(amount)s a year.", amount=speech.money(said.year_amount))
    if said.project_year_ceiling is not None:
        amount = speech.money(said.project_year_ceiling)
        yield _("A project gets %(amount)s a year at most.", amount=amount)
    if said.carry == "next-year":
        yield _("What is left of a year is added to the next one.")
    else:
        yield _("What is left of a year is not carried over.")


def _grant(said: Grant, rules: CharterRules, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.percent is not None:
        yield _("At most %(percent)s of the cost may be asked for.", percent=_percent(said.percent))
    if said.base_ceiling is not None:
        amount = speech.money(said.base_ceiling)
        yield _("Of the eligible cost, %(amount)s at most count.", amount=amount)
    if said.ceiling is not None:
        amount = speech.money(said.ceiling)
        yield _("At most %(amount)s may be asked for.", amount=amount)
    if said.floor is not None:
        yield _("At least %(amount)s are asked for.", amount=speech.money(said.floor))
    if said.least_own_percent is not None:
        percent = _percent(said.least_own_percent)
        yield _("The carrier pays at least %(percent)s of the cost itself.", percent=percent)
    if said.most_public_percent is not None:
        percent = _percent(said.most_public_percent)
        yield _("At most %(percent)s of the cost is public money.", percent=percent)
    if said.majority:
        yield _("The grant is more than half of the cost.")
    if said.full_for is not None:
        which = named(said.full_for, rules.categories, speech)
        yield _("All of the cost may be asked for in: %(which)s.", which=which)


def _percent(number: int) -> str:
    return f"{number}\N{NO-BREAK SPACE}%"


def costs(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """What may be spent on."""
    _, said = speech.gettext, rules.costs
    if rules.vote is None and (said is None or said.kinds is None):
        yield _("Which costs are eligible: not published.")
    if said is None:
        return
    if said.kinds is not None:
        yield _("These costs are eligible: %(kinds)s.", kinds=labels(said.kinds, speech))
    if said.excluded is not None:
        yield _("These costs are excluded: %(kinds)s.", kinds=labels(said.excluded, speech))
    yield from _nature(said, speech)
    if said.before_agreement is not None:
        yield (
            _("Costs from before the agreement are eligible.")
            if said.before_agreement
            else _("Costs from before the agreement are not eligible.")
        )
    if said.operating_years_free is not None:
        yield speech.ngettext(
            "A project asks for no operating money for %(n)s year.",
            "A project asks for no operating money for %(n)s years.",
            said.operating_years_free,
        )
    if said.months_least is not None:
        yield speech.ngettext(
            "A project takes at least %(n)s month.",
            "A project takes at least %(n)s months.",
            said.months_least,
        )
    if said.months_most is not None:
        yield speech.ngettext(
            "A project is done in %(n)s month at most.",
            "A project is done in %(n)s months at most.",
            said.months_most,
        )


def _nature(said: Costs, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.nature == "operating":
        yield _("Only operating costs are eligible.")
    if said.nature == "investment":
        yield _("Only investments are eligible.")
    if said.tax == "before":
        yield _("Costs are before tax.")
    if said.tax == "after":
        yield _("Costs are after tax.")
