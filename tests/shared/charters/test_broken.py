"""Each broken charter is refused with its code, at its place, and with nothing else."""

from typing import Any

import pytest

from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from tests.shared.charters.broken import BROKEN, BUDGET, FUND, Broken


def changed(broken: Broken) -> dict[str, Any]:
    """The whole charter, with what breaks it."""
    said = read_yaml(broken.changed)
    gone = said.pop("-", None)
    data = merged(read_yaml(broken.of), said)
    if gone is not None:
        *outer, last = gone.split(".")
        inner = data
        for part in outer:
            inner = inner[part]
        del inner[last]
    return data


@pytest.mark.parametrize("whole", [BUDGET, FUND], ids=["budget", "fund"])
def test_what_is_broken_here_is_whole_before(whole: str) -> None:
    assert charter(read_yaml(whole)).rules.preset == "broken"


@pytest.mark.parametrize("broken", BROKEN, ids=lambda each: f"{each.code}-{each.path}")
def test_a_broken_charter_is_refused_with_its_code_at_its_place(broken: Broken) -> None:
    with pytest.raises(CharterRefused) as caught:
        charter(changed(broken))
    found = [(problem.code, problem.path) for problem in caught.value.problems]
    assert (broken.code, broken.path) in found
    assert sorted(code for code, _ in found) == sorted([broken.code, *broken.also])
    assert all(problem.sentence for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("vote: {minimum_age: 130}", "vote.minimum_age: this is at most 115 (it says 130)"),
        ("second_officer: nobody", "(it says nobody)"),
        ("families: [{name: one, fr: Une, en: One, ceiling: much}]", "(it says much)"),
        (f"title: {'x' * 400}", f"(it says {'x' * 59}…)"),
    ],
)
def test_what_the_file_says_there_is_told_beside_what_it_may_say(said: str, told: str) -> None:
    with pytest.raises(CharterRefused) as caught:
        charter(merged(read_yaml(BUDGET), read_yaml(said)))
    assert told in str(caught.value)


def test_there_are_many_of_them_and_each_is_another() -> None:
    assert len({(each.changed, each.code, each.path) for each in BROKEN}) == len(BROKEN) >= 60
