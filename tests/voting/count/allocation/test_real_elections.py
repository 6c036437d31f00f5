"""Real elections: the same winners in the same order as published for them, and as the library."""

from itertools import product
from typing import Any

import pytest

from shared.events.ballots import Format, Ranking
from shared.events.rules import Rule
from shared.rules import presets
from tests.published import expected, there
from tests.voting.count.allocation import pb
from tests.voting.count.allocation.library import Library
from voting.count.allocation.engine import count

ZABRZE = (
    "poland_zabrze_2020_osiedle-mlodego-gornika.pb",
    "poland_zabrze_2021_zandka.pb",
)
ENTRIES = [
    (name, key)
    for name, entry in expected().items()
    for key in entry
    if key == "greedy" or (key.startswith("mes") and key != "mes_add1_runs")
]


def library_rule(entry: dict[str, Any], key: str, budget: int) -> Rule:
    approval = entry["vote_type"] == "approval"
    if key == "greedy":
        return presets.library_greedy(budget, by_cost=not approval)
    completion = None if key == "mes" else presets.add1("exhaustive" in key)
    utility = "cost" if approval else "cardinality"
    return presets.equal_shares(budget, completion=completion, utility=utility)


def library_form(election: pb.Election) -> Format:
    """The library turns three ranks into 2, 1 and 0 points."""
    return (
        Ranking(points=(2, 1, 0), max=3) if "ordinal" in election.meta.values() else election.form
    )


def test_the_collection_is_there() -> None:
    there("expected-winners.json")
    assert len(expected()) == 15


@pytest.mark.parametrize(("name", "key"), ENTRIES)
def test_each_published_list_of_winners_is_found(name: str, key: str) -> None:
    election, entry = pb.election(name), expected()[name]
    rule = library_rule(entry, key, election.budget)
    result = count(rule, library_form(election), election.options, election.ballots)
    assert list(result.winners) == entry[key]
    left = result.steps[0].left["all"]
    assert left == election.budget - sum(option.amount for option in result.options) >= 0


def of_at_most(voters: int) -> list[str]:
    """The elections that no more people voted in."""
    return [name for name, entry in expected().items() if entry["voters"] <= voters]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *product(["greedy", "mes"], of_at_most(2_000)),
        # The library begins each round of these anew, which takes it minutes where more voted: its
        # published lists, which the test before this one holds, are of all of them.
        *product(["mes_add1_stop_at_exhaustive"], of_at_most(250)),
        ("mes_add1_run_to_overspend", "poland_czestochowa_2020_grabowka.pb"),
    ],
)
def test_the_library_itself_finds_them(name: str, key: str) -> None:
    election, entry = pb.election(name), expected()[name]
    points = entry["vote_type"] != "approval"
    form = library_form(election)
    ballots = _entries(election, form)
    library = Library(election.options, ballots, election.budget, points=points, merged=True)
    match key:
        case "greedy":
            theirs = library.greedy()
        case "mes":
            theirs = library.equal_shares("cost")
        case "mes_add1_stop_at_exhaustive":
            theirs = library.equal_shares("cost", step=100)
        case _:
            theirs = library.to_overspend("cost", step=100)
    rule = library_rule(entry, key, election.budget)
    ours = count(rule, form, election.options, election.ballots)
    assert list(ours.winners) == theirs


def _entries(election: pb.Election, form: Format) -> list[list[tuple[int, int]]]:
    """Ballots as the library gets them: points of a ranking said."""
    ballots = election.ballots
    found = []
    for start, end in zip(ballots.starts, ballots.starts[1:], strict=False):
        options, values = ballots.options[start:end].tolist(), ballots.values[start:end].tolist()
        if isinstance(form, Ranking):
            values = list(form.points)[: len(options)]
        found.append(list(zip(options, values, strict=True)))
    return found


@pytest.mark.parametrize("name", ZABRZE)
def test_binary_floats_never_decide(name: str) -> None:
    """One project costs what all shares are together; added up in floats they are too little."""
    election = pb.election(name)
    assert [option.cost for option in election.options] == [election.budget]
    voters = election.ballots.voters
    # Units of the file's currency, as whoever counts with floats would have them.
    share = election.budget / 100 / voters
    total = 0.0
    for _ in range(voters):
        total += share  # not sum(): it compensates for the errors that are the point here
    assert total < election.budget / 100
    result = count(
        presets.equal_shares(election.budget), election.form, election.options, election.ballots
    )
    assert result.winners == (election.options[0].id,)
