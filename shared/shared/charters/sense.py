"""Whether what a charter says makes sense, and what no charter may ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.charters import deciding
from shared.charters.form import (
    ACTS,
    PHASES,
    WAYS,
    FamilyForm,
    VoteForm,
    Window,
    cents,
    euros,
    instant,
    years,
)
from shared.charters.problems import Problem
from shared.events.charter import FLUSH_FLOOR, Act, Phase, Vote
from shared.events.screening import Screening

FEWEST_ELECTORS = 200
# Tiers with fewer voters are shown together; and how many voters a citizen budget has, at least.
FEWEST_APART, ELECTORS_A_VOTER = 30, 10


def _names(path: str) -> Callable[[Sequence[Any]], Iterator[Problem]]:
    def check(named: Sequence[Any]) -> Iterator[Problem]:
        """No two have the same name."""
        known = set()
        for each in named:
            if each.name in known:
                yield Problem("name_twice", f"{path}.{each.name}", {"name": each.name})
            known.add(each.name)

    return check


def _windows(
    windows: Mapping[str, Window], edition: str, counter_attended: bool
) -> Iterator[Problem]:
    """Every day exists; where all do, the phases are in order."""
    well = True
    for name, window in windows.items():
        for which, moment in (("opens", window.opens), ("closes", window.closes)):
            try:
                instant(moment, edition, closing=which == "closes")
            except ValueError:
                well = False
                values = {"day": moment, "year": edition[:4]}
                yield Problem("no_such_day", f"phases.{name}.{which}", values)
    if well:
        yield from phases_out_of_order(phases_of(windows, edition), edition)
    needed = ["ideas", "dossiers", "labelling", "vote"]
    for name in [*needed, *(["counters"] if counter_attended else [])]:
        if name not in windows:
            yield Problem("phase_missing", f"phases.{name}", {"phase": name})


def phases_out_of_order(phases: Sequence[Phase], edition: str) -> Iterator[Problem]:
    """What is wrong with the windows of an edition's phases, as published or re-dated.

    They may overlap; but a dossier can be labelled after it is filed, and the vote begins when the
    labels are known.
    """
    first, end = years(edition)
    for phase in phases:
        path = f"phases.{phase.name}"
        if phase.opens_at >= phase.closes_at:
            values = {"opens_at": _said(phase.opens_at), "closes_at": _said(phase.closes_at)}
            yield Problem("window_empty", path, values)
        for which, moment in (("opens", phase.opens_at), ("closes", phase.closes_at)):
            if not first <= moment <= end:
                values = {"instant": _said(moment), "edition": edition}
                yield Problem("phase_outside_year", f"{path}.{which}", values)
    by_name = {phase.name: phase for phase in phases}
    labelling, vote = by_name.get("labelling"), by_name.get("vote")
    if labelling is None:
        return
    labelled = _said(labelling.closes_at)
    dossiers = by_name.get("dossiers")
    if dossiers is not None and dossiers.closes_at > labelling.closes_at:
        values = {"labelling": labelled, "dossiers": _said(dossiers.closes_at)}
        yield Problem("labelled_before_filed", "phases.labelling.closes", values)
    if vote is not None and vote.opens_at < labelling.closes_at:
        values = {"labelling": labelled, "vote": _said(vote.opens_at)}
        yield Problem("vote_before_labels", "phases.vote.opens", values)


def _ceilings(families: Sequence[FamilyForm], envelope: str) -> Iterator[Problem]:
    """No family's ceiling is beyond all there is."""
    for family in families:
        if cents(family.ceiling) > cents(envelope):
            values = {"ceiling": euros(cents(family.ceiling)), "envelope": euros(cents(envelope))}
            yield Problem("ceiling_over_envelope", f"families.{family.name}.ceiling", values)


def _ballot(vote: VoteForm) -> Iterator[Problem]:
    """Nothing is promised that secret ballots forbid."""
    if vote.own_project == "excluded":
        yield Problem("own_project_excluded", "vote.own_project")
    if vote.duplicates == "paper-over-web":
        yield Problem("paper_over_web", "vote.duplicates")
    if vote.duplicates == "all-void":
        yield Problem("all_duplicates_void", "vote.duplicates")
    if set(vote.identity) == {"e-mail"}:
        yield Problem("email_alone", "vote.identity")
    elif not {"declared", "posted-code"} <= set(vote.identity) <= {*WAYS}:
        yield Problem("identity_elsewhere", "vote.identity", {"asked": ", ".join(vote.identity)})


def _electorate(vote: VoteForm, rehearsal: bool) -> Iterator[Problem]:
    """A vote of a canton of its own is among enough people (voting-protocol.md §5)."""
    if vote.electors is not None and vote.electors < FEWEST_ELECTORS and not rehearsal:
        values = {"electors": str(vote.electors), "least": str(FEWEST_ELECTORS)}
        yield Problem("electorate_too_small", "vote.electors", values)


def _flush(vote: VoteForm, rehearsal: bool) -> Iterator[Problem]:
    """Ballots leave among so many voters as in every vote, or more; only a rehearsal hides less."""
    asked, least = vote.flush, FLUSH_FLOOR
    if asked is None or rehearsal:
        return
    if asked.k < least.k or asked.interval < least.interval:
        values = {"k": str(asked.k), "interval": str(asked.interval)}
        values |= {"least_k": str(least.k), "least_interval": str(least.interval)}
        yield Problem("flush_too_small", "vote.flush", values)


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


def _officers(named: Sequence[Act], rehearsal: bool) -> Iterator[Problem]:
    """What decides money takes two officers."""
    missing = [act for act in ACTS if act not in named]
    if missing and not rehearsal:
        yield Problem("one_officer", "second_officer", {"acts": ", ".join(missing)})


def _screening(screening: Screening | None, rehearsal: bool) -> Iterator[Problem]:
    """Only a rehearsal lets more pass than every vote does."""
    if screening is not None and not rehearsal:
        for name, value, standard in screening.loosened():
            values = {"value": str(value), "standard": str(standard)}
            yield Problem("screening_loosened", f"screening.{name}", values)


def _two_years(edition: str) -> Iterator[Problem]:
    if len(edition) > 4 and int(edition[5:]) != int(edition[:4]) + 1:
        yield Problem("malformed", "edition", {"what": "an edition has one year, or two in a row"})


def phases_of(windows: Mapping[str, Window], edition: str) -> tuple[Phase, ...]:
    """The phases in the order in which they open; of those that open together, as an idea goes."""
    phases = [
        Phase.model_validate(
            {
                "name": name,
                "opens_at": instant(window.opens, edition, closing=False).astimezone(UTC),
                "closes_at": instant(window.closes, edition, closing=True).astimezone(UTC),
            }
        )
        for name, window in windows.items()
    ]
    return tuple(sorted(phases, key=lambda phase: (phase.opens_at, PHASES.index(phase.name))))


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


Check = Callable[..., Iterator[Problem]]
# What is checked once the parts that it needs can be read.
CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("edition",), _two_years),
    (("phases", "edition", "counter_attended"), _windows),
    *(
        ((part,), _names(part))
        for part in ("territories", "carrier_statuses", "families", "documents", "bodies")
    ),
    (("families", "envelope"), _ceilings),
    (("vote", "vote.format"), deciding.limits),
    (("vote",), _ballot),
    (("vote", "rehearsal"), _electorate),
    (("vote", "rehearsal"), _flush),
    (("vote", "vote.rule"), deciding.outcome),
    (("vote.format",), deciding.contest),
    (("vote.rule", "envelope"), deciding.whole),
    (("vote.rule", "territories", "families"), deciding.groups),
    (("vote.rule",), deciding.unheard),
    (("vote", "vote.format", "vote.rule"), deciding.goes_together),
    (("bodies",), deciding.bodies),
    (("second_officer", "rehearsal"), _officers),
    (("screening", "rehearsal"), _screening),
)
