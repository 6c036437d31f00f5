"""Why a project is not funded: what a citizen could object to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import Count, counts
from voting.count.allocation.greedy import allocate
from voting.count.live.curve import curve
from voting.count.results.kept import FOR, MOST, Kept
from voting.count.results.outcome import FEWEST_APART, turnout
from voting.count.results.reasons import ranked, reasons
from voting.count.results.spreadsheet import cell
from voting.count.tables import Option

ROUND = UUID(int=7)


def decided(count: Count) -> list[Option]:
    """The options of a round as greedy decided them, by number."""
    options = {
        candidate.option: Option(
            round_id=ROUND,
            number=number,
            option_id=candidate.option,
            cost=candidate.cost,
            title="",
            votes=candidate.votes,
        )
        for number, candidate in enumerate(count.candidates, start=1)
    }
    for decision in allocate(*count):
        option = options[decision.option]
        option.rank, option.funded = decision.rank, decision.funded
        option.reason, option.left_then = decision.reason, decision.left
    return list(options.values())


@given(counts())
def test_every_project_is_funded_or_has_its_reason(count: Count) -> None:
    options = decided(count)
    assert reasons(options).keys() == {o.number for o in options if not o.funded}


@given(counts())
def test_what_a_reason_says_is_so(count: Count) -> None:
    options = decided(count)
    by_number = {option.number: option for option in options}
    for number, reason in reasons(options).items():
        option = by_number[number]
        before = [o for o in options if o.funded and (o.rank or 0) < (option.rank or 0)]
        assert reason.left == count.budget - sum(other.cost for other in before)
        assert (reason.rank, reason.votes, reason.cost) == (option.rank, option.votes, option.cost)
        if reason.kind == "no_votes":
            assert option.votes == 0
        else:
            assert option.votes > 0 and reason.missing == option.cost - reason.left > 0


@given(counts())
def test_the_money_went_to_the_next_that_fitted(count: Count) -> None:
    options = decided(count)
    order = ranked(options)
    for number, reason in reasons(options).items():
        after = [o for o in order if o.funded and (o.rank or 0) > reason.rank]
        if reason.kind == "does_not_fit":
            assert reason.then == (after[0].number if after else None)
            assert not after or after[0].cost <= reason.left
        else:
            assert reason.then is None and not after, number


@given(counts())
def test_a_tie_is_named_where_it_decided(count: Count) -> None:
    """As many votes, funded, and first by the declared order: never somebody behind."""
    options = decided(count)
    by_number = {option.number: option for option in options}
    for reason in reasons(options).values():
        level = [
            o
            for o in options
            if o.funded and o.votes == reason.votes and (o.rank or 0) < reason.rank
        ]
        if reason.kind == "no_votes":
            assert reason.level_with is None
        elif level:
            assert reason.level_with is not None
            assert by_number[reason.level_with] in level
        else:
            assert reason.level_with is None


tiers = st.dictionaries(st.sampled_from("ABPS"), st.integers(0, 80), min_size=1)


@given(tiers, st.none() | tiers)
def test_turnout_is_whole_and_no_small_tier_stands_alone(
    voters: dict[str, int], issued: dict[str, int] | None
) -> None:
    parts = turnout(voters, issued)
    assert sum(part.voters for part in parts) == sum(voters.values())
    assert sum(part.issued or 0 for part in parts) == sum((issued or {}).values())
    assert all((part.issued is None) == (issued is None) for part in parts)
    if len(parts) > 1:
        assert all(part.voters >= FEWEST_APART for part in parts)


@given(st.text(max_size=20) | st.text("=+-@ \t\r1a", max_size=6))
def test_no_cell_is_a_formula(words: str) -> None:
    found = cell(words)
    assert found in (words, f"'{words}")
    assert not found.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.lists(st.integers(0, 300), max_size=30, unique=True).map(sorted),
    st.integers(0, 400),
    st.integers(2, 60),
)
def test_turnout_over_time_never_falls_and_ends_with_now(
    minutes: Sequence[int], end: int, points: int
) -> None:
    begin = datetime(2027, 5, 1, tzinfo=UTC)
    samples = [(begin + timedelta(minutes=m), n) for n, m in enumerate(minutes)]
    found = curve(samples, begin + timedelta(minutes=end), points)
    assert bool(found) == bool(samples)
    assert [v for _, v in found] == sorted(v for _, v in found)
    if samples:
        assert len(found) <= points
        assert found[0] == samples[0]
        assert found[-1][1] == samples[-1][1]


def test_a_list_is_kept_for_a_minute_and_only_as_it_is() -> None:
    now, made = [0.0], list[str]()

    def make(text: str) -> str:
        made.append(text)
        return text

    kept = Kept(lambda: now[0])
    assert kept.get("one", lambda: make("a")) == kept.get("one", lambda: make("b")) == "a"
    assert kept.get("other", lambda: make("c")) == "c"
    now[0] = FOR + 1
    assert kept.get("one", lambda: make("d")) == "d"
    assert (made, len(kept)) == (["a", "c", "d"], 1)


def test_no_more_than_so_many_lists_are_kept() -> None:
    kept = Kept()
    for number in range(3 * MOST):
        kept.get(number, lambda: "a list")
    assert len(kept) <= MOST
