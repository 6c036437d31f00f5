"""A round decided again by its own rule, and compared with what was published of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ledger_audit import rules
from ledger_audit.ballots import Checked
from ledger_audit.differences import Differences, digest
from ledger_audit.reference import Count, Question, Result, Suspended, TooMuch, merge
from ledger_audit.rounds import Round, Said
from ledger_audit.seats import Heard


@dataclass(frozen=True)
class Outcome:
    """What a recount finds. `funded` are the winners, in order, or nobody while it waits."""

    rule: str
    budget: int
    votes: Mapping[str, int]
    funded: Sequence[str] = ()
    spent: int = 0
    blank: int = 0
    counted: int = 0
    void: Mapping[str, int] = field(default_factory=dict)


def decided_again(
    round_: Round,
    opened: Mapping[str, Any],
    voters: Mapping[str, Checked],
    differences: Differences,
    heard: Heard | None = None,
) -> Outcome:
    """Count by the rule of `opened`, and compare; `heard` is what was said in a named round.

    1. Officers were asked about ties that matter, and about no others.
    2. The rule gives what each option's decision says.
    3. It gives what the allocation says, which is over these decisions.
    """
    rule, options = opened["rule"], round_.seen()
    read = [ballot for ballot in voters.values() if ballot.unread is None]
    unread = Counter(b.unread for b in voters.values() if b.unread is not None)
    count = Count(
        rule,
        opened["format"],
        options,
        _alike(read),
        quorum=heard is None or heard.quorum,
        recused=None if heard is None else heard.recused,
    )
    outcome = Outcome(
        rule=", ".join(dict.fromkeys(each["order"]["type"] for each in rule["passes"])),
        budget=rules.budget(rule),
        votes={option["id"]: count.votes[option["id"]] for option in options},
        blank=count.blank,
        counted=count.counted,
        void=dict(count.void) | unread,
    )
    allocation = round_.said.get("allocation")
    try:
        result = count.result(_ordered(round_, count, differences))
    except Suspended as tied:
        if allocation is not None:
            differences.add(allocation.index, f"it was decided, but {tied}")
        return outcome
    except TooMuch:
        what = "the rule asks for more work than this auditor does: it is not counted again"
        differences.add(round_.said["opened"].index, what)
        return outcome
    found = _Decided(round_, opened, options, count.votes, len(voters), unread, result)
    _check_decisions(found, differences)
    if allocation is not None:
        _compare(allocation, found.allocation(), differences)
    return replace(outcome, funded=result.winners, spent=sum(result.paid.values()))


def _alike(voters: Iterable[Checked]) -> list[dict[str, Any]]:
    """Ballots as the reference reads them: those of one tier with the same choices are one."""
    alike = Counter((ballot.tier, ballot.choices) for ballot in voters)
    # One for all: of a million voters with some freedom most vote alone.
    groups = {tier: {"tier": [tier]} for tier, _ in alike}
    return [
        {
            "choices": [list(c) if isinstance(c, tuple) else c for c in choices],
            "groups": groups[tier],
            "voters": many,
        }
        for (tier, choices), many in alike.items()
    ]


def _ordered(round_: Round, count: Count, differences: Differences) -> list[str]:
    """Step 1: the order of tied options that officers said, one answer after the other."""
    said, last = list[str](), None
    questions = {each.index for each in round_.asked}
    for each in sorted([*round_.asked, *round_.ordered], key=lambda each: each.index):
        if each.index in questions:
            last, asked = each, count.question(said)
            if asked is None or not _asks(each, asked):
                what = "nothing depends on the order of the options that it asks about, in its step"
                differences.add(each.index, what)
            continue
        order = each.body["order"]
        known = [option for option in order if option in said]
        if last is None:
            differences.add(each.index, "nobody was asked for this order")
        elif sorted(order) != sorted(last.body["options"]):
            what = f"it orders other options than those asked about in entry {last.index}"
            differences.add(each.index, what)
        elif known != [option for option in said if option in order]:
            differences.add(each.index, "it says otherwise than the order that was said before")
        said, last = merge(said, list(dict.fromkeys(order))), None
    return said


def _asks(said: Said, question: Question) -> bool:
    """Whether a question is this one."""
    options, step = sorted(said.body["options"]), tuple(said.body["step"])
    return (tuple(options), step) == (question.options, question.step)


@dataclass(frozen=True)
class _Decided:
    """What ought to be published."""

    round: Round
    opened: Mapping[str, Any]
    options: Sequence[Mapping[str, Any]]
    votes: Mapping[str, int]
    keys: int
    unread: Mapping[str, int]
    result: Result

    def decision(self, option: Mapping[str, Any]) -> dict[str, Any]:
        """Of one option."""
        found = self.result.decided[option["id"]]
        return {
            "number": option["number"],
            "votes": self.votes[option["id"]],
            "cost": option["cost"],
            "funded": found.place is not None,
            "reason": found.reason,
            "amount": found.amount,
            "place": found.place,
            "rank": found.rank,
            "step": None if found.step is None else list(found.step),
            "facts": dict(found.facts),
        }

    def allocation(self) -> dict[str, Any]:
        """Of the round."""
        result = self.result
        by_number = sorted(self.round.decisions, key=lambda said: said.whole("number"))
        return {
            "rules_digest": self.opened["rules_digest"],
            "budget": rules.budget(self.opened["rule"]),
            "spent": sum(result.paid.values()),
            "ballots": self.keys,
            "blank": result.blank,
            "counted": result.counted,
            "void": dict(result.void) | dict(self.unread),
            "options": len(self.options),
            "funded": len(result.winners),
            "winners": list(result.winners),
            "steps": [
                {
                    "step": list(step.names),
                    "funded": list(step.funded),
                    "left": dict(step.left),
                    "facts": dict(step.facts),
                }
                for step in result.steps
            ],
            "reserve": list(result.reserve),
            "gone": dict(result.out),
            "prizes": [
                {
                    "option_id": prize.option,
                    "place": prize.place,
                    "sponsor": prize.sponsor,
                    "amount": prize.amount,
                }
                for prize in result.awards
            ],
            "digest": digest([said.body for said in by_number]),
        }


def _check_decisions(found: _Decided, differences: Differences) -> None:
    """Step 2."""
    decided = dict[str, Said]()
    expected = {option["id"]: option for option in found.options}
    for said in found.round.decisions:
        id = said.body["option_id"]
        if id in decided or id not in expected:
            what = "its option is decided already" if id in decided else "there is no such option"
            differences.add(said.index, what)
        else:
            decided[id] = said
            _compare(said, found.decision(expected[id]), differences)
    allocation = found.round.said.get("allocation")
    if allocation is not None and (missing := expected.keys() - decided.keys()):
        differences.add(allocation.index, f"{len(missing)} options are not decided")


def _compare(said: Said, expected: Mapping[str, Any], differences: Differences) -> None:
    if said.version == 1:
        differences.add(said.index, "it is of a version before that of the rules")
    differences.compare(said, expected)
