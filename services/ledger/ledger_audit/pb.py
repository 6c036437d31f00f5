"""A round as an election in Pabulib's format, for any third program to count again.

Made from the entries alone. A row's voter is the index of its ballot's entry, so that it can be
looked up in the log. Ids of projects are in the order that breaks ties. Money is in euros.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger_audit.ballots import Checked
from ledger_audit.recount import Recount
from ledger_audit.reference import void
from ledger_audit.reference.formats import given
from ledger_audit.rounds import Round
from ledger_audit.rules import budget

type Data = Mapping[str, Any]
_PLAIN = ("approval", "contests", "knapsack", "grades", "decision")
_COMMENTS = {
    "ranking": "points are those of each place",
    "grades": "votes are grades above the worst",
    "decision": "votes are answers of yes",
}


def election(round_: Round, voters: Mapping[str, Checked], recount: Recount) -> Iterator[str]:
    """The lines of the file. Void and blank ballots are left out, as the comment says."""
    said = _Said.of(round_)
    options = {option["number"]: option for option in round_.seen()}
    ballots = sorted(_counted(said.form, voters.values(), options), key=lambda each: each[0])
    votes, supporters = Counter[int](), Counter[int]()
    for _, ballot in ballots:
        votes.update(ballot)
        supporters.update(number for number, value in ballot.items() if value > 0)
    order = sorted(options, key=_ties(said, options, votes, supporters, round_))
    width = len(str(len(order)))
    ids = {number: f"{place:0{width}d}" for place, number in enumerate(order, start=1)}
    yield "META"
    yield "key;value"
    left_out = len(voters) - len(ballots)
    for key, value in _meta(said, recount, options, votes, len(ballots), left_out).items():
        yield f"{key};{value}"
    yield "PROJECTS"
    counts = "votes" if said.is_plain else "votes;score"
    yield f"project_id;cost;{counts};name;selected"
    for number in order:
        option = options[number]
        counted = [supporters[number] if said.is_plain else _named(ballots, number)]
        counted += [] if said.is_plain else [votes[number]]
        selected = int(option["id"] in recount.funded)
        cells = [ids[number], _euros(option["cost"]), *counted, f"option {number}", selected]
        yield ";".join(map(str, cells))
    yield "VOTES"
    yield "voter_id;vote" if said.is_plain else "voter_id;vote;points"
    for index, ballot in ballots:
        first = sorted(ballot, key=lambda number: (-ballot[number], ids[number]))
        row = f"{index};{','.join(ids[number] for number in first)}"
        yield row if said.is_plain else f"{row};{','.join(str(ballot[n]) for n in first)}"


@dataclass(frozen=True)
class _Said:
    """What a round was opened with, whichever version of it."""

    opened: Data
    form: Data
    rule: Data | None
    budget: int
    ties: Sequence[str]

    @classmethod
    def of(cls, round_: Round) -> "_Said":
        opened = round_.said["opened"]
        form = opened.body["format"]
        if opened.version == 1:
            body = opened.body
            return cls(body, form, None, body["budget"], body["tie_order"])
        rule = opened.body["rule"]
        return cls(opened.body, form, rule, budget(rule), rule["ties"]["criteria"])

    @property
    def is_plain(self) -> bool:
        return self.form["type"] in _PLAIN


def _counted(
    form: Data, voters: Iterable[Checked], options: Mapping[int, Data]
) -> Iterator[tuple[int, dict[int, int]]]:
    """What each ballot gives to options, with the index of its entry."""
    for ballot in voters:
        if ballot.unread is not None:
            continue
        choices = [[*each] if isinstance(each, tuple) else each for each in ballot.choices]
        if choices and void(form, choices, options) is None:
            found = {number: value for number, value in given(form, choices).items() if value}
            if found:
                yield ballot.index, found


def _named(ballots: Sequence[tuple[int, dict[int, int]]], number: int) -> int:
    return sum(number in ballot for _, ballot in ballots)


def _meta(
    said: _Said,
    recount: Recount,
    options: Mapping[int, Data],
    votes: Mapping[int, int],
    cast: int,
    left_out: int,
) -> dict[str, Any]:
    begin, end = (_date(said.opened.get(name)) for name in ("opens_at", "closes_at"))
    rule, least = _rule(said, votes, options, recount.blank)
    fully = sum(option["cost"] for option in options.values()) <= said.budget
    comment = [
        f"round {recount.round_id}, from the entries of its ledger; a voter is an entry's index",
        f"rule {recount.rule}, digest {said.opened['rules_digest']}",
        f"ties by {', '.join(said.ties)}: the order of the ids here",
        f"{left_out} ballots that are void or give nothing are left out",
        _COMMENTS.get(said.form["type"], f"ballots of the format {said.form['type']}"),
    ]
    return {
        "description": f"Round {_cell(recount.round_id)}",
        "country": "France",
        "unit": "Comptoir",
        "instance": end[-4:],
        "num_projects": len(options),
        "num_votes": cast,
        "budget": _euros(said.budget),
        "vote_type": _vote_type(said.form),
        "rule": rule,
        "date_begin": begin,
        "date_end": end,
        **_limits(said.form),
        **({"min_project_score_threshold": least} if least else {}),
        "currency": "EUR",
        **({"fully_funded": 1} if fully else {}),
        "comment": " ".join(f"#{n}: {_cell(each)}" for n, each in enumerate(comment, 1)),
    }


def _vote_type(form: Data) -> str:
    if form["type"] in _PLAIN:
        return "choose-1" if form["type"] != "grades" and form.get("max") == 1 else "approval"
    return "cumulative" if form["type"] == "cumulative" else "scoring"


def _limits(form: Data) -> dict[str, int]:
    match form["type"]:
        case "cumulative":
            return {"max_points": form["most_each"], "max_sum_points": form["total"]}
        case "score":
            return {"min_points": form["low"], "max_points": form["high"]}
        case "ranking":
            return {"min_points": 0, "max_points": form["points"][0]}
        case "plus-minus":
            return {"min_points": -1, "max_points": 1}
    return {}


def _rule(
    said: _Said, votes: Mapping[int, int], options: Mapping[int, Data], blank: int
) -> tuple[str, int]:
    """Pabulib's word for the rule, and its threshold; "unknown" where it has no word for it."""
    # Nobody's option is never funded here; by Pabulib's plain word it would be.
    least = 1 if any(votes.get(number, 0) <= 0 for number in options) else 0
    greedy = ("greedy-threshold", 1) if least else ("greedy", 0)
    if said.rule is None:
        return greedy if said.opened["rule"] == "greedy" else ("unknown", 0)
    rule = said.rule
    only = rule["passes"][0]
    more = len(rule["envelopes"]) > 1 or len(rule["passes"]) > 1 or only["quotas"]
    limited = rule["thresholds"] or rule["caps"] or rule["grants"] or rule.get("most_winners")
    apart = any(option.get("withdrawn") or option["other_money"] for option in options.values())
    filtered = any(
        part["groups"] or part.get("cost_from") or part.get("cost_below")
        for part in (only["options"], rule["envelopes"][0]["options"])
    )
    # Whom nobody votes for is funded here too, then; no word of Pabulib's says so for certain.
    if only["below_threshold"] == "taken" and least:
        return "unknown", 0
    # The order is by sums of points, which are those of the file; but of answers, by a majority.
    if more or limited or apart or filtered or rule["envelopes"][0]["overshoot"]:
        return "unknown", 0
    if only.get("most") or rule["envelopes"][0]["voters"]["groups"]:
        return "unknown", 0
    if only["order"]["type"] == "votes" and only["misfit"]["policy"] == "skip":
        return greedy if said.form["type"] != "decision" else ("unknown", 0)
    # A blank ballot has its share of the money, and is not in the file.
    if rule["electorate"]["blank"] == "counted" and blank:
        return "unknown", 0
    return _shares(only["order"], said.form), 0


def _shares(order: Data, form: Data) -> str:
    plain = order["type"] == "equal-shares" and order.get("utility") == "cost"
    settings = ("completion", "comparison", "unit", "top_up")
    bare = not any(order.get(name) for name in settings)
    return "equalshares" if plain and bare and form["type"] in _PLAIN[:3] else "unknown"


def _ties(
    said: _Said,
    options: Mapping[int, Data],
    votes: Mapping[int, int],
    supporters: Mapping[int, int],
    round_: Round,
) -> Any:
    seed = bytes.fromhex((said.rule or {}).get("ties", {}).get("seed") or "")
    answers = [id for each in round_.ordered for id in each.body["order"]]

    def key(number: int) -> tuple[Any, ...]:
        option = options[number]
        id, far = option["id"], len(answers)
        places: dict[str, Any] = {
            "cost": option["cost"],
            "dearest": -option["cost"],
            "votes": -votes.get(number, 0),
            "supporters": -supporters.get(number, 0),
            "filed": option.get("filed", 0),
            "option": id,
            "lot": hashlib.sha256(seed + id.encode()).digest(),
            "ask": answers.index(id) if id in answers else far,
        }
        return (*(places[criterion] for criterion in said.ties), id)

    return key


def _euros(cents: int) -> str:
    return f"{cents // 100}" if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02}"


def _cell(text: str) -> str:
    """A text that ends no cell and no line."""
    return "".join(each if each.isprintable() else " " for each in re.sub(r"[;\s]+", " ", text))


def _date(text: Any) -> str:
    try:
        return f"{datetime.fromisoformat(str(text)):%d.%m.%Y}"
    except ValueError:
        return "01.01.1970"
