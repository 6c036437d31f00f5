"""When a round can be extended or annulled, and what exactly two officers say by it. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from shared.events.acts import AnnulmentReason, ExtensionReason
from shared.refusal import Refusal
from voting.count.rounds import WrongState, seconds
from voting.count.tables import Round

EXTENSIONS: Final[tuple[ExtensionReason, ...]] = get_args(ExtensionReason)
ANNULMENTS: Final[tuple[AnnulmentReason, ...]] = get_args(AnnulmentReason)
PARIS: Final = ZoneInfo("Europe/Paris")
LONGEST: Final = timedelta(days=60)
SHORTEST_NAME, LONGEST_NAME = 3, 200


class ExtensionRefused(Refusal):
    """An extension has one of the reasons, and an end after the present one, within 60 days."""

    code = "extension_refused"


class AnnulmentRefused(Refusal):
    """An annulment has one of the reasons, and the name of the act that annuls."""

    code = "annulment_refused"


def extending(row: Round, closes_at: str, cause: str) -> dict[str, Any]:
    """What is decided by extending a round; `closes_at` is a time on the clocks of Paris, unless it
    says which. Raises `WrongState`, `ExtensionRefused`."""
    if row.state != "open":
        raise WrongState(f"round {row.round_id} is {row.state}, not open")
    if cause not in EXTENSIONS:
        raise ExtensionRefused(f"{cause[:40]!r} is none of {', '.join(EXTENSIONS)}")
    end, now = _moment(closes_at), row.ends_at
    if not now < end <= now + LONGEST:
        raise ExtensionRefused(f"voting ends at {now}: a later end is within {LONGEST.days} days")
    return {
        "round_id": str(row.round_id),
        "closes_now_at": now.astimezone(UTC).isoformat(),
        "closes_at": end.isoformat(),
        "extension": cause,
    }


def annulling(row: Round, cause: str, act: str) -> dict[str, Any]:
    """What is decided by annulling a round. Raises `WrongState`, `AnnulmentRefused`."""
    if row.state not in ("open", "closed", "decided"):
        raise WrongState(f"round {row.round_id} is {row.state}: it cannot be annulled")
    name = " ".join(act.split())
    if cause not in ANNULMENTS or not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise AnnulmentRefused(
            f"a reason is one of {', '.join(ANNULMENTS)}; the act has a name of {SHORTEST_NAME} to"
            f" {LONGEST_NAME} characters"
        )
    return {"round_id": str(row.round_id), "annulment": cause, "by_act": name}


def _moment(written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written.strip())
        return seconds(found if found.tzinfo is not None else found.replace(tzinfo=PARIS))
    except (ValueError, OverflowError):
        raise ExtensionRefused(f"{written[:40]!r} is no date and time") from None
