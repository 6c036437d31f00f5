"""Published elections as the engine counts them, read by a reader that the services lack."""

import csv
from array import array
from dataclasses import dataclass
from functools import cache

from shared.events.ballots import Approval, Cumulative, Format, Ranking
from shared.events.rules import Option
from tests.published import there
from voting.count.allocation.profile import Profile, of_arrays


@dataclass(frozen=True)
class Election:
    """A file: its settings, its options, its ballots as they stand; money in cents."""

    name: str
    meta: dict[str, str]
    options: list[Option]
    ballots: Profile

    @property
    def budget(self) -> int:
        return cents(self.meta["budget"])

    @property
    def form(self) -> Format:
        """The format, with limits that no ballot of the file breaks."""
        match self.meta["vote_type"]:
            case "cumulative":
                return Cumulative(total=1000, most_each=1000)
            case "ordinal":
                longest = int(self.meta["max_length"])
                return Ranking(points=tuple(range(longest, 0, -1)), max=longest)
        return Approval(max=10_000)


def cents(money: str) -> int:
    whole, _, part = money.replace(",", ".").partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0")[:2] or 0)


@cache
def election(name: str) -> Election:
    """Read a file."""
    lines = there(name).read_text(encoding="utf-8-sig").splitlines()
    meta_at, projects_at, votes_at = (lines.index(s) for s in ("META", "PROJECTS", "VOTES"))
    meta = dict(csv.reader(lines[meta_at + 2 : projects_at], delimiter=";"))
    projects = list(csv.DictReader(lines[projects_at + 1 : votes_at], delimiter=";"))
    options = [
        Option(id=p["project_id"], number=n, cost=cents(p["cost"]))
        for n, p in enumerate(projects, start=1)
    ]
    places = {option.id: place for place, option in enumerate(options)}
    lengths, indices, values = array("q"), array("q"), array("q")
    for row in csv.DictReader(lines[votes_at + 1 :], delimiter=";"):
        named = [n for n in row["vote"].split(",") if n]
        points = row.get("points")
        lengths.append(len(named))
        indices.extend(places[name.strip()] for name in named)
        cumulative = meta["vote_type"] == "cumulative" and points
        values.extend(map(int, points.split(",")) if cumulative and points else [1] * len(named))
    return Election(name, meta, options, of_arrays(len(options), lengths, indices, values))
