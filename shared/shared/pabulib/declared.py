"""The rule that a file declares for itself, as a rule that can be counted; nothing is guessed.

Pabulib's word for a rule, the threshold and parts of the budget beside it, and what its checker
takes each to mean. Without a known rule, its threshold, or parts that make sense together there is
no rule; who excludes whom no file says, and a rule is counted without it. `notes` say either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.events import ballots
from shared.events.contradictions import MOST_SAID
from shared.events.rules import (
    ByVotes,
    Criterion,
    Envelope,
    EqualShares,
    Misfit,
    Option,
    Options,
    Order,
    Rule,
    Threshold,
)
from shared.pabulib.casting import Choices, as_voted, cast
from shared.pabulib.election import Election, Project
from shared.rules import presets

# Equal shares as the checker has them: the cheaper first, then the more voted.
SHARES_TIES: tuple[Criterion, ...] = ("cost", "votes", "option")


@dataclass(frozen=True)
class Declared:
    """What a file declares: `rule` is None where it does not say how it was decided.

    `choices` are the ballots as they would be cast by `form`, one a vote, in the file's order; none
    is void.
    """

    rule: Rule | None
    form: ballots.Format
    options: tuple[Option, ...]
    choices: tuple[Choices, ...]
    notes: tuple[str, ...] = ()


def declared(election: Election) -> Declared:
    """The rule, format, options and ballots of a file."""
    limits, misfits = as_voted(election)
    form, choices = cast(election, limits)
    notes = [*misfits]
    rule = _rule(election, notes)
    return Declared(rule, form, options(election.projects), choices, tuple(notes))


def options(projects: Sequence[Project]) -> tuple[Option, ...]:
    """The options of a file, numbered as it lists them."""
    return tuple(
        Option(
            id=project.id,
            number=number,
            cost=project.cost,
            groups=_groups(project),
            withdrawn="withdrawn after the vote" if project.withdrawn else None,
        )
        for number, project in enumerate(projects, start=1)
    )


def _groups(project: Project) -> dict[str, tuple[str, ...]]:
    groups = {
        "category": tuple(dict.fromkeys(project.categories)),
        "beneficiaries": tuple(dict.fromkeys(project.beneficiaries)),
        "neighborhood": (project.neighborhood,),
        "district": (project.district,),
    }
    return {kind: values for kind, values in groups.items() if any(values)}


@dataclass(frozen=True)
class _Way:
    """What one of Pabulib's words for a rule means."""

    order: Callable[[], Order] = ByVotes
    misfit: Misfit = field(default_factory=Misfit)
    ties: tuple[Criterion, ...] = ("option",)
    blank: bool = False
    note: str = ""


def _shares(*, add1: bool = False, compared: bool = False) -> _Way:
    def order() -> Order:
        return EqualShares(
            unit=100 if add1 else None,
            completion=presets.add1(exhaustive=False) if add1 else None,
            comparison=presets.compared_with_greedy() if compared else None,
        )

    return _Way(order, ties=SHARES_TIES, blank=True)


WAYS: Mapping[str, _Way] = {
    "greedy": _Way(),
    "greedy-threshold": _Way(),
    "greedy-no-skip": _Way(misfit=Misfit(policy="stop")),
    "greedy-exclusive": _Way(note="the file does not say which projects exclude one another"),
    "equalshares": _shares(),
    "equalshares-comparison": _shares(compared=True),
    "equalshares/add1": _shares(add1=True),
    "equalshares/add1-comparison": _shares(add1=True, compared=True),
}
# Poznań funds the first project that no longer fits if four fifths of its cost are left.
POZNAN = _Way(misfit=Misfit(policy="fund-next", at_least="4/5", otherwise="stop"))


def _rule(election: Election, notes: list[str]) -> Rule | None:
    terms = election.terms
    way = WAYS.get(terms.rule)
    if terms.rule == "greedy-custom" and terms.unit == "Poznań":
        way = POZNAN
    if way is None:
        said = f"the rule {terms.rule!r}" if terms.rule else "no rule"
        notes.append(f"{said} is published, which says not how to count")
        return None
    if terms.rule == "greedy-threshold" and terms.threshold is None:
        notes.append("the rule has a threshold, and the file does not say which")
        return None
    if way.note:
        notes.append(way.note)
    envelopes = _envelopes(election, notes)
    if envelopes is None:
        return None
    thresholds = (Threshold(votes=terms.threshold),) if terms.threshold else ()
    rule = presets.one_envelope(
        terms.budget,
        way.order(),
        ties=way.ties,
        misfit=way.misfit,
        thresholds=thresholds,
        blank=way.blank,
    )
    if len(envelopes) == 1:
        return rule
    groups: dict[str, tuple[str, ...]] = {"category": (), "neighborhood": ()}
    written = rule.model_dump() | {"envelopes": envelopes, "groups": groups}
    return Rule.model_validate(written)


def _envelopes(election: Election, notes: list[str]) -> tuple[Envelope, ...] | None:
    """The budget; and within it the parts that belong to categories, or to neighborhoods."""
    terms = election.terms
    whole = Envelope(name="all", amount=terms.budget)
    kinds = {"category": terms.category_budgets, "neighborhood": terms.neighborhood_budgets}
    divided = {kind: parts for kind, parts in kinds.items() if parts}
    if not divided:
        return (whole,)
    if len(divided) > 1:
        notes.append("the budget is divided in two ways, and the file does not say which is first")
        return None
    [(kind, parts)] = divided.items()
    if sum(parts.values()) > terms.budget:
        notes.append(f"the parts of the budget by {kind} are more than the budget")
        return None
    if (len(parts) + 1) ** 2 > MOST_SAID:
        notes.append(f"{len(parts)} parts of the budget are more than a result can say")
        return None
    if terms.leftover:
        notes.append(f"what parts leave goes to all, for the file says: {terms.leftover[:100]}")
    inner = [
        Envelope(
            name=f"part-{number}",
            within="all",
            amount=amount,
            options=Options(groups={kind: (value,)}),
            remainder="parent" if terms.leftover else "nowhere",
        )
        for number, (value, amount) in enumerate(parts.items(), start=1)
    ]
    return (whole, *inner)
