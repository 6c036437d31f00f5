"""Colours that can be read: the operator's accent, darkened or lightened until it can.

Contrast and luminance are those of WCAG 2.2 §1.4.3.
"""

import re
from typing import Final

# Paper, ink and what is raised above the paper, in the light theme and in the dark one; the
# stylesheet has the same.
LIGHT_PAPERS: Final = ("#FBFAF6", "#F1EEE4")
DARK_PAPERS: Final = ("#14181D", "#1F252C")
READABLE: Final = 7.0
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class NoColour(ValueError):
    """An accent that is not of the form #0B5D56."""


def luminance(colour: str) -> float:
    """Between 0 (black) and 1 (white)."""
    if _COLOUR.fullmatch(colour) is None:
        raise NoColour(f"{colour!r} is not of the form #0B5D56")
    red, green, blue = (_linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(accent: str, papers: tuple[str, ...]) -> str:
    """The accent, moved towards black or white just far enough to be read on all of these."""
    end = "#000000" if luminance(papers[0]) > 0.5 else "#FFFFFF"
    for step in range(101):
        found = mixed(accent, end, step / 100)
        if all(contrast(found, paper) >= READABLE for paper in papers):
            return found
    raise RuntimeError(f"neither black nor white can be read on {papers}")


def mixed(one: str, other: str, share: float) -> str:
    """A colour on the way from one to another."""
    luminance(one)
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def stylesheet(accent: str) -> str:
    """The custom properties of the operator's accent, for both themes."""
    light, dark = readable(accent, LIGHT_PAPERS), readable(accent, DARK_PAPERS)
    return (
        f":root{{--accent:{light};--on-accent:{LIGHT_PAPERS[0]};"
        f"--accent-soft:{mixed(LIGHT_PAPERS[0], light, 0.12)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{dark};"
        f"--on-accent:{DARK_PAPERS[0]};--accent-soft:{mixed(DARK_PAPERS[0], dark, 0.18)}}}}}"
    )


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
