"""What to know of a rule before a round opens: does it fit its ballots, its options, its money?

A *contradiction* keeps the round from opening; a *warning* is said to the officers before that.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from shared.events import ballots
from shared.events.contradictions import MOST_STEPS
from shared.events.rules import Envelope, Option, Pass, Quota, Rule
from shared.rules.together import Finding, together
from voting.count.allocation.grants import admits

# A round with fewer ballots than these is none to warn of.
FEW_BALLOTS = 100


def check(rule: Rule, form: ballots.Format, options: Sequence[Option]) -> list[Finding]:
    """All that is wrong with a rule for these ballots and options, or should be known of it."""
    return [
        *together(rule, form),
        *_voters(rule),
        *_steps(rule),
        *_limits(form, options),
        *_options(rule, options),
        *_contests(form, options),
        *chain.from_iterable(
            _quota(rule, options, number, place, quota)
            for number, each in enumerate(rule.passes)
            for place, quota in enumerate(each.quotas)
        ),
    ]


def _voters(rule: Rule) -> Iterator[Finding]:
    for number, envelope in enumerate(rule.envelopes):
        for kind in envelope.voters.groups.keys() - {"tier"}:
            what = "of who cast a ballot only the tier is known"
            yield Finding(f"envelopes.{number}.voters.groups.{kind}", what)


def _steps(rule: Rule) -> Iterator[Finding]:
    """Whether a share grows by so little that it takes more than `MOST_STEPS` to double it."""
    for number, each in enumerate(rule.passes):
        completion = each.order.completion if each.order.type == "equal-shares" else None
        if completion is None or completion.cents is None:
            continue
        money = max(envelope.amount for envelope in _spent(rule, each))
        ballots = money // (completion.cents * MOST_STEPS)
        if ballots >= FEW_BALLOTS:
            what = f"with fewer than {ballots} ballots, {completion.cents} cents are many steps"
            values = {"cents": completion.cents, "ballots": ballots}
            yield Finding(f"passes.{number}.order.completion.cents", what, "many_steps", values)


def _limits(form: ballots.Format, options: Sequence[Option]) -> Iterator[Finding]:
    least = getattr(form, "min", 0)
    if least > len(options):
        yield Finding("format.min", f"there are only {len(options)} options")
    if isinstance(form, ballots.Knapsack) and all(o.cost > form.cap for o in options):
        yield Finding("format.cap", "no option costs so little")


def _options(rule: Rule, options: Sequence[Option]) -> Iterator[Finding]:
    for attribute in ("id", "number"):
        seen: set[object] = set()
        for option in options:
            value = getattr(option, attribute)
            if value in seen:
                yield Finding(f"options.{option.id}.{attribute}", f"{value} is there twice")
            seen.add(value)
    for option in options:
        for kind, values in option.groups.items():
            declared = rule.groups.get(kind, ())
            unknown = [value for value in values if declared and value not in declared]
            if unknown:
                what = f"the rule declares no {kind} {', '.join(unknown)}"
                yield Finding(f"options.{option.id}.groups.{kind}", what)
        if "filed" in rule.ties.criteria and option.filed is None:
            yield Finding(f"options.{option.id}.filed", "ties go by the order of filing")


def _contests(form: ballots.Format, options: Sequence[Option]) -> Iterator[Finding]:
    if not isinstance(form, ballots.Contests):
        return
    for option in options:
        territories = option.groups.get(form.group, ())
        if len(territories) > 1:
            what = f"in {len(territories)} contests, {', '.join(territories)}"
            yield Finding(f"options.{option.id}.groups.{form.group}", what)


def _quota(
    rule: Rule, options: Sequence[Option], number: int, place: int, quota: Quota
) -> Iterator[Finding]:
    """Whether groups have enough options, and whether all that is promised can be paid.

    A `least` that no group can reach, or not the one that is named, is refused.
    Costs are taken whole: grants only make it less. Promised is a `least`, and a `most` of a pass
    that is there to give each group some, which is one with `required`.
    """
    path = f"passes.{number}.quotas.{place}"
    each = rule.passes[number]
    promised = quota.least or (quota.most if quota.required else None)
    if promised is None:
        return
    for envelope in _spent(rule, each):
        groups = _groups(rule, quota, [o for o in options if _in(envelope, each, o)])
        least_sum = most_sum = 0
        for value, costs in groups.items():
            if quota.least is not None and quota.least > len(costs):
                what = f"{value} has {len(costs)} options of {quota.least} in {envelope.name}"
                nobody = quota.value is not None or quota.least > max(map(len, groups.values()))
                values = {"of": quota.of, "value": value, "has": len(costs)}
                known = values | {"promised": quota.least, "envelope": envelope.name}
                yield Finding(f"{path}.least", what, None if nobody else "few_options", known)
            least_sum += sum(costs[:promised])
            most_sum += sum(costs[-promised:])
        if least_sum > envelope.amount:
            what = f"{least_sum} cents at least, {envelope.name} has {envelope.amount}"
            sums = {"needs": least_sum, "envelope": envelope.name}
            yield Finding(path, f"the quotas exceed the envelope: {what}", "over_envelope", sums)
        elif most_sum > envelope.amount:
            what = f"up to {most_sum} cents, {envelope.name} has {envelope.amount}"
            sums = {"needs": most_sum, "envelope": envelope.name}
            said = f"the quotas can exceed the envelope: {what}"
            yield Finding(path, said, "maybe_over_envelope", sums)


def _spent(rule: Rule, each: Pass) -> list[Envelope]:
    return [e for e in rule.envelopes if not each.envelopes or e.name in each.envelopes]


def _in(envelope: Envelope, each: Pass, option: Option) -> bool:
    inside = admits(envelope.options, option) and admits(each.options, option)
    return inside and option.withdrawn is None


def _groups(rule: Rule, quota: Quota, options: Sequence[Option]) -> dict[str, list[int]]:
    """The costs of each group's options, the cheapest first; a declared group may have none."""
    declared = (quota.value,) if quota.value is not None else rule.groups[quota.of]
    groups: dict[str, list[int]] = {value: [] for value in declared}
    for option in options:
        for value in option.groups.get(quota.of, ()):
            if quota.value is None or value == quota.value:
                groups.setdefault(value, []).append(option.cost)
    return {value: sorted(costs) for value, costs in groups.items()}
