"""The ballots of a file as voters cast them: their format, with the file's limits, and each one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from shared.events import ballots
from shared.pabulib.bounds import MOST_NAMED
from shared.pabulib.election import Election, Limits

# Numbers, or pairs of a number and a value, in the form of `shared.events.ballots`.
type Choices = list[int] | list[list[int]]

MOST_PLACES = 1000  # that a ranking's vector has; longer ones are scores
PLAIN = ("approval", "choose-1")


def cast(election: Election, limits: Limits) -> tuple[ballots.Format, tuple[Choices, ...]]:
    """The format with these limits, and the choices of each vote; projects numbered as listed.

    Where the file does not say how many points there are, ballots do. Ranks that give points of
    the voters' own are scores.
    """
    numbers = {project.id: n for n, project in enumerate(election.projects, start=1)}
    votes = [[numbers[choice] for choice in vote] for vote in election.votes]
    many = _most(election, limits)
    if election.terms.vote_type in PLAIN:
        plain = tuple(sorted(vote) for vote in votes)
        if limits.most_sum_cost is not None:
            return ballots.Knapsack(cap=limits.most_sum_cost, min=limits.least, max=many), plain
        return ballots.Approval(min=limits.least, max=many), plain
    if election.terms.vote_type == "ordinal" and (vector := _vector(election)):
        return ballots.Ranking(points=vector, min=limits.least, max=many), tuple(votes)
    values = _values(election, votes)
    if election.terms.vote_type == "cumulative":
        # Who gives a project no point does not name it.
        values = [[[n, value] for n, value in vote if value > 0] for vote in values]
        return _cumulative(limits, values, many), tuple(values)
    return _score(election, limits, values, many), tuple(values)


def as_voted(election: Election) -> tuple[Limits, tuple[str, ...]]:
    """The file's limits, none narrower than its ballots are: the city counted them. What does not
    fit is said."""
    limits = election.terms.limits
    lengths = [len(vote) for vote in election.votes if vote] or [limits.least]
    least, most = min(lengths), max(lengths)
    notes: tuple[str, ...] = ()
    if least < limits.least or (limits.most is not None and most > limits.most):
        notes = (f"ballots name {least} to {most} projects, the file allows others",)
    points = [each for each in election.points or () if each]
    given = [value for each in points for value in each]
    sums = [sum(each) for each in points]
    costs = {project.id: project.cost for project in election.projects}
    paid = [sum(costs[choice] for choice in vote) for vote in election.votes]
    wide = replace(
        limits,
        least=min(least, limits.least),
        most=_upper(limits.most, lengths),
        least_points=_lower(limits.least_points, given),
        most_points=_upper(limits.most_points, given),
        least_sum_points=_lower(limits.least_sum_points, sums),
        most_sum_points=_upper(limits.most_sum_points, sums),
        most_sum_cost=_upper(limits.most_sum_cost, paid),
    )
    return wide, notes


def unheld(election: Election) -> tuple[str, ...]:
    """META's limits on ballots that no format has: nobody is held to them."""
    limits, kind = election.terms.limits, election.terms.vote_type
    scored = kind in ("scoring", "ordinal")
    said = {
        "min_sum_cost": limits.least_sum_cost,
        "max_sum_cost": None if kind in PLAIN else limits.most_sum_cost,
        "min_length_per_category": limits.least_per_category,
        "max_length_per_category": limits.most_per_category,
        "min_points": limits.least_points if kind == "cumulative" else None,
        "min_sum_points": limits.least_sum_points if scored else None,
        "max_sum_points": limits.most_sum_points if scored else None,
    }
    # Points of a ballot are one at least, whether the file says so or not.
    harmless = {"min_points": (0, 1), "min_sum_cost": (0,), "min_length_per_category": (0,)}
    return tuple(
        key
        for key, value in said.items()
        if value is not None and value not in harmless.get(key, ())
    )


def _most(election: Election, limits: Limits) -> int:
    projects = min(len(election.projects), MOST_NAMED)
    return projects if limits.most is None else min(limits.most, projects)


def _cumulative(
    limits: Limits, values: Sequence[Sequence[Sequence[int]]], many: int
) -> ballots.Cumulative:
    entries = [value for vote in values for _, value in vote]
    sums = [sum(value for _, value in vote) for vote in values]
    most_sum, most = limits.most_sum_points, limits.most_points
    least_sum = max(0, limits.least_sum_points or 0)
    return ballots.Cumulative(
        total=max([1, least_sum, *sums]) if most_sum is None else most_sum,
        least_total=least_sum,
        most_each=max([1, *entries]) if most is None else most,
        min=limits.least,
        max=None if limits.most is None else many,
    )


def _score(
    election: Election, limits: Limits, values: Sequence[Sequence[Sequence[int]]], many: int
) -> ballots.Score:
    entries = [value for vote in values for _, value in vote]
    default = election.terms.default_score or 0
    # A bound that the file does not say takes in the one that it says.
    least, most_points = limits.least_points, limits.most_points
    low = min([0, most_points or 0, *entries]) if least is None else least
    high = max([1, low, *entries]) if most_points is None else most_points
    if default:
        # Everybody says something of every project, most of it unasked.
        return ballots.Score(low=min(low, default), high=max(high, default))
    most = None if limits.most is None else many
    return ballots.Score(low=low, high=high, min=limits.least, max=most)


def _vector(election: Election) -> tuple[int, ...] | None:
    """The points of each place, if there are such that every ballot gives."""
    given = [*_given(election)]
    longest = max(given, key=len, default=())
    if not 0 < len(longest) <= MOST_PLACES:
        return None
    if any(tuple(points) != tuple(longest[: len(points)]) for points in given):
        return None
    falling = all(a >= b for a, b in pairwise(longest))
    return tuple(longest) if falling and longest[-1] >= 0 else None


def _given(election: Election) -> Sequence[Sequence[int]]:
    """The points beside each vote. Ranks without points count as Pabulib counts them: of three
    named projects the first gets three."""
    if election.points is not None:
        return election.points
    return [range(len(vote), 0, -1) for vote in election.votes]


def _values(election: Election, votes: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    default = election.terms.default_score or 0
    everybody = range(1, len(election.projects) + 1) if default else ()
    values = []
    for vote, points in zip(votes, _given(election), strict=True):
        said = dict.fromkeys(everybody, default) if vote else {}
        said |= dict(zip(vote, points, strict=True))
        values.append([[number, said[number]] for number in sorted(said)])
    return values


def _lower(limit: int | None, found: Sequence[int]) -> int | None:
    return None if limit is None else min([limit, *found])


def _upper(limit: int | None, found: Sequence[int]) -> int | None:
    return None if limit is None else max([limit, *found])
