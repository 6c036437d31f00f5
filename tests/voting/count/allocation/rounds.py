"""Rounds drawn at random, of rules that no library knows; numbers are small so that ties happen."""

from dataclasses import dataclass
from typing import Any

from hypothesis import assume
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
RATIOS = st.sampled_from(["0", "1/3", "1/2", "4/5", "1"])


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


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


@st.composite
def groups(draw: st.DrawFn) -> dict[str, list[str]]:
    """Values in some kinds: none, one or both of a kind's."""
    drawn = {k: draw(st.lists(st.sampled_from(v), unique=True)) for k, v in KINDS.items()}
    return {kind: values for kind, values in drawn.items() if values}


@st.composite
def predicates(draw: st.DrawFn, *, costs: bool = True) -> dict[str, Any]:
    """All, most often; else those of a group, or of a range of costs."""
    which = draw(st.integers(0, 5))
    if which == 1:
        kind = draw(st.sampled_from(sorted(KINDS)))
        return {"groups": {kind: [draw(st.sampled_from(KINDS[kind]))]}}
    if which == 2 and costs:
        return {"cost_from": draw(st.integers(0, 4))}
    if which == 3 and costs:
        return {"cost_below": draw(st.integers(3, 9))}
    return {}


@st.composite
def orders(draw: st.DrawFn, form: str, only: str | None = None) -> dict[str, Any]:
    kinds = ["votes", "jury-rank"]
    if form == "grades":
        kinds += ["median-grade"] * 3
    else:
        kinds.append("votes-per-cost")
        if form != "decision":
            kinds += ["equal-shares"] * 4
    kind = only or draw(st.sampled_from(kinds))
    if kind == "median-grade":
        return {"type": kind, "at_least": draw(maybe(st.sampled_from(GRADES)))}
    if kind != "equal-shares":
        return {"type": kind}
    growth: dict[str, Any] = draw(st.sampled_from([{"cents": 1}, {"cents": 3}, {"share": "1/4"}]))
    stop = draw(st.sampled_from(["exhaustive", "overspend"]))
    return {
        "type": kind,
        "utility": draw(st.sampled_from(["cost", "cardinality"])),
        "unit": draw(maybe(st.integers(1, 3))),
        "completion": draw(st.sampled_from([None, {**growth, "stop": stop}])),
        "top_up": draw(maybe(st.sampled_from(["votes", "votes-per-cost"]))),
        "comparison": draw(
            maybe(st.fixed_dictionaries({"by": st.sampled_from(["projects", "money", "excluded"])}))
        ),
    }


@st.composite
def quotas(draw: st.DrawFn, *, least: bool) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    which = draw(st.sampled_from(["least", "most", "both"] if least else ["most"]))
    value = draw(maybe(st.sampled_from(KINDS[kind])))
    return {
        "of": kind,
        "value": value,
        "least": draw(st.integers(1, 2)) if which != "most" else None,
        "most": draw(st.integers(2, 3) if which == "both" else st.integers(1, 2))
        if which != "least"
        else None,
        "required": draw(st.booleans()) if draw(st.booleans()) else False,
    }


@st.composite
def passes(draw: st.DrawFn, form: str, names: list[str], place: int) -> dict[str, Any]:
    order = draw(orders(form))
    shares = order["type"] == "equal-shares"
    policy = "skip" if shares else draw(st.sampled_from(["skip", "stop", "fund-next", "part-fund"]))
    at_least = draw(RATIOS) if policy in ("fund-next", "part-fund") else None
    return {
        "name": f"pass-{place}",
        "envelopes": draw(st.lists(st.sampled_from(names), unique=True)),
        "options": draw(predicates()),
        "order": order,
        "quotas": draw(st.lists(quotas(least=not shares), max_size=2)),
        "misfit": {
            "policy": policy,
            "at_least": at_least,
            "otherwise": draw(st.sampled_from(["skip", "stop"])) if at_least else "skip",
        },
        "below_threshold": "refused" if shares else draw(st.sampled_from(["refused", "taken"])),
        "most": draw(maybe(st.integers(1, 3))),
    }


@st.composite
def trees(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A root and up to three envelopes below it or below one another."""
    envelopes: list[dict[str, Any]] = [{"name": "all", "amount": draw(st.integers(0, 25))}]
    for name in ("one", "two", "three")[: draw(st.integers(0, 3))]:
        kind = draw(st.sampled_from(["reserved", "reserved", "most"]))
        parents = [e["name"] for e in envelopes if e.get("kind") != "most" or kind == "most"]
        envelopes.append(
            {
                "name": name,
                "within": draw(st.sampled_from(parents)),
                "kind": kind,
                "amount": draw(st.integers(0, 9)),
                "options": draw(predicates()),
                "voters": draw(predicates(costs=False)),
                "remainder": draw(st.sampled_from(["parent", "next", "next-year", "nowhere"])),
            }
        )
    for envelope in envelopes:
        if envelope.get("kind") != "most" and draw(st.integers(0, 4)) == 0:
            envelope["overshoot"] = draw(st.integers(1, 4))
    return envelopes


@st.composite
def rules(draw: st.DrawFn, form: str, criteria: list[str]) -> Rule:
    envelopes, kind = draw(trees()), draw(st.sampled_from(sorted(KINDS)))
    drawn = [
        draw(passes(form, ["all", *(e["name"] for e in envelopes[1:])], place))
        for place in range(draw(st.integers(1, 3)))
    ]
    written = {
        "groups": KINDS,
        "electorate": {"blank": draw(st.sampled_from(["counted", "set-aside"]))},
        "thresholds": draw(st.lists(thresholds(), max_size=1)),
        "caps": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "of": st.just(kind),
                        "value": maybe(st.sampled_from(KINDS[kind])),
                        "most": st.integers(1, 2),
                    }
                ),
                max_size=1,
            )
        ),
        "most_winners": draw(maybe(st.integers(1, 4))),
        "envelopes": envelopes,
        "passes": drawn,
        "ties": {"criteria": criteria, "seed": "00" * 16 if "lot" in criteria else None},
        "grants": draw(st.lists(grants(), max_size=2)),
        "prizes": draw(
            maybe(
                st.fixed_dictionaries(
                    {
                        "prizes": st.just(
                            [
                                {"place": place, "sponsor": "a bank", "amount": amount}
                                for place, amount in ((1, 7), (2, 4), (2, 1), (3, 1))
                            ]
                        ),
                        "equal_ranks": st.sampled_from(["order", "each", "shared"]),
                    }
                )
            )
        ),
    }
    try:
        return Rule.model_validate_json(TypeAdapter(Any).dump_json(written))
    except ValidationError:
        assume(False)
        raise


@st.composite
def thresholds(draw: st.DrawFn) -> dict[str, Any]:
    what = draw(st.sampled_from(["votes", "share", "per_euro"]))
    return {
        "of": draw(st.sampled_from(["votes", "supporters"])),
        "votes": draw(st.integers(0, 3)) if what == "votes" else None,
        "share": draw(RATIOS) if what == "share" else None,
        "per_euro": draw(st.sampled_from(["20", "50", "100/3"])) if what == "per_euro" else None,
    }


@st.composite
def grants(draw: st.DrawFn) -> dict[str, Any]:
    fixed = draw(maybe(st.integers(0, 6)))
    ceiling = draw(maybe(st.integers(3, 8)))
    return {
        "options": draw(predicates()),
        "fixed": fixed,
        "percent": 100 if fixed is not None else draw(st.sampled_from([50, 80, 100])),
        "ceiling": ceiling,
        "floor": draw(st.integers(0, 3)),
        "cofinanced": draw(st.sampled_from([0, 0, 20])),
    }


@st.composite
def rounds(draw: st.DrawFn, criteria: list[str] | None = None) -> Round:
    """Any round of one to six options and up to eight ballots, void and blank ones among them."""
    form = draw(st.sampled_from(FORMATS))
    size = draw(st.integers(1, 6))
    options = tuple(
        Option.model_validate_json(
            TypeAdapter(Any).dump_json(
                {
                    "id": "fcadbe"[place],
                    "number": place + 1,
                    "cost": draw(st.integers(0, 9)),
                    "groups": draw(groups()),
                    "filed": draw(st.integers(0, 2)),
                    "jury_rank": draw(maybe(st.integers(1, 3))),
                    "other_money": draw(st.sampled_from([0, 0, 1, 3])),
                    "withdrawn": draw(st.sampled_from([None] * 6 + ["gone"])),
                }
            )
        )
        for place in range(size)
    )
    drawn = criteria or draw(
        st.sampled_from(
            [
                ["option"],
                ["cost", "option"],
                ["dearest", "filed", "option"],
                ["supporters", "lot"],
                ["votes", "cost", "lot"],
            ]
        )
    )
    voters = draw(st.integers(0, 8))
    return Round(
        draw(rules(form["type"], drawn)),
        FORMAT.validate_python(form),
        options,
        tuple(draw(ballots(form["type"], size)) for _ in range(voters)),
        tuple(draw(groups()) for _ in range(voters)),
    )


@st.composite
def divided(draw: st.DrawFn) -> Round:
    """A round of equal shares alone: few costs and no other rule, so that prices are often level.

    Prizes tell whom the order leaves so.
    """
    form = draw(st.sampled_from([FORMATS[0], {"type": "cumulative", "total": 9, "most_each": 2}]))
    size, voters = draw(st.integers(2, 6)), draw(st.integers(1, 8))
    options = tuple(
        Option(id="fcadbe"[place], number=place + 1, cost=draw(st.sampled_from([1, 2, 2, 3, 4, 6])))
        for place in range(size)
    )
    written = {
        "envelopes": [{"name": "all", "amount": draw(st.integers(4, 24))}],
        "passes": [{"name": "all", "order": draw(orders(form["type"], "equal-shares"))}],
        "ties": {
            "criteria": draw(
                st.sampled_from([["option"], ["cost", "option"], ["dearest", "option"]])
            )
        },
        "prizes": {
            "prizes": [
                {"place": place, "sponsor": "a bank", "amount": 2**place}
                for place in range(1, size + 1)
            ],
            "equal_ranks": draw(st.sampled_from(["each", "shared"])),
        },
    }
    return Round(
        Rule.model_validate_json(TypeAdapter(Any).dump_json(written)),
        FORMAT.validate_python(form),
        options,
        tuple(draw(ballots(form["type"], size)) for _ in range(voters)),
        ({},) * voters,
    )


@st.composite
def level(draw: st.DrawFn) -> Round:
    """A round that asks officers: few costs and ballots that name nearly all, so that most options
    are level, and quotas that promise winners to their groups."""
    size, voters = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    options = tuple(
        Option(
            id="fcadb"[place],
            number=place + 1,
            cost=draw(st.sampled_from([0, 1, 1, 2])),
            groups={kind: tuple(values) for kind, values in draw(groups()).items()},
        )
        for place in range(size)
    )
    names = ["all", "one"]
    written: dict[str, Any] = {
        "groups": KINDS,
        "envelopes": [
            {
                "name": "all",
                "amount": draw(st.integers(0, 5)),
                "overshoot": draw(st.integers(0, 1)),
            },
            {
                "name": "one",
                "within": "all",
                "kind": draw(st.sampled_from(["reserved", "most"])),
                "amount": draw(st.integers(0, 2)),
            },
        ],
        "caps": draw(st.lists(st.just({"of": "area", "value": "north"}), max_size=1)),
        "passes": [
            {
                "name": f"pass-{place}",
                "envelopes": draw(st.lists(st.sampled_from(names), unique=True)),
                "options": draw(predicates()),
                "order": {"type": draw(st.sampled_from(["votes", "votes", "equal-shares"]))},
                "most": draw(maybe(st.integers(1, 2))),
            }
            for place in range(draw(st.integers(1, 3)))
        ],
        "ties": {"criteria": draw(st.sampled_from([["ask"], ["cost", "ask"]]))},
        "prizes": draw(
            maybe(st.just({"prizes": [{"place": 1, "sponsor": "a bank", "amount": 2}]}))
        ),
    }
    for each in written["passes"]:
        if each["order"]["type"] == "votes":
            each["quotas"] = draw(st.lists(quotas(least=True), max_size=2))
            each["misfit"] = {"policy": draw(st.sampled_from(["skip", "skip", "stop"]))}
    try:
        rule = Rule.model_validate_json(TypeAdapter(Any).dump_json(written))
    except ValidationError:
        assume(False)
        raise
    everybody = list(range(1, size + 1))
    return Round(
        rule,
        FORMAT.validate_python(FORMATS[0]),
        options,
        (everybody, *(draw(ballots("approval", size)) for _ in range(voters - 1))),
        ({},) * voters,
    )


@st.composite
def ballots(draw: st.DrawFn, kind: str, size: int) -> list[Any]:
    """Choices of the right shape, which may still break the inner rules."""
    numbers: list[int] = draw(st.lists(st.integers(1, size), unique=True))
    if kind == "ranking":
        return numbers
    if kind not in VALUES:
        return sorted(numbers)
    return [[number, draw(st.sampled_from(VALUES[kind]))] for number in sorted(numbers)]
