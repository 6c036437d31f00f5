"""Ballots of a file in the format that its limits say, whether or not they keep to them."""

from dataclasses import replace

import pytest

from shared.events.ballots import Approval, Cumulative, Format, Knapsack, Ranking, Score
from shared.pabulib import Election, cast, declared, options, read_bytes, unheld
from tests.shared.pabulib.files import small


def election(kind: str, meta: str = "", **changes: str) -> Election:
    text = small(kind).replace("PROJECTS\n", f"{meta}PROJECTS\n")
    for old, new in changes.items():
        text = text.replace(old, new)
    return read_bytes(text.encode(), "town.pb")


LENGTHS = "min_length;1\nmax_length;2\n"
FORMATS: dict[str, tuple[str, str, Format]] = {
    "approval": ("approval", LENGTHS, Approval(min=1, max=2)),
    "approval without limits": ("approval", "", Approval(min=0, max=3)),
    "approval with more than there are": ("approval", "max_length;9\n", Approval(min=0, max=3)),
    "knapsack": ("approval", "max_sum_cost;999.99\n", Knapsack(cap=999_99, min=0, max=3)),
    "choose-1": ("choose-1", "", Approval(min=1, max=1)),
    "cumulative": (
        "cumulative",
        "min_sum_points;2\nmin_length;1\nmax_length;2\n",
        Cumulative(total=6, least_total=2, most_each=4, min=1, max=2),
    ),
    "scoring": (
        "scoring",
        "max_points;3\nmax_length;2\n",
        Score(low=-2, high=3, min=0, max=2),
    ),
    "ordinal": ("ordinal", "min_length;2\n", Ranking(points=(2, 1), min=2, max=2)),
}


# Each as far as a file may go, and a limit beside it that the file leaves out.
FURTHEST = {
    "points": ("cumulative", "max_sum_points;6\nmax_points;4", "max_sum_points;1000000"),
    "a sum at least": ("cumulative", "max_sum_points;6\nmax_points;4", "min_sum_points;1000000"),
    "low scores": ("scoring", "default_score;0", "max_points;-1000000\nmin_points;-1000000"),
    "high scores": ("scoring", "min_points;-2", "min_points;1000000"),
    "a high default": ("scoring", "default_score;0", "default_score;1000000"),
    "a threshold": ("approval", "rule;greedy", "min_project_score_threshold;1000000000000"),
}


@pytest.mark.parametrize("case", FURTHEST)
def test_whatever_is_read_can_be_held(case: str) -> None:
    kind, old, new = FURTHEST[case]
    changes = {"min_points;-2\n": ""} if case == "low scores" else {}
    held = election(kind, **changes, **{old: new})
    assert cast(held, held.terms.limits)[0]
    assert declared(held).form
    nobody = replace(held, votes=(), points=() if held.points is not None else None)
    assert cast(nobody, nobody.terms.limits)[0]
    assert declared(nobody).form


@pytest.mark.parametrize(("many", "counted"), [(69, True), (70, False)])
def test_ids_groups_and_parts_may_be_as_long_as_a_rules(many: int, counted: bool) -> None:
    parts = [f"{n:0200d}" for n in range(many)]
    meta = f"categories;{','.join(parts)}\nbudget_per_category;{','.join(['1'] * many)}\n"
    changes = {"budget;1000": f"budget;{many}", "cost;name": "cost;category", "Trees": parts[1]}
    held = election("approval", meta, **changes, **{"a;600": "x" * 100 + ";600", "a,b": "b"})
    found = declared(held)
    assert (found.rule is not None) == counted
    assert found.notes == (
        () if counted else (f"{many} parts of the budget are more than a result can say",)
    )
    assert found.options[1].groups == {"category": (parts[1],)}


def test_a_ranking_of_more_places_than_a_vector_has_is_scores() -> None:
    ids = [str(number) for number in range(1001)]
    text = small("ordinal").replace("num_projects;3", f"num_projects;{3 + len(ids)}")
    text = text.replace("VOTES\n", "".join(f"{id};1;;0\n" for id in ids) + "VOTES\n")
    text = text.replace("1;a,b;2,1", f"1;{','.join(ids)};{','.join(map(str, range(1001, 0, -1)))}")
    held = read_bytes(text.replace("max_length;2\n", "").encode(), "town.pb")
    assert declared(held).form == Score(low=0, high=1001)


@pytest.mark.parametrize("case", FORMATS)
def test_the_limits_of_a_file_are_those_of_the_format(case: str) -> None:
    kind, meta, form = FORMATS[case]
    held = election(kind, meta)
    assert cast(held, held.terms.limits)[0] == form


def test_a_ballot_that_breaks_the_limits_is_cast_as_it_is() -> None:
    held = election("approval", "max_length;1\n")
    assert cast(held, held.terms.limits) == (Approval(min=0, max=1), ([1, 2], [3], []))


def test_points_beyond_the_limits_void_nothing_where_a_city_counted_them() -> None:
    meta = {"max_sum_points;6\nmax_points;4": "max_sum_points;5\nmax_points;3\nmin_sum_points;2"}
    held = election("cumulative", **meta)
    strict = Cumulative(total=5, least_total=2, most_each=3)
    assert cast(held, held.terms.limits)[0] == strict
    assert declared(held).form == Cumulative(total=6, least_total=1, most_each=4)


def test_a_cap_below_what_ballots_cost_voids_nothing_where_a_city_counted_them() -> None:
    held = election("approval", "max_sum_cost;1\n")
    assert declared(held).form == Knapsack(cap=1100_25, min=0, max=3)


def test_who_gives_a_project_no_point_does_not_name_it() -> None:
    held = election("cumulative", **{"1;a,b;4,2": "1;a,b;4,0"})
    assert cast(held, held.terms.limits)[1] == ([[1, 4]], [[3, 1]], [])


def test_a_default_score_fits_whatever_the_limits_are() -> None:
    held = election("scoring", "max_points;4\n", **{"default_score;0": "default_score;9"})
    assert cast(held, held.terms.limits)[0] == Score(low=-2, high=9)


@pytest.mark.parametrize(
    ("kind", "meta", "keys"),
    [
        ("approval", "min_sum_cost;5\nmax_sum_cost;9\n", ("min_sum_cost",)),
        ("cumulative", "max_sum_cost;9\n", ("max_sum_cost",)),
        ("approval", "max_length_per_category;1\n", ("max_length_per_category",)),
        ("cumulative", "min_points;2\n", ("min_points",)),
        ("cumulative", "min_points;1\n", ()),
        ("scoring", "min_sum_points;1\nmax_sum_points;2\n", ("min_sum_points", "max_sum_points")),
    ],
)
def test_a_limit_that_no_format_has_is_named(kind: str, meta: str, keys: tuple[str, ...]) -> None:
    assert unheld(election(kind, meta)) == keys


@pytest.mark.parametrize("column", ["beneficiaries", "target"])
def test_categories_beneficiaries_and_places_are_groups(column: str) -> None:
    text = small("approval").replace(";selected", f";selected;category;{column};district")
    text = text.replace("Benches;1", "Benches;1;sport,park;children;North")
    [first, *others] = options(read_bytes(text.encode(), "town.pb").projects)
    assert first.groups == {
        "category": ("sport", "park"),
        "beneficiaries": ("children",),
        "district": ("North",),
    }
    assert [option.groups for option in others] == [{}, {}]
