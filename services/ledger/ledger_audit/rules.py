"""The forms of formats and rules, as counting relies on them, and what in them cannot be meant.

This says a second time what the events' schemas say; a field that means nothing here is refused,
since it may mean that something else was to be counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger_audit.forms import (
    Misformed,
    at,
    boolean,
    fields,
    many,
    named,
    one_of,
    tagged,
    text,
    whole,
    words,
)

type Data = Mapping[str, Any]

CENTS = whole(0, 10**15)
NAME = text(r"[a-z0-9][a-z0-9-]{0,59}")
PLACE = whole(1, 10_000)
GROUPS = named(NAME, many(words()))
_RATIO = text(r"(0|[1-9][0-9]{0,14})(/[1-9][0-9]{0,14})?")
_SOME, _MANY = whole(1, 10_000), whole(0, 10_000)
_POINTS, _SIGNED = whole(0, 10**6), whole(-(10**6), 10**6)
_PERCENT = whole(0, 100)

_WRONG = {"wrong": one_of("void", "refused")}
_LIMITS = fields({"min": _MANY, "max": _SOME})
FORMAT = tagged(
    approval=fields({"min": _MANY, "max": _SOME, **_WRONG}),
    contests=fields({"group": NAME, "own": _LIMITS, "general": _LIMITS, **_WRONG}),
    knapsack=fields({"cap": CENTS, "min": _MANY, **_WRONG}, {"max": _SOME}),
    cumulative=fields(
        {
            "total": whole(1, 10**6),
            "least_total": _POINTS,
            "most_each": whole(1, 10**6),
            "min": _MANY,
            **_WRONG,
        },
        {"max": _SOME},
    ),
    ranking=fields({"points": many(_POINTS, 1, 1000), "min": _MANY, "max": _SOME, **_WRONG}),
    score=fields({"low": _SIGNED, "high": _SIGNED, "min": _MANY, **_WRONG}, {"max": _SOME}),
    plus_minus=fields(
        {
            "most_plus": _SOME,
            "most_minus": _MANY,
            "min": _MANY,
            "minus_needs_plus": boolean,
            **_WRONG,
        }
    ),
    grades=fields({"grades": many(NAME, 2, 20), "min": _MANY, **_WRONG}),
    decision=fields(
        {
            "members": _SOME,
            "quorum": _RATIO,
            "majority": _RATIO,
            "abstentions": one_of("left-out", "counted"),
        }
    ),
)

_VOTERS = fields({"groups": GROUPS})
_OPTIONS = fields({"groups": GROUPS, "cost_from": CENTS}, {"cost_below": CENTS})
_STOP = one_of("exhaustive", "overspend")
_ORDER = tagged(
    votes=fields({}),
    votes_per_cost=fields({}),
    jury_rank=fields({}),
    median_grade=fields({}, {"at_least": NAME}),
    equal_shares=fields(
        {"utility": one_of("cost", "cardinality")},
        {
            "unit": whole(1, 10**15),
            "completion": fields({"stop": _STOP}, {"cents": whole(1, 10**15), "share": _RATIO}),
            "top_up": one_of("votes", "votes-per-cost"),
            "comparison": fields({"by": one_of("projects", "money", "excluded")}),
        },
    ),
)
_PASS = fields(
    {
        "name": NAME,
        "envelopes": many(NAME, 0, 500),
        "options": _OPTIONS,
        "order": _ORDER,
        "quotas": many(
            fields(
                {"of": NAME, "required": boolean},
                {"value": words(), "least": _SOME, "most": _SOME},
            )
        ),
        "misfit": fields(
            {
                "policy": one_of("skip", "stop", "fund-next", "part-fund"),
                "otherwise": one_of("skip", "stop"),
            },
            {"at_least": _RATIO},
        ),
        "below_threshold": one_of("refused", "taken"),
    },
    {"most": _SOME},
)
_ENVELOPE = fields(
    {
        "name": NAME,
        "amount": CENTS,
        "kind": one_of("reserved", "most"),
        "options": _OPTIONS,
        "voters": _VOTERS,
        "remainder": one_of("parent", "next", "next-year", "nowhere"),
        "overshoot": CENTS,
    },
    {"within": NAME},
)
CRITERION = one_of("cost", "dearest", "votes", "supporters", "filed", "option", "lot", "ask")
RULE = fields(
    {
        "groups": GROUPS,
        "electorate": fields({"blank": one_of("counted", "set-aside")}),
        "thresholds": many(
            fields(
                {"of": one_of("votes", "supporters")},
                {"votes": whole(0, 10**12), "share": _RATIO, "per_euro": _RATIO},
            )
        ),
        "caps": many(fields({"of": NAME, "most": _SOME}, {"value": words()})),
        "envelopes": many(_ENVELOPE, 1, 500),
        "passes": many(_PASS, 1, 50),
        "ties": fields(
            {"criteria": many(CRITERION, 1, 8)}, {"seed": text(r"([0-9a-f]{2}){16,64}")}
        ),
        "grants": many(
            fields(
                {
                    "options": _OPTIONS,
                    "percent": _PERCENT,
                    "floor": CENTS,
                    "cofinanced": _PERCENT,
                },
                {"fixed": CENTS, "ceiling": CENTS},
            )
        ),
    },
    {
        "most_winners": _SOME,
        "prizes": fields(
            {
                "prizes": many(
                    fields({"place": PLACE, "sponsor": words(), "amount": CENTS}), 1, 100
                ),
                "equal_ranks": one_of("order", "each", "shared"),
            }
        ),
    },
)


def budget(rule: Data) -> int:
    """Cents of the envelope that all others are within."""
    return next(int(e["amount"]) for e in rule["envelopes"] if e.get("within") is None)


def check_rule(rule: Any, form: Any, path: str) -> None:
    """That a rule for ballots of this format can be counted. Raises `Misformed`."""
    RULE(rule, path)
    _check_tree(rule["envelopes"], at(path, "envelopes"))
    names = {envelope["name"] for envelope in rule["envelopes"]}
    for place, threshold in enumerate(rule["thresholds"]):
        _exactly_one(threshold, ("votes", "share", "per_euro"), f"{path}.thresholds.{place}")
    for place, each in enumerate(rule["passes"]):
        here = f"{path}.passes.{place}"
        if not names.issuperset(each["envelopes"]):
            raise Misformed(f"{here}.envelopes", "an envelope that does not exist")
        misfit = each["misfit"]
        if misfit["policy"] in ("fund-next", "part-fund") and "at_least" not in misfit:
            raise Misformed(f"{here}.misfit.at_least", "missing")
        _check_order(each["order"], form, f"{here}.order")


def check_options(rule: Data, options: Iterable[Data]) -> None:
    """That options say what a rule asks of every one. Raises `Misformed`."""
    if "filed" in rule["ties"]["criteria"]:
        for option in options:
            if "filed" not in option:
                raise Misformed("filed", "missing, and ties go by it")


def _check_order(order: Data, form: Data, path: str) -> None:
    if order["type"] == "median-grade":
        if form["type"] != "grades":
            raise Misformed(path, "a median grade of ballots without grades")
        if order.get("at_least", form["grades"][0]) not in form["grades"]:
            raise Misformed(f"{path}.at_least", "a grade that no ballot says")
    if (completion := order.get("completion")) is not None:
        _exactly_one(completion, ("cents", "share"), f"{path}.completion")


def _exactly_one(value: Data, names: Iterable[str], path: str) -> None:
    if sum(name in value for name in names) != 1:
        raise Misformed(path, f"exactly one of {', '.join(names)}")


def _check_tree(envelopes: list[Data], path: str) -> None:
    """One root with money of its own, and every envelope below it."""
    within = {envelope["name"]: envelope.get("within") for envelope in envelopes}
    if len(within) < len(envelopes):
        raise Misformed(path, "two envelopes of one name")
    roots = [envelope for envelope in envelopes if "within" not in envelope]
    if len(roots) != 1 or roots[0]["kind"] != "reserved":
        raise Misformed(path, "exactly one envelope is within no other, and has its money")
    for name in within:
        seen, outer = {name}, within[name]
        while outer is not None:
            if outer not in within or outer in seen:
                raise Misformed(path, f"{name} is within nothing that is there")
            seen.add(outer)
            outer = within[outer]
