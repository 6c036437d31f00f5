"""Whether a rule goes with the ballots that it counts: what needs no options to be said.

Paths are those of the rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.events import ballots
from shared.events.rules import Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at `path`; `refused` where a round may not open with it."""

    path: str
    what: str
    refused: bool = True


def together(rule: Rule, form: ballots.Format) -> Iterator[Finding]:
    """What the orders of passes ask of ballots that these do not say."""
    for number, each in enumerate(rule.passes):
        path = f"passes.{number}.order"
        graded = isinstance(form, ballots.Grades)
        if each.order.type == "median-grade":
            if not isinstance(form, ballots.Grades):
                yield Finding(path, "a median grade needs ballots with grades")
            elif each.order.at_least is not None and each.order.at_least not in form.grades:
                yield Finding(f"{path}.at_least", f"no ballot says {each.order.at_least}")
        elif graded and each.order.type in ("votes-per-cost", "equal-shares"):
            yield Finding(path, "grades are not added up")
        elif each.order.type == "equal-shares":
            most = getattr(form, "max", None)
            if isinstance(form, ballots.Decision):
                yield Finding(path, "equal shares divide money, a decision does not")
            elif isinstance(form, ballots.Approval) and most == 1:
                yield Finding(path, "no equal shares where a ballot names a single option")
            elif isinstance(form, ballots.Approval) and most == 2:
                yield Finding(path, "equal shares want at least three choices", refused=False)
