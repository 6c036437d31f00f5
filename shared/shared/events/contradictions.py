"""Where a rule contradicts itself: each with its path, all at once.

What needs the ballots' format or the options as well is looked at before counting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.events.exact import At, at, fraction

if TYPE_CHECKING:
    from shared.events import rules

# Steps that double a share of equal shares: one takes about a hundredth of a second, more with very
# many ballots, and nobody waits for more of them.
MOST_STEPS = 100_000
SMALLEST_STEP = Fraction(1, MOST_STEPS)
# At 60 bytes each and some more, far below what an event may have.
MOST_SAID = 5_000


def of_rule(rule: rules.Rule) -> Iterator[At]:
    """Everything in a rule that cannot be meant."""
    yield from _twice("envelopes", [envelope.name for envelope in rule.envelopes])
    yield from _twice("passes", [each.name for each in rule.passes])
    yield from _thresholds(rule)
    for path, groups in predicates(rule):
        yield from _known(rule, path, groups)
    for path, options in _asked_of_options(rule):
        if options.cost_below is not None and options.cost_below <= options.cost_from:
            what = f"no cost is below {options.cost_below} and not below {options.cost_from}"
            yield at(f"{path}.cost_below", what)
    for number, cap in enumerate(rule.caps):
        yield from _group(rule, f"caps.{number}", cap.of, cap.value)
    yield from _ties(rule.ties)
    yield from _grants(rule)
    problems = list(_tree(rule.envelopes))
    yield from problems
    if not problems:
        yield from _money(rule.envelopes)
    yield from _passes(rule)
    yield from _size(rule)


def _size(rule: rules.Rule) -> Iterator[At]:
    """A result says what every envelope has after every step: it has to be one event (1 MiB)."""
    steps = sum(len(each.envelopes) or len(rule.envelopes) for each in rule.passes)
    if steps * len(rule.envelopes) > MOST_SAID:
        what = f"{steps} steps over {len(rule.envelopes)} envelopes are more than a result can say"
        yield at("passes", what)


def _twice(path: str, names: Sequence[str]) -> Iterator[At]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield at(f"{path}.{number}.name", f"{name} is there twice")


def _thresholds(rule: rules.Rule) -> Iterator[At]:
    for number, each in enumerate(rule.thresholds):
        if [each.votes, each.share, each.per_euro].count(None) != 2:
            yield at(f"thresholds.{number}", "exactly one of votes, share and per_euro")
        elif each.of == "supporters" and each.share is not None and fraction(each.share) > 1:
            yield at(f"thresholds.{number}.share", "more than all ballots")


def predicates(rule: rules.Rule) -> Iterator[tuple[str, rules.Groups]]:
    """Every place where a rule asks for groups, of options or of ballots."""
    for number, envelope in enumerate(rule.envelopes):
        yield f"envelopes.{number}.options.groups", envelope.options.groups
        yield f"envelopes.{number}.voters.groups", envelope.voters.groups
    for number, each in enumerate(rule.passes):
        yield f"passes.{number}.options.groups", each.options.groups
    for number, grant in enumerate(rule.grants):
        yield f"grants.{number}.options.groups", grant.options.groups


def _asked_of_options(rule: rules.Rule) -> Iterator[tuple[str, rules.Options]]:
    for name in ("envelopes", "passes", "grants"):
        for number, each in enumerate(getattr(rule, name)):
            yield f"{name}.{number}.options", each.options


def _known(rule: rules.Rule, path: str, groups: rules.Groups) -> Iterator[At]:
    for kind, values in groups.items():
        if kind not in rule.groups:
            yield at(f"{path}.{kind}", "the rule declares no such kind of group")
        elif rule.groups[kind]:
            for value in values:
                if value not in rule.groups[kind]:
                    yield at(f"{path}.{kind}", f"the rule declares no {kind} {value}")


def _group(rule: rules.Rule, path: str, of: str, value: str | None) -> Iterator[At]:
    if of not in rule.groups:
        yield at(f"{path}.of", f"the rule declares no kind of group {of}")
    elif value is not None and rule.groups[of] and value not in rule.groups[of]:
        yield at(f"{path}.value", f"the rule declares no {of} {value}")


def _ties(ties: rules.Ties) -> Iterator[At]:
    last = ties.criteria[-1]
    if last not in ("option", "lot", "ask"):
        yield at("ties.criteria", f"{last} is no total order: end in option, lot or ask")
    if len(set(ties.criteria)) < len(ties.criteria):
        yield at("ties.criteria", "a criterion is there twice")
    if "ask" in ties.criteria[:-1]:
        yield at("ties.criteria", "whoever is asked has the last word")
    if ("lot" in ties.criteria) != (ties.seed is not None):
        yield at("ties.seed", "a lot needs a seed, and a seed a lot")


def _grants(rule: rules.Rule) -> Iterator[At]:
    for number, grant in enumerate(rule.grants):
        path = f"grants.{number}"
        if grant.fixed is not None and grant.percent != 100:
            yield at(f"{path}.percent", "a fixed grant has no percentage")
        if grant.ceiling is not None and grant.floor > grant.ceiling:
            yield at(f"{path}.floor", f"{grant.floor} is more than the ceiling, {grant.ceiling}")
        if grant.fixed is not None and grant.floor > grant.fixed:
            yield at(f"{path}.floor", f"{grant.floor} is more than what is fixed, {grant.fixed}")
    if rule.prizes is not None:
        places = [prize.place for prize in rule.prizes.prizes]
        if sorted(set(places)) != [*range(1, len(set(places)) + 1)]:
            yield at("prizes.prizes", "places begin with 1 and leave none out")


def _tree(envelopes: Sequence[rules.Envelope]) -> Iterator[At]:
    """One root, and every envelope below it."""
    by_name = {envelope.name: envelope for envelope in envelopes}
    roots = [envelope for envelope in envelopes if envelope.within is None]
    if len(roots) > 1 or (not roots and len(envelopes) == 1):
        yield at("envelopes", "exactly one envelope is within no other")
    for number, envelope in enumerate(envelopes):
        if envelope.within is not None and envelope.within not in by_name:
            yield at(f"envelopes.{number}.within", f"there is no envelope {envelope.within}")
        elif _in_circle(envelope, by_name):
            yield at(f"envelopes.{number}.within", f"{envelope.name} is within itself")
        if envelope.within is None and envelope.kind == "most":
            yield at(f"envelopes.{number}.kind", "the outermost envelope has money of its own")


def _in_circle(envelope: rules.Envelope, by_name: dict[str, rules.Envelope]) -> bool:
    seen: set[str] = set()
    while envelope.within in by_name and envelope.name not in seen:
        seen.add(envelope.name)
        envelope = by_name[envelope.within]
    return envelope.name in seen


def _money(envelopes: Sequence[rules.Envelope]) -> Iterator[At]:
    """What is reserved is in the parent."""
    for number, envelope in enumerate(envelopes):
        inner = [e for e in envelopes if e.within == envelope.name and e.kind == "reserved"]
        reserved = sum(e.amount for e in inner)
        if envelope.kind == "most" and inner:
            yield at(f"envelopes.{number}.kind", "an envelope with a most reserves nothing")
        elif reserved > envelope.amount:
            what = f"{reserved} cents are reserved of {envelope.amount}"
            yield at(f"envelopes.{number}.amount", what)


def _passes(rule: rules.Rule) -> Iterator[At]:
    names = [envelope.name for envelope in rule.envelopes]
    spent: set[str] = set()
    for number, each in enumerate(rule.passes):
        path = f"passes.{number}"
        for place, name in enumerate(each.envelopes):
            if name not in names:
                yield at(f"{path}.envelopes.{place}", f"there is no envelope {name}")
            if name in each.envelopes[:place]:
                yield at(f"{path}.envelopes.{place}", f"{name} is there twice")
        spent.update(each.envelopes or names)
        yield from _order(path, each)
        yield from _quotas(rule, path, each)
        needs = each.misfit.policy in ("fund-next", "part-fund")
        if needs != (each.misfit.at_least is not None):
            yield at(f"{path}.misfit.at_least", "said with fund-next and part-fund, only")
        elif each.misfit.at_least is not None and fraction(each.misfit.at_least) > 1:
            yield at(f"{path}.misfit.at_least", "more than all of it")
    for number, envelope in enumerate(rule.envelopes):
        if envelope.kind == "reserved" and envelope.name not in spent:
            yield at(f"envelopes.{number}.name", f"no pass spends {envelope.name}")


def _order(path: str, each: rules.Pass) -> Iterator[At]:
    if each.order.type != "equal-shares":
        return
    if any(quota.least is not None for quota in each.quotas):
        yield at(f"{path}.quotas", "equal shares fund nobody first: a least needs another order")
    if each.misfit.policy != "skip":
        yield at(f"{path}.misfit", "equal shares look at no option that does not fit")
    if each.below_threshold == "taken":
        yield at(f"{path}.below_threshold", "equal shares fund nothing without supporters")
    completion = each.order.completion
    if completion is None:
        return
    if (completion.cents is None) == (completion.share is None):
        yield at(f"{path}.order.completion", "exactly one of cents and share")
    elif completion.share is not None and fraction(completion.share) < SMALLEST_STEP:
        what = f"the share has to grow, by {SMALLEST_STEP} of itself at least"
        yield at(f"{path}.order.completion.share", what)


def _quotas(rule: rules.Rule, path: str, each: rules.Pass) -> Iterator[At]:
    for number, quota in enumerate(each.quotas):
        inner = f"{path}.quotas.{number}"
        yield from _group(rule, inner, quota.of, quota.value)
        if quota.least is None and quota.most is None:
            yield at(inner, "a least or a most")
        elif quota.least is not None and quota.most is not None and quota.least > quota.most:
            yield at(f"{inner}.least", f"{quota.least} is more than the most, {quota.most}")
        elif rule.most_winners is not None and (quota.least or 0) > rule.most_winners:
            yield at(f"{inner}.least", f"there are {rule.most_winners} winners at most")
        elif each.most is not None and (quota.least or 0) > each.most:
            yield at(f"{inner}.least", f"the pass has {each.most} winners at most")
        for cap in rule.caps:
            same = cap.of == quota.of and cap.value in (None, quota.value)
            if same and (quota.least or 0) > cap.most:
                yield at(f"{inner}.least", f"a cap lets {cap.most} of a {cap.of} win")
