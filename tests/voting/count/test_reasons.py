"""In which order a decided round is shown, and what is said of each option: what a citizen could
object to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.decided import Setting, sentences
from shared.events.rules import Envelope, EqualShares, Rule
from shared.events.voting import StepDone
from shared.rules import presets
from tests.voting.count.allocation.drawn import Small, smalls
from tests.voting.count.allocation.rounds import Round, rounds
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result, Tied
from voting.count.live.curve import curve
from voting.count.results import reasons
from voting.count.results.kept import FOR, MOST, Kept
from voting.count.results.outcome import FEWEST_APART, turnout
from voting.count.results.steps import money
from voting.count.tables import Option
from voting.formats.choices import entries

ROUND = UUID(int=7)


def shown(result: Result) -> list[Option]:
    """The options of a round as its decision left them, by number."""
    return [
        Option(
            round_id=ROUND,
            number=number,
            option_id=UUID(int=number),
            cost=9,
            title="",
            votes=decided.votes,
            seen={},
            funded=decided.funded,
            reason=decided.reason,
            amount=decided.amount,
            place=decided.place,
            rank=decided.rank,
            step=None if decided.step is None else list(decided.step),
            facts=dict(decided.facts),
        )
        for number, decided in enumerate(result.options, start=1)
    ]


@given(smalls(), st.booleans())
def test_winners_are_in_the_order_of_winning_and_everybody_else_comes_after(
    election: Small, shares: bool
) -> None:
    how = presets.equal_shares if shares else presets.greedy
    rule = how(election.budget)
    result = election.count(rule)
    options = shown(result)
    ids = [option.id for option in election.options]
    winners, others = reasons.winners(options), reasons.others(options, rule)
    assert [ids[option.number - 1] for option in winners] == list(result.winners)
    assert {o.number for o in (*winners, *others)} == {o.number for o in options}
    ranked = [o for o in others if o.rank is not None]
    assert others[: len(ranked)] == ranked, "whom no step ranked come last"
    if shares:
        assert [o.votes for o in ranked] == sorted((o.votes for o in ranked), reverse=True)
    else:
        assert [o.rank for o in ranked] == sorted(o.rank or 0 for o in ranked)


@given(rounds())
def test_every_option_of_every_rule_has_its_sentences_and_money_is_never_lost(drawn: Round) -> None:
    """Steps begin with what the ones before left, and what goes on is what neither is given nor
    left."""
    ballots = profile(
        [[(n - 1, v) for n, v in entries(drawn.form, choices)] for choices in drawn.choices],
        len(drawn.options),
    )
    try:
        result = count(drawn.rule, drawn.form, drawn.options, ballots)
    except Tied:
        return
    options = shown(result)
    setting = Setting(drawn.form, drawn.rule)
    for option in options:
        for language in ("fr", "en"):
            assert all(sentences(reasons.verdict(option), setting, language))
    numbers = {option.id: UUID(int=option.number) for option in drawn.options}
    done = [
        StepDone(
            step=step.name,
            funded=tuple(numbers[option] for option in step.funded),
            left=dict(step.left),
            facts=dict(step.facts),
        )
        for step in result.steps
    ]
    paid = {option.option_id: option.amount or 0 for option in options}
    steps = money(drawn.rule, done, paid)
    assert sum(step.given for step in steps) == sum(paid.values())
    for step, each in zip(steps, done, strict=True):
        assert step.funded == len(each.funded)
        ceiling = {e.name: e.kind for e in drawn.rule.envelopes}[step.step[1]] == "most"
        if not ceiling:
            assert step.before - step.given == step.left + step.moved
    assert [step.number for step in steps] == [*range(1, len(done) + 1)]


def test_what_a_step_hands_on_is_not_what_it_keeps() -> None:
    rule = Rule.model_validate(
        presets.greedy(100).model_dump()
        | {
            "envelopes": (
                Envelope(name="all", amount=100),
                Envelope(name="north", within="all", amount=40),
            )
        }
    )
    one = UUID(int=1)
    done = [
        StepDone(step=("all", "north"), funded=(one,), left={"all": 70, "north": 0}, facts={}),
        StepDone(step=("all", "all"), funded=(), left={"all": 70, "north": 0}, facts={}),
    ]
    north, rest = money(rule, done, {one: 30})
    assert (north.before, north.given, north.moved, north.left) == (40, 30, 10, 0)
    assert (rest.before, rest.given, rest.moved, rest.left) == (70, 0, 0, 70)


def test_equal_shares_rank_no_loser() -> None:
    """Their losers are shown by votes: the step has no order of its own."""
    rule = presets.equal_shares(100)
    assert isinstance(rule.passes[0].order, EqualShares)
    options = [
        Option(
            round_id=ROUND,
            number=number,
            option_id=UUID(int=number),
            cost=9,
            title="",
            seen={},
            votes=votes,
            funded=False,
            reason="unaffordable",
            rank=number,
            step=["all", "all"],
        )
        for number, votes in ((1, 3), (2, 7))
    ]
    assert [option.number for option in reasons.others(options, rule)] == [2, 1]


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


def test_a_tier_that_nobody_has_a_token_of_hides_the_others_not() -> None:
    """A round may have a booth that nobody goes to."""
    parts = turnout({"A": 40, "B": 50}, {"A": 45, "B": 60, "S": 0})
    assert [(part.tiers, part.voters, part.issued) for part in parts] == [
        (("A",), 40, 45),
        (("B",), 50, 60),
    ]
    [together] = turnout({"A": 40, "B": 50, "S": 3}, {"A": 45, "B": 60, "S": 3})
    assert (together.tiers, together.voters) == (("A", "B", "S"), 93)


@given(
    tiers,
    st.dictionaries(
        st.sampled_from("ABPS"),
        st.dictionaries(st.sampled_from(["1", "2", "3"]), st.integers(-9, 80)),
    ),
)
def test_votes_by_tier_sum_up_to_those_of_everybody_and_are_as_coarse_as_turnout(
    voters: dict[str, int], votes: dict[str, dict[str, int]]
) -> None:
    votes = {tier: votes.get(tier, {}) for tier in voters}  # nobody votes without being a voter
    parts = turnout(voters, None, votes)
    assert [replace(part, votes=None) for part in parts] == [*turnout(voters, None)]
    for number in (1, 2, 3):
        everybody = sum(of_tier.get(str(number), 0) for of_tier in votes.values())
        assert sum((part.votes or {}).get(number, 0) for part in parts) == everybody
    if any(few < FEWEST_APART for few in voters.values()):
        assert len(parts) == 1


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
