"""What the roll tells of a ballot, without a roll."""

from typing import Any
from uuid import uuid4

from shared.events.ballots import Format
from tests.voting.roll.elections import OPTIONS, TITLE


def told(form: Format) -> dict[str, Any]:
    """`GET /rounds/{id}/ballot`, of an open round with four options."""
    return {
        "round_id": str(uuid4()),
        "title": TITLE,
        "state": "open",
        "opens_at": "2027-03-01T08:00:00Z",
        "closes_at": "2027-04-01T08:00:00Z",
        "rehearsal": True,
        "secrecy": "live",
        "assisted": True,
        "batch": 30,
        "format": form.model_dump(exclude_none=True),
        "territories": [{"name": "artois", "fr": "Artois", "en": "Artois"}],
        "options": [
            {
                "number": number,
                "cost": cost,
                "title": title,
                "summary": summary,
                "territory": territory,
                "groups": {"territory": [territory]},
                "withdrawn": None,
            }
            for number, (title, summary, cost, territory) in enumerate(OPTIONS, 1)
        ],
    }
