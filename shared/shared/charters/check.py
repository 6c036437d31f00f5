"""A charter's data as the rules that its event carries, or everything that is wrong with it.

A part that cannot be read hides no problem of another part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from shared.canonical import canonical
from shared.charters.form import (
    ACTS,
    DEFAULTS,
    PARTS,
    WAYS,
    VoteForm,
    cents,
    in_cents,
)
from shared.charters.parts import read_part
from shared.charters.problems import CharterRefused, Problem
from shared.charters.reading import merged, read_yaml
from shared.charters.sense import CHECKS, phases_of
from shared.events.ballots import Format
from shared.events.charter import CharterRules, Family, Vote
from shared.events.rules import Rule
from shared.events.scheme import Adopted
from shared.events.screening import Screening
from shared.events.voting import FlushRule
from shared.words import unseen

# What the rules may take on the ledger; the rest of a body's 60 KiB is the event's around them.
LARGEST_RULES = 56 * 1024
LONGEST_FOUND = 60  # characters of a value that are shown beside what is wrong with it
# Parts that the rules have as the file has them; and those of which nothing is the same as none.
AS_THEY_ARE = (
    *("preset", "edition", "territories", "counter_attended", "carrier_statuses", "documents"),
    *("assumed", "cycle", "submitting", "costs", "grant", "fund", "counters", "funding"),
)
SAID_OR_NOT = (*("bodies", "levels", "themes", "themes_open", "categories", "principles", "desks"),)


@dataclass(frozen=True)
class Charter:
    """A charter that may be published: its title in words, its rules, and who adopted them."""

    title: str
    rehearsal: bool
    rules: CharterRules
    adopted: Adopted | None = None


def read_charter(written: str | bytes, presets: Mapping[str, str]) -> Charter:
    """The charter of a file: an edition of a preset, or one that says everything itself.

    Raises `CharterRefused` with everything that is wrong.
    """
    data = read_yaml(written)
    name = data.get("preset")
    if not isinstance(name, str) or name not in presets:
        return _on_its_own(data, name, presets)
    return charter(merged(_preset(presets[name]), data))


@cache
def _preset(written: str) -> Mapping[str, Any]:
    """What a preset says. There are a handful, and reading one takes longer than its checks."""
    return read_yaml(written)


def _on_its_own(data: Mapping[str, Any], name: object, presets: Mapping[str, str]) -> Charter:
    """A charter of no preset that is known here; where it leaves out what a preset would have said,
    the name may be the mistake, and is told first."""
    try:
        return charter(data)
    except CharterRefused as refused:
        lacks = any(problem.code == "missing" for problem in refused.problems)
        if not (lacks and presets and isinstance(name, str)):
            raise
        values = {"name": name[:60], "known": ", ".join(sorted(presets))}
        unknown = Problem("preset_unknown", "preset", values)
        raise CharterRefused([unknown, *refused.problems]) from None


def charter(data: Mapping[str, Any]) -> Charter:
    """The charter that this data is. Raises `CharterRefused` with everything that is wrong."""
    parts, problems = _read(data)
    for needs, check in CHECKS:
        if parts.keys() >= set(needs):
            problems += check(*(parts[name] for name in needs))
    problems += _assumptions_of_nothing(data, parts)
    if problems:
        raise CharterRefused([replace(each, found=_found(data, each.path)) for each in problems])
    rules = _rules(parts)
    length = len(canonical(rules.model_dump(mode="json", exclude_none=True)))
    if length > LARGEST_RULES:
        values = {"most": str(LARGEST_RULES), "length": str(length)}
        raise CharterRefused([Problem("too_large", "", values)])
    return Charter(parts["title"], parts["rehearsal"], rules, parts["adopted"])


def _read(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The parts that can be read, and what is wrong with the others."""
    parts: dict[str, Any] = {}
    said = _said(data)
    problems = [Problem("unknown_key", name) for name in data if name not in said]
    for name, adapter in PARTS.items():
        if name not in said:
            if name in DEFAULTS:
                parts[name] = DEFAULTS[name]
            else:
                problems.append(Problem("missing", name))
            continue
        if hidden := list(_unseen(said[name], name)):
            problems += hidden
            continue
        try:
            parts[name] = read_part(name, said[name], adapter, in_cents)
        except CharterRefused as refused:
            problems += refused.problems
    return parts, problems


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a file as they were written; a ballot's format and a rule are parts of their
    own, so that nothing in them hides what is wrong with the rest of the vote."""
    said = {name: value for name, value in data.items() if name in PARTS and "." not in name}
    vote = said.get("vote")
    if isinstance(vote, Mapping):
        inner = {f"vote.{name}": value for name, value in vote.items()}
        said |= {name: value for name, value in inner.items() if name in PARTS}
        said["vote"] = {name: vote[name] for name in vote if f"vote.{name}" not in PARTS}
    return said


def _unseen(value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, str):
        if (character := unseen(value)) is not None:
            yield Problem("unseen_character", path, {"character": character})
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unseen(inner, f"{path}.{key}"[:200])
    elif isinstance(value, list):
        for inner in value:
            yield from _unseen(inner, path)


def _assumptions_of_nothing(data: Mapping[str, Any], parts: Mapping[str, Any]) -> list[Problem]:
    """An assumption is about something that the charter says."""
    return [
        Problem("assumption_of_nothing", f"assumed.{assumption.of}")
        for assumption in parts.get("assumed", ())
        if not _said_at(data, parts, assumption.of.split("."))
    ]


def _said_at(data: Any, parts: Mapping[str, Any], place: Sequence[str]) -> bool:
    if place[0] == "vote" and parts.get("vote") is not None:
        vote = parts["vote"].model_dump()  # its defaults are said as well
        data = {**data, "vote": data["vote"] | {n: v for n, v in vote.items() if v is not None}}
    return _at(data, place) is not None


def _at(data: Any, place: Sequence[str]) -> Any:
    """What stands at a place: in a list, what has a name is called by it, else by its number."""
    found = data
    for part in place:
        if isinstance(found, list):
            named = {each.get("name"): each for each in found if isinstance(each, Mapping)}
            numbered = found[int(part)] if part.isdecimal() and int(part) < len(found) else None
            found = named.get(part, numbered)
        elif isinstance(found, Mapping):
            found = found.get(part)
        else:
            return None
    return found


def _found(data: Mapping[str, Any], path: str) -> str | None:
    """What the file says at a place, where one can see it at a glance."""
    found = _at(data, path.split("."))
    if found is None or isinstance(found, list | Mapping) or unseen(str(found)) is not None:
        return None
    said = ("false", "true")[found] if isinstance(found, bool) else str(found)
    return said if len(said) <= LONGEST_FOUND else f"{said[: LONGEST_FOUND - 1]}…"


def _rules(parts: Mapping[str, Any]) -> CharterRules:
    return CharterRules(
        **{name: parts[name] for name in AS_THEY_ARE},
        **{name: parts[name] or None for name in SAID_OR_NOT},
        envelope=None if parts["envelope"] is None else cents(parts["envelope"]),
        phases=phases_of(parts["phases"], parts["edition"]),
        families=tuple(
            Family(name=f.name, fr=f.fr, en=f.en, ceiling=cents(f.ceiling))
            for f in parts["families"]
        ),
        vote=_vote(parts["vote"], parts["vote.format"], parts["vote.rule"]),
        screening=parts["screening"]
        or (Screening.rehearsed() if parts["rehearsal"] else Screening()),
        second_officer=tuple(act for act in ACTS if act in parts["second_officer"]),
        kind=None if parts["kind"] == "citizen-budget" else parts["kind"],
    )


def _vote(said: VoteForm | None, form: Format | None, rule: Rule | None) -> Vote | None:
    if said is None:
        return None
    return Vote(
        minimum_age=said.minimum_age,
        least=said.least,
        most=said.most,
        outcome=said.outcome,
        format=form,
        rule=rule,
        paper=True if said.paper else None,
        assisted=True if said.assisted else None,
        secrecy=said.secrecy,
        consent_age=said.consent_age,
        electors=said.electors,
        # The ways of every vote are said by nothing, as before there was a third one.
        identity=WAYS if set(said.identity) == {*WAYS} else None,
        flush=None if said.flush is None else FlushRule(**said.flush.model_dump()),
        links=said.links,
        sworn=True if said.sworn else None,
        channels=said.channels,
    )
