"""Why a file differs from the rule that it declares: what the same rule gives with one thing else.

Pure. Ties and money are named as causes only where another count shows what they change.
"""

from collections.abc import Iterator, Sequence

from shared.events.rules import Rule, Ties
from shared.pabulib import Election
from voting.count.allocation.engine import count
from voting.count.allocation.result import Result
from voting.count.comparing import listed, money
from voting.count.recount import Counting


def causes(counting: Counting, result: Result, election: Election) -> Iterator[str]:
    """What can be said of why the file, which says what it selected, selected something else."""
    chosen = election.selected or []
    wrong = election.misrecorded()
    asking = counting.rule.model_copy(update={"ties": Ties(criteria=("ask",))})
    favoured = _winners(asking, counting, chosen)
    lost = any(d.reason == "lost_tie" for d in result.options if d.option in {*chosen})
    if lost or favoured == {*chosen}:
        yield "a tie decides here, and the file does not say how it was broken" + (
            ": broken for those that it selected, its rule selects just these"
            if favoured == {*chosen}
            else ""
        )
    if {*chosen} < favoured:
        yield _fewer(chosen, asking, counting, election)
    elif favoured != {*chosen} and not wrong:
        yield "the rule that the file declares does not select these, and it declares no other"
    if wrong:
        yield f"the file's totals are not those of its ballots: {listed(wrong)}"


def _fewer(chosen: Sequence[str], rule: Rule, counting: Counting, election: Election) -> str:
    """Of a file that selects fewer projects than its rule, and no other."""
    costs = {project.id: project.cost for project in election.projects}
    spent = sum(costs[option] for option in chosen)
    said = (
        f"the file declares {money(election.budget)} and selected projects for {money(spent)},"
        " none in place of those that it leaves out"
    )
    less = _with_money(spent, rule)
    if less is not None and _winners(less, counting, chosen) == {*chosen}:
        return (
            f"{said}: with that sum alone its rule selects just these;"
            " whether there was no more, or why it was kept, the file does not say"
        )
    return f"{said}: why, it does not say"


def _with_money(cents: int, rule: Rule) -> Rule | None:
    """The rule with so much money; None where its parts would have to be known."""
    if len(rule.envelopes) > 1:
        return None
    envelopes = tuple(each.model_copy(update={"amount": cents}) for each in rule.envelopes)
    return rule.model_copy(update={"envelopes": envelopes})


def _winners(rule: Rule, counting: Counting, first: Sequence[str]) -> set[str]:
    """Whom another rule selects from the same ballots; in ties that it asks about, these first."""
    answers = [*first, *(o.id for o in counting.options if o.id not in {*first})]
    counted = count(rule, counting.form, counting.options, counting.ballots, answers)
    return {*counted.winners}
