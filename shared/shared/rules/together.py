"""Whether a rule goes with the ballots that it counts: what needs no options to be said.

Paths are those of the rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.events import ballots
from shared.events.rules import Rule

# What can happen although nothing contradicts anything; `shared.rules.saying` has the words.
type Warned = Literal[
    "few_choices", "few_options", "over_envelope", "maybe_over_envelope", "many_steps"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at `path`. A warning says which it is, with its values: by their group
    `value` of the kind `of`, the options that it `has` and that are `promised`; the `envelope` and
    the cents that it `needs`; the `cents` of a step, too little with fewer than so many
    `ballots`."""

    path: str
    what: str
    warned: Warned | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether a round may not open with it."""
        return self.warned is None


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
                yield Finding(path, "equal shares want at least three choices", "few_choices")
