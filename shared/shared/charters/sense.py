"""Whether what a charter says makes sense, and what no charter may ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.charters import ballots, bodies, deciding, following, money, people, places
from shared.charters.form import (
    ACTS,
    PHASES,
    FamilyForm,
    VoteForm,
    Window,
    instant,
    years,
)
from shared.charters.problems import Problem
from shared.events.charter import Act, Body, Phase
from shared.events.screening import Screening


def _names(path: str) -> Callable[[Sequence[Any]], Iterator[Problem]]:
    def check(named: Sequence[Any] | None) -> Iterator[Problem]:
        """No two have the same name."""
        known = set()
        for each in named or ():
            if each.name in known:
                yield Problem("name_twice", f"{path}.{each.name}", {"name": each.name})
            known.add(each.name)

    return check


def _windows(windows: Mapping[str, Window], edition: str) -> Iterator[Problem]:
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


def _needed(
    windows: Mapping[str, Window],
    counter_attended: bool,
    families: Sequence[FamilyForm],
    bodies: Sequence[Body],
    vote: VoteForm | None,
) -> Iterator[Problem]:
    """What a charter speaks of has its phase; where nobody deposits an idea, all are imported."""
    labelled = bool(families) or any(body.during == "labelling" for body in bodies)
    deposited = "ideas" in windows or "dossiers" in windows or vote is None
    for name, needed in (
        ("ideas", deposited),
        ("dossiers", deposited),
        ("counters", counter_attended),
        ("labelling", labelled),
        ("vote", vote is not None),
    ):
        if needed and name not in windows:
            yield Problem("phase_missing", f"phases.{name}", {"phase": name})
    if "vote" in windows and vote is None and all(body.during != "vote" for body in bodies):
        yield Problem("vote_phase_without_vote", "phases.vote")


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
            if phase.name == "follow-up" and which == "closes":
                continue  # what was decided is followed for years
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


# The lists in which everything has a name of its own.
NAMED = (
    *("levels", "territories", "carrier_statuses", "families", "themes", "categories"),
    *("principles", "documents", "desks", "bodies"),
)
Check = Callable[..., Iterator[Problem]]
# What is checked once the parts that it needs can be read.
CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("edition",), _two_years),
    (("phases", "edition"), _windows),
    (("phases", "counter_attended", "families", "bodies", "vote"), _needed),
    *((((part,), _names(part))) for part in NAMED),
    (("kind", "fund", "vote"), places.kind),
    (("levels", "territories"), places.levels),
    (("cycle",), places.cycle),
    (("cycle", "envelope"), money.cycle_money),
    (("submitting",), people.submitting),
    (("submitting", "costs"), people.winners_only),
    (("themes", "themes_open"), people.themes),
    (("categories",), people.categories),
    (("documents", "submitting"), people.documents),
    (("families", "grant", "envelope"), money.ceilings),
    (("costs",), money.costs),
    (("grant", "categories"), money.grants),
    (("fund", "grant"), money.fund),
    (("desks", "territories", "counter_attended", "rehearsal"), following.desks),
    (("desks", "phases"), following.open_desks),
    (("counters", "rehearsal"), following.counters),
    (("vote", "vote.format"), deciding.limits),
    (("vote",), ballots.ballot),
    (("vote",), ballots.channels),
    (("vote",), people.links_of_voters),
    (("vote", "rehearsal"), ballots.electorate),
    (("vote", "rehearsal"), ballots.flush),
    (("vote", "vote.rule"), deciding.outcome),
    (("vote.format",), deciding.contest),
    (("vote.rule", "envelope"), deciding.whole),
    (
        ("vote.rule", "territories", "families", "themes", "themes_open", "categories"),
        deciding.groups,
    ),
    (("vote.rule",), deciding.unheard),
    (("vote", "vote.format", "vote.rule"), deciding.goes_together),
    (("bodies",), bodies.bodies),
    (("bodies",), bodies.chain),
    (("bodies", "phases"), bodies.phases),
    (("bodies", "families"), bodies.families),
    (("bodies", "vote", "vote.rule", "fund", "envelope"), bodies.money),
    (("bodies", "vote"), bodies.decided),
    (("bodies", "vote", "families", "phases"), bodies.options),
    (("funding", "rehearsal"), following.funding),
    (("second_officer", "rehearsal"), _officers),
    (("screening", "rehearsal"), _screening),
)
