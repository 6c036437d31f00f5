"""Whether a charter's bodies make sense, and whether somebody decides at all."""

from collections.abc import Iterator, Mapping, Sequence

from shared.charters.form import FamilyForm, VoteForm, Window
from shared.charters.problems import Problem
from shared.events.charter import Body
from shared.events.rules import Rule
from shared.events.scheme import Fund
from shared.rules.together import together


def bodies(named: Sequence[Body]) -> Iterator[Problem]:
    """The rule of each body goes with what its members say, and one body gives labels."""
    for body in named:
        for found in () if body.rule is None else together(body.rule, body.format):
            if found.refused:
                path = f"bodies.{body.name}.rule.{found.path}"
                yield Problem("not_together", path, {"what": found.what})
    for body in [body for body in named if body.decides == "labels"][1:]:
        yield Problem("labels_twice", f"bodies.{body.name}.decides")


def chain(named: Sequence[Body]) -> Iterator[Problem]:
    """A body votes on what another one admitted, before it."""
    by_name = {body.name: body for body in named}
    for body in named:
        if body.admitted_by is None:
            continue
        path = f"bodies.{body.name}.admitted_by"
        before = by_name.get(body.admitted_by)
        if before is None:
            yield Problem("body_unknown", path, {"name": body.admitted_by})
        elif before.decides != "admits":
            yield Problem("body_admits_nothing", path, {"name": before.name})
        elif _behind_itself(body, by_name):
            yield Problem("admitted_by_itself", path, {"name": body.name})


def _behind_itself(body: Body, by_name: Mapping[str, Body]) -> bool:
    passed = {body.name}
    before = by_name.get(body.admitted_by or "")
    while before is not None and before.name not in passed:
        passed.add(before.name)
        before = by_name.get(before.admitted_by or "")
    return before is body


def phases(named: Sequence[Body], windows: Mapping[str, Window]) -> Iterator[Problem]:
    """Each body has the phase in which it votes."""
    for phase in dict.fromkeys(body.during for body in named):
        if phase not in windows and phase != "labelling":
            yield Problem("phase_missing", f"phases.{phase}", {"phase": phase})


def families(named: Sequence[Body], found: Sequence[FamilyForm]) -> Iterator[Problem]:
    """Who gives labels has some to give."""
    for body in named:
        if body.decides == "labels" and not found:
            yield Problem("labels_without_families", f"bodies.{body.name}.decides")


def money(
    named: Sequence[Body],
    vote: VoteForm | None,
    rule: Rule | None,
    fund: Fund | None,
    envelope: str | None,
) -> Iterator[Problem]:
    """Who gives money has some to give, and each round of a fund has its length."""
    if vote is not None and rule is None and envelope is None:
        yield Problem("money_without_envelope", "envelope")
    for body in named:
        if body.decides != "money":
            continue
        if body.amounts != "deliberated" and body.rule is None and fund is None:
            yield Problem("money_without_envelope", f"bodies.{body.name}.rule")
        if fund is not None and body.days is None:
            yield Problem("days_missing", f"bodies.{body.name}.days")


def decided(named: Sequence[Body], vote: VoteForm | None) -> Iterator[Problem]:
    """Somebody decides what becomes of a project."""
    if vote is None and not any(body.decides in ("labels", "money") for body in named):
        yield Problem("nothing_decides", "bodies")


def options(
    named: Sequence[Body],
    vote: VoteForm | None,
    found: Sequence[FamilyForm],
    windows: Mapping[str, Window],
) -> Iterator[Problem]:
    """Residents vote on what has a label, on what a body admitted, or on what was imported."""
    if vote is None or found or "dossiers" not in windows:
        return
    if not any(body.decides == "admits" for body in named):
        yield Problem("vote_without_options", "families")
    if vote.outcome == "all-labelled":
        yield Problem("labels_without_families", "vote.outcome")
