"""How long a message waits that was not taken, and when it is given up."""

from datetime import datetime, timedelta

FIRST, LONGEST = timedelta(seconds=15), timedelta(hours=1)
# RFC 5321 §4.5.4.1: four to five days at least; and not at the first word after a long outage.
GIVEN_UP_AFTER, GIVEN_UP_NOT_BEFORE = timedelta(days=5), 20
EXPIRED = "expired"


def pause_after(put_offs: int) -> timedelta:
    """15 s at first, twice as long each time, an hour at most."""
    return min(LONGEST, FIRST * (1 << min(put_offs, 16)))


def expired(put_offs: int, accepted_at: datetime, now: datetime) -> bool:
    """Whether a recipient's server has asked for patience long enough."""
    return put_offs >= GIVEN_UP_NOT_BEFORE and now - accepted_at > GIVEN_UP_AFTER
