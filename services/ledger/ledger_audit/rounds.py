"""What the entries say of each round, gathered before a ballot is looked at.

Entries of different publishers stand in the log in no order that means anything, so a round's
rules may come after its ballots: hence everything but ballots is read first.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ledger_audit.errors import Tampered

BALLOT = b',"type":"voting.ballot-cast.v1","v":1}'
_KEEPS = {
    "submission.options-frozen.v1": "frozen",
    "voting.round-prepared.v1": "prepared",
    "voting.tier-keys-prepared.v1": "tier_keys",
    "voting.round-opened.v1": "opened",
    "voting.box-closed.v1": "box_closed",
    "voting.allocation-published.v1": "allocation",
}
# What counting relies on, so that it never stumbles over an entry that somebody made up.
_RELIES_ON: dict[str, dict[str, type]] = {
    "submission.options-frozen.v1": {"digest": str},
    "voting.round-prepared.v1": {"digest": str},
    "voting.tier-keys-prepared.v1": {"tiers": dict},
    "voting.round-opened.v1": {
        "tiers": dict,
        "options": int,
        "format": dict,
        "rule": str,
        "budget": int,
        "tie_order": list,
        "digest": str,
        "rules_digest": str,
    },
    "voting.option-listed.v1": {"option_id": str, "number": int, "cost": int, "title": str},
    "voting.option-decided.v1": {"option_id": str, "rank": int},
    "voting.tokens-issued.v1": {"issued": dict, "final": bool},
    "voting.box-closed.v1": {"ballots": int, "keys": int},
}


@dataclass(frozen=True, slots=True)
class Said:
    """An event of a round: where it stands, its number and its body."""

    index: int
    number: int
    body: dict[str, Any]


@dataclass
class Round:
    """One round's events by kind. One that may happen once is in `said`, the first of its kind."""

    round_id: str
    said: dict[str, Said] = field(default_factory=dict)
    options: list[Said] = field(default_factory=list)
    decisions: list[Said] = field(default_factory=list)
    issued: list[Said] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)

    def costs(self) -> dict[str, int]:
        """Cost by option id, in cents."""
        return {said.body["option_id"]: said.body["cost"] for said in self.options}

    def numbers(self) -> dict[int, str]:
        """Option id by its number on the ballot."""
        return {said.body["number"]: said.body["option_id"] for said in self.options}


def gathered(entries: Iterable[bytes]) -> tuple[dict[str, Round], int]:
    """The rounds of a log, by id in the order of opening, and how many ballots it has.

    Raises `Tampered` where an event does not have the fields of its kind.
    """
    rounds, ballots = dict[str, Round](), 0
    for index, entry in enumerate(entries):
        if entry.endswith(BALLOT):
            ballots += 1
            continue
        leaf = json.loads(entry)
        round_id = leaf["body"].get("round_id")
        if isinstance(round_id, str):
            found = rounds.setdefault(round_id, Round(round_id))
            _gather(found, leaf["type"], Said(index, leaf["number"], leaf["body"]))
    opened = [r for r in rounds.values() if "opened" in r.said]
    return {r.round_id: r for r in sorted(opened, key=lambda r: r.said["opened"].index)}, ballots


def _gather(found: Round, kind: str, said: Said) -> None:
    _check_form(kind, said)
    match kind:
        case "voting.option-listed.v1":
            found.options.append(said)
        case "voting.option-decided.v1":
            found.decisions.append(said)
        case "voting.tokens-issued.v1":
            found.issued.append(said)
        case _ if (name := _KEEPS.get(kind)) is not None:
            if name in found.said:
                found.twice.append((kind, said.index))
            found.said.setdefault(name, said)


def _check_form(kind: str, said: Said) -> None:
    for name, form in _RELIES_ON.get(kind, {}).items():
        if type(said.body.get(name)) is not form:
            raise Tampered(9, f"{kind} without a good {name}", said.index)
    if kind == "voting.round-opened.v1":
        format_, tiers = said.body["format"], said.body["tiers"]
        if (
            format_.get("type") != "approval"
            or any(type(format_.get(name)) is not int for name in ("min", "max"))
            or not all(isinstance(key, str) for key in tiers.values())
            or not set(map(str, said.body["tie_order"])) <= {"cost", "option"}
        ):
            raise Tampered(9, f"{kind} of a format, tiers or tie order unknown here", said.index)
    counts = said.body["issued"].values() if kind == "voting.tokens-issued.v1" else ()
    if not all(type(count) is int for count in counts):
        raise Tampered(9, f"{kind} without counts", said.index)
