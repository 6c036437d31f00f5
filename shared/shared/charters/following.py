"""Whether what a charter says of desks, counters and of what follows a decision makes sense."""

from collections.abc import Iterator, Mapping, Sequence

from shared.charters.durations import longer, short
from shared.charters.form import Window
from shared.charters.problems import Problem
from shared.events.scheme import Counters, Desk, Funding, Labelled, Territory
from shared.rules.places import around


def desks(
    said: Sequence[Desk] | None,
    territories: Sequence[Territory],
    counter_attended: bool,
    rehearsal: bool,
) -> Iterator[Problem]:
    """Somebody receives each idea, and whoever has to answer is reminded before it is late."""
    if said is None:
        return
    if counter_attended and not any(desk.role == "adviser" for desk in said):
        yield Problem("desk_missing", "desks")
    known = {each.name for each in territories}
    if unreceived := [name for name in known if not _receives(said, name, territories)]:
        names = ", ".join(sorted(unreceived))
        yield Problem("nobody_receives", "desks", {"territories": names})
    first: list[Desk] = []
    for desk in said:
        path = f"desks.{desk.name}"
        if desk.territories == ():
            yield Problem("nothing_listed", f"{path}.territories")
        for number, name in enumerate(desk.territories or ()):
            if name not in known:
                values = {"kind": "territory", "name": name}
                yield Problem("not_of_charter", f"{path}.territories.{number}", values)
        if desk.first:
            if any(_share(desk, other, territories) for other in first):
                yield Problem("first_desk_twice", f"{path}.first")
            first.append(desk)
        yield from _answering(desk, rehearsal)


def open_desks(said: Sequence[Desk] | None, windows: Mapping[str, Window]) -> Iterator[Problem]:
    """Desks are asked while counters are open: without that phase nobody could ask one."""
    if said and "counters" not in windows:
        yield Problem("phase_missing", "phases.counters", {"phase": "counters"})


def _receives(said: Sequence[Desk], territory: str, territories: Sequence[Territory]) -> bool:
    """Whether an idea of a territory has a desk that it can ask: a first one, or one of advisers. A
    desk of no territory that the charter has is told of by itself."""
    places = {*around(territory, territories)}
    return any(
        desk.first or desk.role == "adviser"
        for desk in said
        if not desk.territories or places & {*desk.territories}
    )


def _share(one: Desk, other: Desk, territories: Sequence[Territory]) -> bool:
    """Whether both are there for one territory, or one of them for what the other's lies in."""
    if one.territories is None or other.territories is None:
        return True
    return any(
        not {*around(each, territories)}.isdisjoint(there)
        for of, there in (
            (one.territories, other.territories),
            (other.territories, one.territories),
        )
        for each in of
    )


def _answering(desk: Desk, rehearsal: bool) -> Iterator[Problem]:
    path = f"desks.{desk.name}"
    for name in ("answer", "remind"):
        yield from _in_earnest(f"{path}.{name}", getattr(desk, name), rehearsal)
    if desk.remind is None:
        return
    if desk.answer is None:
        yield Problem("remind_without_answer", f"{path}.remind")
    elif not longer(desk.answer, desk.remind):
        values = {"remind": desk.remind, "answer": desk.answer}
        yield Problem("remind_after_answer", f"{path}.remind", values)


def counters(said: Counters | None, rehearsal: bool) -> Iterator[Problem]:
    """Each workshop has a name of its own, and who is reminded of a session has time to come."""
    if said is not None:
        yield from _twice("counters.workshops", said.workshops)
        yield from _in_earnest("counters.remind", said.remind, rehearsal)


def funding(said: Funding | None, rehearsal: bool) -> Iterator[Problem]:
    """All of a grant is paid, in instalments that have names; and what lapses without a milestone
    has milestones to reach."""
    if said is None:
        return
    for name in ("instalments", "milestones", "duties"):
        yield from _twice(f"funding.{name}", getattr(said, name))
    steps = {each.name for each in said.milestones or ()}
    for duty in said.duties or ():
        if duty.name in steps:  # both are entered by their names
            yield Problem("name_twice", f"funding.duties.{duty.name}", {"name": duty.name})
    whole = sum(term.percent for term in said.instalments or ())
    if said.instalments is not None and whole != 100:
        yield Problem("instalments_not_whole", "funding.instalments", {"percent": str(whole)})
    asked = said.identifiers or ()
    for number, each in enumerate(asked):
        if each in asked[:number]:
            yield Problem("name_twice", f"funding.identifiers.{number}", {"name": each})
    if not said.milestones:
        for name in ("begin_within", "finish_within"):
            if getattr(said, name) is not None:
                yield Problem("milestones_missing", f"funding.{name}")
    for name in ("sign_within", "begin_within", "finish_within"):
        yield from _in_earnest(f"funding.{name}", getattr(said, name), rehearsal)


def _in_earnest(path: str, duration: str | None, rehearsal: bool) -> Iterator[Problem]:
    if duration is not None and short(duration) and not rehearsal:
        yield Problem("seconds_in_earnest", path, {"duration": duration})


def _twice(path: str, named: Sequence[Labelled] | None) -> Iterator[Problem]:
    known = set()
    for each in named or ():
        if each.name in known:
            yield Problem("name_twice", f"{path}.{each.name}", {"name": each.name})
        known.add(each.name)
