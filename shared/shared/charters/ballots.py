"""What no vote may ask for, since it would make ballots less secret or less sure than they are."""

from collections.abc import Iterator

from shared.charters.form import WAYS, VoteForm
from shared.charters.problems import Problem
from shared.events.charter import FLUSH_FLOOR, Vote

FEWEST_ELECTORS = 200
# Tiers with fewer voters are shown together; and how many voters a citizen budget has, at least.
FEWEST_APART, ELECTORS_A_VOTER = 30, 10


def ballot(vote: VoteForm | None) -> Iterator[Problem]:
    """Nothing is promised that secret ballots forbid."""
    if vote is None:
        return
    if vote.own_project == "excluded":
        yield Problem("own_project_excluded", "vote.own_project")
    if vote.duplicates == "paper-over-web":
        yield Problem("paper_over_web", "vote.duplicates")
    if vote.duplicates == "all-void":
        yield Problem("all_duplicates_void", "vote.duplicates")
    if vote.revision == "final":
        yield Problem("final_ballot", "vote.revision")
    if vote.organisations == "allowed":
        yield Problem("organisations_vote", "vote.organisations")
    if set(vote.identity) == {"e-mail"}:
        yield Problem("email_alone", "vote.identity")
    elif "third-party" in vote.identity:
        yield Problem("third_party_identity", "vote.identity")
    elif not {"declared", "posted-code"} <= set(vote.identity) <= {*WAYS}:
        yield Problem("identity_elsewhere", "vote.identity", {"asked": ", ".join(vote.identity)})


def electorate(vote: VoteForm | None, rehearsal: bool) -> Iterator[Problem]:
    """A vote of a canton of its own is among enough people (voting-protocol.md §5)."""
    if vote is None or vote.electors is None or rehearsal:
        return
    if vote.electors < FEWEST_ELECTORS:
        values = {"electors": str(vote.electors), "least": str(FEWEST_ELECTORS)}
        yield Problem("electorate_too_small", "vote.electors", values)


def flush(vote: VoteForm | None, rehearsal: bool) -> Iterator[Problem]:
    """Ballots leave among so many voters as in every vote, or more; only a rehearsal hides less."""
    asked, least = None if vote is None else vote.flush, FLUSH_FLOOR
    if asked is None or rehearsal:
        return
    if asked.k < least.k or asked.interval < least.interval:
        values = {"k": str(asked.k), "interval": str(asked.interval)}
        values |= {"least_k": str(least.k), "least_interval": str(least.interval)}
        yield Problem("flush_too_small", "vote.flush", values)


def channels(vote: VoteForm | None) -> Iterator[Problem]:
    """Everybody can vote on the web; what else there is, is on paper, and paper is somewhere."""
    if vote is None or vote.channels is None:
        return
    for number, each in enumerate(vote.channels):
        if each in vote.channels[:number]:
            yield Problem("name_twice", f"vote.channels.{number}", {"name": each})
    if "web" not in vote.channels:
        yield Problem("web_always", "vote.channels")
    on_paper = [each for each in vote.channels if each not in ("web", "counter")]
    if on_paper and not vote.paper:
        yield Problem("channel_and_paper", "vote.paper", {"channels": ", ".join(on_paper)})
    if vote.paper and set(vote.channels) == {"web"}:
        yield Problem("paper_nowhere", "vote.channels")


def small_tiers(vote: Vote) -> str | None:
    """Advice, where a way of identifying oneself may be that of fewer voters than are shown by
    themselves: a ballot shows its tier, and is then hidden among fewer others. Paper is a tier of
    its own, and so is the booth."""
    tiers = 2 + bool(vote.paper) + bool(vote.assisted)
    if vote.electors is None or vote.electors >= FEWEST_APART * tiers * ELECTORS_A_VOTER:
        return None
    return (
        f"of {vote.electors} people one in {ELECTORS_A_VOTER} may vote, in {tiers} ways of saying"
        f" who they are: fewer than {FEWEST_APART} may share one, and a ballot shows which"
    )
