"""What a command is asked, and what it answers: exit codes, a verdict, lines."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ledger_audit import reading
from ledger_audit.errors import Untrusted
from ledger_audit.policy import Policy

GOOD, TAMPERED, UNREACHABLE, UNTRUSTED, DIFFERS, WRONGLY_ASKED = 0, 1, 2, 3, 4, 64
BROKEN, NOT_DUE = 5, 6
FAILED = 70
INTERRUPTED = 130
# Python calls these not printable; French has them before its signs, and in its numbers.
_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

type Asked = argparse.Namespace


class WronglyAsked(Exception):
    """The command was not asked as it can be; the message says with which value."""


@dataclass(frozen=True)
class Answer:
    """An exit code, the verdict as JSON (None: it was said already), and in lines."""

    code: int
    verdict: Any
    lines: Sequence[str]


def shown(line: str) -> str:
    """A line as a terminal can be given it: a log may say what moves its cursor, or ends a line."""
    return "".join(
        each if each.isprintable() or each in _SPACES else "\N{REPLACEMENT CHARACTER}"
        for each in line
    )


def as_json(verdict: Any) -> str:
    """A verdict as one line, the same to a program, in which nothing moves a terminal's cursor."""
    said = json.dumps(verdict, ensure_ascii=False)
    return "".join(
        each if each.isprintable() or each in _SPACES else json.dumps(each)[1:-1] for each in said
    )


def trust(asked: Asked) -> Policy:
    """Whom the asker trusts. Raises `Untrusted` where a policy or key is none."""
    if asked.policy is not None:
        found = reading.policy(asked.policy)
        if not found.logs:
            raise Untrusted(f"{asked.policy} names no log, so that none can be verified by it")
        return found
    if asked.vkey is not None:
        return reading.policy_of_key(asked.vkey)
    raise WronglyAsked("whom to trust, --policy FILE or --vkey KEY says")


def witnesses(times: Mapping[str, int]) -> str:
    """Who cosigned, and until when."""
    if not times:
        return ""
    last = datetime.fromtimestamp(min(max(times.values()), 253402300799), UTC)
    names = ", ".join(sorted(times)).encode(errors="backslashreplace").decode()
    return f", cosigned by {names} until {last:%Y-%m-%dT%H:%M:%SZ}"
