"""What two officers did to a round after it was opened: extended, annulled, validated.

1. Each of these names two officers.
2. An extension comes while the round is open, and gives it a later end; in earnest the round is
   closed at that end and not before. Nothing is decided in a round that was not closed by then.
3. Nothing is decided, validated, confirmed, signed or paid in a round after it was annulled.
4. What was validated is the allocation that was published.
"""

from datetime import datetime

from ledger_audit.differences import Differences
from ledger_audit.gaps import by_two
from ledger_audit.rounds import Round, Said


def check_later(round_: Round, differences: Differences) -> None:
    """Of an opened round, whatever was done to it afterwards."""
    said = round_.said
    annulled, validated = said.get("annulled"), said.get("validated")
    # 1.
    for each in (*round_.extended, *(s for s in (annulled, validated) if s is not None)):
        if not by_two(each.body):
            differences.add(each.index, "it does not name two officers")
    # 2.
    end, closed = moment(said["opened"].body.get("closes_at")), said.get("closed")
    for each in round_.extended:
        later = moment(each.body["closes_at"])
        if closed is not None and each.number > closed.number:
            differences.add(each.index, "its round was closed before")
        elif later is None or (end is not None and later <= end):
            differences.add(each.index, "it gives its round no later end")
        else:
            end = later
    if closed is not None and annulled is None and said["opened"].body.get("rehearsal") is False:
        at = moment(closed.body["closed_at"])
        if at is None or (end is not None and at < end):
            differences.add(closed.index, "its round was closed before its end")
    first = next(iter(round_.decided()), None)
    if first is not None and (closed is None or first.number < closed.number):
        differences.add(first.index, "its round was not closed by then")
    # 3.
    if annulled is not None:
        for each in _decided(round_):
            if each.number > annulled.number:
                differences.add(each.index, "its round was annulled before")
    # 4.
    if validated is not None:
        allocation = said.get("allocation")
        if allocation is None or allocation.number > validated.number:
            differences.add(validated.index, "nothing was decided by then")
        else:
            differences.compare(validated, {"allocation": allocation.body.get("digest")})


def _decided(round_: Round) -> list[Said]:
    names = ("allocation", "validated", "papers_closed")
    once = [round_.said[name] for name in names if name in round_.said]
    return [*round_.decisions, *once, *round_.grants, *round_.ordered]


def moment(written: object) -> datetime | None:
    """A time as events have it; None for anything else."""
    if not isinstance(written, str):
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
