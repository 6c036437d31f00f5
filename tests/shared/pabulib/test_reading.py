"""Files of each kind are understood, or refused with file, line and value."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pabulib import Limits, NotPabulib, parse_opening, read_bytes
from shared.pabulib.election import VOTE_TYPES
from tests.shared.pabulib.files import VOTES, small
from voting.count.published import read_published


def test_every_vote_type_has_a_file_here() -> None:
    assert set(VOTES) == set(VOTE_TYPES)


@pytest.mark.parametrize("kind", VOTES)
def test_projects_have_their_cost_in_cents_and_the_citys_verdict(kind: str) -> None:
    election = read_bytes(small(kind).encode(), "town.pb")
    assert (election.title, election.budget) == ("A small town", 1000_00)
    assert [(p.id, p.cost, p.name, p.selected) for p in election.projects] == [
        ("a", 600_00, "Benches", 1),
        ("b", 500_25, "Trees", 0),
        ("c", 400_00, "A path; two gates", 0),
    ]
    assert election.selected == ["a"]


def test_approvals_have_no_points_and_may_be_blank() -> None:
    election = read_bytes(small("approval").encode(), "town.pb")
    assert election.votes == (("a", "b"), ("c",), ())
    assert election.points is None
    assert (election.least, election.most) == (0, 3)
    assert election.votes_counted() == {"a": 1, "b": 1, "c": 1}


def test_a_choose_one_ballot_names_one_project_without_being_told() -> None:
    election = read_bytes(small("choose-1").encode(), "town.pb")
    assert (election.least, election.most) == (1, 1)


def test_points_stand_beside_the_projects_they_are_given_to() -> None:
    election = read_bytes(small("cumulative").encode(), "town.pb")
    assert election.points == ((4, 2), (1,), ())
    assert election.terms.limits == Limits(most_points=4, most_sum_points=6)
    assert election.score_counted() == {"a": 4, "b": 2, "c": 1}


def test_scores_may_be_below_zero_and_have_a_default() -> None:
    election = read_bytes(small("scoring").encode(), "town.pb")
    assert election.points == ((4, -2), (1,), ())
    assert election.terms.default_score == 0
    assert election.terms.limits.least_points == -2


def test_ranks_keep_their_order_with_or_without_points() -> None:
    pointed = read_bytes(small("ordinal").encode(), "town.pb")
    assert pointed.votes == (("a", "b"), ("c", "a"), ("b", "c"))
    assert pointed.points == ((2, 1), (2, 1), (2, 1))
    bare = small("ordinal").replace(";points", "").replace(";2,1", "")
    assert read_bytes(bare.encode(), "town.pb").points is None


def test_parts_of_the_budget_belong_to_categories_and_neighborhoods() -> None:
    parts = (
        "categories;sport,culture\nbudget_per_category;700,300.50\n"
        "neighborhoods;North\nbudget_per_neighborhood;1000\nleftover_budget;city\nPROJECTS\n"
    )
    text = small("approval").replace("PROJECTS\n", parts)
    text = text.replace("name;selected\n", "name;selected;category;neighborhood\n")
    text = text.replace("Benches;1", "Benches;1;sport, culture;North")
    election = read_bytes(text.encode(), "town.pb")
    assert election.terms.category_budgets == {"sport": 700_00, "culture": 300_50}
    assert election.terms.neighborhood_budgets == {"North": 1000_00}
    assert election.terms.leftover == "city"
    assert election.projects[0].categories == ("sport", "culture")
    assert election.projects[0].neighborhood == "North"


def test_what_the_city_selected_beside_its_rule_is_selected_too() -> None:
    text = small("approval").replace("Trees;0", "Trees;2").replace('gates";0', 'gates";3')
    assert read_bytes(text.encode(), "town.pb").selected == ["a", "b", "c"]


def test_the_cost_of_a_withdrawn_project_is_no_price() -> None:
    text = small("approval").replace("b;500.25", "b;999999999")
    assert [p.withdrawn for p in read_bytes(text.encode(), "town.pb").projects] == [
        False,
        True,
        False,
    ]


def test_recorded_totals_that_are_not_the_ballots_are_named() -> None:
    text = small("cumulative").replace("name;selected\n", "name;selected;votes;score\n")
    text = text.replace("Benches;1", "Benches;1;1;4").replace("Trees;0", "Trees;0;3;7")
    assert read_bytes(text.encode(), "town.pb").misrecorded() == [
        "project b: 3 votes recorded, 1 on the ballots",
        "project b: a score of 7 recorded, 2 on the ballots",
    ]


REFUSED = [
    ("approval", "vote_type;approval", "vote_type;quadratic", 10, "vote_type is 'quadratic', none"),
    ("approval", "vote_type;approval", "vote_type;", 1, "META has no vote_type"),
    ("approval", "rule;greedy", "rule;greedy\nrule;equalshares", 12, "a second setting rule"),
    ("approval", "key;value", "key;text", 2, "the section META has no column value"),
    ("approval", "project_id;cost;name", "project_id;cost;cost", 13, "a second column 'cost'"),
    ("approval", "voter_id;vote", "voter;vote", 18, "the section VOTES has no column voter_id"),
    ("approval", "b;500.25", "b,d;500.25", 15, "project 'b,d' has a comma in its id"),
    ("approval", "b;500.25", "b;500,25", 15, "project b: cost '500,25' is not an amount in whole"),
    ("approval", "b;500.25", "b;0", 15, "project b: cost '0' is not between 0.01 and"),
    ("approval", "b;500.25", "b;9e99", 15, "project b: cost '9e99' is not between 0.01 and"),
    ("approval", "b;500.25", "b;1e999999999", 15, "project b: cost '1e999999999' is not an amount"),
    ("approval", "b;500.25", "b;" + "9" * 5000, 15, "project b: cost '9999"),
    ("approval", "b;500.25", "b;٣", 15, "project b: cost '٣' is not an amount"),
    ("approval", "num_votes;3", "num_votes;" + "9" * 5000, 8, "num_votes is '9999"),
    ("approval", "Trees;0", "Trees;4", 15, "project b: selected is '4', none of 0, 1, 2, 3"),
    ("approval", "2;c;", "2;c;1", 20, "voter 2 gave points '1' in a vote of type approval"),
    ("choose-1", "rule;greedy", "max_length;2", 11, "a choose-1 ballot of None to 2 projects"),
    ("cumulative", "4,2", "4", 21, "voter 1 named 2 projects with 1 points"),
    ("cumulative", "4,2", "4,", 21, "voter 1 named 2 projects with 1 points"),
    ("cumulative", "4,2", "4,x", 21, "voter 1: 'x' are no whole points"),
    ("cumulative", "4,2", "4,0.5", 21, "voter 1: '0.5' are no whole points"),
    ("cumulative", "vote;points", "vote;extra", 19, "cumulative votes without a column points"),
    ("scoring", "min_points;-2", "min_points;low", 13, "min_points: 'low' are no whole points"),
    ("approval", "a;600", "a" * 101 + ";600", 14, f"project {'a' * 40}…: an id of more than 100"),
    ("cumulative", "4,2", "4,-2", 21, "voter 1 gave -2 points: a cumulative vote gives none below"),
    ("cumulative", "4,2", "4,999997", 21, "voter 1 gave 1000001 points in all, at most 1000000"),
    ("cumulative", "4,2", "4,1000001", 21, "voter 1 gave 1000001 points, at most 1000000"),
    ("scoring", "4,-2", "4,-1000001", 21, "voter 1 gave -1000001 points, at most 1000000"),
    ("cumulative", "points;6", "points;0", 12, "max_sum_points is 0, not between 1 and 1000000"),
    ("cumulative", "max_points;4", "max_points;1000001", 13, "max_points is 1000001, not between"),
    (
        "cumulative",
        "max_points;4",
        "min_sum_points;7",
        13,
        "min_sum_points is 7, more than max_sum_points, 6",
    ),
    ("scoring", "points;-2", "points;-1000001", 13, "min_points is -1000001, not between -1000000"),
    ("scoring", "score;0", "score;1000001", 12, "default_score is 1000001, not between -1000000"),
    ("scoring", "score;0", "score;0\nmax_points;-3", 14, "min_points is -2, more than max_points"),
    (
        "approval",
        "rule;greedy",
        "rule;greedy-threshold\nmin_project_score_threshold;1000000000001",
        12,
        "min_project_score_threshold is 1000000000001, which nobody reaches",
    ),
    (
        "approval",
        "rule;greedy",
        "categories;x,y,x\nbudget_per_category;5,3,2",
        11,
        "categories: 'x' is there twice",
    ),
    (
        "approval",
        "rule;greedy",
        "budget_per_neighborhood;5,3\nneighborhoods;x,x",
        12,
        "neighborhoods: 'x' is there twice",
    ),
    (
        "approval",
        "rule;greedy",
        f"categories;{'x' * 201}\nbudget_per_category;5",
        11,
        f"categories: {'x' * 40}… has more than 200 characters",
    ),
    (
        "approval",
        "rule;greedy",
        "budget_per_category;5",
        11,
        "budget_per_category has 1 amounts for",
    ),
]


@pytest.mark.parametrize(("kind", "old", "new", "line", "why"), REFUSED)
def test_what_is_wrong_is_said_with_its_line(
    kind: str, old: str, new: str, line: int, why: str
) -> None:
    text = small(kind)
    assert old in text
    spoilt = text.replace(old, new, 1).encode()
    with pytest.raises(NotPabulib) as refused:
        read_bytes(spoilt, "town.pb")
    assert str(refused.value).startswith(f"town.pb:{line}: {why}")


@pytest.mark.parametrize("column", ["category", "beneficiaries", "neighborhood", "district"])
def test_a_group_that_no_option_can_have_is_refused_with_its_line(column: str) -> None:
    text = small("approval").replace(";selected", f";selected;{column}")
    text = text.replace("Trees;0", f"Trees;0;{'x' * 201}")
    with pytest.raises(NotPabulib, match=f"town.pb:15: project b: {column} of more than 200 char"):
        read_bytes(text.encode(), "town.pb")


def test_a_ballot_names_no_more_projects_than_one_can() -> None:
    ids = [str(number) for number in range(10_001)]
    text = small("approval").replace("num_projects;3", f"num_projects;{3 + len(ids)}")
    text = text.replace("VOTES\n", "".join(f"{id};1;;0\n" for id in ids) + "VOTES\n")
    assert read_bytes(text.replace("1;a,b;", f"1;{','.join(ids[1:])};").encode(), "town.pb")
    for reader in (read_bytes, read_published):
        with pytest.raises(NotPabulib, match=r"town.pb:10020: voter 1 named 10001 projects"):
            reader(text.replace("1;a,b;", f"1;{','.join(ids)};").encode(), "town.pb")


def test_a_huge_field_is_refused() -> None:
    text = small("approval").replace("Benches", "x" * 10_000_001)
    with pytest.raises(NotPabulib, match=r"town.pb:14: a cell of more than 10000000 characters"):
        read_bytes(text.encode(), "town.pb")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_end_as_they_end_anywhere(end: str) -> None:
    """Also inside a quoted cell, where the line end is part of it."""
    text = small("cumulative").replace("path; two", "path\n two")
    data = text.replace("\n", end).encode()
    assert replace(read_bytes(data, "town.pb"), file="") == replace(
        read_bytes(text.encode(), "town.pb"), file=""
    )
    with pytest.raises(NotPabulib, match=r"town.pb:23: voter 2 named 1 projects with 2 points"):
        read_bytes(data.replace(b";c;1", b";c;1,1"), "town.pb")


@pytest.mark.parametrize(
    ("sections", "line", "said"),
    [
        ("META VOTES PROJECTS", 13, "the section VOTES without PROJECTS before it"),
        ("PROJECTS META VOTES", 1, "the section PROJECTS without META before it"),
        ("META VOTES", 13, "the section VOTES without PROJECTS before it"),
    ],
)
def test_sections_stand_in_the_order_of_the_format(sections: str, line: int, said: str) -> None:
    text = small("approval").replace("rule;greedy\n", "rule;greedy\nlanguage;fr\n")
    at = [text.index(name) for name in ("META", "PROJECTS", "VOTES")]
    bodies = [text[begin:end] for begin, end in pairwise([*at, None])]
    named = dict(zip(("META", "PROJECTS", "VOTES"), bodies, strict=True))
    swapped = "".join(named[name] for name in sections.split()).encode()
    for reader in (read_bytes, parse_opening):
        with pytest.raises(NotPabulib) as refused:
            reader(swapped, "town.pb")
        order = "the order is META, PROJECTS, VOTES"
        assert str(refused.value) == f"town.pb:{line}: {said}: {order}"


def test_a_quote_that_is_no_quote_is_said_in_words() -> None:
    text = small("approval").replace("Benches", '"Ben"ches')
    with pytest.raises(NotPabulib, match=r"town.pb:14: a quoted cell ends before its text does"):
        read_bytes(text.encode(), "town.pb")


def test_a_byte_that_is_no_text_is_refused_with_its_line() -> None:
    data = small("approval").encode().replace(b"Trees", b"Tr\xffes")
    with pytest.raises(NotPabulib, match=r"town.pb:15: not UTF-8: invalid start byte at byte 11"):
        read_bytes(data, "town.pb")


@pytest.mark.parametrize("kind", VOTES)
@given(st.data())
def test_a_truncated_file_is_refused_wherever_it_ends(kind: str, data: st.DataObject) -> None:
    """But within the last vote, where what is left may be a shorter vote."""
    text = small(kind).encode()
    last = text.rstrip(b"\n").rindex(b"\n") + 1
    with pytest.raises(NotPabulib, match=r"^town.pb:\d+: "):
        read_bytes(text[: data.draw(st.integers(0, last))], "town.pb")


@pytest.mark.parametrize("kind", VOTES)
@given(st.data())
def test_no_spoilt_file_is_more_than_a_refusal(kind: str, data: st.DataObject) -> None:
    text = small(kind).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    put = data.draw(
        st.binary(max_size=8) | st.sampled_from([b'"', b";", b"\n", b"\r", b"\0", b"-1"])
    )
    try:
        read_bytes(text[:start] + put + text[end:], "town.pb")
    except NotPabulib as refused:
        assert str(refused).startswith("town.pb:")
