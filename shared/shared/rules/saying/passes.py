"""A pass of a rule in sentences: whom it looks at, in which order, and what it does then."""

from collections.abc import Iterator

from shared.events.rules import Completion, EqualShares, Misfit, Options, Order, Pass, Quota
from shared.rules.saying.speech import Speech


def each_pass(each: Pass, speech: Speech, *, one_envelope: bool = False) -> Iterator[str]:
    """Everything that a pass says; where there is `one_envelope` only, it needs no words."""
    _ = speech.gettext
    if one_envelope:
        pass
    elif each.envelopes:
        names = speech.all_of([f"“{name}”" for name in each.envelopes])
        yield _("It spends these envelopes, one after the other: %(names)s.", names=names)
    else:
        yield _("It spends every envelope, one within another before that one.")
    if each.options != Options():
        yield _("It looks at %(projects)s.", projects=speech.projects(each.options))
    yield from _order(each.order, speech)
    for quota in each.quotas:
        yield from _quota(quota, speech)
    yield from _misfit(each.misfit, speech)
    match each.below_threshold:
        case "refused":
            yield _("A project without votes, or with fewer than it needs, is not funded.")
        case "taken":
            yield _("A project without votes, or with fewer than it needs, can be funded as well.")
    if each.most is not None:
        yield speech.ngettext(
            "Of one envelope it funds at most %(n)s project.",
            "Of one envelope it funds at most %(n)s projects.",
            each.most,
        )


def _order(order: Order, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    match order.type:
        case "votes":
            yield _("Projects with more votes come first.")
        case "votes-per-cost":
            yield _("Projects with more votes for each euro that they get come first.")
        case "jury-rank":
            yield _("Projects come in the order of the jury; those that it did not rank are out.")
        case "median-grade":
            yield _(
                "Projects with the better median grade come first; where it is the same, one such"
                " grade is taken away from each, and the medians are compared again."
            )
            if order.at_least is not None:
                yield _(
                    "A project needs a median grade of “%(grade)s” at least.",
                    grade=speech.grade(order.at_least),
                )
        case "equal-shares":
            yield from _equal_shares(order, speech)


def _equal_shares(order: EqualShares, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    yield _(
        "By the method of equal shares: the money is divided equally among the ballots, and a"
        " project is funded where those who support it can pay it together from their shares."
    )
    match order.utility:
        case "cost":
            yield _(
                "First comes the project whose supporters pay the smallest part of its cost each."
            )
        case "cardinality":
            yield _("First comes the project whose supporters pay the least each.")
    if order.unit is not None:
        yield _(
            "The share is rounded down to a multiple of %(unit)s.", unit=speech.money(order.unit)
        )
    if order.completion is not None:
        yield from _completion(order.completion, speech)
    match order.top_up:
        case "votes":
            yield _("What is left goes to further projects that fit, those with more votes first.")
        case "votes-per-cost":
            yield _(
                "What is left goes to further projects that fit, those with more votes for each"
                " euro first."
            )
        case None:
            pass
    if order.comparison is not None:
        yield _(
            "The result is compared with that of giving the same money to most votes first; where"
            " neither is better, equal shares count."
        )
    match order.comparison and order.comparison.by:
        case "projects":
            yield _(
                "Each ballot prefers the result with more of the projects that it supports, and the"
                " one that more ballots prefer counts."
            )
        case "money":
            yield _(
                "Each ballot prefers the result with more money for the projects that it supports,"
                " and the one that more ballots prefer counts."
            )
        case "excluded":
            yield _("The one counts that leaves fewer ballots without any project they support.")
        case None:
            pass


def _completion(completion: Completion, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if completion.cents is not None:
        yield _(
            "Since that leaves money, it is repeated with %(more)s more for each ballot.",
            more=speech.money(completion.cents),
        )
    else:
        yield _(
            "Since that leaves money, it is repeated with %(more)s of the first share more for each"
            " ballot.",
            more=speech.ratio(completion.share or "0"),
        )
    match completion.stop:
        case "exhaustive":
            yield _(
                "It ends when nothing more would fit, or before it would cost more than there is."
            )
        case "overspend":
            yield _("It ends before it would cost more than there is.")


def _quota(quota: Quota, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    kind = speech.kind(quota.of)
    value = None if quota.value is None else speech.value(quota.of, quota.value)
    if quota.least is not None and value is None:
        yield speech.ngettext(
            "While there is not %(n)s funded project of a %(kind)s, its projects come before all"
            " others.",
            "While there are not %(n)s funded projects of a %(kind)s, its projects come before all"
            " others.",
            quota.least,
            kind=kind,
        )
    elif quota.least is not None and value is not None:
        yield speech.ngettext(
            "While there is not %(n)s funded project of “%(value)s” (%(kind)s), its projects come"
            " before all others.",
            "While there are not %(n)s funded projects of “%(value)s” (%(kind)s), its projects come"
            " before all others.",
            quota.least,
            kind=kind,
            value=value,
        )
    if quota.most is not None and value is None:
        yield speech.ngettext(
            "Of each %(kind)s at most %(n)s project is funded, one of an earlier step included.",
            "Of each %(kind)s at most %(n)s projects are funded, those of earlier steps included.",
            quota.most,
            kind=kind,
        )
    elif quota.most is not None and value is not None:
        yield speech.ngettext(
            "Of “%(value)s” (%(kind)s) at most %(n)s project is funded, one of an earlier step"
            " included.",
            "Of “%(value)s” (%(kind)s) at most %(n)s projects are funded, those of earlier steps"
            " included.",
            quota.most,
            kind=kind,
            value=value,
        )
    if quota.required:
        yield _("Projects without %(kind)s are out of this step.", kind=kind)


def _misfit(misfit: Misfit, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    share = None if misfit.at_least is None else speech.ratio(misfit.at_least)
    match misfit.policy:
        case "skip":
            yield _("A project that costs more than is left makes room for the next one.")
        case "stop":
            yield _("With the first project that costs more than is left, this step ends.")
        case "fund-next":
            yield _(
                "A project that costs more than is left is funded in full where at least %(share)s"
                " of it is there, and this step ends.",
                share=share or "",
            )
        case "part-fund":
            yield _(
                "A project that costs more than is left gets the rest where at least %(share)s of"
                " it is there, and this step ends.",
                share=share or "",
            )
    if share is not None:
        match misfit.otherwise:
            case "skip":
                yield _("Where less is left, it makes room for the next one.")
            case "stop":
                yield _("Where less is left, this step ends without it.")
