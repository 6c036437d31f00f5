"""Numbers as data without a float: cents, and ratios as text; and where in data something is."""

from fractions import Fraction
from typing import Annotated

from pydantic import Field

Cents = Annotated[int, Field(strict=True, ge=0, le=10**15)]
# "3" or "1/20"; never a decimal point.
Ratio = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,14})(/[1-9][0-9]{0,14})?$")]


def fraction(ratio: str) -> Fraction:
    """The number that a ratio says."""
    return Fraction(ratio)


def at(path: str, what: str) -> str:
    """The message of a refusal inside a model: where, then what."""
    return f"{path}: {what}"
