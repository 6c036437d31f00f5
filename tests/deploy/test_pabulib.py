"""Election files: read whole or refused with file and line, before anything is made of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.errors import LauncherError
from comptoir.pabulib import NotAnElection, read_election
from shared.events.submission import MOST_OPTIONS

GOOD = """META
key;value
description;A small town
num_projects;2
num_votes;3
budget;1000.50
vote_type;approval
max_length;2
PROJECTS
project_id;cost;name;selected
P1;600;"A bench; two chairs";1
P2;500.25;Trees;0
VOTES
voter_id;vote;age
1;P1,P2;30
2;P2;
3;;41
"""


def written(directory: Path, text: str) -> Path:
    file = directory / "town.pb"
    file.write_text(text)
    return file


def test_an_election_is_read_with_its_money_in_cents(tmp_path: Path) -> None:
    election = read_election(written(tmp_path, GOOD))
    assert election.title == "A small town"
    assert election.budget == 100_050
    assert [(p.id, p.cost, p.name) for p in election.projects] == [
        ("P1", 60_000, "A bench; two chairs"),
        ("P2", 50_025, "Trees"),
    ]
    assert election.votes == (("P1", "P2"), ("P2",), ())
    assert (election.least, election.most) == (0, 2)
    assert election.selected == ["P1"]


def test_without_a_verdict_for_each_project_the_file_says_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("Trees;0", "Trees;"))
    assert read_election(file).selected is None


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("3;;41\n", "", 16, "num_votes is 3 (line 5), but 2 rows follow"),
        ("num_projects;2", "num_projects;3", 12, "num_projects is 3 (line 4), but 2 rows follow"),
        ("2;P2;", "1;P2;", 16, "voter 1 voted on line 15 already"),
        ("2;P2;", "2;P7;", 16, "voter 2 chose project P7, which is none"),
        ("2;P2;", "2;P2,P2;", 16, "voter 2 named a project twice"),
        ("2;P2;", ";P2;", 16, "a vote without voter_id"),
        ("P2;500.25", "P1;500.25", 12, "project P1 a second time"),
        ("P2;500.25", "P2;many", 12, "project P2: cost 'many' is not an amount"),
        ("P2;500.25", "P2;0.001", 12, "project P2: cost '0.001' is not an amount in whole cents"),
        ("P2;500.25", "P2;-5", 12, "project P2: cost '-5' is not an amount in whole cents"),
        ("P2;500.25", "P2;NaN", 12, "project P2: cost 'NaN' is not an amount in whole cents"),
        ("budget;1000.50", "budget;", 1, "META has no budget"),
        ("budget;1000.50", "budget;1e400x", 6, "budget '1e400x' is not an amount"),
        ("num_votes;3", "num_votes;three", 5, "num_votes is 'three', not a number"),
        ("max_length;2", "max_length;-2", 8, "max_length is '-2', not a number"),
        ("vote_type;approval", "vote_type;quadratic", 7, "vote_type is 'quadratic', none of "),
        ("2;P2;", "2;P2;30;internet", 16, "4 cells for 3 columns"),
        ("VOTES\nvoter_id", "VOTES\nVOTES\nvoter_id", 14, "a second section VOTES"),
        ("META\n", "", 1, "'key' stands before any section"),
        ('"A bench; two chairs"', '"A bench; two chairs', 17, "a quoted cell does not end"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    assert old in GOOD
    file = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(NotAnElection) as refused:
        read_election(file)
    assert str(refused.value).startswith(f"{file}:{line}: {why}")


@given(st.integers(0, len(GOOD) - 2))
def test_a_truncated_file_is_refused_wherever_it_ends(
    tmp_path_factory: pytest.TempPathFactory, end: int
) -> None:
    """But for a last cell that nobody reads: the age of the last voter."""
    cut = GOOD[:end]
    file = written(tmp_path_factory.mktemp("cut"), cut)
    if cut.rstrip("\n").rpartition("\n")[2].startswith("3"):
        assert len(read_election(file).votes) == 3
    else:
        with pytest.raises(NotAnElection):
            read_election(file)


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_the_refusal_is_ours(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("any") / "any.pb"
    file.write_bytes(content)
    with pytest.raises(LauncherError):
        read_election(file)


def test_more_projects_than_a_round_has_options_are_refused_with_the_first(tmp_path: Path) -> None:
    rows = "".join(f"P{n};1;One more;0\n" for n in range(3, MOST_OPTIONS + 2))
    text = GOOD.replace("VOTES\n", f"{rows}VOTES\n", 1)
    text = text.replace("num_projects;2", f"num_projects;{MOST_OPTIONS + 1}")
    file = written(tmp_path, text)
    with pytest.raises(NotAnElection) as refused:
        read_election(file)
    assert str(refused.value) == f"{file}:{11 + MOST_OPTIONS}: more than {MOST_OPTIONS} projects"


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(NotAnElection, match="No such file"):
        read_election(tmp_path / "none.pb")
