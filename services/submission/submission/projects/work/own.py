"""What is due of a resident's projects, and until when. Pure.

Each project is told by one row of `queries.own`: its stage, the phases that are open, where it is
at a desk, what an officer found missing, and what its life says of money.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from shared.web.messages import mark
from submission.deadlines.durations import later

# In words, what is due.
OWN_TASKS: Final[Mapping[str, str]] = {
    "consent": mark("your legal representative has to agree"),
    "come": mark("come to the counter"),
    "place": mark("choose a place at a counter"),
    "file": mark("file the dossier"),
    "complete": mark("complete the dossier"),
    "sign": mark("sign the agreement"),
    "begin": mark("begin the project"),
    "finish": mark("finish the project"),
}
# So long before its end a carrier is reminded of a time of the charter, where she had longer.
REMIND: Final = timedelta(days=30)
# What may be done until then, and has to be by nobody.
AMEND: Final = "amend"
# So long a minor's legal representative is waited for.
TO_AGREE: Final = timedelta(days=30)


class Due(NamedTuple):
    """One thing that is due, or may be done; without `until` the model knows no end of it.

    `missing` are the names of documents.
    """

    task: str
    until: datetime | None
    address: str
    missing: Sequence[str] = ()


class Own(NamedTuple):
    """A project with what is due of it, the soonest first."""

    row: Mapping[str, Any]
    due: Sequence[Due]
    may: Sequence[Due]

    @property
    def soonest(self) -> tuple[bool, bool, float, float, str]:
        """What is due soonest is first; of what is not due, what was deposited last."""
        until = self.due[0].until if self.due else None
        return (
            not self.due,
            until is None,
            0 if until is None else until.timestamp(),
            -self.row["deposited_at"].timestamp(),
            str(self.row["project_id"]),
        )


def own(row: Mapping[str, Any], now: datetime) -> Own:
    """A project as its carrier's list has it. Of what somebody else carries, and of what goes no
    further or waits, nothing is due."""
    if not row["own"] or row["standing"] != "active":
        return Own(row, (), ())
    due = [*_before_money(row, now), *of_money(row)]
    may = [
        Due(AMEND, row["dossiers_until"], f"/projects/{row['project_id']}/dossier")
        for _ in (1,)
        if _amendable(row) and not row["missing"]
    ]
    return Own(row, sorted(due, key=lambda each: (each.until is None, each.until or now)), may)


def _amendable(row: Mapping[str, Any]) -> bool:
    """Whether there is a dossier that can be changed now."""
    return bool(row["filed"] and row["undecided"] and row["dossiers_until"])


def _before_money(row: Mapping[str, Any], now: datetime) -> list[Due]:
    """What is due until a dossier is complete."""
    page, found = f"/projects/{row['project_id']}", []
    if row["consent_asked_at"] is not None:
        found.append(Due("consent", row["consent_asked_at"] + TO_AGREE, page))
    if row["handoff"] == "scheduled" and row["begins_at"] > now:
        found.append(Due("come", row["begins_at"], f"{page}/counter"))
    if _amendable(row) and row["missing"]:
        found.append(Due("complete", row["dossiers_until"], f"{page}/dossier", row["missing"]))
    if row["filed"]:
        return found
    if row["dossiers_until"] and (row["attended"] or not row["counter_attended"]):
        found.append(Due("file", row["dossiers_until"], f"{page}/dossier"))
    at_no_desk = row["handoff"] in (None, "missed")
    if row["counters_until"] and row["counter_attended"] and not row["attended"] and at_no_desk:
        found.append(Due("place", row["counters_until"], f"{page}/counter"))
    return found


def of_money(row: Mapping[str, Any]) -> list[Due]:
    """What is due of a grant, by the times of the charter (as count's `lapsing` has them): it is
    signed, the project is begun, then finished. Of what is paid in full nothing lapses."""
    terms, page = row["funding"] or {}, f"/projects/{row['project_id']}"
    if row["stage"] == "funded" and terms:
        return [Due("sign", _end(row["decided_at"], terms.get("sign_within")), f"{page}/carriers")]
    if row["stage"] != "agreement" or row["left_to_pay"] == 0:
        return []
    reached = row["milestones"] or ()
    last = [each["name"] for each in terms.get("milestones") or ()][-1:]
    steps = (("begin", not reached), ("finish", not (last and last[0] in reached)))
    return [
        Due(name, _end(row["signed_at"], within), page)
        for name, open_still in steps
        if open_still and (within := terms.get(f"{name}_within"))
    ]


def to_remind(row: Mapping[str, Any], now: datetime) -> Due | None:
    """What a carrier is reminded of now: what of her grant is due next, where its end is near. A
    time that was short from its beginning she was told of then."""
    begins = row["decided_at"] if row["stage"] == "funded" else row["signed_at"]
    ends = [each for each in of_money(row) if each.until is not None and each.until > now]
    for each in sorted(ends, key=lambda each: each.until or now):
        assert each.until is not None
        if each.until - REMIND <= now and each.until - REMIND > begins:
            return each
    return None


def _end(begins: datetime | None, within: str | None) -> datetime | None:
    return None if begins is None or within is None else later(begins, within)
