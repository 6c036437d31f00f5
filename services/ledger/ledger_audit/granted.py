"""What follows a decision about money, added up again: confirmed, agreed, paid, reduced, lapsed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger_audit.differences import Differences
from ledger_audit.gaps import by_two
from ledger_audit.rounds import Round, Said

# The one part of a grant whose agreement names none.
_WHOLE = "grant"


@dataclass
class _Grant:
    """A grant as it stands; money in cents. `cost` is what it is a part of, where that is known."""

    most: int
    amount: int
    cost: int | None = None
    confirmed: bool = False
    ended: bool = False
    parts: dict[str, int] | None = None
    paid: dict[str, int] = field(default_factory=dict)


def check_grants(round_: Round, differences: Differences) -> dict[str, int]:
    """What each grant of a round comes to in the end, by option, as far as it was followed.

    In the order in which they were said:
    1. The result was final, and chose the option. Whoever changes a grant is two officers.
    2. A deliberation confirms at most what was decided, or where that left it open, what is asked
       for; once, and before the agreement.
    3. One agreement is about the grant as it stands, and its parts add up to it.
    4. A part of the agreement is paid whole and once; `used_again` looks at the payments' numbers.
    5. A grant is lowered to its part of what was spent, and not below what was paid.
    6. What lapses is what was left; nothing follows.
    """
    grants = {
        said.body["option_id"]: _grant(said.body)
        for said in round_.decisions
        if said.body.get("funded") is True
    }
    validated = round_.said.get("validated")
    followed = {
        **{said.index: _confirmed for said in round_.confirmed},
        **{said.index: _agreed for said in round_.agreed},
        **{said.index: _paid for said in round_.paid},
        **{said.index: _reduced for said in round_.reduced},
        **{said.index: _lapsed for said in round_.lapsed},
    }
    for said in round_.grants:
        if validated is None or said.number < validated.number:  # 1
            differences.add(said.index, "the result of the round was not final by then")
        if followed[said.index] is not _paid and not by_two(said.body):
            differences.add(said.index, "it does not name two officers")
        grant = grants.get(said.body["option_id"])
        if grant is None:
            differences.add(said.index, "the round gave this option no money")
            continue
        if grant.ended:  # 6
            differences.add(said.index, "its grant had ended before")
        followed[said.index](grant, said, differences)
    return {option: grant.amount for option, grant in grants.items()}


def used_again(rounds: Mapping[str, Round]) -> Iterator[tuple[str, int, str]]:
    """The payments whose number another one of the log had before, whichever round gave the grants:
    round, entry, and what is said of it."""
    paid = [(said, round_id) for round_id, found in rounds.items() for said in found.paid]
    references = set[str]()
    for said, round_id in sorted(paid, key=lambda each: each[0].number):
        if (reference := said.body["reference"]) in references:
            yield round_id, said.index, f"another payment has the number {reference}"
        references.add(reference)


def _grant(decided: Mapping[str, Any]) -> _Grant:
    """What was decided; a chosen option without an amount has it by a deliberation."""
    cost = _whole(decided.get("cost"))
    amount = _whole(decided.get("amount", cost))
    return _Grant(most=amount or cost, amount=amount)


def _whole(value: Any) -> int:
    return value if type(value) is int else 0


def _confirmed(grant: _Grant, said: Said, differences: Differences) -> None:  # 2
    amount = said.body["amount"]
    if grant.confirmed or grant.parts is not None:
        differences.add(said.index, "its grant was confirmed or agreed before")
    if not 0 < amount <= grant.most:
        differences.add(said.index, f"{amount} cents are not between 1 and {grant.most}")
    grant.confirmed, grant.amount = True, amount


def _agreed(grant: _Grant, said: Said, differences: Differences) -> None:  # 3
    if grant.parts is not None:
        differences.add(said.index, "its agreement was signed before")
    differences.compare(said, {"amount": grant.amount})
    amount: int = said.body["amount"]
    listed = said.body.get("instalments", [{"name": _WHOLE, "amount": amount}])
    parts = {each["name"]: each["amount"] for each in listed}
    if len(parts) < len(listed) or sum(parts.values()) != amount:
        differences.add(said.index, f"its parts do not add up to {amount} cents")
    grant.parts, grant.amount, grant.cost = parts, amount, said.body.get("cost")


def _paid(grant: _Grant, said: Said, differences: Differences) -> None:  # 4
    name = said.body["instalment"]
    if grant.parts is None:
        differences.add(said.index, "it was paid before the agreement")
    elif name not in grant.parts:
        differences.add(said.index, f"the agreement has no part named {name}")
    elif name in grant.paid:
        differences.add(said.index, f"the part {name} was paid before")
    else:
        differences.compare(said, {"amount": grant.parts[name]})
        grant.paid[name] = said.body["amount"]


def _reduced(grant: _Grant, said: Said, differences: Differences) -> None:  # 5
    amount, spent, paid = said.body["amount"], said.body["spent"], sum(grant.paid.values())
    if grant.parts is None:
        differences.add(said.index, "it was lowered before the agreement")
    differences.compare(said, {"before": grant.amount})
    if grant.cost is not None and not spent < grant.cost:
        differences.add(said.index, f"{spent} cents are not less than the cost, {grant.cost}")
    elif grant.cost:
        differences.compare(said, {"amount": grant.amount * spent // grant.cost})
    if not paid <= amount <= grant.amount:
        differences.add(said.index, f"{amount} cents are not between {paid} and {grant.amount}")
    left = amount - paid
    for name, part in (grant.parts or {}).items():
        if name not in grant.paid:
            assert grant.parts is not None
            grant.parts[name] = min(part, max(0, left))
            left -= part
    grant.amount = amount
    grant.cost = None if grant.cost is None else spent


def _lapsed(grant: _Grant, said: Said, differences: Differences) -> None:  # 6
    paid = sum(grant.paid.values())
    differences.compare(said, {"left": grant.amount - paid})
    grant.amount, grant.ended = paid, True
