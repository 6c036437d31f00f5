"""Rounds of version 1: approval ballots, decided by votes over one envelope."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ledger_audit.ballots import Checked
from ledger_audit.differences import Differences, digest
from ledger_audit.outcome import Outcome
from ledger_audit.reference import Looked, greedy
from ledger_audit.rounds import Round

_EVERYTHING = {"cost_from": 0, "groups": dict[str, Any]()}
_UNKNOWN = "0" * 64


def decided_again(
    round_: Round, voters: Mapping[str, Checked], differences: Differences
) -> Outcome:
    """Count by votes, and compare with the decisions of version 1."""
    opened, costs = round_.said["opened"], round_.costs()
    votes, looked = _votes(round_, voters), list[Looked]()
    if opened.body["rule"] == "greedy":
        looked = greedy(costs, votes, opened.body["budget"], opened.body["tie_order"])
        _check(round_, looked, votes, len(voters), differences)
    else:
        differences.add(opened.index, f"the rule {opened.body['rule']} is unknown here")
    funded = tuple(found.option for found in looked if found.funded)
    return Outcome(
        rule=opened.body["rule"],
        budget=opened.body["budget"],
        votes={option: votes[option] for option in costs},
        funded=funded,
        spent=sum(costs[option] for option in funded),
        blank=sum(not ballot.choices for ballot in voters.values()),
        counted=len(voters),
        void={},
    )


def today(opened: Mapping[str, Any]) -> dict[str, Any]:
    """What a round of version 1 would have been opened with today.

    One that was still open when count learned of other rules was decided in these words.
    """
    # An option's id tells all apart: what stands behind it never decided.
    ties = ["cost", "option"] if opened["tie_order"][:1] == ["cost"] else ["option"]
    envelope = {
        "name": "all",
        "amount": opened["budget"],
        "kind": "reserved",
        "options": _EVERYTHING,
        "voters": {"groups": {}},
        "remainder": "parent",
        "overshoot": 0,
    }
    one_pass = {
        "name": "all",
        "envelopes": [],
        "options": _EVERYTHING,
        "order": {"type": "votes"},
        "quotas": [],
        "misfit": {"policy": "skip", "otherwise": "skip"},
        "below_threshold": "refused",
    }
    before = ("rule", "budget", "tie_order", "rules_digest")
    said = {name: value for name, value in opened.items() if name not in before}
    said |= {
        "format": {**opened["format"], "wrong": "refused"},
        "rule": {
            "groups": {},
            "electorate": {"blank": "set-aside"},
            "thresholds": [],
            "caps": [],
            "envelopes": [envelope],
            "passes": [one_pass],
            "ties": {"criteria": ties},
            "grants": [],
        },
        "listed": _UNKNOWN,
    }
    return {**said, "rules_digest": digest(said)}


def _votes(round_: Round, voters: Mapping[str, Checked]) -> Counter[str]:
    numbers = round_.numbers()
    chosen = Counter(n for ballot in voters.values() for n in ballot.choices)
    return Counter({numbers[n]: many for n, many in chosen.items() if n in numbers})


def _check(
    round_: Round,
    looked: Sequence[Looked],
    votes: Mapping[str, int],
    keys: int,
    differences: Differences,
) -> None:
    allocation = round_.said.get("allocation")
    if allocation is None:
        return
    decided = {said.body["option_id"]: said for said in round_.decisions}
    costs, numbers = round_.costs(), {o: n for n, o in round_.numbers().items()}
    if len(decided) != len(round_.decisions) or decided.keys() != costs.keys():
        differences.add(allocation.index, "there is not exactly one decision for each option")
    for rank, found in enumerate(looked, start=1):
        if (said := decided.get(found.option)) is not None:
            expected = {
                "number": numbers.get(found.option),
                "rank": rank,
                "votes": votes[found.option],
                "cost": costs[found.option],
                "funded": found.funded,
                "reason": found.reason,
                "left": found.left,
            }
            differences.compare(said, expected)
    funded = [found.option for found in looked if found.funded]
    in_order = sorted(round_.decisions, key=lambda said: said.whole("rank"))
    opened = round_.said["opened"].body
    differences.compare(
        allocation,
        {
            "rule": opened["rule"],
            "budget": opened["budget"],
            "spent": sum(costs[option] for option in funded),
            "ballots": keys,
            "options": len(looked),
            "funded": len(funded),
            "digest": digest([said.body for said in in_order]),
        },
    )
