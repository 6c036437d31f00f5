"""What a ballot may say: one class a format, discriminated by `type`.

Each says what `choices` looks like on the wire. `[]` is a blank ballot, possible in every format.
The box refuses what is not of the shape: numbers that are not options, a number twice, more
entries than options, values outside their bounds. The inner rules (how many, how much in all) are
read when ballots are counted: one that breaks them is void, with the first code that holds, in the
order in which its format names them (before all, `malformed`: not of the shape); where `wrong` is
"refused", the box refuses it on entry.

Two shapes: *numbers*, `[n, …]`, strictly increasing (in a ranking: best first); and *values*,
`[[n, value], …]`, strictly increasing by n.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.events.event import Frozen, Name
from shared.events.exact import Cents, Contradictory, Ratio, at, fraction

Many = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Some = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Points = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Signed = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
# What happens to a ballot that breaks an inner rule.
Wrong = Literal["void", "refused"]
# The answers of a decision, by their value on the wire.
ANSWERS = ("abstain", "yes", "no", "recused")


class Approval(Frozen):
    """Numbers: between `min` and `max` options, each one vote. Exactly k is `min` = `max` = k.

    Void: `too_few`, `too_many`.
    """

    type: Literal["approval"] = "approval"
    min: Many = 0
    max: Some
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        return in_order(self, "min", self.min, self.max)


class Limits(Frozen):
    """How many options a ballot names in one contest."""

    min: Many = 0
    max: Some

    @model_validator(mode="after")
    def _sense(self) -> Self:
        return in_order(self, "min", self.min, self.max)


class Contests(Frozen):
    """Numbers: options of one territory, and options of none; each one vote.

    An option belongs to one contest: that of the territory which is its first value in the group
    `group`, or without a value the general one. A round does not open with an option of several:
    which is the first is a matter of how they were written. `own` and `general` limit each contest
    that the ballot takes part in: naming nothing in one of them is always possible. Void:
    `two_territories` (options of more than one), `too_few`, `too_many`.
    """

    type: Literal["contests"] = "contests"
    group: Name = "territory"
    own: Limits
    general: Limits
    wrong: Wrong = "void"


class Knapsack(Frozen):
    """Numbers: options whose costs are `cap` cents at most in sum; each one vote.

    Void: `over_cap`, `too_few`, `too_many`.
    """

    type: Literal["knapsack"] = "knapsack"
    cap: Cents
    min: Many = 0
    max: Some | None = None
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        return in_order(self, "min", self.min, self.max)


class Cumulative(Frozen):
    """Values: points of 1 to `most_each`, between `least_total` and `total` in sum.

    Void: `too_few`, `too_many` (options), `too_few_points`, `too_many_points` (in sum).
    """

    type: Literal["cumulative"] = "cumulative"
    total: Annotated[Points, Field(ge=1)]
    least_total: Points = 0
    most_each: Annotated[Points, Field(ge=1)]
    min: Many = 0
    max: Some | None = None
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        in_order(self, "least_total", self.least_total, self.total)
        return in_order(self, "min", self.min, self.max)


class Ranking(Frozen):
    """Numbers, best first. The k-th of a ballot gets `points[k - 1]`; later ones get nothing.

    The vector is said, never implied: 3-2-1 is `[3, 2, 1]`, also on a ballot that ranks two.
    Void: `too_few`, `too_many`.
    """

    type: Literal["ranking"] = "ranking"
    points: Annotated[tuple[Points, ...], Field(min_length=1, max_length=1000)]
    min: Many = 0
    max: Some
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        in_order(self, "min", self.min, self.max)
        if any(a < b for a, b in zip(self.points, self.points[1:], strict=False)):
            raise Contradictory(at("points", "a better place gets fewer points than a worse one"))
        return self


class Score(Frozen):
    """Values: a score of `low` to `high` for any options; one without a score counts as zero.

    Void: `too_few`, `too_many`.
    """

    type: Literal["score"] = "score"
    low: Signed = 0
    high: Signed
    min: Many = 0
    max: Some | None = None
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        in_order(self, "low", self.low, self.high)
        return in_order(self, "min", self.min, self.max)


class PlusMinus(Frozen):
    """Values 1 and -1: at most `most_plus` and `most_minus` of each; votes are plus less minus.

    Void: `too_many_plus`, `too_many_minus`, `too_few` (of either), `minus_over_plus` where
    `minus_needs_plus` and there are more minuses than pluses.
    """

    type: Literal["plus-minus"] = "plus-minus"
    most_plus: Some
    most_minus: Many
    min: Many = 0
    minus_needs_plus: bool = False
    wrong: Wrong = "void"


class Grades(Frozen):
    """Values: the index of a grade, 0 for the worst, for any options.

    An option that a ballot does not grade has the worst grade on it. Votes are the ballots that
    give more than the worst grade. Void: `too_few` options graded.
    """

    type: Literal["grades"] = "grades"
    grades: Annotated[tuple[Name, ...], Field(min_length=2, max_length=20)]
    min: Many = 0
    wrong: Wrong = "void"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if len(set(self.grades)) < len(self.grades):
            raise Contradictory(at("grades", "a grade is there twice"))
        return self


class Decision(Frozen):
    """Values: 0 abstain, 1 yes, 2 no, 3 recused, for any options; without an answer is absent.

    An option is *adopted* when it has its quorum and its majority. Quorum: those who answered 0, 1
    or 2 are at least `quorum` of the `members` less those recused on it. Majority: yes is more
    than `majority` of yes and no (of all three where `abstentions` count); "1/2" is a simple
    majority, and a tie is not one. Votes are the yes. An option that is not adopted is never
    funded, for `no_quorum` or `rejected`. No ballot is void by inner rules.
    """

    type: Literal["decision"] = "decision"
    members: Some
    quorum: Ratio = "1/2"
    majority: Ratio = "1/2"
    abstentions: Literal["left-out", "counted"] = "left-out"

    @model_validator(mode="after")
    def _sense(self) -> Self:
        for field in ("quorum", "majority"):
            if fraction(getattr(self, field)) > 1:
                raise Contradictory(at(field, "more than all"))
        return self


type Format = Annotated[
    Approval | Contests | Knapsack | Cumulative | Ranking | Score | PlusMinus | Grades | Decision,
    Field(discriminator="type"),
]


def in_order[T](model: T, field: str, low: int, high: int | None) -> T:
    """Refuse a lower limit above the upper one."""
    if high is not None and low > high:
        raise Contradictory(at(field, f"{low} is more than {high}"))
    return model
