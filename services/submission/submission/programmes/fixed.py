"""What may still be changed of a charter that was published, and what fixed the rest.

Nothing that a round depends on changes from the instant its options are frozen, be it residents' or
a body's; what projects have is not taken away; windows of phases have an act of their own. What was
filed is held to the version that stood when it was filed, or when its carrier amended it
(`projects.finding.held_to`): a new one is never retroactive.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.charters.comparing import differences
from shared.charters.problems import CharterRefused, Problem
from shared.events.charter import CharterRules

Fixing = Literal["published", "frozen", "opened", "agreed"]
# Part by part, what fixes it; what is not here never is: desks, counters, officers, assumptions.
FIXED_BY: Mapping[str, Fixing] = {
    **dict.fromkeys(("preset", "edition", "kind", "phases"), "published"),
    **dict.fromkeys(
        (
            *("envelope", "cycle", "levels", "territories", "themes", "themes_open", "categories"),
            *("families", "carrier_statuses", "submitting", "counter_attended", "principles"),
            *("documents", "costs", "grant", "vote", "screening"),
        ),
        "frozen",
    ),
    **dict.fromkeys(("bodies", "fund"), "opened"),
    "funding": "agreed",
}
# Lists of which projects may have something: names join them, and do not leave.
IN_USE = ("levels", "territories", "carrier_statuses", "families", "themes", "categories", "desks")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an edition is: an idea was deposited, residents' options are frozen, these bodies had
    a round, an agreement was signed."""

    deposited: bool = False
    frozen: bool = False
    opened: frozenset[str] = frozenset()
    agreed: bool = False


def check_amendment(old: CharterRules, new: CharterRules, standing: Standing) -> None:
    """Whether a charter may become another one now. Raises `CharterRefused` with everything that
    may not."""
    changed = dict.fromkeys(each.path for each in differences(old, new))
    if not changed:
        raise CharterRefused([Problem("nothing_amended", "")])
    problems = [problem for path in changed if (problem := _fixed(path, old, standing)) is not None]
    problems += _taken_away(old, new, standing)
    if problems:
        raise CharterRefused(problems)


def check_title(published: str, written: str) -> None:
    """An amendment's event says rules and no title: a file with another one is refused, and not
    followed in part. Raises `CharterRefused`."""
    if written != published:
        raise CharterRefused([Problem("title_fixed", "title", {"title": published})])


def _fixed(path: str, old: CharterRules, standing: Standing) -> Problem | None:
    part, _, inside = path.partition(".")
    if _voted_on(part, old, standing):
        return Problem("fixed_opened", path)
    match FIXED_BY.get(part):
        case "published":
            return Problem("phases_are_redated" if part == "phases" else "fixed_published", path)
        case "frozen" if standing.frozen:
            return Problem("fixed_frozen", path)
        case "opened" if _opened(part, inside.partition(".")[0], standing):
            return Problem("fixed_opened", path)
        case "agreed" if standing.agreed:
            return Problem("fixed_agreed", path)
    return None


def _opened(part: str, name: str, standing: Standing) -> bool:
    """A body is fixed by a round of its own; the fund, and the bodies as a whole, by any."""
    return name in standing.opened if part == "bodies" and name else bool(standing.opened)


def _voted_on(part: str, old: CharterRules, standing: Standing) -> bool:
    """Whether a body had a round that depends on a part beside itself: members who give labels vote
    on families and their ceilings, members who give money without a fund or a rule of their own
    share out the envelope."""
    had = [each for each in old.bodies or () if each.name in standing.opened]
    match part:
        case "families":
            return any(each.decides == "labels" for each in had)
        case "envelope" if old.fund is None:
            return any(each.decides == "money" and each.rule is None for each in had)
    return False


def _taken_away(old: CharterRules, new: CharterRules, standing: Standing) -> Iterator[Problem]:
    if not standing.deposited:
        return
    for part in IN_USE:
        there = {each.name for each in getattr(new, part) or ()}
        for each in getattr(old, part) or ():
            if each.name not in there and _fixed(part, old, standing) is None:
                yield Problem("in_use", f"{part}.{each.name}", {"name": each.name})
