"""The contracts: every event, by publishing service and subject, one definition for both sides.

All of them are known to whoever asks for `ALL` or `BY_TYPE`, and loaded then: a process that counts
one round needs what a rule says, and building the other hundred models takes longer than its count.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.events.event import Event

ALL: tuple[type[Event], ...]
BY_TYPE: Mapping[str, type[Event]]

__all__ = ["ALL", "BY_TYPE", "Event"]


def __getattr__(name: str) -> Any:
    """`ALL` and `BY_TYPE`, made when one of them is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from shared.events import (
        acts,
        carriers,
        dead,
        earlier,
        funding,
        gatherings,
        handoffs,
        ledger,
        notification,
        openings,
        paper,
        private,
        projects,
        roll,
        seats,
        submission,
        voting,
    )

    # In the order in which documents list them.
    modules = (
        submission,
        projects,
        carriers,
        gatherings,
        handoffs,
        voting,
        paper,
        acts,
        funding,
        openings,
        seats,
        roll,
        earlier,
        private,
        notification,
        ledger,
        dead,
    )
    everything = tuple(event for each in modules for event in each.ALL)
    globals()["ALL"] = everything
    globals()["BY_TYPE"] = MappingProxyType({event.type: event for event in everything})
    return globals()[name]
