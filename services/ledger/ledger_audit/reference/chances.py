"""How near a loser was: how much cheaper, or how many more votes, would have won."""

from collections.abc import Sequence

from ledger_audit.reference.step import Look, Step


def say_chances(step: Step) -> None:
    """Add it to the looks at options that did not fit, or came after the stop.

    `cheaper_by` cents less, and it would have fitted where it stood. With `more_votes` it would
    have come before the last winner at whose turn there still was enough: said where the order is
    that of votes and nothing but money limits it. Neither where groups are promised winners: then
    it changes with every winner whose turn it is.
    """
    quotas, order = step.each["quotas"], step.each["order"]["type"]
    if any(quota.get("least") is not None for quota in quotas):
        return
    plain = order == "votes" and not quotas and step.each.get("most") is None
    for place, look in enumerate(step.looks):
        if look.code not in ("does_not_fit", "lost_tie", "after_stop"):
            continue
        amount = step.amounts[look.option["id"]]
        if look.code != "after_stop" and look.left > 0:
            look.facts["cheaper_by"] = amount - look.left
        if plain and (ahead := _ahead(step.looks[:place], amount)) is not None:
            # With as many votes as that winner, the criteria decide.
            as_many = step.first_unasked([look.option, ahead.option]) is look.option
            lacks = step.votes[ahead.option["id"]] - step.votes[look.option["id"]]
            look.facts["more_votes"] = lacks if as_many else lacks + 1


def _ahead(before: Sequence[Look], amount: int) -> Look | None:
    """The last winner before whom there was so much left."""
    enough = [look for look in before if look.paid is not None and look.left >= amount]
    return enough[-1] if enough else None
