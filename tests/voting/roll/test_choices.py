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
from tests.voting.roll.forms import formats
from tests.voting.roll.script import Ask
from voting import formats as rules
from voting.formats.choices import NUMBERS, Choices, flaw, one_ballot, values

OPTIONS = 5
CHOICES = TypeAdapter[tuple[Choice, ...]](tuple[Choice, ...])
# The rule is the page's own, whichever code the count has for a value that does not exist.
SAME = {"malformed": "value_out_of_bounds"}
many = hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


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

    def code(self, choices: Choices) -> str | None:
        """The first inner rule that a ballot breaks when it is counted."""
        territories = self.territories if isinstance(self.form, Contests) else [-1] * OPTIONS
        said = one_ballot(self.form, choices, self.costs, territories)
        return next((code for code, holds in rules.void(self.form, said) if holds), None)


def each(of: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    """One for each option."""
    return st.lists(of, min_size=OPTIONS, max_size=OPTIONS)


@st.composite
def sayings(draw: st.DrawFn, beyond: int = 0) -> Saying:
    """Values are those of the format, or up to `beyond` outside them."""
    form = draw(formats())
    if form.type in NUMBERS:
        said: Sequence[int] = (1,)
    else:
        allowed = values(form)
        said = range(min(allowed) - beyond, max(allowed) + beyond + 1) if beyond else allowed
    act = st.tuples(st.integers(1, OPTIONS), st.sampled_from(said) | st.none())
    return Saying(
        form=form,
        costs=draw(each(st.integers(0, 6))),
        territories=draw(each(st.integers(-1, 1))),
        acts=draw(st.lists(act, max_size=10)),
    )


ACCEPTED = """
return given.map(({ form, about, acts }) => {
    let said = [];
    for (const [number, value] of acts) {
        const then = vote.put(said, number, value);
        if (!vote.above(form, vote.sums(then, about))) said = then;
    }
    const choices = vote.inputOf(form).choices(said);
    const [broken] = vote.broken(form, vote.sums(said, about));
    return { said, choices, broken: broken ?? null, bytes: vote.canonical(choices) };
});
"""


@given(st.lists(sayings(), min_size=1, max_size=40))
@many
def test_whatever_a_voter_says_is_a_ballot_of_its_format(ask: Ask, drawn: list[Saying]) -> None:
    found = ask(ACCEPTED, [saying.as_json() for saying in drawn])
    for saying, one in zip(drawn, found, strict=True):
        choices = CHOICES.validate_python(one["choices"])
        assert flaw(saying.form, choices, OPTIONS) is None
        numbers = [number for number, _ in one["said"]]
        named = [each if isinstance(each, int) else each[0] for each in choices]
        assert named == (numbers if saying.form.type == "ranking" else sorted(numbers))
        assert saying.code(choices) == one["broken"]
        assert one["broken"] in (None, "too_few", "too_few_points", "minus_over_plus")
        assert one["bytes"].encode() == canonical(one["choices"])


@given(st.lists(sayings(beyond=2), min_size=1, max_size=40))
@many
def test_the_limits_that_are_broken_are_those_of_the_count(ask: Ask, drawn: list[Saying]) -> None:
    body = """
    return given.map(({ form, about, acts }) => {
        const said = acts.reduce((before, [number, value]) => vote.put(before, number, value), []);
        const [broken] = vote.broken(form, vote.sums(said, about));
        return [vote.inputOf(form).choices(said), broken ?? null];
    });
    """
    found = ask(body, [saying.as_json() for saying in drawn])
    for saying, (choices, broken) in zip(drawn, found, strict=True):
        code = saying.code(CHOICES.validate_python(choices))
        allowed = [] if saying.form.type in NUMBERS else values(saying.form)
        outside = [one for one in choices if isinstance(one, list) and one[1] not in allowed]
        if code == "malformed" and saying.form.type in ("plus-minus", "grades", "decision"):
            assert outside  # these are radios, whose values are those of the page
        else:
            assert broken == SAME.get(code or "", code)


@given(st.lists(st.tuples(formats(), st.permutations(range(1, 6))), min_size=1, max_size=20))
@many
def test_what_was_cast_is_said_again(ask: Ask, drawn: list[tuple[Format, list[int]]]) -> None:
    """Somebody comes back to the same device: her ballot is there, and the same bytes are cast."""
    body = """
    return given.map(([form, said]) => {
        const { choices } = vote.inputOf(form);
        return [choices(said), choices(vote.pairs(choices(said)))];
    });
    """
    given = [
        (form.model_dump(), [[n, 1 if form.type in NUMBERS else n % 3] for n in order])
        for form, order in drawn
    ]
    for once, again in ask(body, given):
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
