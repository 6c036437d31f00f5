"""Whatever colour an operator chooses, its text can be read in both themes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.accents import (
    DARK_PAPER,
    LIGHT_PAPER,
    READABLE,
    NoColour,
    contrast,
    readable,
    stylesheet,
)
from shared.web.assets import STYLESHEET
from shared.web.kit import SHARED

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")
CSS = (SHARED / "web" / "static" / STYLESHEET).read_text()


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)


@given(COLOURS, st.sampled_from((LIGHT_PAPER, DARK_PAPER)))
def test_an_accent_can_be_read_on_both_papers(accent: str, paper: str) -> None:
    assert contrast(readable(accent, paper), paper) >= READABLE


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#0B5D56", LIGHT_PAPER) == "#0B5D56"


@pytest.mark.parametrize("accent", ["", "teal", "#0B5D5", "#0B5D56;}*{display:none"])
def test_what_is_no_colour_is_refused(accent: str) -> None:
    with pytest.raises(NoColour):
        stylesheet(accent)


def tokens(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", sheet))


@pytest.mark.parametrize("paper", ["paper", "raised"])
@pytest.mark.parametrize("ink", ["ink", "soft"])
@pytest.mark.parametrize("theme", [0, 1])
def test_text_can_be_read_in_both_themes(theme: int, ink: str, paper: str) -> None:
    found = tokens(CSS.split("@media (prefers-color-scheme: dark)")[theme])
    assert contrast(found[ink], found[paper]) >= READABLE
    assert contrast(found["signal"], found["paper"]) >= READABLE
    assert contrast(found["ink"], found["signal-soft"]) >= READABLE
    assert contrast(found["edge"], found["paper"]) >= 3  # a field's border, WCAG 2.2 §1.4.11
    assert found["paper"] == (LIGHT_PAPER, DARK_PAPER)[theme]
