"""Whether what a charter says of those who submit, and of what they submit, makes sense."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from shared.charters.form import VoteForm
from shared.charters.problems import Problem
from shared.events.scheme import Category, Costs, Document, Labelled, Links, Submitting

ADULT = 18


def submitting(said: Submitting | None) -> Iterator[Problem]:
    """Somebody may submit, at an age that somebody can have."""
    if said is None:
        return
    for name in ("ideas_by", "dossiers_by"):
        if getattr(said, name) == ():
            yield Problem("nobody_may_submit", f"submitting.{name}")
    yield from _ages("submitting.maximum_age", said.minimum_age, said.maximum_age)
    yield from _consent(said)
    yield from links("submitting.links", said.links)
    yield from _sponsored(said)
    yield from _limits(said)


def _consent(said: Submitting) -> Iterator[Problem]:
    below = said.consent_below
    if below is None:
        return
    if below > ADULT:
        yield Problem("consent_over_adult", "submitting.consent_below", {"age": str(below)})
    elif said.minimum_age is not None and below <= said.minimum_age:
        values = {"age": str(below), "least": str(said.minimum_age)}
        yield Problem("consent_of_nobody", "submitting.consent_below", values)


def _sponsored(said: Submitting) -> Iterator[Problem]:
    """Who needs a sponsor may submit."""
    if said.ideas_by is None or said.dossiers_by is None:
        return
    for number, each in enumerate(said.sponsored or ()):
        if each not in (*said.ideas_by, *said.dossiers_by):
            yield Problem("sponsor_unknown", f"submitting.sponsored.{number}", {"type": each})


def _limits(said: Submitting) -> Iterator[Problem]:
    """Nobody has more dossiers than ideas, or more projects that are voted on than dossiers."""
    steps = ("most_ideas", "most_dossiers", "most_voted")
    for before, after in pairwise(steps):
        fewer, more = getattr(said, before), getattr(said, after)
        if fewer is not None and more is not None and more > fewer:
            values = {"more": str(more), "fewer": str(fewer)}
            yield Problem("limit_over_limit", f"submitting.{after}", values)


def links(path: str, said: Links | None) -> Iterator[Problem]:
    """Each link is asked for once, and nobody needs more of them than there are."""
    if said is None:
        return
    for number, each in enumerate(said.of):
        if each in said.of[:number]:
            yield Problem("link_twice", f"{path}.of.{number}", {"link": each})
    if said.least > len(set(said.of)):
        values = {"least": str(said.least), "most": str(len(set(said.of)))}
        yield Problem("least_over_links", f"{path}.least", values)


def links_of_voters(vote: VoteForm | None) -> Iterator[Problem]:
    """As of those who submit."""
    yield from links("vote.links", None if vote is None else vote.links)


def winners_only(said: Submitting | None, costs: Costs | None) -> Iterator[Problem]:
    """What only earlier winners may spend on is something that one may spend on."""
    kinds = {each.name for each in (costs.kinds if costs else None) or ()}
    for number, each in enumerate((said.winners_only if said else None) or ()):
        if each not in kinds:
            yield Problem("cost_kind_unknown", f"submitting.winners_only.{number}", {"name": each})


def themes(said: Sequence[Labelled] | None, themes_open: bool) -> Iterator[Problem]:
    """A closed list of themes has some."""
    if said == () and not themes_open:
        yield Problem("theme_missing", "themes")


def categories(said: Sequence[Category] | None) -> Iterator[Problem]:
    """From an age to one that is not before it."""
    for each in said or ():
        yield from _ages(f"categories.{each.name}.to_age", each.from_age, each.to_age)


def _ages(path: str, least: int | None, most: int | None) -> Iterator[Problem]:
    if least is not None and most is not None and least > most:
        values = {"least": str(least), "most": str(most)}
        yield Problem("age_reversed", path, values)


def documents(said: Sequence[Document], who: Submitting | None) -> Iterator[Problem]:
    """A document is asked of somebody who may file a dossier."""
    filing = None if who is None else who.dossiers_by
    for each in said:
        if each.of == () or (each.of and filing and not {*each.of} & {*filing}):
            yield Problem("document_of_nobody", f"documents.{each.name}.of")
