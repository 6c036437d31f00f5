"""Colours that can be read: the operator's accent, darkened or lightened until it can.

Contrast and luminance are those of WCAG 2.2 §1.4.3.
"""

import re
from collections.abc import Iterable
from colorsys import hls_to_rgb, rgb_to_hls
from typing import Final

# The stylesheet has the same.
LIGHT_PAPER: Final = "#FBFAF6"
DARK_PAPER: Final = "#14181D"
READABLE: Final = 7.0
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class NoColour(ValueError):
    """An accent that is not of the form #0B5D56."""


def luminance(colour: str) -> float:
    """Between 0 (black) and 1 (white)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(accent: str, paper: str) -> str:
    """The accent, made darker or lighter just far enough to be read on this paper."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _channels(accent)))
    dark = luminance(paper) < 0.5
    # What glows on a dark page is softened.
    saturation = min(saturation, 0.45) if dark else saturation
    for step in range(101):
        found = accent
        if step or dark:
            moved = lightness + ((1.0 if dark else 0.0) - lightness) * step / 100
            found = _colour(255 * part for part in hls_to_rgb(hue, moved, saturation))
        if contrast(found, paper) >= READABLE:
            return found
    raise RuntimeError(f"neither black nor white can be read on {paper}")


def mixed(one: str, other: str, share: float) -> str:
    """A colour on the way from one to another."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return _colour(a + (b - a) * share for a, b in pairs)


def stylesheet(accent: str) -> str:
    """The custom properties of the operator's accent, for both themes."""
    light, dark = readable(accent, LIGHT_PAPER), readable(accent, DARK_PAPER)
    return (
        f":root{{--accent:{light};--on-accent:{LIGHT_PAPER};"
        f"--accent-soft:{mixed(LIGHT_PAPER, light, 0.12)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{dark};"
        f"--on-accent:{DARK_PAPER};--accent-soft:{mixed(DARK_PAPER, dark, 0.18)}}}}}"
    )


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    if _COLOUR.fullmatch(colour) is None:
        raise NoColour(f"{colour!r} is not of the form #0B5D56")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _colour(channels: Iterable[float]) -> str:
    return "#" + "".join(f"{round(channel):02X}" for channel in channels)
