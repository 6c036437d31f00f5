"""The ballots that a step's file has: which of them, and what they give."""

from shared.events.ballots import Approval, Decision, Format, Grades, Ranking, Score
from shared.events.rules import Voters
from voting.count.results.gathered import Gathered, Votes

EVERYBODY = Voters()


def gathered(form: Format, *rows: tuple[list[int], list[int] | None, str, int]) -> Gathered:
    found = Gathered(form)
    for row in rows:
        found.add(*row)
    return found


def test_ballots_that_give_a_step_nothing_are_counted_apart() -> None:
    """Under equal shares they have their share of its money: somebody else's project is no blank
    ballot, and a blank one counts where the rule says so."""
    ballots = gathered(
        Approval(max=3),
        ([1, 2], None, "A", 3),
        ([2], None, "A", 1),
        ([3], None, "A", 4),
        ([], None, "A", 5),
    )
    votes = Votes(ballots, [1, 2], EVERYBODY, blank=False)
    assert dict(votes.votes) == {1: 3, 2: 4} and votes.longest == 2
    assert sorted((sorted(each.items()), many) for each, many in votes.cast()) == [
        ([(1, 1), (2, 1)], 3),
        ([(2, 1)], 1),
    ]
    assert votes.nothing == 4
    assert Votes(ballots, [1, 2], EVERYBODY, blank=True).nothing == 9


def test_a_step_counts_the_ballots_that_its_envelope_admits() -> None:
    ballots = gathered(
        Approval(max=3), ([1], None, "A", 2), ([1], None, "B", 3), ([], None, "B", 1)
    )
    some = Votes(ballots, [1], Voters(groups={"tier": ("B",)}), blank=True)
    assert (dict(some.votes), some.nothing) == ({1: 3}, 1)
    nobody = Votes(ballots, [1], Voters(groups={"age": ("young",)}), blank=True)
    assert (dict(nobody.votes), nobody.nothing) == ({}, 0)


def test_what_a_ballot_gives_is_what_the_format_says() -> None:
    """Points by place in a ranking, grades and scores as they are, yes and no as one and minus
    one; what gives nothing is left out, and a ballot of it is no blank one."""
    cases: list[tuple[Format, list[int] | None, dict[int, int]]] = [
        (Ranking(points=(3, 1), max=3), None, {1: 3, 2: 1}),
        (Score(low=-1, high=2), [-1, 0, 2], {1: -1, 3: 2}),
        (Grades(grades=("poor", "good", "great")), [2, 0, 1], {1: 2, 3: 1}),
        (Decision(members=9), [1, 2, 3], {1: 1, 2: -1}),
    ]
    for form, said, wanted in cases:
        ballots = gathered(form, ([1, 2, 3], said, "A", 2))
        votes = Votes(ballots, [1, 2, 3], EVERYBODY, blank=False)
        assert [*votes.cast()] == [(wanted, 2)], form
        supported = {number for number, many in votes.supporters.items() if many}
        assert supported == {number for number, given in wanted.items() if given > 0}
    silent = gathered(Score(low=-1, high=2), ([1], [0], "A", 2))
    assert Votes(silent, [1], EVERYBODY, blank=False).nothing == 2
