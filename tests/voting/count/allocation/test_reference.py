"""The engine and the auditor's second implementation say the same of whole rules.

No library knows passes, quotas, envelope trees and grants: two programs that share nothing but the
words of `shared.events.rules` do. Rounds are drawn at random, small, with ties everywhere.
`COMPTOIR_FUZZ` sets how many, and by its time each run another set.
"""

import os
import time
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ledger_audit.reference import Result as Reference
from ledger_audit.reference import Suspended
from ledger_audit.reference import count as recount
from shared.events.ballots import Format
from shared.events.rules import Option, Rule
from shared.rules.setup import check
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, profile
from voting.count.allocation.result import Result, Tied

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
MANY = int(os.environ.get("COMPTOIR_FUZZ", "0"))
SEED = time.time_ns() if MANY else 11
ROUNDS = (MANY or 3_000) // 10
# What the reference calls by one code.
COARSER = {"lost_tie": "does_not_fit", "outvoted": "unaffordable"}
TERRITORIES, AGES, CARRIERS = ("north", "south"), ("youth", "old"), ("x", "y")
FORMATS = (
    "approval",
    "contests",
    "knapsack",
    "cumulative",
    "ranking",
    "score",
    "plus-minus",
    "grades",
    "decision",
)


class Drawn:
    """A round drawn at random: its rule, format, options and ballots, as JSON has them."""

    def __init__(self, random: Random, kind: str) -> None:
        self._random = random
        self.options = [self._option(n) for n in range(1, random.randint(2, 6))]
        self.form = self._form(kind)
        self.rule = self._rule(kind)
        self.ballots = [self._ballot(kind) for _ in range(random.randint(1, 7))]

    def _maybe(self, value: Any, chance: float = 0.3) -> Any:
        return value if self._random.random() < chance else None

    def _option(self, number: int) -> dict[str, Any]:
        pick = self._random.choice
        groups = {
            "territory": self._maybe([pick(TERRITORIES)], 0.7),
            "age": self._maybe([pick(AGES)], 0.5),
            "carrier": self._maybe([pick(CARRIERS)], 0.5),
        }
        return {
            "id": f"{pick('abc')}{number}",
            "number": number,
            "cost": pick((0, 1, 2, 2, 3, 4, 6, 8)) * 10,
            "groups": {kind: values for kind, values in groups.items() if values},
            "filed": self._random.randint(1, 3),
            "jury_rank": self._maybe(self._random.randint(1, 3), 0.8),
            "other_money": self._maybe(pick((0, 5, 10)), 0.2) or 0,
            "withdrawn": self._maybe("No longer possible", 0.05),
        }

    def _form(self, kind: str) -> dict[str, Any]:
        least, most = self._random.randint(0, 1), self._random.randint(1, 4)
        limits: dict[str, Any] = {"min": least, "max": most}
        settings: dict[str, dict[str, Any]] = {
            "approval": limits,
            "contests": {"own": limits, "general": {"max": 2}},
            "knapsack": {"cap": 80, **limits},
            "cumulative": {"total": 5, "most_each": 3, **limits},
            "ranking": {"points": self._random.choice(([3, 2, 1], [1], [2, 0])), **limits},
            "score": {"low": self._random.choice((-2, 0)), "high": 2, **limits},
            "plus-minus": {"most_plus": 2, "most_minus": 1, "min": least},
            "grades": {"grades": ["poor", "fair", "good"], "min": least},
            "decision": {"members": 7, "quorum": "1/2", "majority": "1/2"},
        }
        return {"type": kind, **settings[kind]}

    def _order(self, kind: str) -> dict[str, Any]:
        types = ["votes", "votes-per-cost", "jury-rank", "equal-shares", "equal-shares"]
        if kind == "grades":
            types = ["median-grade", "jury-rank"]
        if kind == "decision":
            types = ["votes", "jury-rank"]
        order: dict[str, Any] = {"type": self._random.choice(types)}
        if order["type"] == "median-grade":
            order["at_least"] = self._maybe("fair")
        if order["type"] == "equal-shares":
            stop = self._random.choice(("exhaustive", "overspend"))
            grows = self._random.choice(({"cents": 3}, {"share": "1/4"}))
            order |= {
                "utility": self._random.choice(("cost", "cardinality")),
                "unit": self._maybe(4),
                "completion": self._maybe({"stop": stop, **grows}, 0.5),
                "top_up": self._maybe(self._random.choice(("votes", "votes-per-cost"))),
                "comparison": self._maybe(
                    {"by": self._random.choice(("projects", "money", "excluded"))}
                ),
            }
        return order

    def _pass(self, number: int, kind: str, names: list[str]) -> dict[str, Any]:
        order = self._order(kind)
        equal = order["type"] == "equal-shares"
        policy = (
            "skip" if equal else self._random.choice(("skip", "stop", "fund-next", "part-fund"))
        )
        quotas = []
        if self._random.random() < 0.4:
            least = not equal and self._random.random() < 0.5
            quotas = [
                {
                    "of": self._random.choice(("territory", "age")),
                    "least" if least else "most": 1,
                    "required": self._random.random() < 0.3,
                }
            ]
        return {
            "name": f"p{number}",
            "envelopes": self._maybe(self._random.sample(names, 1), 0.4) or [],
            "options": {"groups": self._maybe({"age": ["youth"]}, 0.15) or {}},
            "order": order,
            "quotas": quotas,
            "misfit": {
                "policy": policy,
                "at_least": "1/2" if policy in ("fund-next", "part-fund") else None,
                "otherwise": self._random.choice(("skip", "stop")),
            },
            "below_threshold": "taken" if not equal and self._random.random() < 0.2 else "refused",
            "most": self._maybe(self._random.randint(1, 3), 0.2),
        }

    def _envelopes(self) -> list[dict[str, Any]]:
        random = self._random
        inner: list[dict[str, Any]] = []
        for name, groups in (("north", {"territory": ["north"]}), ("youth", {"age": ["youth"]})):
            if random.random() < 0.4:
                inner.append(
                    {
                        "name": name,
                        "within": "all",
                        "amount": random.choice((20, 40, 60)),
                        "kind": random.choice(("reserved", "reserved", "most")),
                        "options": {"groups": groups},
                        "voters": {"groups": self._maybe({"age": ["youth"]}, 0.2) or {}},
                        "remainder": random.choice(("parent", "next", "next-year", "nowhere")),
                        "overshoot": random.choice((0, 0, 10)),
                    }
                )
        total = sum(e["amount"] for e in inner if e["kind"] == "reserved")
        amount = total + random.choice((0, 30, 50, 100))
        return [{"name": "all", "amount": amount, "overshoot": random.choice((0, 0, 15))}, *inner]

    def _rule(self, kind: str) -> dict[str, Any]:
        random = self._random
        envelopes = self._envelopes()
        names = [envelope["name"] for envelope in envelopes]
        passes = [self._pass(n, kind, names) for n in range(random.randint(1, 3))]
        passes[-1]["envelopes"] = []
        criteria = random.choice(
            (
                ["option"],
                ["cost", "option"],
                ["dearest", "votes", "option"],
                ["filed", "lot"],
                ["supporters", "ask"],
                ["ask"],
            )
        )
        grants = [{"options": {"groups": {"age": ["youth"]}}, "fixed": 25}]
        grants.append({"percent": 80, "ceiling": 50, "floor": 5, "cofinanced": 5})
        threshold = random.choice(({"votes": 2}, {"share": "1/3"}, {"per_euro": "5"}))
        return {
            "groups": {"territory": TERRITORIES, "age": AGES, "carrier": ()},
            "electorate": {"blank": random.choice(("counted", "set-aside"))},
            "thresholds": [{"of": random.choice(("votes", "supporters")), **threshold}]
            if random.random() < 0.3
            else [],
            "caps": [{"of": "carrier"}] if random.random() < 0.3 else [],
            "most_winners": self._maybe(random.randint(1, 4), 0.15),
            "envelopes": envelopes,
            "passes": passes,
            "ties": {"criteria": criteria, "seed": "ab" * 16 if "lot" in criteria else None},
            "grants": grants if random.random() < 0.25 else [],
        }

    def _ballot(self, kind: str) -> dict[str, Any]:
        random = self._random
        named = [o["number"] for o in self.options if random.random() < 0.5]
        values = {
            "cumulative": (1, 2, 3),
            "score": (-2, -1, 0, 1, 2),
            "plus-minus": (-1, 1),
            "grades": (0, 1, 2),
            "decision": (0, 1, 2, 3),
        }
        choices: list[Any] = [*named]
        if kind == "ranking":
            random.shuffle(choices)
        elif kind in values:
            choices = [[number, random.choice(values[kind])] for number in named]
        return {"choices": choices, "groups": {"age": [random.choice(AGES)]}}


def engine(rule: Rule, form: Format, options: list[Option], drawn: Drawn) -> Result:
    return count(rule, form, options, read(drawn))


def read(drawn: Drawn) -> Profile:
    entries = [
        [(c[0] - 1, c[1]) if isinstance(c, list) else (c - 1, 1) for c in ballot["choices"]]
        for ballot in drawn.ballots
    ]
    kinds = [AGES.index(ballot["groups"]["age"][0]) for ballot in drawn.ballots]
    return profile(entries, len(drawn.options), kinds, [{"age": (age,)} for age in AGES])


def compare(ours: Result, theirs: Reference) -> None:
    """The same of everything that is decided."""
    reasons = {d.option: COARSER.get(d.reason, d.reason) for d in ours.options}
    assert ours.winners == theirs.winners
    assert {d.option: d.amount for d in ours.options if d.funded} == _granted(ours, theirs)
    assert {d.option: d.paid for d in ours.options if d.funded} == dict(theirs.paid)
    assert reasons == dict(theirs.reasons)
    steps = [(s.name, s.left) for s in ours.steps]
    for (name, left), (each, envelope, money) in zip(steps, theirs.money, strict=True):
        assert name == (each, envelope)
        assert {pot: left[pot] for pot in money} == dict(money)
    assert dict(ours.gone) == dict(theirs.out)
    assert sum(ours.void.values()) == len(theirs.void)
    assert {code for code in theirs.void.values()} == set(ours.void)


def _granted(ours: Result, theirs: Reference) -> dict[str, int]:
    """What the reference grants; it says of a part what the whole would have been."""
    parts = {d.option: d.amount for d in ours.options if d.reason == "part_funded"}
    return {**theirs.amounts, **parts}


@pytest.mark.parametrize("kind", FORMATS)
def test_engine_and_reference_say_the_same_of_whole_rules(kind: str) -> None:
    random, counted, suspended = Random(SEED + FORMATS.index(kind)), 0, 0
    while counted < ROUNDS:
        drawn = Drawn(random, kind)
        try:
            rule = Rule.model_validate_json(TypeAdapter(Any).dump_json(drawn.rule))
        except ValidationError:
            continue  # an envelope that no pass spends, or another contradiction
        form = FORMAT.validate_python(drawn.form)
        options = [Option.model_validate(option) for option in drawn.options]
        if any(finding.refused for finding in check(rule, form, options)):
            continue
        counted += 1
        data = rule.model_dump(mode="json", exclude_none=True)
        said = [option.model_dump(mode="json", exclude_none=True) for option in options]
        shape = form.model_dump(mode="json", exclude_none=True)
        note = (SEED, kind, data, shape, said, drawn.ballots)
        try:
            theirs = recount(data, shape, said, drawn.ballots)
        except Suspended:
            suspended += 1
            with pytest.raises(Tied):
                engine(rule, form, options, drawn)
                print("not asked:", note)
            continue
        try:
            compare(engine(rule, form, options, drawn), theirs)
        except (AssertionError, Tied) as error:
            raise AssertionError(f"{error}\nof {note}") from error
    # A committee's decisions leave too few options for a tie to matter.
    assert suspended or kind == "decision"
