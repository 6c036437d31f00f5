"""Projects of territories with what lies within them, and which territories are drawn."""

from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Territory
from submission.map.territories import SHADES, counted, shade, shown
from submission.searching.looked import Looked, belonging


def a(name: str, within: str | None = None) -> Territory:
    """A territory."""
    return Territory(name=name, fr=name, en=name, within=within)


DEEP = (a("dept"), a("est", "dept"), a("ouest", "dept"), a("lens", "est"), a("vimy", "est"))


def test_what_lies_within_is_counted_with_it() -> None:
    found = {each.name: (each.own, each.all) for each in counted(DEEP, {"dept": 1, "lens": 2})}
    assert found == {"dept": (1, 3), "est": (0, 2), "ouest": (0, 0), "lens": (2, 2), "vimy": (0, 0)}


def test_a_territory_that_the_charter_has_no_more_is_counted_behind() -> None:
    assert [(each.name, each.all) for each in counted(DEEP[:1], {"gone": 4, "dept": 1})] == [
        ("dept", 1),
        ("gone", 4),
    ]


def test_the_innermost_territories_are_drawn() -> None:
    assert shown(DEEP, ()) == ["ouest", "lens", "vimy"]
    assert shown(DEEP, {"est", "ouest"}) == ["est", "ouest"]
    assert shown(DEEP, {"dept", "lens"}) == ["lens"]
    assert shown(DEEP, {"elsewhere"}) == ["ouest", "lens", "vimy"]


def test_a_territory_is_looked_for_with_all_that_lies_within_it() -> None:
    assert set(belonging(DEEP, "dept")) == {each.name for each in DEEP}
    assert set(belonging(DEEP, "est")) == {"est", "lens", "vimy"}
    assert belonging(DEEP, "unknown") == ("unknown",) and belonging(DEEP, "") == ()
    assert Looked(territory="est").among(DEEP).within[0] == "est"


PARENTS = st.lists(st.none() | st.integers(0, 7), min_size=1, max_size=8)


@given(PARENTS, st.dictionaries(st.integers(0, 9).map(str), st.integers(1, 5)))
def test_each_project_is_counted_once_in_each_territory_around_it(
    parents: list[int | None], counts: dict[str, int]
) -> None:
    """Also where territories lie within each other in a circle, which no charter may say."""
    all_of_them = tuple(
        a(str(n), None if parent is None else str(parent % len(parents)))
        for n, parent in enumerate(parents)
    )
    found = counted(all_of_them, counts)
    assert sum(each.own for each in found) == sum(counts.values())
    for each in found:
        inside = belonging(all_of_them, each.name)
        assert each.all == sum(counts.get(name, 0) for name in inside)
    assert shown(all_of_them, ()) or all(parent is not None for parent in parents)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_is_never_lighter(one: int, most: int) -> None:
    one = min(one, most)
    assert 0 <= shade(one, most) <= SHADES
    assert (shade(one, most) == 0) == (one == 0)
    assert shade(max(one - 1, 0), most) <= shade(one, most)
