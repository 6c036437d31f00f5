"""A sentence with its values, and how each value is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

type Body = Mapping[str, Any]


class Kind(Enum):
    """How a value is shown."""

    TEXT = "as it is"
    MONEY = "cents"
    NUMBER = "a count"
    MOMENT = "a time"
    WORDS = "the words behind a commitment"
    LABEL = "what a charter names"
    SENTENCE = "a sentence of this module"
    SENTENCES = "several of them"
    SAID = "a sentence of this module with values of its own"
    VERDICT = "why an option is funded or is not"
    LIST = "several that a charter names"


@dataclass(frozen=True)
class Shown:
    """A value and how it is shown."""

    kind: Kind
    value: Any


@dataclass(frozen=True)
class Said:
    """A sentence, in English, with its values by name."""

    sentence: str
    values: Mapping[str, Shown]


def say(sentence: str, **values: Any) -> Said:
    """A sentence with these values; what is not said to be shown otherwise is shown as it is."""
    return Said(
        sentence,
        {
            name: value if isinstance(value, Shown) else Shown(Kind.TEXT, value)
            for name, value in values.items()
        },
    )


def of(kind: Kind) -> Callable[[Any], Shown]:
    """Shows a value so."""

    def shown(value: Any) -> Shown:
        return Shown(kind, value)

    return shown


money, number, moment = of(Kind.MONEY), of(Kind.NUMBER), of(Kind.MOMENT)
words, label, several, sentence = (
    *(of(Kind.WORDS), of(Kind.LABEL), of(Kind.LIST), of(Kind.SENTENCE)),
)
sentences, said, verdict = of(Kind.SENTENCES), of(Kind.SAID), of(Kind.VERDICT)


def always(sentence: str) -> Callable[[Body], Said]:
    """The same, whatever an event says."""
    return lambda _: say(sentence)
