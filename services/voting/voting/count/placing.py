"""Which of a rule's territories a project is in: its own, or one that lies around it. Pure."""

from collections.abc import Iterator, Sequence

from shared.events.contradictions import predicates
from shared.events.rules import Cap, Quota, Rule
from shared.events.scheme import Territory
from shared.rules.places import around

KIND = "territory"


def placed(own: str, territories: Sequence[Territory], rule: Rule) -> tuple[str, ...]:
    """What a rule sees of where a project is.

    A rule that lists territories knows these alone: a project has those of them that it is in, so
    one of a municipality counts for its canton, and one of the whole département for no canton. A
    rule that lists none sees a project's own territory, and what it names of those around it.
    """
    outwards = tuple(around(own, territories))
    if listed := rule.groups.get(KIND, ()):
        return tuple(each for each in outwards if each in listed)
    named = {*_named(rule)}
    return (own, *(each for each in outwards[1:] if each in named))


def _named(rule: Rule) -> Iterator[str]:
    """The territories that a rule speaks of by name."""
    for path, groups in predicates(rule):
        if ".voters." not in path:
            yield from groups.get(KIND, ())
    quotas = [quota for each in rule.passes for quota in each.quotas]
    limits: tuple[Cap | Quota, ...] = (*rule.caps, *quotas)
    for limit in limits:
        if limit.of == KIND and limit.value is not None:
            yield limit.value
