"""A step of a decided round as an election of its own. Pure."""

from dataclasses import dataclass

from shared.events.rules import Envelope, Option, Pass, Rule
from shared.refusal import Refusal
from voting.count.allocation.grants import admits, amount
from voting.count.results.outcome import Line, Outcome
from voting.count.results.steps import Money


class StepUnknown(Refusal):
    """The round has no step of this number."""

    code = "step_unknown"


@dataclass(frozen=True)
class Contest:
    """A step as an election of its own: `lines` are its candidates, `earlier` who won before."""

    shown: Outcome
    money: Money
    each: Pass
    envelope: Envelope
    lines: tuple[Line, ...]

    @property
    def rule(self) -> Rule:
        """The rule of the whole round."""
        rule = self.shown.setting.rule
        assert rule is not None
        return rule


def contest(shown: Outcome, number: int) -> Contest:
    """A step of a decided round, by its number from 1. Raises `StepUnknown`."""
    if shown.published is None or not 1 <= number <= len(shown.steps):
        raise StepUnknown(f"round {shown.row.round_id} has {len(shown.steps)} steps, not {number}")
    rule, money = shown.setting.rule, shown.steps[number - 1]
    assert rule is not None
    each = next(each for each in rule.passes if each.name == money.step[0])
    envelope = next(envelope for envelope in rule.envelopes if envelope.name == money.step[1])
    before = {option for step in shown.published.steps[: number - 1] for option in step.funded}
    lines = [
        line
        for line in (*shown.winners, *shown.others)
        if line.option.option_id not in before and _admitted(rule, each, envelope, seen(line))
    ]
    return Contest(shown, money, each, envelope, tuple(lines))


def seen(line: Line) -> Option:
    """What the rule sees of an option."""
    return Option.model_validate(line.option.seen)


def _admitted(rule: Rule, each: Pass, envelope: Envelope, option: Option) -> bool:
    inside = admits(envelope.options, option) and admits(each.options, option)
    return inside and option.withdrawn is None and isinstance(amount(option, rule.grants), int)
