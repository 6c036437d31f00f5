"""A charter's rules as they stand in its event: what the ledger keeps and every service reads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.events.ballots import Format
from shared.events.event import Cents, Frozen, Name
from shared.events.rules import Rule

Words = Annotated[str, Field(min_length=1, max_length=200)]
# The acts that a charter can ask two officers for.
Act = Literal[
    "publish-charter",
    "redate-phase",
    "freeze-options",
    "open-round",
    "close-round",
    "validate-result",
    "sign-agreement",
]


class Labelled(Frozen):
    """What has a name in the charter and a label in each language."""

    name: Name
    fr: Words
    en: Words


class Phase(Frozen):
    """What is possible from one instant to another; phases may overlap."""

    name: Literal["ideas", "counters", "dossiers", "labelling", "vote"]
    opens_at: datetime
    closes_at: datetime


class Family(Labelled):
    """A family of labels; a project that has it gets at most `ceiling` cents."""

    ceiling: Cents


class Vote(Frozen):
    """Who votes, and how: `minimum_age` on the day that voting opens, `least` to `most` options.

    Where a `format` is said, its limits are the ballot's; where a `rule` is, it decides.
    """

    minimum_age: Annotated[int, Field(ge=0, le=115)]
    least: Annotated[int, Field(ge=0, le=10_000)]
    most: Annotated[int, Field(ge=1, le=10_000)]
    outcome: Literal["ranked-until-exhausted"]
    format: Format | None = None
    rule: Rule | None = None


class Assumption(Frozen):
    """A rule that no source states, and what was assumed; `of` is its place in the charter."""

    of: Annotated[str, Field(pattern=r"^[a-z_.-]{1,80}$")]
    fr: Annotated[str, Field(min_length=1, max_length=500)]
    en: Annotated[str, Field(min_length=1, max_length=500)]


class CharterRules(Frozen):
    """The rules of one edition. Money in cents."""

    preset: Name
    edition: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{4})?$")]
    envelope: Cents
    territories: Annotated[tuple[Labelled, ...], Field(min_length=1, max_length=200)]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=20)]
    counter_attended: bool  # before a dossier can be filed
    carrier_statuses: Annotated[tuple[Labelled, ...], Field(min_length=1, max_length=50)]
    families: Annotated[tuple[Family, ...], Field(min_length=1, max_length=50)]
    documents: tuple[Labelled, ...] = ()  # that a dossier must declare to be complete
    vote: Vote
    second_officer: tuple[Act, ...]
    assumed: tuple[Assumption, ...] = ()
