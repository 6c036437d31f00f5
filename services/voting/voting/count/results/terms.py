"""What META says of a step in a `.pb` file: its money, its ballots, its rule. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from shared.canonical import canonical
from shared.events import ballots as formats
from shared.events.ballots import Format
from shared.events.rules import EqualShares
from shared.pabulib import Heading
from shared.pabulib.election import VoteType
from shared.web.filters import PARIS
from voting.count.results.contest import Contest
from voting.count.results.gathered import Votes

PLAIN: Final = frozenset(("approval", "contests", "knapsack"))
# Charters and places are French ones (`shared.web.filters` has their clock).
COUNTRY: Final = "France"
BY_HAND: Final[Mapping[str, str]] = {"votes": "greedy-custom", "votes-per-cost": "greedy-custom"}


def heading(of: Contest, form: Format, votes: Votes, operator: str, left_out: int) -> Heading:
    """The file's heading; `left_out` ballots have no row."""
    row, rules = of.shown.row, of.shown.rules
    kind, settings = _ballot(form, votes)
    rule, threshold = _declared(of, kind, votes)
    if threshold:
        settings["min_project_score_threshold"] = threshold
    begin, end = (f"{at.astimezone(PARIS):%d.%m.%Y}" for at in (row.opens_at, row.closes_at))
    return Heading(
        description=of.shown.title or f"Round {row.round_id}",
        country=COUNTRY,
        unit=operator,
        instance=rules.edition if rules is not None else end[-4:],
        budget=of.money.before,
        vote_type=kind,
        rule=rule,
        date_begin=begin,
        date_end=end,
        comment=_comment(of, form, left_out),
        settings=settings | {"currency": "EUR"},
    )


def _ballot(form: Format, votes: Votes) -> tuple[VoteType, dict[str, str | int]]:
    """Pabulib's word for what ballots say, and its limits that hold in this step as well."""
    most = getattr(form, "max", None)
    if form.type in PLAIN:
        if most == 1:
            return "choose-1", {}
        limits: dict[str, str | int] = {"max_length": most or 0} if most == votes.longest else {}
        return "approval", limits
    match form:
        case formats.Cumulative():
            return "cumulative", {"max_points": form.most_each, "max_sum_points": form.total}
        case formats.Score():
            low, high = form.low, form.high
        case formats.Ranking():
            low, high = 0, form.points[0]
        case formats.Grades():
            low, high = 0, len(form.grades) - 1
        case _:
            low, high = -1, 1
    return "scoring", {"min_points": low, "max_points": high}


def _declared(of: Contest, kind: VoteType, votes: Votes) -> tuple[str, int]:
    """Pabulib's word for the step's rule, with the threshold that it counts with (0: none); what
    it has no word for is custom or unknown, and stands in the comment."""
    order, rule = of.each.order, of.rule
    custom = BY_HAND.get(order.type, "unknown")
    limited = of.each.quotas or of.each.most or rule.caps or rule.most_winners
    ceilings = any(envelope.kind == "most" for envelope in rule.envelopes)
    overshoot = any(envelope.overshoot for envelope in rule.envelopes)
    least = max((threshold.votes or 0 for threshold in rule.thresholds), default=0)
    plain = all(t.votes is not None and t.of == "votes" for t in rule.thresholds)
    decided = of.shown.setting.form is not None and of.shown.setting.form.type == "decision"
    if limited or ceilings or overshoot or not plain or decided:
        return custom, 0
    if isinstance(order, EqualShares):
        return ("unknown" if least else _shares(order, kind)), 0
    if order.type != "votes":
        return custom, 0
    if of.each.below_threshold == "taken":
        least = 0
    elif any(votes.votes[line.option.number] <= 0 for line in of.lines):
        least = max(1, least)  # nothing without votes is funded here, as it would be there
    policy = of.each.misfit.policy
    if policy == "skip":
        return ("greedy-threshold" if least else "greedy"), least
    return ("greedy-no-skip" if policy == "stop" and not least else custom), 0


def _shares(order: EqualShares, kind: VoteType) -> str:
    plain = order.utility == "cost" and kind == "approval" and order.top_up is None
    compared = order.comparison is not None
    if not plain or (order.comparison is not None and order.comparison.by != "projects"):
        return "unknown"
    name = "equalshares"
    if order.completion is not None:
        add1 = order.unit == 100 and order.completion.cents == 100
        if not add1 or order.completion.stop != "overspend":
            return "unknown"
        name += "/add1"
    elif order.unit is not None:
        return "unknown"
    return f"{name}-comparison" if compared else name


def _comment(of: Contest, form: Format, left_out: int) -> list[str]:
    """Our settings, in our own words and as the rule has them."""
    rule, published = of.rule, of.shown.published
    assert published is not None
    said = [
        f"round {of.shown.row.round_id}, step {of.money.number} of {len(of.shown.steps)}:"
        f" pass {of.money.step[0]}, envelope {of.money.step[1]}",
        f"pass {_json(of.each)}",
        f"ties by {', '.join(rule.ties.criteria)}: the order of the ids here",
        f"ballots {_json(form)}",
        f"blank ballots {rule.electorate.blank}",
        f"{sum(published.void.values())} void ballots left out",
        f"{left_out} ballots that give nothing to these projects left out",
    ]
    if rule.thresholds:
        said.append("thresholds " + " ".join(_json(each) for each in rule.thresholds))
    if rule.grants:
        said.append("costs are what each would be paid by the rule's grants")
    if form.type == "ranking":
        said.append("points are those of each place")
    if form.type == "grades":
        said.append("points are grades, 0 the worst, which is left out")
    if form.type == "decision":
        said.append("points are 1 for yes and -1 for no; who abstained or is recused is left out")
    return said


def _json(model: Any) -> str:
    return canonical(model.model_dump(mode="json", exclude_none=True)).decode()
