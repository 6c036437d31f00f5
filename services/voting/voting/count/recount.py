"""A published election as a count sees it: its options, and its votes in a format.

No vote is void here: a city that published it has counted it.
"""

from dataclasses import dataclass, field

import numpy as np

from shared.events.ballots import Approval, Format, Score
from shared.events.rules import Option, Rule
from shared.pabulib import Declared
from shared.pabulib.declared import options
from shared.rules.named import GREEDY, named
from voting.count.allocation.profile import Ints, Profile, of_arrays, profile
from voting.count.allocation.setup import check
from voting.count.published import Published

MOST = 10_000
PER_COST = "where ballots give points, this rule goes by points per cost, as the library does"


class NotCountable(Exception):
    """A rule cannot count this file; the message begins with the path of the rule's field."""


@dataclass(frozen=True)
class Counting:
    """What the engine is given; `notes` is what somebody who reads the result has to know."""

    rule: Rule
    form: Format
    options: tuple[Option, ...]
    ballots: Profile
    notes: tuple[str, ...] = field(default=())


def by_name(found: Published, name: str) -> Counting:
    """By a rule of `shared.rules.named`, and with it the library's points of a ranking: of three
    named projects the first has two, the last none."""
    form, ballots = _ballots(found, last=0)
    points = not isinstance(form, Approval)
    rule = named(name, found.terms.budget, points=points)
    notes = (PER_COST,) if points and name == GREEDY else ()
    return Counting(rule, form, options(found.projects), ballots, notes)


def by_rule(found: Published, rule: Rule) -> Counting:
    """By a rule that somebody wrote; a ranking's points are the file's, or else of three named
    projects the first has three. Raises `NotCountable`."""
    form, ballots = _ballots(found, last=1)
    counting = Counting(rule, form, options(found.projects), ballots)
    wrong = [f"{e.path}: {e.what}" for e in check(rule, form, counting.options) if e.refused]
    wrong += [
        f"envelopes.{number}.voters.groups: the votes of a file have no groups"
        for number, envelope in enumerate(rule.envelopes)
        if envelope.voters.groups
    ]
    if wrong:
        raise NotCountable("; ".join(wrong))
    return counting


def as_declared(found: Declared) -> Counting | None:
    """By the rule that the file declares; None where it does not say enough of it."""
    if found.rule is None:
        return None
    entries = (
        [(each - 1, 1) if isinstance(each, int) else (each[0] - 1, each[1]) for each in vote]
        for vote in found.choices
    )
    ballots = profile(entries, len(found.options))
    return Counting(found.rule, found.form, found.options, ballots, found.notes)


def _ballots(found: Published, last: int) -> tuple[Format, Profile]:
    size, lengths = len(found.projects), np.diff(found.starts)
    kind = found.terms.vote_type
    if kind in ("approval", "choose-1"):
        return Approval(max=MOST), of_arrays(size, lengths, found.chosen)
    points = found.points
    if kind == "ordinal" and (points is None or last == 0):
        points = _places(found.starts, lengths) + last
    assert points is not None
    ballots = of_arrays(size, lengths, found.chosen, points)
    if kind == "scoring" and found.terms.default_score:
        ballots = _scored(ballots, found.terms.default_score)
    values = ballots.values if len(ballots.values) else np.zeros(1, np.int64)
    low, high = min(0, int(values.min())), max(1, int(values.max()))
    return Score(low=low, high=high), ballots


def _places(starts: Ints, lengths: Ints) -> Ints:
    """Of each entry how many come after it on its ballot."""
    return np.repeat(starts[1:], lengths) - 1 - np.arange(int(starts[-1]))


def _scored(ballots: Profile, default: int) -> Profile:
    """With the default for every project that a vote does not name; a blank one stays blank."""
    filled = ballots.kept(ballots.lengths > 0)
    values = np.full((len(filled.weights), ballots.size), default, np.int64)
    values[filled.rows, filled.options] = filled.values
    lengths = np.where(ballots.lengths > 0, ballots.size, 0)
    options = np.tile(np.arange(ballots.size), len(filled.weights))
    return of_arrays(ballots.size, lengths, options, values.ravel())
