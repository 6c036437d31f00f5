"""The yearly envelope of a fund, over all rounds that gave it out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ledger_audit.later import moment
from ledger_audit.rounds import Round

_PARIS = ZoneInfo("Europe/Paris")


class Overdrawn(NamedTuple):
    """The last round of a year that gave more than the fund has, and what is to be said of it."""

    round_id: str
    at: int
    what: str


def overdrawn(
    rounds: Mapping[str, Round],
    charters: Sequence[Mapping[str, Any]],
    come_to: Mapping[str, int],
) -> Iterator[Overdrawn]:
    """The years of a fund in which its rounds gave more than it has.

    `come_to` says what the grants of each round come to in the end. A round gives out the year in
    which its vote opens, in Paris. Where a version of the charter gives a year more than another,
    that counts; and so does what was left before, where one carries it over.
    """
    funds = [each["fund"] for each in charters if isinstance(each.get("fund"), dict)]
    amounts = [each.get("year_amount") for each in funds]
    most = max((each for each in amounts if type(each) is int), default=None)
    if most is None:
        return
    given, beyond, last = Counter[int](), Counter[int](), dict[int, Round]()
    for found in rounds.values():
        if (year := _year(found, charters)) is not None:
            given[year] += come_to.get(found.round_id, 0)
            beyond[year] += _overshoot(found)
            last[year] = found
    if not given:
        return
    carries = any(each.get("carry") == "next-year" for each in funds)
    left, first = 0, min([*given, *_begun(charters)])
    for year in range(first, max(given) + 1):
        has = most + (left if carries else 0)
        if given[year] > has + beyond[year]:
            what = f"the rounds of {year} gave {given[year]} cents, the fund has {has}"
            yield Overdrawn(last[year].round_id, last[year].said["opened"].index, what)
        left = max(0, has - given[year])


def _year(found: Round, charters: Sequence[Mapping[str, Any]]) -> int | None:
    """The year that a round gave out; None where it gave out no fund's money."""
    if not found.is_opened or "validated" not in found.said or "annulled" in found.said:
        return None
    opened = found.said["opened"].body
    name = opened.get("seats", {}).get("body_name")
    money = [b.get("name") for b in _listed(charters, "bodies") if b.get("decides") == "money"]
    at = moment(opened.get("opens_at"))
    return at.astimezone(_PARIS).year if at is not None and name in money else None


def _overshoot(found: Round) -> int:
    """By how much a round's rule let it give more than its envelopes have."""
    rule = found.said["opened"].body.get("rule")
    envelopes = rule["envelopes"] if isinstance(rule, dict) else ()
    return sum(each.get("overshoot", 0) for each in envelopes)


def _begun(charters: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """The years in which phases begin: before the first of them there was no fund."""
    for phase in _listed(charters, "phases"):
        if (at := moment(phase.get("opens_at"))) is not None:
            yield at.astimezone(_PARIS).year


def _listed(charters: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    """What all versions list under a name, whoever made them up."""
    for rules in charters:
        if isinstance(listed := rules.get(name), list):
            yield from (each for each in listed if isinstance(each, dict))
