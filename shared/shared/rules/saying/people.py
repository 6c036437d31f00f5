"""Who submits what, and who votes, as a charter says it."""

from collections.abc import Iterator

from shared.events.charter import CharterRules
from shared.events.scheme import Category, Document, Links, Submitting
from shared.rules.saying.speech import Speech
from shared.rules.saying.terms import carriers, channels, labels, links, named
from shared.web import filters


def submitting(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """Who may deposit an idea, and who may file a dossier."""
    said = rules.submitting
    if said is None:
        return
    yield from _ages(said, speech)
    yield from _types(said, speech)
    yield from _organisations(said, speech)
    yield from _limits(said, rules, speech)


def _ages(said: Submitting, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.minimum_age is not None:
        age = speech.number(said.minimum_age)
        yield _("Whoever submits is %(age)s years old or more.", age=age)
    if said.maximum_age is not None:
        age = speech.number(said.maximum_age)
        yield _("Whoever submits is %(age)s years old at most.", age=age)
    if said.consent_below is not None:
        age = speech.number(said.consent_below)
        yield _("Below %(age)s years, a legal representative agrees.", age=age)
    if said.links is not None:
        yield _linked(said.links, speech)
    if said.sworn:
        yield _("Whoever submits declares it on her honour.")


def _linked(said: Links, speech: Speech) -> str:
    return speech.ngettext(
        "One has at least %(n)s of these links to the territory: %(links)s.",
        "One has at least %(n)s of these links to the territory: %(links)s.",
        said.least,
        links=links(said.of, speech),
    )


def _types(said: Submitting, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.ideas_by is not None:
        yield _("An idea is deposited by: %(who)s.", who=carriers(said.ideas_by, speech))
    if said.dossiers_by is not None:
        yield _("A dossier is filed by: %(who)s.", who=carriers(said.dossiers_by, speech))
    if said.sponsored is not None:
        yield _("These need a sponsor: %(who)s.", who=carriers(said.sponsored, speech))


def _organisations(said: Submitting, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if said.minimum_years is not None:
        yield speech.ngettext(
            "An organisation exists for at least %(n)s year.",
            "An organisation exists for at least %(n)s years.",
            said.minimum_years,
        )
    if said.seat == "seat":
        yield _("An organisation has its seat in one of the territories.")
    if said.seat == "seat-or-branch":
        yield _("An organisation has its seat or a branch in one of the territories.")
    if said.sse:
        yield _("An organisation has a valid identifier of the social and solidarity economy.")


def _limits(said: Submitting, rules: CharterRules, speech: Speech) -> Iterator[str]:
    ngettext = speech.ngettext
    if said.most_ideas is not None:
        yield ngettext(
            "A carrier deposits %(n)s idea at most.",
            "A carrier deposits %(n)s ideas at most.",
            said.most_ideas,
        )
    if said.most_dossiers is not None:
        yield ngettext(
            "A carrier files %(n)s dossier at most.",
            "A carrier files %(n)s dossiers at most.",
            said.most_dossiers,
        )
    if said.most_voted is not None:
        yield ngettext(
            "At most %(n)s project of a carrier is decided on.",
            "At most %(n)s projects of a carrier are decided on.",
            said.most_voted,
        )
    if said.barred_years is not None:
        yield ngettext(
            "Whoever was funded waits for %(n)s year.",
            "Whoever was funded waits for %(n)s years.",
            said.barred_years,
        )
    if said.winners_only is not None:
        kinds = named(said.winners_only, rules.costs.kinds if rules.costs else None, speech)
        yield speech.gettext(
            "Only who was funded before may ask for these costs: %(kinds)s.", kinds=kinds
        )


def projects(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """What a project is about, and what its carrier agrees to."""
    _ = speech.gettext
    if rules.themes is not None:
        yield _("The themes are: %(themes)s.", themes=labels(rules.themes, speech))
    if rules.themes_open:
        yield _("An idea may have a theme of its own.")
    for category in rules.categories or ():
        yield _category(category, speech)
    if rules.principles is not None:
        which = labels(rules.principles, speech)
        yield _("Every project agrees to this: %(principles)s.", principles=which)
    for document in rules.documents:
        yield from _document(document, speech)


def _category(said: Category, speech: Speech) -> str:
    _ = speech.gettext
    found = []
    if said.from_age is not None:
        found.append(_("from %(age)s years", age=speech.number(said.from_age)))
    if said.to_age is not None:
        found.append(_("up to %(age)s years", age=speech.number(said.to_age)))
    if said.carriers is not None:
        found.append(carriers(said.carriers, speech))
    name = filters.label(said, speech.language)
    if not found:
        return _("There is a category “%(name)s”.", name=name)
    return _("There is a category “%(name)s”: %(who)s.", name=name, who=", ".join(found))


def _document(said: Document, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    name = filters.label(said, speech.language)
    if said.of is not None:
        yield _("“%(name)s” is asked of: %(who)s.", name=name, who=carriers(said.of, speech))
    if said.file:
        yield _("“%(name)s” is sent as a file.", name=name)
    if said.optional:
        yield _("A dossier is complete without “%(name)s”.", name=name)


def voters(rules: CharterRules, speech: Speech) -> Iterator[str]:
    """Who votes, where, and on what outcome, beside what every vote says."""
    _, vote = speech.gettext, rules.vote
    if vote is None:
        return
    if vote.links is not None:
        yield _linked(vote.links, speech)
    if vote.sworn:
        yield _("Whoever votes declares it on her honour.")
    if vote.channels is not None:
        yield _("One votes %(where)s.", where=channels(vote.channels, speech))
    if vote.outcome == "all-labelled":
        yield _("All projects that have a label are funded: the envelope is enough for them.")
