"""Where a programme is in its year, and the one thing to do today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.charters.form import years
from submission.programmes.tables import Phase, RoundState

Action = Literal["vote", "deposit", "file", "meet", "results", "look", "wait"]
# What each phase asks of a visitor, the most pressing first; labelling asks nothing.
_ASKED: tuple[tuple[str, Action], ...] = (
    ("vote", "vote"),
    ("ideas", "deposit"),
    ("dossiers", "file"),
    ("counters", "meet"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the year, as the line of the year has it."""

    name: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """The one thing to do; `until` is when it ends, or begins where there is only to wait."""

    action: Action
    until: datetime | None = None


def line(phases: Sequence[Phase], edition: str) -> list[Step]:
    """The phases in their order, and behind them the results, until the edition's year is over."""
    steps = [Step(each.name, each.opens_at, each.closes_at) for each in phases]
    over = max(each.closes_at for each in phases)
    return [*steps, Step("results", over, max(over, years(edition)[1]))]


def today(phases: Iterable[Phase], round_state: RoundState | None, now: datetime) -> Today:
    """The one main action. Once a result is there it is what everybody comes for; nobody votes
    before the round was opened, and an annulled one has the word that it was."""
    if round_state is not None and (round_state.allocation or round_state.annulled_at):
        return Today("results")
    open_now = {each.name: each for each in phases if each.opens_at <= now < each.closes_at}
    voting = round_state is not None and round_state.opened_at and not round_state.closed_at
    for name, action in _ASKED:
        if name in open_now and (action != "vote" or voting):
            return Today(action, open_now[name].closes_at)
    if "labelling" in open_now:
        return Today("look", open_now["labelling"].closes_at)
    coming = [each.opens_at for each in phases if each.opens_at > now]
    return Today("wait", min(coming) if coming else None)
