"""Whether a charter's ballots and rule make sense, together and with the rest of the charter."""

from collections.abc import Iterator, Sequence

from shared.charters.form import FamilyForm, VoteForm, cents, euros
from shared.charters.problems import Problem
from shared.charters.reading import INSTEAD
from shared.events.ballots import Approval, Contests, Format
from shared.events.contradictions import predicates
from shared.events.rules import Cap, Quota, Rule
from shared.events.scheme import Labelled
from shared.rules.together import together

# What a round's projects and ballots have values in, under a charter.
OF_PROJECTS = ("territory", "family", "theme", "category", "carrier")
OF_BALLOTS = ("tier",)


def limits(vote: VoteForm | None, form: Format | None) -> Iterator[Problem]:
    """How many projects a ballot names is said once, and possible."""
    if vote is None:
        return
    for name in INSTEAD["format"]:
        if form is not None and getattr(vote, name) is not None:
            yield Problem("said_by_format", f"vote.{name}")
        elif form is None and getattr(vote, name) is None:
            yield Problem("missing", f"vote.{name}")
    if form is None and vote.least is not None and vote.most is not None and vote.least > vote.most:
        values = {"least": str(vote.least), "most": str(vote.most)}
        yield Problem("least_over_most", "vote.least", values)


def outcome(vote: VoteForm | None, rule: Rule | None) -> Iterator[Problem]:
    """What decides is said once."""
    if vote is None:
        return
    if rule is None:
        if vote.outcome is None:
            yield Problem("missing", "vote.outcome")
        if vote.partial_grants:
            yield Problem("partial_grants", "vote.partial_grants")
        return
    for name in INSTEAD["rule"]:
        if name in vote.model_fields_set:
            yield Problem("said_by_rule", f"vote.{name}")


def goes_together(
    vote: VoteForm | None, form: Format | None, rule: Rule | None
) -> Iterator[Problem]:
    """The rule's orders ask for what ballots say."""
    if vote is None:
        return
    if form is None and vote.least is not None and vote.most is not None:
        form = Approval(max=vote.most)
    if rule is None or form is None:
        return
    for found in together(rule, form):
        if found.refused:
            yield Problem("not_together", f"vote.rule.{found.path}", {"what": found.what})


def whole(rule: Rule | None, envelope: str | None) -> Iterator[Problem]:
    """The rule gives out the charter's envelope, where that is published."""
    if rule is not None and envelope is not None and rule.budget != cents(envelope):
        number = next(n for n, each in enumerate(rule.envelopes) if each.within is None)
        values = {"amount": euros(rule.budget), "envelope": euros(cents(envelope))}
        yield Problem("envelope_differs", f"vote.rule.envelopes.{number}.amount", values)


def contest(form: Format | None) -> Iterator[Problem]:
    """A ballot's contests are of groups that projects have."""
    if isinstance(form, Contests) and form.group not in OF_PROJECTS:
        yield Problem("kind_unknown", "vote.format.group", {"kind": form.group})


def groups(
    rule: Rule | None,
    territories: Sequence[Labelled],
    families: Sequence[FamilyForm],
    themes: Sequence[Labelled] | None,
    themes_open: bool,
    categories: Sequence[Labelled] | None,
) -> Iterator[Problem]:
    """Groups are what the charter names, and are asked of who has them; a project's carrier is one
    of itself, which no charter can name."""
    if rule is None:
        return
    known = {
        "territory": {each.name for each in territories},
        "family": {each.name for each in families},
        "category": {each.name for each in categories or ()},
    }
    if not themes_open:
        known["theme"] = {each.name for each in themes or ()}
    for kind, values in rule.groups.items():
        path = f"vote.rule.groups.{kind}"
        if kind not in (*OF_PROJECTS, *OF_BALLOTS):
            yield Problem("kind_unknown", path, {"kind": kind})
        for value in values:
            if kind == "carrier":
                yield Problem("carrier_in_rule", path, {"name": value})
            elif kind in known and value not in known[kind]:
                yield Problem("not_of_charter", path, {"kind": kind, "name": value})
    for place, kind, values in _asked(rule):
        path = f"vote.rule.{place}"
        if ".voters." in place and kind in OF_PROJECTS:
            yield Problem("kind_of_projects", path, {"kind": kind})
        elif ".voters." not in place and kind in OF_BALLOTS:
            yield Problem("kind_of_ballots", path)
        elif kind == "carrier" and not rule.groups[kind]:
            for value in values:
                yield Problem("carrier_in_rule", path, {"name": value})
        elif kind in known and not rule.groups[kind]:  # where values are declared, these are
            for value in values:
                if value not in known[kind]:
                    yield Problem("not_of_charter", path, {"kind": kind, "name": value})


def _asked(rule: Rule) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every place that asks for values in a kind of group."""
    for path, asked in predicates(rule):
        for kind, values in asked.items():
            yield f"{path}.{kind}", kind, values
    named: list[tuple[str, Cap | Quota]] = [(f"caps.{n}", cap) for n, cap in enumerate(rule.caps)]
    for number, each in enumerate(rule.passes):
        named += [(f"passes.{number}.quotas.{n}", quota) for n, quota in enumerate(each.quotas)]
    for path, limit in named:
        yield f"{path}.of", limit.of, ()
        if limit.value is not None and limit.of in OF_PROJECTS:
            yield f"{path}.value", limit.of, (limit.value,)


def unheard(rule: Rule | None) -> Iterator[Problem]:
    """What a rule asks of projects that nobody says of them under a charter."""
    if rule is None:
        return
    for number, each in enumerate(rule.passes):
        if each.order.type == "jury-rank":
            yield Problem("no_jury", f"vote.rule.passes.{number}.order")
