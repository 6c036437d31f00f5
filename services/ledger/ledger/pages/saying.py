"""What sentences are made of: a text in English, and values with the way in which each is shown."""

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
    GRADES = "the grades of a ballot"


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
    """A sentence; a value that is not shown in another way is text."""
    return Said(
        sentence,
        {
            name: value if isinstance(value, Shown) else Shown(Kind.TEXT, value)
            for name, value in values.items()
        },
    )


def always(sentence: str) -> Callable[[Body], Said]:
    """The same sentence of every body."""
    return lambda _: say(sentence)


def _of(kind: Kind) -> Callable[[Any], Shown]:
    def shown(value: Any) -> Shown:
        return Shown(kind, value)

    return shown


money, number, moment = _of(Kind.MONEY), _of(Kind.NUMBER), _of(Kind.MOMENT)
words, label, labels = _of(Kind.WORDS), _of(Kind.LABEL), _of(Kind.LIST)
sentence, sentences, said = _of(Kind.SENTENCE), _of(Kind.SENTENCES), _of(Kind.SAID)
verdict, grades = _of(Kind.VERDICT), _of(Kind.GRADES)
