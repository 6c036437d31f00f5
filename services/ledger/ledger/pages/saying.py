"""What sentences are made of: a text in English, and values with the way in which each is shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.web.messages import mark

type Body = Mapping[str, Any]


class Kind(Enum):
    """How a value is shown."""

    TEXT = "as it is"
    MONEY = "cents"
    NUMBER = "a count"
    MOMENT = "a time"
    DAY = "a day"
    WORDS = "the words behind a commitment"
    LABEL = "a phase, an act, a role, or what a charter names"
    PART = "what one part of a charter names"
    SENTENCE = "a sentence of this module"
    SENTENCES = "several of them"
    SAID = "a sentence of this module with values of its own"
    SEVERAL = "several of those"
    VERDICT = "why an option is funded or is not"
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


def then(so_far: Said, sentence: str, **values: Any) -> Said:
    """A sentence behind what was said so far, which stands in it at its place `so_far`."""
    return say(sentence, so_far=said(so_far), **values)


def reasoned(so_far: Said, body: Body) -> Said:
    """With the reason of an event that has one."""
    if (reason := body.get("reason")) is None:
        return so_far
    return then(so_far, mark("%(so_far)s The reason: %(reason)s"), reason=words(reason))


def part(of: str, *names: str) -> Shown:
    """What this part of a charter names, such as one of its desks."""
    return Shown(Kind.PART, (of, names))


def one_of(known: Mapping[str, str], name: str) -> Shown:
    """The words for a name that an event's type knows; of an unknown one, itself."""
    return sentence(known[name]) if name in known else Shown(Kind.TEXT, name)


def several(each: Iterable[Said]) -> Shown:
    """Several sentences, one behind the other."""
    return Shown(Kind.SEVERAL, tuple(each))


def always(sentence: str) -> Callable[[Body], Said]:
    """The same sentence of every body."""
    return lambda _: say(sentence)


def _of(kind: Kind) -> Callable[[Any], Shown]:
    def shown(value: Any) -> Shown:
        return Shown(kind, value)

    return shown


money, number = _of(Kind.MONEY), _of(Kind.NUMBER)
moment, day = _of(Kind.MOMENT), _of(Kind.DAY)
words, label = _of(Kind.WORDS), _of(Kind.LABEL)
sentence, sentences, said = _of(Kind.SENTENCE), _of(Kind.SENTENCES), _of(Kind.SAID)
verdict, grades = _of(Kind.VERDICT), _of(Kind.GRADES)
