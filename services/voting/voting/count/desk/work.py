"""What is due in a round, and what exactly two officers are asked for. Pure.

The parameters of an act say all that it decides: what the second officer confirms is what the first
one saw, or the act refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from shared.events.charter import Body
from shared.events.scheme import Funding
from shared.refusal import Refusal
from voting.count import rounds, ties
from voting.count.funding import conditions
from voting.count.funding.standing import Line
from voting.count.rounds import WrongState
from voting.count.tables import FrozenOptions, Option, Programme, Round

type Task = Literal[
    "prepare",
    "keys",
    "commission",
    "open",
    "early",
    "vote",
    "papers",
    "gather",
    "order",
    "validate",
    "agreements",
    "done",
    "annulled",
]
# In this order they stand in the list; the others wait for somebody else, or for nobody.
DUE: tuple[Task, ...] = (
    "prepare",
    "commission",
    "open",
    "papers",
    "order",
    "validate",
    "agreements",
)
DONE: tuple[Task, ...] = ("done", "annulled")


class ChangedSince(Refusal):
    """What is to be confirmed is not what stands here now."""

    code = "changed_since"


class NotValidated(Refusal):
    """No agreement is signed on a provisional result."""

    code = "not_validated"


class AlreadyValidated(Refusal):
    """The result was validated before."""

    code = "already_validated"


class NothingToSign(Refusal):
    """No funded project of these is without its agreement."""

    code = "nothing_to_sign"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the work list; `body` votes in it, of which so many seats are `standing`."""

    frozen: FrozenOptions
    programme: Programme
    row: Round | None
    task: Task
    funded: int = 0
    signed: int = 0
    tied: tuple[Option, ...] = ()
    body: Body | None = None
    standing: int = 0


def task(row: Round | None, now: datetime, unsigned: int) -> Task:
    """What comes next in a round; `unsigned` counts funded projects without their agreement."""
    if row is None:
        return "prepare"
    match row.state:
        case "prepared":
            if row.secrecy == "sealed" and row.commission is None:
                return "commission"
            return "open" if row.tiers or row.seats else "keys"
        case "open":
            return "early" if now < row.opens_at else "vote"
        case "closed":
            if waits_for_order(row):
                return "order"
            return "papers" if row.paper and row.papers_event is None else "gather"
        case "annulled":
            return "annulled"
    if row.validated_event is None:
        return "validate"
    return "agreements" if unsigned else "done"


def waits_for_order(row: Round) -> bool:
    """Whether the count waits until officers say the order of options that are level."""
    return row.state == "closed" and row.asked is not None


def in_order(items: Sequence[Item]) -> list[Item]:
    """What is due first, then what runs, then what is done; each by its round's end."""

    def place(item: Item) -> tuple[int, str, str]:
        due = 0 if item.task in DUE else 2 if item.task in DONE else 1
        closes_at = "" if item.row is None else item.row.ends_at.isoformat()
        return due, closes_at, str(item.frozen.round_id)

    return sorted(items, key=place)


def opening(row: Round, now: datetime) -> dict[str, Any]:
    """What is decided by opening a round. Raises what `rounds.opened` does."""
    rounds.opened(row, now)
    return {
        "round_id": str(row.round_id),
        "envelope_in_cents": row.budget,
        "ballot": row.format["type"],
        "rules_digest": rounds.opened_rules(row),
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
        "options": row.options,
        "options_digest": row.digest,
    } | {f"commission_{name}": value for name, value in (row.commission or {}).items()}


def known(row: Round, options: Sequence[Option]) -> dict[str, Any]:
    """What two officers open a round in the knowledge of: its warnings, where there are any."""
    found = rounds.warnings(row, options)
    return {"warnings": [f"{each.path}: {each.what}" for each in found]} if found else {}


def closing(row: Round, now: datetime) -> dict[str, Any]:
    """What is decided by closing a round before its time. Raises `WrongState`, `RehearsalOnly`."""
    rounds.check_rehearsal(row)
    rounds.closed(row, now)
    return {"round_id": str(row.round_id), "closes_at": row.ends_at.isoformat()}


def tied(row: Round, options: Sequence[Option]) -> list[Option]:
    """The options that the count asks officers to order, by number. Raises `NotAsked`."""
    asked = set(ties.tied(row))
    return [option for option in options if option.option_id in asked]


def placed(row: Round, options: Sequence[Option], places: Mapping[str, str]) -> list[UUID]:
    """The tied options in the order of the places that officers gave by number: 1, 2 and so on.

    Raises `NotAsked`, `NotTheTied`.
    """
    level = tied(row, options)
    by_place = {places.get(str(option.number), "").strip(): option.option_id for option in level}
    wanted = [str(place) for place in range(1, len(level) + 1)]
    if sorted(by_place) != sorted(wanted):
        raise ties.NotTheTied(f"places are 1 to {len(level)}, one for each of the options")
    return [by_place[place] for place in wanted]


def ordering(row: Round, options: Sequence[Option], order: Sequence[UUID]) -> dict[str, Any]:
    """What is decided by saying the order of tied options: each with what is known of it.

    Raises what `ties.answers` does.
    """
    ties.answers(row, order)
    by_id = {option.option_id: option for option in options}
    return {
        "round_id": str(row.round_id),
        "step": [*(row.asked or {})["step"]],
        "order": [
            {
                "option_id": str(option_id),
                "number": by_id[option_id].number,
                "votes": by_id[option_id].votes,
                "cost_in_cents": by_id[option_id].cost,
            }
            for option_id in order
        ],
    }


def validating(row: Round, now: datetime) -> dict[str, Any]:
    """What is decided by validating a result. Raises `WrongState`, `AlreadyValidated`."""
    if row.allocation_digest is None or row.state != "decided":
        raise WrongState(f"round {row.round_id} is {row.state}, not decided")
    if row.validated_event is not None:
        raise AlreadyValidated(f"the result of round {row.round_id} is validated")
    return {
        "round_id": str(row.round_id),
        "allocation": row.allocation_digest,
        "voters": row.voters,
        "spent_in_cents": row.spent,
    }


def signing(
    row: Round,
    lines: Sequence[Line],
    terms: Funding | None,
    on: date,
    only: UUID | None = None,
) -> dict[str, Any]:
    """What is decided by signing the agreements that can be signed on a day, or `only` one: those
    that lack something wait.

    Raises `WrongState`, `NotValidated`, `NothingToSign`, `ConditionsMissing`.
    """
    check_payable(row)
    if row.validated_event is None:
        raise NotValidated(f"the result of round {row.round_id} is not validated")
    unsigned = [line for line in to_sign(lines) if only in (None, line.option.option_id)]
    if not unsigned:
        raise NothingToSign(f"nothing is left to sign in round {row.round_id}")
    lacking = [line.missing(terms, on) for line in unsigned]
    left = [line for line, found in zip(unsigned, lacking, strict=True) if not found]
    if not left:
        conditions.check(lacking[0], f"project {unsigned[0].option.number}")
    return {
        "round_id": str(row.round_id),
        "allocation": row.allocation_digest,
        "agreements": {str(line.option.option_id): line.amount for line in left},
        "signers": {str(line.option.option_id): signer(line) for line in left},
        "sum_in_cents": sum(line.amount for line in left),
    }


def signer(line: Line) -> str | None:
    """Who signs an agreement; None where a person does, who is not announced."""
    return None if line.answers is None else str(line.answers.carrier_id)


def check_payable(row: Round) -> None:
    """Raises `WrongState` where a round was annulled."""
    if row.state == "annulled":
        raise WrongState(f"round {row.round_id} is annulled: nothing of it is paid")


def chosen(options: Sequence[Option], number: str) -> UUID | None:
    """The option of this number, or None where none is named. Raises `NothingToSign`."""
    if not number:
        return None
    for option in options:
        if str(option.number) == number:
            return option.option_id
    raise NothingToSign(f"there is no option {number}")


def to_sign(lines: Sequence[Line]) -> list[Line]:
    """The grants without their agreement, in the order of the rule."""
    return [line for line in lines if line.state in ("decided", "confirmed")]


def check_unchanged(now: Mapping[str, Any], confirmed: Mapping[str, Any]) -> None:
    """Raises `ChangedSince` unless what stands here is what two officers saw."""
    changed = [name for name in now if now[name] != confirmed.get(name)]
    if changed:
        raise ChangedSince(f"{', '.join(changed)} changed since this was asked for")


def check_asked(row: Round, confirmed: Mapping[str, Any]) -> None:
    """Raises `ChangedSince` unless the count still asks for the order that was asked to confirm."""
    asked = row.asked if row.state == "closed" else None
    wanted = sorted(each["option_id"] for each in confirmed["order"])
    if asked is None or [*asked["step"]] != confirmed["step"] or sorted(asked["options"]) != wanted:
        raise ChangedSince(
            f"the count of round {row.round_id} does not ask for this order any more"
        )


type OfRound = Literal["open-round", "close-round", "validate-result"]
# What each act about a whole round decides; `signing` is about its options.
DECIDES: Final[Mapping[OfRound, Callable[[Round, datetime], dict[str, Any]]]] = {
    "open-round": opening,
    "close-round": closing,
    "validate-result": validating,
}
