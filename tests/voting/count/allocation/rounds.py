"""Rounds drawn at random, of rules that no library knows; numbers are small so that ties happen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Concatenate

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.events.ballots import Format
from shared.events.rules import Option, Rule

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
KINDS = {"area": ["north", "south"], "theme": ["green", "red"]}
GRADES = ["poor", "fair", "good"]
FORMATS: list[dict[str, Any]] = [
    {"type": "approval", "max": 9},
    {"type": "approval", "min": 1, "max": 2},
    {"type": "contests", "group": "area", "own": {"max": 1}, "general": {"max": 2}},
    {"type": "knapsack", "cap": 12},
    {"type": "cumulative", "total": 4, "most_each": 3, "least_total": 2},
    {"type": "ranking", "points": [3, 2, 1], "max": 3},
    {"type": "ranking", "points": [2, 0], "max": 4, "min": 2},
    {"type": "score", "low": -2, "high": 2},
    {"type": "plus-minus", "most_plus": 2, "most_minus": 1, "minus_needs_plus": True},
    {"type": "grades", "grades": GRADES},
    {"type": "decision", "members": 5, "abstentions": "counted"},
    {"type": "decision", "members": 4, "quorum": "2/3"},
]
VALUES = {
    "cumulative": [1, 2, 3],
    "score": [-2, -1, 0, 1, 2],
    "plus-minus": [1, -1],
    "grades": [0, 1, 2],
    "decision": [0, 1, 2, 3],
}
RATIOS = ["0", "1/3", "1/2", "4/5", "1"]


@dataclass(frozen=True)
class Round:
    """A round: validated, and each part as the JSON that an event says."""

    rule: Rule
    form: Format
    options: tuple[Option, ...]
    choices: tuple[list[Any], ...]
    groups: tuple[dict[str, list[str]], ...]

    def data(self) -> tuple[Any, Any, list[Any], list[dict[str, Any]]]:
        """The arguments of the reference."""
        return (
            self.rule.model_dump(mode="json", exclude_none=True),
            FORMAT.dump_python(self.form, mode="json", exclude_none=True),
            [option.model_dump(mode="json", exclude_none=True) for option in self.options],
            [
                {"choices": choices, "groups": groups}
                for choices, groups in zip(self.choices, self.groups, strict=True)
            ],
        )


class Draw(Random):
    """Draws a round. Hypothesis would take ten times as long: it is given a seed instead."""

    def maybe[T](self, values: Sequence[T]) -> T | None:
        """One of these, or none."""
        return self.choice(values) if self.randint(0, 1) else None

    def some[T](self, values: Sequence[T]) -> list[T]:
        """Any number of these, in any order."""
        return self.sample(values, self.randint(0, len(values)))

    def many[T](self, most: int, make: Callable[[], T]) -> list[T]:
        """Up to so many."""
        return [make() for _ in range(self.randint(0, most))]


class Senseless(Exception):
    """What was drawn is no rule."""


def seeded[T, **P](make: Callable[Concatenate[Draw, P], T]) -> Callable[P, st.SearchStrategy[T]]:
    """What draws becomes a strategy: Hypothesis says a seed, and prints what was drawn of it."""

    def strategy(*args: P.args, **others: P.kwargs) -> st.SearchStrategy[T]:
        def drawn(seed: int) -> T:
            draw = Draw(seed)
            while True:
                try:
                    return make(draw, *args, **others)
                except Senseless:
                    continue

        return st.integers(0, 10**7).map(drawn)

    return strategy


def groups(draw: Draw) -> dict[str, list[str]]:
    """Values in some kinds: none, one or both of a kind's."""
    drawn = {k: draw.some(v) for k, v in KINDS.items()}
    return {kind: values for kind, values in drawn.items() if values}


def predicates(draw: Draw, *, costs: bool = True) -> dict[str, Any]:
    """All, most often; else those of a group, or of a range of costs."""
    which = draw.randint(0, 5)
    if which == 1:
        kind = draw.choice(sorted(KINDS))
        return {"groups": {kind: [draw.choice(KINDS[kind])]}}
    if which == 2 and costs:
        return {"cost_from": draw.randint(0, 4)}
    if which == 3 and costs:
        return {"cost_below": draw.randint(3, 9)}
    return {}


def orders(draw: Draw, form: str, only: str | None = None) -> dict[str, Any]:
    kinds = ["votes", "jury-rank"]
    if form == "grades":
        kinds += ["median-grade"] * 3
    else:
        kinds.append("votes-per-cost")
        if form != "decision":
            kinds += ["equal-shares"] * 4
    kind = only or draw.choice(kinds)
    if kind == "median-grade":
        return {"type": kind, "at_least": draw.maybe(GRADES)}
    if kind != "equal-shares":
        return {"type": kind}
    growth: dict[str, Any] = draw.choice([{"cents": 1}, {"cents": 3}, {"share": "1/4"}])
    stop = draw.choice(["exhaustive", "overspend"])
    return {
        "type": kind,
        "utility": draw.choice(["cost", "cardinality"]),
        "unit": draw.maybe(range(1, 4)),
        "completion": draw.choice([None, {**growth, "stop": stop}]),
        "top_up": draw.maybe(["votes", "votes-per-cost"]),
        "comparison": draw.maybe([{"by": by} for by in ("projects", "money", "excluded")]),
    }


def quotas(draw: Draw, *, least: bool) -> dict[str, Any]:
    kind = draw.choice(sorted(KINDS))
    which = draw.choice(["least", "most", "both"] if least else ["most"])
    value = draw.maybe(KINDS[kind])
    return {
        "of": kind,
        "value": value,
        "least": draw.randint(1, 2) if which != "most" else None,
        "most": draw.randint(*((2, 3) if which == "both" else (1, 2)))
        if which != "least"
        else None,
        "required": draw.choice((True, False)) if draw.choice((True, False)) else False,
    }


def passes(draw: Draw, form: str, names: list[str], place: int) -> dict[str, Any]:
    order = orders(draw, form)
    shares = order["type"] == "equal-shares"
    policy = "skip" if shares else draw.choice(["skip", "stop", "fund-next", "part-fund"])
    at_least = draw.choice(RATIOS) if policy in ("fund-next", "part-fund") else None
    return {
        "name": f"pass-{place}",
        "envelopes": draw.some(names),
        "options": predicates(draw),
        "order": order,
        "quotas": draw.many(2, lambda: quotas(draw, least=not shares)),
        "misfit": {
            "policy": policy,
            "at_least": at_least,
            "otherwise": draw.choice(["skip", "stop"]) if at_least else "skip",
        },
        "below_threshold": "refused" if shares else draw.choice(["refused", "taken"]),
        "most": draw.maybe(range(1, 4)),
    }


def trees(draw: Draw) -> list[dict[str, Any]]:
    """A root and up to three envelopes below it or below one another."""
    envelopes: list[dict[str, Any]] = [
        {"name": "all", "amount": draw.randint(0, draw.choice([25, 9]))}
    ]
    for name in ("one", "two", "three")[: draw.randint(0, 3)]:
        kind = draw.choice(["reserved", "reserved", "most"])
        parents = [e["name"] for e in envelopes if e.get("kind") != "most" or kind == "most"]
        envelopes.append(
            {
                "name": name,
                "within": draw.choice(parents),
                "kind": kind,
                "amount": draw.randint(0, 9),
                "options": predicates(draw),
                "voters": predicates(draw, costs=False),
                "remainder": draw.choice(["parent", "next", "next-year", "nowhere"]),
            }
        )
    for envelope in envelopes:
        if envelope.get("kind") != "most" and draw.randint(0, 4) == 0:
            envelope["overshoot"] = draw.randint(1, 4)
    return envelopes


def rules(draw: Draw, form: str, criteria: list[str]) -> Rule:
    envelopes, kind = trees(draw), draw.choice(sorted(KINDS))
    drawn = [
        passes(draw, form, ["all", *(e["name"] for e in envelopes[1:])], place)
        for place in range(draw.randint(1, 3))
    ]
    written = {
        "groups": KINDS,
        "electorate": {"blank": draw.choice(["counted", "set-aside"])},
        "thresholds": draw.many(1, lambda: thresholds(draw)),
        "caps": draw.many(
            1,
            lambda: {"of": kind, "value": draw.maybe(KINDS[kind]), "most": draw.randint(1, 2)},
        ),
        "most_winners": draw.maybe(range(1, 5)),
        "envelopes": envelopes,
        "passes": drawn,
        "ties": {"criteria": criteria, "seed": "00" * 16 if "lot" in criteria else None},
        "grants": draw.many(2, lambda: grants(draw)),
        "prizes": draw.maybe(
            [
                {
                    "prizes": [
                        {"place": place, "sponsor": "a bank", "amount": amount}
                        for place, amount in ((1, 7), (2, 4), (2, 1), (3, 1))
                    ],
                    "equal_ranks": equal,
                }
                for equal in ("order", "each", "shared")
            ]
        ),
    }
    try:
        return Rule.model_validate_json(TypeAdapter(Any).dump_json(written))
    except ValidationError:
        raise Senseless from None


def thresholds(draw: Draw) -> dict[str, Any]:
    what = draw.choice(["votes", "share", "per_euro"])
    return {
        "of": draw.choice(["votes", "supporters"]),
        "votes": draw.randint(0, 3) if what == "votes" else None,
        "share": draw.choice(RATIOS) if what == "share" else None,
        "per_euro": draw.choice(["20", "50", "100/3"]) if what == "per_euro" else None,
    }


def grants(draw: Draw) -> dict[str, Any]:
    fixed = draw.maybe(range(0, 7))
    ceiling = draw.maybe(range(3, 9))
    return {
        "options": predicates(draw),
        "fixed": fixed,
        "percent": 100 if fixed is not None else draw.choice([50, 80, 100]),
        "ceiling": ceiling,
        "floor": draw.randint(0, 3),
        "cofinanced": draw.choice([0, 0, 20]),
    }


@seeded
def rounds(draw: Draw, criteria: list[str] | None = None) -> Round:
    """Any round of one to six options and up to eight ballots, void and blank ones among them."""
    form = draw.choice(FORMATS)
    # Few ballots are often level, and few costs where there is not enough for all.
    size, costs = draw.randint(1, 6), draw.choice([range(10), range(10), (4, 6), (5,)])
    options = tuple(
        Option.model_validate_json(
            TypeAdapter(Any).dump_json(
                {
                    "id": "fcadbe"[place],
                    "number": place + 1,
                    "cost": draw.choice(costs),
                    "groups": groups(draw),
                    "filed": draw.randint(0, 2),
                    "jury_rank": draw.maybe(range(1, 4)),
                    "other_money": draw.choice([0, 0, 1, 3]),
                    "withdrawn": draw.choice([None] * 6 + ["gone"]),
                }
            )
        )
        for place in range(size)
    )
    drawn = criteria or draw.choice(
        [
            ["option"],
            ["cost", "option"],
            ["dearest", "filed", "option"],
            ["supporters", "lot"],
            ["votes", "cost", "lot"],
        ]
    )
    voters = draw.choice([0, 1, 2, 2, 3, 3, 4, 4, 6, 8])
    return Round(
        rules(draw, form["type"], drawn),
        FORMAT.validate_python(form),
        options,
        tuple(choices(draw, form["type"], size) for _ in range(voters)),
        tuple(groups(draw) for _ in range(voters)),
    )


@seeded
def divided(draw: Draw) -> Round:
    """A round of equal shares alone: few costs and no other rule, so that prices are often level.

    Prizes tell whom the order leaves so.
    """
    form = draw.choice([FORMATS[0], {"type": "cumulative", "total": 9, "most_each": 2}])
    size, voters = draw.randint(2, 6), draw.randint(1, 8)
    options = tuple(
        Option(id="fcadbe"[place], number=place + 1, cost=draw.choice([1, 2, 2, 3, 4, 6]))
        for place in range(size)
    )
    written = {
        "envelopes": [{"name": "all", "amount": draw.randint(4, 24)}],
        "passes": [{"name": "all", "order": orders(draw, form["type"], "equal-shares")}],
        "ties": {"criteria": draw.choice([["option"], ["cost", "option"], ["dearest", "option"]])},
        "prizes": {
            "prizes": [
                {"place": place, "sponsor": "a bank", "amount": 2**place}
                for place in range(1, size + 1)
            ],
            "equal_ranks": draw.choice(["each", "shared"]),
        },
    }
    return Round(
        Rule.model_validate_json(TypeAdapter(Any).dump_json(written)),
        FORMAT.validate_python(form),
        options,
        tuple(choices(draw, form["type"], size) for _ in range(voters)),
        ({},) * voters,
    )


@seeded
def level(draw: Draw) -> Round:
    """A round that asks officers: few costs and ballots that name nearly all, so that most options
    are level, and quotas that promise winners to their groups."""
    # Of five there are 120 orders, each of which is counted: few elections have so many.
    size, voters = draw.choice([2, 3, 3, 3, 4, 4, 4, 4, 4, 5]), draw.randint(1, 3)
    options = tuple(
        Option(
            id="fcadb"[place],
            number=place + 1,
            cost=draw.choice([0, 1, 1, 2]),
            groups={kind: tuple(values) for kind, values in groups(draw).items()},
        )
        for place in range(size)
    )
    names = ["all", "one"]
    written: dict[str, Any] = {
        "groups": KINDS,
        "envelopes": [
            {
                "name": "all",
                "amount": draw.randint(0, 5),
                "overshoot": draw.randint(0, 1),
            },
            {
                "name": "one",
                "within": "all",
                "kind": draw.choice(["reserved", "most"]),
                "amount": draw.randint(0, 2),
            },
        ],
        "caps": draw.many(1, lambda: {"of": "area", "value": "north"}),
        "passes": [
            {
                "name": f"pass-{place}",
                "envelopes": draw.some(names),
                "options": predicates(draw),
                "order": {"type": draw.choice(["votes", "votes", "equal-shares"])},
                "most": draw.maybe(range(1, 3)),
            }
            for place in range(draw.randint(1, 3))
        ],
        "ties": {"criteria": draw.choice([["ask"], ["cost", "ask"]])},
        "prizes": draw.maybe([{"prizes": [{"place": 1, "sponsor": "a bank", "amount": 2}]}]),
    }
    for each in written["passes"]:
        if each["order"]["type"] == "votes":
            each["quotas"] = draw.many(2, lambda: quotas(draw, least=True))
            each["misfit"] = {"policy": draw.choice(["skip", "skip", "stop"])}
    try:
        rule = Rule.model_validate_json(TypeAdapter(Any).dump_json(written))
    except ValidationError:
        raise Senseless from None
    everybody = list(range(1, size + 1))
    return Round(
        rule,
        FORMAT.validate_python(FORMATS[0]),
        options,
        (everybody, *(choices(draw, "approval", size) for _ in range(voters - 1))),
        ({},) * voters,
    )


def choices(draw: Draw, kind: str, size: int) -> list[Any]:
    """Choices of the right shape, which may still break the inner rules."""
    numbers = draw.some(range(1, size + 1))
    if kind == "ranking":
        return numbers
    if kind not in VALUES:
        return sorted(numbers)
    return [[number, draw.choice(VALUES[kind])] for number in sorted(numbers)]


ballots = seeded(choices)
