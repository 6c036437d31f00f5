"""What voting decided about projects, as `shared.decided` says it in sentences. Pure: rows in."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter

from shared.decided import Setting, Verdict, sentences
from shared.events.ballots import Format
from shared.events.charter import CharterRules
from shared.events.rules import Rule

_FORMAT = TypeAdapter[Any](Format)


def verdict(row: Mapping[str, Any]) -> Verdict:
    """What was decided about a project, from its row or from what is kept of its life.

    Of what was kept before rules had passes only `left` is there, beside the cost. A committee's
    vote gives no money: an amount of 0 is one.
    """
    facts = row.get("facts") or {}
    if not facts and row.get("left") is not None:
        facts = {"needs": row["cost"], "left": row["left"]}
    amount, step = row.get("amount"), row.get("step")
    if amount is None:
        amount = row["cost"] if row["reason"] == "funded" else 0
    return Verdict(
        reason=row["reason"],
        votes=row["votes"] or 0,
        cost=row["cost"] or 0,
        amount=amount or 0,
        rank=row["rank"],
        step=(step[0], step[1]) if step else None,
        facts=facts,
    )


def setting(
    state: Any, projects: Iterable[Mapping[str, Any]], rules: CharterRules | None
) -> Setting:
    """What is known of a round here; `projects` are its options, with their titles."""
    listed = [*projects]
    named = () if rules is None else (*rules.territories, *rules.families)
    return Setting(
        form=_FORMAT.validate_python(state.format) if state and state.format else None,
        rule=Rule.model_validate(state.rule) if state and state.rule else None,
        titles={str(row["project_id"]): row["title"] for row in listed if row["title"]},
        numbers={str(row["project_id"]): row["number"] for row in listed if row["number"]},
        labels={each.name: each for each in named},
    )


def others(row: Mapping[str, Any]) -> list[str]:
    """The ids of other projects that a reason speaks of."""
    facts = row.get("facts") or {}
    return [str(facts[name]) for name in ("to", "with") if name in facts]


def said(of: Verdict, known: Setting, language: str) -> str:
    """The sentences as one paragraph."""
    return " ".join(sentences(of, known, language))
