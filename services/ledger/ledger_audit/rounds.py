"""What the entries say of each round, gathered before a ballot is looked at.

Entries of different publishers stand in the log in no order that means anything, so a round's
rules may come after its ballots: hence everything but ballots is read first.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ledger_audit.errors import Tampered
from ledger_audit.forms import (
    Form,
    Misformed,
    boolean,
    fields,
    many,
    named,
    one_of,
    text,
    whole,
    words,
)
from ledger_audit.leaves import UUID
from ledger_audit.rules import CENTS, FORMAT, GROUPS, NAME, PLACE, check_options, check_rule
from ledger_audit.services import SOURCES

BALLOT = b',"type":"voting.ballot-cast.v1","v":1}'
MOST_OPTIONS = 10_000
_COUNT = whole(0, 2**53 - 1)
_NUMBER = whole(1, MOST_OPTIONS)
_TEXT = words(2000)
_TIERS = named(_TEXT, _TEXT)
_IDS = many(_TEXT, 2)
_ROUND = text(UUID)
_BEGUN = "ledger.log-begun.v1"
# What may happen once in a round, whichever version says it.
_ONCE = {
    "submission.options-frozen.v1": "frozen",
    "voting.round-prepared.v1": "prepared",
    "voting.tier-keys-prepared.v1": "tier_keys",
    "voting.round-opened.v1": "opened",
    "voting.round-opened.v2": "opened",
    "voting.box-closed.v1": "box_closed",
    "voting.allocation-published.v1": "allocation",
    "voting.allocation-published.v2": "allocation",
}
# What may happen again and again.
_OFTEN = {
    "voting.option-listed.v1": "options",
    "voting.tokens-issued.v1": "issued",
    "voting.tie-asked.v1": "asked",
    "voting.tie-ordered.v1": "ordered",
    "voting.option-decided.v1": "decisions",
    "voting.option-decided.v2": "decisions",
}
_OPENED = {"tiers": _TIERS, "options": _NUMBER, "digest": _TEXT, "rules_digest": _TEXT}


def _body(always: dict[str, Form], perhaps: dict[str, Form] | None = None) -> Form:
    """The body of an event of a round, in which other fields are no matter of counting."""
    return fields({"round_id": _ROUND, **always}, perhaps, others=True)


# What counting relies on, so that it never stumbles over an entry that somebody made up.
_FORMS: dict[str, Form] = {
    "submission.options-frozen.v1": _body({"digest": _TEXT}),
    "voting.round-prepared.v1": _body({"digest": _TEXT}),
    "voting.tier-keys-prepared.v1": _body({"tiers": _TIERS}),
    "voting.option-listed.v1": _body(
        {"option_id": words(100), "number": _NUMBER, "cost": CENTS, "title": _TEXT},
        {
            "territory": NAME,
            "family": NAME,
            "groups": GROUPS,
            "filed": _COUNT,
            "jury_rank": PLACE,
            "other_money": CENTS,
            "withdrawn": words(),
        },
    ),
    "voting.round-opened.v1": _body(
        {
            **_OPENED,
            "format": fields(
                {"type": one_of("approval"), "min": whole(0, MOST_OPTIONS), "max": _NUMBER}
            ),
            "rule": _TEXT,
            "budget": CENTS,
            "tie_order": many(one_of("cost", "option"), 0, 8),
        }
    ),
    "voting.round-opened.v2": _body({**_OPENED, "format": FORMAT, "listed": _TEXT}),
    "voting.tokens-issued.v1": _body({"issued": named(_TEXT, _COUNT), "final": boolean}),
    "voting.box-closed.v1": _body({"ballots": _COUNT, "keys": _COUNT}),
    "voting.tie-asked.v1": _body({"options": _IDS, "step": many(_TEXT, 2, 2)}),
    "voting.tie-ordered.v1": _body({"order": _IDS}),
    "voting.option-decided.v1": _body({"option_id": _TEXT, "number": _NUMBER, "rank": _COUNT}),
    "voting.option-decided.v2": _body({"option_id": _TEXT, "number": _NUMBER}),
    "voting.allocation-published.v1": _body({}),
    "voting.allocation-published.v2": _body({}),
}


@dataclass(frozen=True, slots=True)
class Said:
    """An event of a round: where it stands, its number, its version and its body."""

    index: int
    number: int
    version: int
    body: dict[str, Any]

    def whole(self, name: str) -> int:
        """A field that is a number, to sort by; -1 where it is none."""
        value = self.body.get(name)
        return value if type(value) is int else -1


@dataclass
class Round:
    """One round's events by kind. One that may happen once is in `said`, the first of its kind."""

    round_id: str
    said: dict[str, Said] = field(default_factory=dict)
    options: list[Said] = field(default_factory=list)
    decisions: list[Said] = field(default_factory=list)
    issued: list[Said] = field(default_factory=list)
    asked: list[Said] = field(default_factory=list)
    ordered: list[Said] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_opened(self) -> bool:
        """Whether its rules were published."""
        return "opened" in self.said

    def outcome(self) -> list[Said]:
        """What can only be said of a round that was opened: that its box closed, and decisions."""
        once = [self.said[name] for name in ("box_closed", "allocation") if name in self.said]
        return sorted([*once, *self.decisions], key=lambda said: said.index)

    def matters(self) -> bool:
        """Whether there is something to count."""
        return self.is_opened or bool(self.outcome())

    def place(self) -> tuple[bool, int]:
        """Where it comes among the rounds of its log."""
        opened = self.said.get("opened")
        return opened is None, (opened or self.outcome()[0]).index

    def costs(self) -> dict[str, int]:
        """Cost by option id, in cents."""
        return {said.body["option_id"]: said.body["cost"] for said in self.options}

    def numbers(self) -> dict[int, str]:
        """Option id by its number on the ballot."""
        return {said.body["number"]: said.body["option_id"] for said in self.options}

    def seen(self) -> list[dict[str, Any]]:
        """What the rule sees of the options, by number; of a number that is twice, the first."""
        found: dict[int, dict[str, Any]] = {}
        for said in sorted(self.options, key=lambda said: said.index):
            found.setdefault(said.body["number"], _seen(said.body))
        return [found[number] for number in sorted(found)]


class Gathered(NamedTuple):
    """The rounds of a log by id: those that were opened, in that order, and behind them those of
    which a box was closed or something decided all the same; how many ballots there are; and what
    the entry says that begins the log, where one does."""

    rounds: dict[str, Round]
    ballots: int
    begun: Mapping[str, Any]


def gathered(entries: Iterable[bytes]) -> Gathered:
    """What a log says of its rounds.

    Raises `Tampered` where an event does not have the fields of its kind.
    """
    rounds, ballots, begun = dict[str, Round](), 0, dict[str, Any]()
    for index, entry in enumerate(entries):
        if entry.endswith(BALLOT):
            ballots += 1
            continue
        leaf = json.loads(entry)
        if leaf["type"] in _FORMS:
            if leaf["src"] != SOURCES[leaf["type"]]:
                raise Tampered(9, f"{leaf['type']} is said by {leaf['src']}", index)
            _gather(rounds, leaf["type"], Said(index, leaf["number"], leaf["v"], leaf["body"]))
        elif index == 0 and leaf["type"] == _BEGUN:
            begun = leaf["body"]
    known = sorted(filter(Round.matters, rounds.values()), key=Round.place)
    for each in known:
        if each.is_opened:
            _check_rules(each)
    return Gathered({each.round_id: each for each in known}, ballots, begun)


def _gather(rounds: dict[str, Round], kind: str, said: Said) -> None:
    try:
        _FORMS[kind](said.body, "")
    except Misformed as wrong:
        raise Tampered(9, f"{kind}: {wrong}", said.index) from None
    round_id = said.body["round_id"]
    found = rounds.setdefault(round_id, Round(round_id))
    if (name := _OFTEN.get(kind)) is not None:
        getattr(found, name).append(said)
    elif (name := _ONCE.get(kind)) is not None:
        if name in found.said:
            found.twice.append((kind, said.index))
        found.said.setdefault(name, said)


def _check_rules(found: Round) -> None:
    """That the rule of a round can be counted at all, with its format and its options."""
    opened = found.said["opened"]
    if opened.version == 1:
        return
    try:
        check_rule(opened.body.get("rule"), opened.body["format"], "rule")
    except Misformed as wrong:
        raise Tampered(9, f"voting.round-opened.v2: {wrong}", opened.index) from None
    for said in found.options:
        try:
            check_options(opened.body["rule"], [_seen(said.body)])
        except Misformed as wrong:
            raise Tampered(9, f"voting.option-listed.v1: {wrong}", said.index) from None


def _seen(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule sees of an option; territory and family are kinds of groups like the others."""
    own = {kind: [body[kind]] for kind in ("territory", "family") if kind in body}
    asked = {name: body[name] for name in ("filed", "jury_rank", "withdrawn") if name in body}
    return {
        "id": body["option_id"],
        "number": body["number"],
        "cost": body["cost"],
        "groups": own | body.get("groups", {}),
        "other_money": body.get("other_money", 0),
        **asked,
    }
