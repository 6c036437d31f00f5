"""What events of paper ballots, and two officers' acts about a whole round, say to people."""

from collections.abc import Mapping
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from ledger.pages.votes import choices
from shared.web.messages import mark

# Why a batch or a round was annulled, or a round extended.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "entered-wrongly": mark("it was entered wrongly"),
        "stubs-do-not-match": mark("papers and stubs do not match"),
        "not-of-this-round": mark("its papers are not of this vote"),
        "tampered": mark("somebody tampered with it"),
        "box-down": mark("the ballot box was down"),
        "roll-down": mark("the roll of voters was down"),
        "network-down": mark("the network was down"),
        "emergency": mark("there was an emergency"),
        "court-ruling": mark("a court ruled so"),
        "decision-of-the-body": mark("the assembly decided so"),
        "irregularity": mark("there was an irregularity"),
        "loss-of-data": mark("data was lost"),
    }
)


def batch_opened(body: Body) -> Said:
    """Papers are being entered."""
    return saying.say(
        mark(
            "A batch of ballot papers is being entered, each paper by two people who do not see "
            "each other’s entries. Stubs: %(n)s."
        ),
        n=saying.number(body["stubs"]),
    )


def batch_locked(body: Body) -> Said:
    """All of them are."""
    return saying.say(
        mark(
            "A batch of ballot papers is complete. Stubs: %(stubs)s; ballots: %(ballots)s; void "
            "papers: %(void)s."
        ),
        stubs=saying.number(body["stubs"]),
        ballots=saying.number(body["ballots"]),
        void=saying.number(sum(body["void"].values())),
    )


def ballot(body: Body) -> Said:
    """What a paper says."""
    sentence = (
        mark("A ballot paper gives to options, by their number: %(choices)s. It names no voter.")
        if any(isinstance(each, list) for each in body["choices"])
        else mark("A ballot paper names the options %(choices)s. It names no voter.")
    )
    return saying.say(sentence, choices=choices(body))


def batch_annulled(body: Body) -> Said:
    """None of its papers counts."""
    return saying.say(
        mark("Two officers annulled a batch of ballot papers: %(reason)s. None of it counts."),
        reason=_reason(body),
    )


def all_in(body: Body) -> Said:
    """No batch follows."""
    return saying.say(
        mark(
            "Two officers said that all ballot papers are in. Batches: %(batches)s; stubs: "
            "%(stubs)s; ballots: %(ballots)s; void papers: %(void)s."
        ),
        batches=saying.number(body["batches"]),
        stubs=saying.number(body["stubs"]),
        ballots=saying.number(body["ballots"]),
        void=saying.number(sum(body["void"].values())),
    )


def marked(body: Body) -> Said:
    """Who could vote on paper."""
    return saying.say(
        mark(
            "The roll counted the people that it marked as voting on paper: %(marked)s. Envelopes "
            "of people who had a right to vote online, set aside unopened: %(aside)s."
        ),
        marked=saying.number(body["marked"]),
        aside=saying.number(body["set_aside"]),
    )


def extended(body: Body) -> Said:
    """A round has a later end."""
    return saying.say(
        mark("Two officers gave a vote a later end, %(at)s: %(reason)s."),
        at=saying.moment(body["closes_at"]),
        reason=_reason(body),
    )


def annulled(body: Body) -> Said:
    """Nothing of a round counts."""
    return saying.say(
        mark("Two officers annulled a vote: %(reason)s (%(act)s). Nothing of it counts any more."),
        reason=_reason(body),
        act=body["act"],
    )


def _reason(body: Body) -> saying.Shown:
    reason = body["reason"]
    return (
        saying.sentence(REASONS[reason])
        if reason in REASONS
        else saying.Shown(saying.Kind.TEXT, reason)
    )
