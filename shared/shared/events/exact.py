"""Numbers as data without a float: cents, and ratios as text; and where in data something is."""

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, ValidationInfo

# Under this name a reader of files says in Pydantic's context how amounts are written there.
AMOUNTS = "amounts"


def _amount(written: Any, info: ValidationInfo) -> Any:
    read: Callable[[Any], Any] | None = (info.context or {}).get(AMOUNTS)
    return written if read is None else read(written)


Cents = Annotated[int, Field(strict=True, ge=0, le=10**15), BeforeValidator(_amount)]
SomeCents = Annotated[int, Field(strict=True, ge=1, le=10**15), BeforeValidator(_amount)]
# "3" or "1/20"; never a decimal point.
RATIO = r"^(0|[1-9][0-9]{0,14})(/[1-9][0-9]{0,14})?$"
Ratio = Annotated[str, Field(pattern=RATIO)]


def fraction(ratio: str) -> Fraction:
    """The number that a ratio says."""
    return Fraction(ratio)


class At(NamedTuple):
    """What is wrong inside a model, and where in it."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


class Contradictory(ValueError):
    """A model contradicts itself; `found` has every place where it does."""

    def __init__(self, *found: At) -> None:
        super().__init__("; ".join(map(str, found)))
        self.found = found


def at(path: str, what: str) -> At:
    """A refusal inside a model: where, then what."""
    return At(path, what)
