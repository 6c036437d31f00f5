"""A charter's rules as they stand in its event: what the ledger keeps and every service reads."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.events.ballots import Format
from shared.events.event import Cents, Frozen, Name
from shared.events.exact import Contradictory, at
from shared.events.rules import Rule

Words = Annotated[str, Field(min_length=1, max_length=200)]
# The acts that a charter can ask two officers for.
Act = Literal[
    "publish-charter",
    "redate-phase",
    "freeze-options",
    "open-round",
    "close-round",
    "order-tie",
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
    """Who votes, and how: `minimum_age` on the day that voting opens.

    What a ballot says is the `format`, or else `least` to `most` options. What decides is the
    `rule`, or else the `outcome`: most votes first, of equals the cheaper, until the envelope is
    exhausted.
    """

    minimum_age: Annotated[int, Field(ge=0, le=115)]
    least: Annotated[int, Field(ge=0, le=10_000)] | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] | None = None
    outcome: Literal["ranked-until-exhausted"] | None = None
    format: Format | None = None
    rule: Rule | None = None

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if self.format is None and (self.least is None or self.most is None):
            raise Contradictory(at("format", "a format, or least and most"))
        if self.rule is None and self.outcome is None:
            raise Contradictory(at("rule", "a rule, or an outcome"))
        return self


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
