"""What we write for others: the checker that defines the format accepts it."""

from random import Random
from typing import Any

import pytest
from pabulib.checker import Checker

from shared.pabulib import Candidate, Heading, exported, read_bytes, streamed, written
from shared.pabulib.election import VoteType
from shared.pabulib.export import RULES

CANDIDATES = [
    Candidate(600_00, "Benches", True),
    Candidate(300_50, "A path;  two gates, \n one wall", True),
    Candidate(500_00, "Trees", False),
    *(Candidate(400_00 + n, f"Wall {n}", False) for n in range(8)),
]
BALLOTS: dict[VoteType, list[dict[int, int]]] = {
    "approval": [{0: 1, 1: 1}, {0: 1, 2: 1}, {0: 1, 1: 1}, *({n: 1, 0: 1} for n in range(3, 11))],
    "choose-1": [{0: 1}, {1: 1}, {0: 1}, {2: 1}, {1: 1}, *({n: 1} for n in range(3, 11))],
    "cumulative": [{0: 1, 1: 3}, {2: 2, 0: 3}, {0: 4}, *({n: 1, 0: 3} for n in range(3, 11))],
    "scoring": [{0: 2, 1: 3, 2: -2}, {0: 3}, {2: 1}, *({n: 1, 0: 3} for n in range(3, 11))],
}
SETTINGS: dict[VoteType, dict[str, str | int]] = {
    "approval": {"max_length": 2, "currency": "EUR", "language": "fr"},
    "choose-1": {},
    "cumulative": {"max_sum_points": 5, "max_points": 4},
    "scoring": {"min_points": -2, "max_points": 3},
}


def heading(kind: VoteType, **changes: Any) -> Heading:
    said: dict[str, Any] = {
        "description": "The citizen budget of a canton, 2026",
        "country": "France",
        "unit": "Arras",
        "instance": "2026",
        "budget": 1000_00,
        "vote_type": kind,
        "rule": "greedy",
        "date_begin": "01.05.2026",
        "date_end": "31.05.2026",
        "comment": ("ties: the smaller id", "blank ballots are not counted"),
        "settings": SETTINGS[kind],
    }
    return Heading(**said | changes)


def document(kind: VoteType, seed: int = 1, **changes: Any) -> bytes:
    made = exported("ours.pb", heading(kind, **changes), CANDIDATES, BALLOTS[kind], Random(seed))
    return written(made)


def errors(data: bytes, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the checker calls errors; it prints what it does."""
    checked = Checker().process_files([data.decode()])
    capsys.readouterr()
    [result] = [value for key, value in checked.items() if key not in ("metadata", "summary")]
    found: dict[str, Any] = result["results"]["errors"]
    assert (checked["metadata"]["valid"] == 1) == (not found)
    return found


@pytest.mark.parametrize("kind", BALLOTS)
def test_the_checker_accepts_each_vote_type(
    kind: VoteType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert errors(document(kind), capsys) == {}


def test_the_rules_are_those_of_the_checker() -> None:
    assert set(RULES) == Checker.VALID_RULES


def test_the_checker_is_asked_in_earnest(capsys: pytest.CaptureFixture[str]) -> None:
    """It follows the rule itself: a winner too many is found."""
    winners = [Candidate(c.cost, c.name, c.name != "Benches") for c in CANDIDATES[:3]]
    made = exported("x", heading("approval"), winners, [{0: 1, 1: 1}, {2: 1, 0: 1}], Random(1))
    assert "greedy rule not followed" in errors(written(made), capsys)


@pytest.mark.parametrize("kind", BALLOTS)
def test_what_is_written_is_read_as_it_was(kind: VoteType) -> None:
    election = read_bytes(document(kind), "ours.pb")
    assert election.misrecorded() == []
    assert election.selected == ["01", "02"]
    assert [project.cost for project in election.projects] == [c.cost for c in CANDIDATES]
    assert election.projects[1].name == "A path; two gates, one wall"
    points = election.points or [(1,) * len(vote) for vote in election.votes]
    found = [
        {int(id) - 1: given for id, given in zip(vote, each, strict=True)}
        for vote, each in zip(election.votes, points, strict=True)
    ]

    assert sorted(sorted(b.items()) for b in found) == sorted(
        sorted(b.items()) for b in BALLOTS[kind]
    )


def test_the_order_of_ids_as_text_is_the_order_that_decides_ties() -> None:
    election = read_bytes(document("approval"), "ours.pb")
    ids = [project.id for project in election.projects]
    assert ids == sorted(ids)
    assert ids[8:10] == ["09", "10"]


def test_rows_and_ids_of_voters_say_nothing_of_the_order_of_casting() -> None:
    once, again = (read_bytes(document("approval", seed), "x").votes for seed in (1, 2))
    assert once != again
    assert sorted(once) == sorted(again)
    lines = document("approval").decode().partition("VOTES\n")[2].splitlines()
    voters = [line.partition(";")[0] for line in lines[1:]]
    assert voters == sorted(voters)
    assert lines[0] == "voter_id;vote"


def test_our_settings_stand_in_the_comment() -> None:
    election = read_bytes(document("approval"), "ours.pb")
    assert election.terms.comment == "#1: ties: the smaller id #2: blank ballots are not counted"


def test_a_blank_ballot_that_counts_is_a_row_which_the_checker_alone_objects_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Leaving it out would change the share of everybody else, which is worse."""
    ballots = [*BALLOTS["approval"], {}]
    data = written(exported("x", heading("approval"), CANDIDATES, ballots, Random(1)))
    assert len(read_bytes(data, "x").votes) == len(ballots)
    [(kind, said)] = errors(data, capsys).items()
    assert kind == "invalid votes field value"
    assert "field 'vote' cannot be None or empty" in said[1]


def test_a_budget_for_everything_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    winners = [Candidate(c.cost, c.name, True) for c in CANDIDATES]
    everything = heading("approval", budget=10_000_00)
    data = written(exported("x", everything, winners, BALLOTS["approval"], Random(1)))
    assert errors(data, capsys) == {}


@pytest.mark.parametrize("kind", BALLOTS)
def test_a_streamed_file_says_the_same_and_hides_the_order_of_casting(
    kind: VoteType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Identical ballots are given once, with how many there are; in the file each has its row."""
    several = [(ballot, 1 + number % 3) for number, ballot in enumerate(BALLOTS[kind])]
    each = [ballot for ballot, many in several for _ in range(many)]
    pieces = [
        b"".join(streamed("x", heading(kind), CANDIDATES, several, Random(n))) for n in (1, 2)
    ]
    whole = read_bytes(written(exported("x", heading(kind), CANDIDATES, each, Random(1))), "x")
    once, again = (read_bytes(data, "x") for data in pieces)
    assert once.terms == whole.terms and once.projects == whole.projects
    assert once.votes != again.votes
    said = [sorted(zip(e.votes, e.points or e.votes, strict=True)) for e in (once, again, whole)]
    assert said[0] == said[1] == said[2]
    assert errors(pieces[0], capsys) == {}
    voters = [line.partition(";")[0] for line in pieces[0].decode().splitlines()[-len(each) :]]
    assert voters == sorted(set(voters)) and len(voters) == len(each)
