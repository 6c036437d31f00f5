"""What is said of each option of a decided round, and in which order. Pure; the sentences are
`shared.decided`'s."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.decided import Setting, Verdict
from shared.events.ballots import Format
from shared.events.charter import CharterRules
from shared.events.reasons import Reason
from shared.events.rules import Rule
from voting.count.allocation.purses import steps
from voting.count.tables import Option


def winners(options: Sequence[Option]) -> list[Option]:
    """The funded options, in the order of winning."""
    funded = [option for option in options if option.funded]
    return sorted(funded, key=lambda o: (o.place is None, o.place or 0, o.rank or 0, o.number))


def others(options: Sequence[Option], rule: Rule) -> list[Option]:
    """Those that are not funded: by the step that looked at them last and their rank in it, by
    votes where a step ranks nobody, and last those that no step ranked."""
    names = [(rule.passes[number].name, envelope) for number, envelope in steps(rule)]
    unranked = {each.name for each in rule.passes if each.order.type == "equal-shares"}

    def place(option: Option) -> tuple[bool, int, int, int]:
        step = tuple(option.step or ())
        by_rank = option.rank is not None and step[:1] and step[0] not in unranked
        at = names.index(step) if step in names else len(names)
        return (
            option.rank is None,
            at,
            (option.rank or 0) if by_rank else -option.votes,
            option.number,
        )

    return sorted((option for option in options if not option.funded), key=place)


def verdict(option: Option) -> Verdict:
    """What was decided about an option, as its event says it."""
    if option.funded is None or option.reason is None:
        raise RuntimeError(f"option {option.number} of {option.round_id} is not decided")
    reason: Reason = option.reason  # type: ignore[assignment]  # as its event had it
    return Verdict(
        reason=reason,
        votes=option.votes,
        cost=option.cost,
        amount=option.amount or 0,
        rank=option.rank,
        step=(option.step[0], option.step[1]) if option.step else None,
        facts=option.facts or {},
        withdrawn=option.seen.get("withdrawn"),
    )


def setting(
    form: Format,
    rule: Rule,
    options: Sequence[Option],
    words: Mapping[str, str],
    rules: CharterRules | None,
) -> Setting:
    """All that is known of a round here: words by their commitment, labels by the charter."""
    labels: dict[str, Any] = {}
    for each in () if rules is None else (*rules.territories, *rules.families):
        labels[each.name] = each
    return Setting(
        form=form,
        rule=rule,
        titles={str(o.option_id): words[o.title] for o in options if o.title in words},
        numbers={str(option.option_id): option.number for option in options},
        labels=labels,
    )
