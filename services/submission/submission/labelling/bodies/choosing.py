"""Which projects a body can be given. Pure."""

from collections.abc import Sequence

from shared.events.charter import Body, CharterRules
from shared.refusal import Refusal
from submission.tables import Round

# What is left out of a money round for these reasons can be given to its fund again: there was no
# money for it then.
RAN_OUT = frozenset(("does_not_fit", "after_stop", "lost_tie"))


class BodyUnknown(Refusal):
    """The charter has no such body, or it is the one that gives labels."""

    code = "body_unknown"


class BodyInRound(Refusal):
    """The body has a round that is not decided yet."""

    code = "body_in_round"


class FundInRound(Refusal):
    """The fund has a round whose result is not final: what it leaves is not known."""

    code = "fund_in_round"


def others(rules: CharterRules) -> list[Body]:
    """The bodies of a charter but for the one that gives labels."""
    return [body for body in rules.bodies or () if body.decides != "labels"]


def body_of(rules: CharterRules, name: str) -> Body:
    """A body of a charter that gives no labels. Raises `BodyUnknown`."""
    for body in others(rules):
        if body.name == name:
            return body
    raise BodyUnknown(f"the charter of {rules.preset} has no such body {name[:60]!r}")


def takes_labelled(rules: CharterRules, body: Body) -> bool:
    """Whether a body votes on projects with a label: where the charter has labels, and no other
    body chose the projects before."""
    return bool(rules.families) and body.decides in ("money", "opinion") and not body.admitted_by


def leading_to_vote(rules: CharterRules) -> tuple[str, ...]:
    """The bodies of which one has to admit what residents vote on: the last that admit. None where
    no body does."""
    admitting = [body for body in others(rules) if body.decides == "admits"]
    before = {body.admitted_by for body in admitting}
    return tuple(body.name for body in admitting if body.name not in before)


def check_free(rules: CharterRules, body: Body, undecided: Sequence[Round]) -> None:
    """Raises `BodyInRound`, and where it gives out the money of a fund `FundInRound`, while a round
    is `undecided`."""
    money = {each.name for each in others(rules) if each.decides == "money"}
    for row in undecided:
        if row.body_name == body.name:
            raise BodyInRound(f"{body.name} has not decided round {row.round_id}")
        if rules.fund is not None and body.name in money and row.body_name in money:
            raise FundInRound(f"{row.body_name} has not decided round {row.round_id}")


def givable_again(rules: CharterRules, body: Body, reason: str | None) -> bool:
    """Whether what a body did not choose can be given to it once more."""
    return rules.fund is not None and body.decides == "money" and reason in RAN_OUT
