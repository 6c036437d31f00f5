"""Small rounds as plain JSON, checked by the services' own schema before they are counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from ledger_audit.reference import Result, count
from shared.events.ballots import Format
from shared.events.rules import Option, Rule

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
APPROVAL = {"type": "approval", "max": 9}


def rule(budget: int = 100, order: Any = None, **changes: Any) -> dict[str, Any]:
    """One pass over one envelope, ties by id; `changes` to the rule, else to the pass."""
    written: dict[str, Any] = {
        "envelopes": [{"name": "all", "amount": budget}],
        "passes": [{"name": "all", "order": order or {"type": "votes"}}],
        "ties": {"criteria": ["option"]},
    }
    for name, value in changes.items():
        if name in Rule.model_fields:
            written[name] = value
        else:
            written["passes"][0][name] = value
    return written


def options(*costs: int, **groups: Sequence[Any]) -> list[dict[str, Any]]:
    """Options a, b, c, … of these costs; a keyword gives each its values of a kind of group."""
    made = []
    for place, cost in enumerate(costs):
        of = {kind: values[place] for kind, values in groups.items()}
        listed = {k: [v] if isinstance(v, str) else list(v) for k, v in of.items() if v}
        made.append({"id": "abcdefghijklmnop"[place], "number": place + 1, "cost": cost})
        made[-1]["groups"] = listed
    return made


def approving(**votes: int) -> list[list[int]]:
    """So many ballots for each option alone, by its letter."""
    return [["abcdefghijklmnop".index(letter) + 1] for letter, n in votes.items() for _ in range(n)]


def plain(
    written: Mapping[str, Any],
    listed: Sequence[Mapping[str, Any]],
    choices: Sequence[Any],
    form: Mapping[str, Any] = APPROVAL,
    groups: Sequence[Mapping[str, Sequence[str]]] = (),
) -> tuple[Any, Any, list[Any], list[Any]]:
    """What the reference is given: what the events say, as JSON."""
    ballots = [
        {"choices": choice, "groups": groups[place] if groups else {}}
        for place, choice in enumerate(choices)
    ]
    return (
        Rule.model_validate_json(TypeAdapter(Any).dump_json(written)).model_dump(
            mode="json", exclude_none=True
        ),
        FORMAT.validate_json(TypeAdapter(Any).dump_json(form)).model_dump(
            mode="json", exclude_none=True
        ),
        [
            Option.model_validate_json(TypeAdapter(Any).dump_json(option)).model_dump(
                mode="json", exclude_none=True
            )
            for option in listed
        ],
        ballots,
    )


def counted(
    written: Mapping[str, Any],
    listed: Sequence[Mapping[str, Any]],
    choices: Sequence[Any],
    form: Mapping[str, Any] = APPROVAL,
    groups: Sequence[Mapping[str, Sequence[str]]] = (),
    said: Sequence[str] = (),
) -> Result:
    """Count, the way the auditor does."""
    return count(*plain(written, listed, choices, form, groups), said)
