"""A round's outcome as it is shown: who was funded in what order, why others were not, how many
voted. Pure: rows and words in, what a page or a file says out."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared.events.charter import CharterRules, Labelled
from voting.count.results.reasons import Reason, ranked, reasons
from voting.count.tables import Option, Programme, Round

# Smaller tiers are shown together (voting-protocol.md §5).
FEWEST_APART = 30

type Standing = Literal["undecided", "provisional", "validated"]


@dataclass(frozen=True, slots=True)
class Line:
    """One project. Erased words are None; `spent` is all that was given up to and with it."""

    option: Option
    title: str | None
    territory: Labelled | None
    family: Labelled | None
    spent: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """Voters of some tiers, and the right to vote as it was issued: None while it is not known."""

    tiers: tuple[str, ...]
    voters: int
    issued: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A round and what came of it, in the order of the rule."""

    row: Round
    title: str | None
    rules: CharterRules | None
    standing: Standing
    winners: tuple[Line, ...]
    others: tuple[Line, ...]
    turnout: tuple[Turnout, ...]

    @property
    def issued(self) -> int | None:
        """All tokens that the roll issued, as far as it said."""
        return None if self.row.issued is None else sum(self.row.issued.values())

    @property
    def spent(self) -> int:
        """What the funded projects cost together."""
        return self.row.spent or 0

    @property
    def changeable(self) -> Hashable:
        """All that can still change in the lists of a decided round."""
        lines = (*self.winners, *self.others)
        return (
            self.row.round_id,
            tuple((line.title, line.option.agreement_event) for line in lines),
        )

    @property
    def unfitting(self) -> bool:
        """Whether the money ended before a project that somebody had voted for."""
        return any(line.option.votes for line in self.others)


def outcome(
    row: Round,
    programme: Programme | None,
    rules: CharterRules | None,
    options: Sequence[Option],
    words: Mapping[str, str],
    voters: Mapping[str, int],
) -> Outcome:
    """What is shown of a round; nothing about single projects before it is decided."""
    decided = row.state == "decided"
    lines = _lines(options, words, rules) if decided else []
    return Outcome(
        row=row,
        title=None if programme is None else words.get(programme.title or ""),
        rules=rules,
        standing=standing(row),
        winners=tuple(line for line in lines if line.option.funded),
        others=tuple(line for line in lines if not line.option.funded),
        turnout=turnout(voters, row.issued),
    )


def standing(row: Round) -> Standing:
    """Whether there is a result, and whether two officers validated it."""
    if row.state != "decided":
        return "undecided"
    return "provisional" if row.validated_event is None else "validated"


def turnout(voters: Mapping[str, int], issued: Mapping[str, int] | None) -> tuple[Turnout, ...]:
    """Voters by tier against what was issued; where a tier has few, all together."""
    tiers = sorted({*voters, *(issued or {})})
    if len(tiers) > 1 and any(voters.get(tier, 0) < FEWEST_APART for tier in tiers):
        everybody = sum(issued.values()) if issued is not None else None
        return (Turnout(tuple(tiers), sum(voters.values()), everybody),)
    return tuple(
        Turnout((tier,), voters.get(tier, 0), None if issued is None else issued.get(tier, 0))
        for tier in tiers
    )


def _lines(
    options: Sequence[Option], words: Mapping[str, str], rules: CharterRules | None
) -> list[Line]:
    territories = {} if rules is None else {each.name: each for each in rules.territories}
    families = {} if rules is None else {each.name: each for each in rules.families}
    why, spent, found = reasons(options), 0, []
    for option in ranked(options):
        spent += option.amount or 0
        found.append(
            Line(
                option=option,
                title=words.get(option.title),
                territory=territories.get(option.territory or ""),
                family=families.get(option.family or ""),
                spent=spent,
                reason=why.get(option.number),
            )
        )
    return found


def as_json(shown: Outcome) -> dict[str, Any]:
    """The outcome for programs; money in cents, events by the id of their ledger entry."""
    row = shown.row
    return {
        "round_id": str(row.round_id),
        "programme_id": str(row.programme_id),
        "log": row.log,
        "title": shown.title,
        "standing": shown.standing,
        "budget": row.budget,
        "spent": shown.spent,
        "left": row.budget - shown.spent,
        "turnout": [
            {"tiers": list(part.tiers), "voters": part.voters, "issued": part.issued}
            for part in shown.turnout
        ],
        "events": {
            "opened": _id(row.opened_event),
            "closed": _id(row.closed_event),
            "tokens_issued": _id(row.issued_event),
            "box_closed": _id(row.box_event),
            "allocation": _id(row.allocation_event),
            "validated": _id(row.validated_event),
        },
        "projects": [_project(line) for line in (*shown.winners, *shown.others)],
    }


def _project(line: Line) -> dict[str, Any]:
    option = line.option
    return {
        "rank": option.rank,
        "number": option.number,
        "option_id": str(option.option_id),
        "title": line.title,
        "territory": option.territory,
        "family": option.family,
        "votes": option.votes,
        "cost": option.cost,
        "funded": bool(option.funded),
        "reason": option.reason,
        "amount": option.amount,
        "place": option.place,
        "facts": option.facts,
        "event": _id(option.decided_event),
        "agreement": _id(option.agreement_event),
    }


def _id(event_id: UUID | None) -> str | None:
    return None if event_id is None else str(event_id)
