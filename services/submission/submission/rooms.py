"""The rooms of submission: what each adds to the process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter

from shared.refusal import Refusal


@dataclass(frozen=True)
class Room:
    """Its routes, in the order in which they are tried, and the status of each of its refusals."""

    routers: Sequence[APIRouter]
    statuses: Mapping[type[Refusal], int] = field(default_factory=dict)
