"""What is written down in lines: by the process of the box, and by PostgreSQL."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address
from typing import NamedTuple

from tests.linkage.attackers import ADDRESS, ORDER, TIME, TRACE, Key

# The loggers of a process of ours, at their lowest; of all others what they say unasked.
TALKATIVE = ("comptoir", "uvicorn")
_NAME = re.compile(r"[A-Za-z0-9+/]{43}=|[0-9a-f]{64}")
_ADDRESS = re.compile(r"(?<![\d.])127(?:\.\d{1,3}){3}(?![\d.])")
_TRACE = re.compile(r"\b[0-9a-f]{32}\b")


class Written(logging.Handler):
    """Keeps every line that is written while it is attached, each with the simulated time."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(logging.NOTSET)
        self._now = now
        self._levels = dict[str, int]()
        self.lines = list[tuple[float, str]]()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append((self._now(), self.format(record)))

    def attach(self) -> None:
        """Hear everything from here on."""
        logging.getLogger().addHandler(self)
        for name in TALKATIVE:
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(logging.DEBUG)

    def detach(self) -> None:
        """Leave the loggers as they were."""
        logging.getLogger().removeHandler(self)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


class Said(NamedTuple):
    """What a line says of a ballot: a number of some kind."""

    key: Key
    kind: str
    number: float


def said(lines: Iterable[tuple[float | None, str]], named: Mapping[str, Key]) -> Iterator[Said]:
    """What lines say of ballots that they name. `named` has every text that a ballot is known by;
    a line's time is simulated, or not known."""
    for place, (time, line) in enumerate(lines):
        for text in _NAME.findall(line):
            if (key := named.get(text)) is None:
                continue
            yield Said(key, ORDER, float(place))
            if time is not None:
                yield Said(key, TIME, time)
            for kind, number in marks(line):
                yield Said(key, kind, number)


def marks(text: str) -> Iterator[tuple[str, float]]:
    """The addresses and traces in a text, as numbers: equal ones are of the same person."""
    for address in _ADDRESS.findall(text):
        yield ADDRESS, address_number(address)
    for trace in _TRACE.findall(text):
        yield TRACE, trace_number(trace)


def address_number(address: str) -> float:
    """An address as a number; what only looks like one is 0."""
    try:
        return float(int(IPv4Address(address)))
    except ValueError:
        return 0.0


def trace_number(trace: str) -> float:
    """The first 48 bits of a trace's id."""
    return float(int(trace[:12], 16))
