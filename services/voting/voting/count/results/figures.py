"""The outcome for programs: what `results.json` holds, and a table's rows. Pure."""

from typing import Any
from uuid import UUID

from voting.count.results.outcome import Line, Outcome


def as_json(shown: Outcome) -> dict[str, Any]:
    """The outcome; money in cents, events by the id of their ledger entry, `votes` by the option's
    number.

    `beside` is computed with the decision and published in no event: anybody can recompute it.
    """
    row, published = shown.row, shown.published
    return {
        "round_id": str(row.round_id),
        "programme_id": str(row.programme_id),
        "log": row.log,
        "title": shown.title,
        "standing": shown.standing,
        "format": row.format,
        "rule": row.rule,
        "budget": row.budget,
        "spent": shown.spent,
        "left": row.budget - shown.spent,
        "ballots": None if published is None else _ballots(shown),
        "turnout": [
            {
                "tiers": list(part.tiers),
                "voters": part.voters,
                "issued": part.issued,
                "votes": None if part.votes is None else dict(part.votes),
            }
            for part in shown.turnout
        ],
        "reissued": row.reissued or {},
        "contested": None
        if row.contested is None
        else {"tokens": row.contested, "flagged": bool(row.contested_flagged)},
        "ages": row.ages,
        "steps": _steps(shown),
        "gone": {} if published is None else published.gone,
        "reserve": [str(line.option.option_id) for line in shown.reserve],
        "beside": shown.beside,
        "events": {
            "opened": _id(row.opened_event),
            "closed": _id(row.closed_event),
            "tokens_issued": _id(row.issued_event),
            "contested": _id(row.contested_event),
            "box_closed": _id(row.box_event),
            "allocation": _id(row.allocation_event),
            "validated": _id(row.validated_event),
        },
        "projects": [project(shown, line) for line in (*shown.winners, *shown.others)],
    }


def _ballots(shown: Outcome) -> dict[str, Any]:
    published = shown.published
    assert published is not None
    return {
        "all": published.ballots,
        "blank": published.blank,
        "counted": published.counted,
        "void": published.void,
    }


def _steps(shown: Outcome) -> list[dict[str, Any]]:
    """Each step with its money, every envelope's money after it, and the file of its ballots."""
    done = shown.published.steps if shown.published is not None else ()
    return [
        {
            "step": list(step.step),
            "funded": [str(option) for option in done[step.number - 1].funded],
            "before": step.before,
            "given": step.given,
            "moved": step.moved,
            "left": done[step.number - 1].left,
            "facts": done[step.number - 1].facts,
            "file": f"/rounds/{shown.row.round_id}/results.pb?step={step.number}",
        }
        for step in shown.steps
    ]


def project(shown: Outcome, line: Line) -> dict[str, Any]:
    """One project; `why` in sentences of both languages."""
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
        "step": option.step,
        "facts": option.facts,
        "prizes": [
            {"place": prize.place, "sponsor": prize.sponsor, "amount": prize.amount}
            for prize in line.prizes
        ],
        "counts": list(line.counts),
        "median": line.median,
        "support": line.support,
        "why": {language: " ".join(shown.why(line, language)) for language in ("fr", "en")},
        "event": _id(option.decided_event),
        "agreement": _id(option.agreement_event),
    }


def _id(event_id: UUID | None) -> str | None:
    return None if event_id is None else str(event_id)
