"""The contracts: every event, by publishing service and subject, one definition for both sides."""

from collections.abc import Mapping
from types import MappingProxyType

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
from shared.events.event import Event

ALL: tuple[type[Event], ...] = (
    *submission.ALL,
    *projects.ALL,
    *carriers.ALL,
    *gatherings.ALL,
    *handoffs.ALL,
    *voting.ALL,
    *paper.ALL,
    *acts.ALL,
    *funding.ALL,
    *openings.ALL,
    *seats.ALL,
    *roll.ALL,
    *earlier.ALL,
    *private.ALL,
    *notification.ALL,
    *ledger.ALL,
    *dead.ALL,
)
BY_TYPE: Mapping[str, type[Event]] = MappingProxyType({event.type: event for event in ALL})

__all__ = ["ALL", "BY_TYPE", "Event"]
