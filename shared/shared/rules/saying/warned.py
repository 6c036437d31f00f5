"""What can happen in a round that somebody might not mean, in a sentence for whoever opens it."""

from shared.events.rules import Rule
from shared.rules.saying.speech import Speech
from shared.rules.together import Finding


def warning(found: Finding, rule: Rule, speech: Speech) -> str:
    """A warning of a rule's setup. Raises `ValueError` for what is refused: that is no warning."""
    _, values = speech.gettext, found.values
    match found.warned:
        case "few_choices":
            return _(
                "A ballot names two projects at most, and money is shared out by equal shares: with"
                " fewer than three choices, many voters may have no funded project."
            )
        case "few_options":
            return _(
                "The rule promises %(promised)s projects of “%(value)s” (%(kind)s) in %(envelope)s,"
                " and there are only %(has)s.",
                promised=speech.number(values["promised"]),
                value=speech.value(values["of"], values["value"]),
                kind=speech.kind(values["of"]),
                envelope=_envelope(found, rule, speech),
                has=speech.number(values["has"]),
            )
        case "over_envelope":
            return _(
                "What the rule promises to groups costs %(needs)s at least, and %(envelope)s has"
                " %(amount)s. It cannot be kept: where the money ends, groups get fewer projects.",
                **_sums(found, rule, speech),
            )
        case "maybe_over_envelope":
            return _(
                "What the rule promises to groups can cost up to %(needs)s, and %(envelope)s has"
                " %(amount)s. If dear projects win, groups get fewer where the money ends.",
                **_sums(found, rule, speech),
            )
        case "many_steps":
            return _(
                "The share of each voter grows by %(step)s at a time until the money is spent. With"
                " fewer than %(ballots)s ballots that takes more steps than a count has time for.",
                step=speech.money(values["cents"]),
                ballots=speech.number(values["ballots"]),
            )
        case None:
            raise ValueError(f"{found.path} is refused: {found.what}")


def _sums(found: Finding, rule: Rule, speech: Speech) -> dict[str, str]:
    amounts = {each.name: each.amount for each in rule.envelopes}
    return {
        "needs": speech.money(found.values["needs"]),
        "envelope": _envelope(found, rule, speech),
        "amount": speech.money(amounts[found.values["envelope"]]),
    }


def _envelope(found: Finding, rule: Rule, speech: Speech) -> str:
    """Where there is one envelope only, it needs no name."""
    _ = speech.gettext
    if len(rule.envelopes) == 1:
        return _("the envelope")
    return _("the envelope “%(name)s”", name=found.values["envelope"])
