"""What a voter says, in each format: the page's script in Node beside the rules in Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.canonical import canonical
from shared.events.ballots import Contests, Format
from shared.events.voting import Choice
from shared.web.filters import money
from tests.node import Ask
from tests.voting.roll.forms import EACH, formats
from voting import formats as rules
from voting.formats.choices import NUMBERS, Choices, flaw, one_ballot, values

OPTIONS = 5
CHOICES = TypeAdapter[tuple[Choice, ...]](tuple[Choice, ...])
# The rule is the page's own, whichever code the count has for a value that does not exist.
SAME = {"malformed": "value_out_of_bounds"}
MENDED_BY_MORE = {"too_few", "too_few_points", "minus_over_plus"}
many = hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
every = pytest.mark.parametrize("kind", sorted({form.type for form in EACH.values()}))


@dataclass
class Saying:
    """A format, what its options are like, and what a voter does: an option and a value each."""

    form: Format
    costs: list[int]
    territories: list[int]
    acts: list[tuple[int, int | None]]

    def as_json(self) -> dict[str, Any]:
        """As the page has it."""
        contests = isinstance(self.form, Contests)
        about = {
            number: {"cost": cost, "contest": f"t{of}" if contests and of >= 0 else None}
            for number, (cost, of) in enumerate(zip(self.costs, self.territories, strict=True), 1)
        }
        return {"form": self.form.model_dump(exclude_none=True), "about": about, "acts": self.acts}

    def codes(self, choices: Choices) -> list[str]:
        """The inner rules that a ballot breaks when it is counted."""
        territories = self.territories if isinstance(self.form, Contests) else [-1] * OPTIONS
        said = one_ballot(self.form, choices, self.costs, territories)
        return [SAME.get(code, code) for code, holds in rules.void(self.form, said) if holds]


def each(of: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    """One for each option."""
    return st.lists(of, min_size=OPTIONS, max_size=OPTIONS)


@st.composite
def sayings(draw: st.DrawFn, kind: str, beyond: int = 0) -> Saying:
    """Values are those of the format, or up to `beyond` outside them."""
    form = draw(formats(kind))
    if form.type in NUMBERS:
        said: Sequence[int] = (1,)
    else:
        allowed = values(form)
        said = range(min(allowed) - beyond, max(allowed) + beyond + 1) if beyond else allowed
    act = st.tuples(st.integers(1, OPTIONS), st.sampled_from(said) | st.none())
    return Saying(
        form=form,
        costs=draw(each(st.integers(0, 3))),
        territories=draw(each(st.integers(-1, 1))),
        acts=draw(st.lists(act, max_size=10)),
    )


@every
@given(st.data())
@many
def test_whatever_a_voter_says_is_a_ballot_of_its_format(
    ask: Ask, kind: str, data: st.DataObject
) -> None:
    saying = data.draw(sayings(kind))
    body = """
    const { form, about, acts } = given;
    let said = [];
    for (const [number, value] of acts) {
        const then = vote.put(said, number, value);
        if (!vote.above(form, vote.sums(then, about))) said = then;
    }
    const choices = vote.inputOf(form).choices(said);
    return { said, choices, bytes: vote.canonical(choices) };
    """
    found = ask(body, saying.as_json())
    choices = CHOICES.validate_python(found["choices"])
    assert flaw(saying.form, choices, OPTIONS) is None
    assert {*saying.codes(choices)} <= MENDED_BY_MORE
    numbers = [number for number, _ in found["said"]]
    named = [each if isinstance(each, int) else each[0] for each in choices]
    assert named == (numbers if kind == "ranking" else sorted(numbers))
    assert found["bytes"].encode() == canonical(found["choices"])


@every
@given(st.data())
@many
def test_the_limits_that_are_broken_are_those_of_the_count(
    ask: Ask, kind: str, data: st.DataObject
) -> None:
    """All of them in the same order; of those that are told at once the first."""
    beyond = 2 if kind in ("cumulative", "score") else 0  # elsewhere the page has no other values
    saying = data.draw(sayings(kind, beyond))
    body = """
    const { form, about, acts } = given;
    const said = acts.reduce((before, [number, value]) => vote.put(before, number, value), []);
    const of = vote.sums(said, about);
    const { choices } = vote.inputOf(form);
    return [choices(said), vote.broken(form, of), vote.above(form, of) ?? null];
    """
    choices, broken, above = ask(body, saying.as_json())
    codes = saying.codes(CHOICES.validate_python(choices))
    assert broken == codes
    assert above == next((code for code in codes if code not in MENDED_BY_MORE), None)


@every
@given(st.data())
@many
def test_what_was_cast_is_said_again(ask: Ask, kind: str, data: st.DataObject) -> None:
    """Somebody comes back to the same device: her ballot is there, and the same bytes are cast."""
    form, order = data.draw(st.tuples(formats(kind), st.permutations(range(1, 6))))
    body = """
    const [form, said] = given;
    const { choices } = vote.inputOf(form);
    return [choices(said), choices(vote.pairs(choices(said)))];
    """
    said = [[n, 1 if form.type in NUMBERS else n % 3] for n in order]
    once, again = ask(body, (form.model_dump(), said))
    assert once == again


@given(st.permutations(range(1, 6)), st.integers(1, 5), st.sampled_from([-1, 1]))
@many
def test_a_place_up_or_down_changes_two_options(
    ask: Ask, order: list[int], number: int, by: int
) -> None:
    body = "return vote.moved(given.said, given.number, given.by).map(([number]) => number);"
    said = [[each, 1] for each in order]
    moved = ask(body, {"said": said, "number": number, "by": by})
    place = order.index(number)
    if not 0 <= place + by < len(order):
        assert moved == order
    else:
        assert (moved[place], moved[place + by]) == (order[place + by], number)
        assert sum(a != b for a, b in zip(moved, order, strict=True)) == 2


@pytest.mark.parametrize(
    ("value", "by", "bounds", "then"),
    [
        (None, 1, (1, 6), 1),
        (1, -1, (1, 6), None),
        (None, -1, (1, 6), None),
        (6, 1, (1, 6), 6),
        (None, 1, (5, 9), 5),
        (0, -1, (0, 100), 0),
        (None, -1, (0, 100), 0),
        (None, 1, (0, 100), 1),
        (-3, -1, (-3, 3), -3),
        (0, -1, (-3, 3), -1),
        (None, 1, (-9, -5), -5),
    ],
)
def test_one_more_or_less_stays_within_bounds(
    ask: Ask, value: int | None, by: int, bounds: tuple[int, int], then: int | None
) -> None:
    assert ask("return vote.stepped(...given);", [value, by, bounds]) == then


@pytest.mark.parametrize("language", ["fr", "en"])
def test_money_is_written_as_on_every_page(ask: Ask, language: str) -> None:
    amounts = [0, 5, 100, 12_34, 1_250_050, 100_000_000, 10**15]
    written = ask(f"return given.map((cents) => vote.money(cents, '{language}'));", amounts)
    assert written == [money(amount, language) for amount in amounts]


@pytest.mark.parametrize(
    ("language", "left", "sentence"),
    [
        ("en", 0, "0 points left of 10"),
        ("en", 1, "1 point left of 10"),
        ("en", 2, "2 points left of 10"),
        ("fr", 0, "0 point left of 10"),
        ("fr", 2, "2 points left of 10"),
    ],
)
def test_a_sentence_has_the_word_that_goes_with_its_number(
    ask: Ask, language: str, left: int, sentence: str
) -> None:
    written = "{left} {left|point|points} left of {total}"
    given = [written, {"left": left, "total": 10}, language]
    assert ask("return vote.filled(...given);", given) == sentence
