"""Who receives projects, and what follows a decision."""

from collections.abc import Iterator

from shared.events.charter import CharterRules
from shared.events.scheme import Desk, Funding, InstalmentTerm
from shared.rules.saying.speech import Speech
from shared.rules.saying.terms import duration, labels, named
from shared.web import filters


def desks(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """The desks, by when they answer, and what counters offer."""
    _ = speech.gettext
    for desk in rules.desks or ():
        yield from _desk(desk, rules, speech)
    said = rules.counters
    if said is not None and said.workshops is not None:
        yield _("Counters offer: %(workshops)s.", workshops=labels(said.workshops, speech))
    if said is not None and said.remind is not None:
        yield _(
            "Who has a place at a session is reminded of it %(before)s before.",
            before=duration(said.remind, speech),
        )
    if said is not None and said.most_missed is not None:
        yield speech.ngettext(
            "Who missed %(n)s session gets no place any more.",
            "Who missed %(n)s sessions gets no place any more.",
            said.most_missed,
        )


def _desk(desk: Desk, rules: CharterRules, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    name = filters.label(desk, speech.language)
    if desk.role == "adviser":
        yield _("There is a desk of advisers, “%(name)s”.", name=name)
    else:
        yield _("There is a desk of instructors, “%(name)s”.", name=name)
    if desk.territories is not None:
        where = named(desk.territories, rules.territories, speech)
        yield _("“%(name)s” is for: %(where)s.", name=name, where=where)
    if desk.answer is not None:
        within = duration(desk.answer, speech)
        yield _(
            "“%(name)s” answers within %(within)s; what it does not answer goes back to its"
            " carrier.",
            name=name,
            within=within,
        )
    if desk.remind is not None:
        before = duration(desk.remind, speech)
        yield _(
            "“%(name)s” is reminded on its work list %(before)s before.", name=name, before=before
        )
    if desk.first:
        yield _("Ideas come to “%(name)s” first.", name=name)


def follows(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """What is needed before an agreement, how a grant is paid, how a project is followed."""
    if rules.funding is None:
        return
    yield from _before(rules.funding, speech)
    yield from _paid(rules.funding, speech)
    yield from _followed(rules.funding, speech)


def _before(said: Funding, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.identifiers is not None:
        numbers = speech.any_of([each.upper() for each in said.identifiers])
        yield _("Before an agreement, a carrier has a number: %(numbers)s.", numbers=numbers)
    if said.contract:
        yield _("Before an agreement, a carrier signs the republican-commitment contract.")
    if said.de_minimis is not None:
        yield _(
            "With this grant, a carrier has had %(amount)s of de-minimis aid at most in three"
            " years.",
            amount=speech.money(said.de_minimis),
        )
    if said.deliberation:
        yield _("A deliberation confirms each grant, and its number is published.")


def _paid(said: Funding, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    for term in said.instalments or ():
        yield _instalment(term, speech)
    if said.prorate:
        yield _("Where a project costs less, its grant is lowered in proportion.")
    if said.built_by == "carrier":
        yield _("Carriers carry out their projects.")
    if said.built_by == "department":
        yield _("The Department carries out the projects itself.")


def _instalment(said: InstalmentTerm, speech: Speech) -> str:
    _ = speech.gettext
    on = {
        "signature": _("when the agreement is signed"),
        "order": _("on a signed order or quote"),
        "invoice": _("on paid invoices"),
        "report": _("on the report at the end"),
    }
    values = {
        "name": filters.label(said, speech.language),
        "percent": f"{said.percent}\N{NO-BREAK SPACE}%",
        "on": on[said.on],
    }
    return _("“%(name)s”: %(percent)s of the grant, %(on)s.", **values)


def _followed(said: Funding, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.sign_within is not None:
        within = duration(said.sign_within, speech)
        yield _("An agreement that is not signed within %(within)s lapses.", within=within)
    if said.begin_within is not None:
        within = duration(said.begin_within, speech)
        yield _("A project that is not begun within %(within)s lapses.", within=within)
    if said.finish_within is not None:
        within = duration(said.finish_within, speech)
        yield _("A project that is not finished within %(within)s lapses.", within=within)
    if said.milestones is not None:
        steps = labels(said.milestones, speech)
        yield _("A funded project is followed by these steps: %(steps)s.", steps=steps)
    if said.duties is not None:
        yield _("Whoever is funded agrees to: %(duties)s.", duties=labels(said.duties, speech))
