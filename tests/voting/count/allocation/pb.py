"""Real elections, read in place where they are; a test that needs one skips where it is absent."""

import csv
import json
from array import array
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.events.ballots import Approval, Cumulative, Format, Ranking
from shared.events.rules import Option
from voting.count.allocation.profile import Profile, of_arrays

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "pabulib"
WHOLE = 10**9
EXPECTED = FOLDER / "expected-winners.json"


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


def there(name: str) -> Path:
    """A file of the collection; skips the test where it is not."""
    if not (FOLDER / name).exists():
        pytest.skip(f"{FOLDER / name} is not there")
    return FOLDER / name


def expected() -> dict[str, Any]:
    """What the collection says of its files; nothing where it is not."""
    if not EXPECTED.exists():
        return {}
    found: dict[str, Any] = json.loads(EXPECTED.read_text())
    return found


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
