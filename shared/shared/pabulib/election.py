"""An election as its file declares it: what voters could do, what they did, what the city said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

type VoteType = Literal["approval", "choose-1", "cumulative", "scoring", "ordinal"]
VOTE_TYPES: tuple[VoteType, ...] = get_args(VoteType.__value__)
POINTED: frozenset[VoteType] = frozenset(("cumulative", "scoring"))
# What Pabulib writes for the cost of a project that was withdrawn after the vote.
WITHDRAWN_COST = 999_999_999_00


@dataclass(frozen=True, slots=True)
class Project:
    """A project of the file. `cost` in cents; `recorded` is its votes or score as the file has it.

    `selected` is the file's verdict, if any: 0 no, 1 yes, 2 by the city's rule for what does not
    wholly fit, 3 from money beside the budget.
    """

    id: str
    cost: int
    name: str
    selected: int | None = None
    categories: tuple[str, ...] = ()
    neighborhood: str = ""
    beneficiaries: tuple[str, ...] = ()
    district: str = ""
    votes_recorded: int | None = None
    score_recorded: int | None = None
    line: int = field(default=0, compare=False)

    @property
    def withdrawn(self) -> bool:
        """Whether the cost only says that nobody may win with it."""
        return self.cost == WITHDRAWN_COST


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ballot may say; None where the file sets no limit. Sums of cost in cents."""

    least: int = 0
    most: int | None = None
    least_points: int | None = None
    most_points: int | None = None
    least_sum_points: int | None = None
    most_sum_points: int | None = None
    least_sum_cost: int | None = None
    most_sum_cost: int | None = None
    least_per_category: int | None = None
    most_per_category: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What META says; money in cents.

    `category_budgets` and `neighborhood_budgets` are parts of the budget that only their own
    projects share in. `threshold` is what a project must reach in votes or points;
    `unit` the town.
    """

    title: str
    vote_type: VoteType
    budget: int
    rule: str = ""
    unit: str = ""
    limits: Limits = Limits()
    threshold: int | None = None
    default_score: int | None = None
    category_budgets: Mapping[str, int] = field(default_factory=dict)
    neighborhood_budgets: Mapping[str, int] = field(default_factory=dict)
    leftover: str = ""
    comment: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def line(self, key: str) -> int:
        """The line on which META says this; the first where it does not."""
        return self.lines.get(key, 1)


@dataclass(frozen=True)
class Election:
    """An election; each vote names projects by id, `points` beside it where the format has them."""

    file: str
    terms: Terms
    projects: tuple[Project, ...]
    votes: tuple[tuple[str, ...], ...]
    points: tuple[tuple[int, ...], ...] | None = None

    @property
    def title(self) -> str:
        """What the file calls the election."""
        return self.terms.title

    @property
    def budget(self) -> int:
        """In cents."""
        return self.terms.budget

    @property
    def least(self) -> int:
        """How many projects a ballot must name."""
        return self.terms.limits.least

    @property
    def most(self) -> int:
        """How many projects a ballot may name."""
        most = self.terms.limits.most
        return len(self.projects) if most is None else min(most, len(self.projects))

    @property
    def selected(self) -> list[str] | None:
        """The ids that the file calls selected, or None where it does not say of each."""
        return selected(self.projects)

    def votes_counted(self) -> dict[str, int]:
        """How many ballots name each project."""
        counted = {project.id: 0 for project in self.projects}
        for vote in self.votes:
            for choice in vote:
                counted[choice] += 1
        return counted

    def score_counted(self) -> dict[str, int] | None:
        """The points that each project got; None where ballots have none."""
        if self.points is None:
            return None
        counted = {project.id: 0 for project in self.projects}
        for vote, points in zip(self.votes, self.points, strict=True):
            for choice, given in zip(vote, points, strict=True):
                counted[choice] += given
        return counted

    def misrecorded(self) -> list[str]:
        """Every project whose recorded votes or score are not those of the ballots, in words."""
        votes, score = self.votes_counted(), self.score_counted()
        wrong = []
        for project in self.projects:
            if project.votes_recorded not in (None, votes[project.id]):
                wrong.append(
                    f"project {project.id}: {project.votes_recorded} votes recorded, "
                    f"{votes[project.id]} on the ballots"
                )
            if score is not None and project.score_recorded not in (None, score[project.id]):
                wrong.append(
                    f"project {project.id}: a score of {project.score_recorded} recorded, "
                    f"{score[project.id]} on the ballots"
                )
        return wrong


def selected(projects: Sequence[Project]) -> list[str] | None:
    """The ids that a file calls selected, in its order; None where it does not say of each."""
    if any(project.selected is None for project in projects):
        return None
    return [project.id for project in projects if project.selected]
