"""The judge of changes: each kind of incompatible change is caught, each harmless one passes."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from tests.contracts.compatibility import incompatibilities

Cents = Annotated[int, Field(ge=0, le=1_000)]


class Part(BaseModel):
    """A part of the event."""

    kind: Literal["approval"]
    most: Annotated[int, Field(ge=1)]


class Happened(BaseModel):
    """The event as it was."""

    v: Literal[1]
    id: UUID
    at: datetime
    cost: Cents
    name: Annotated[str, Field(pattern=r"^[a-z]+$", min_length=2, max_length=9)]
    reason: Literal["funded", "no_votes"]
    options: Annotated[tuple[Cents, ...], Field(min_length=1, max_length=5)]
    pair: tuple[str, int]
    tiers: dict[str, str]
    keyed: dict[Annotated[str, Field(pattern="^[A-Z]$")], int]
    part: Part
    parts: list[Part]
    note: str | None = None
    flag: bool = False


OLD = Happened.model_json_schema()


def changed(**fields: Any) -> dict[str, Any]:
    """The schema with other fields; None takes one away."""
    kept = {
        name: (f.annotation if not f.metadata else Annotated[f.annotation, *f.metadata], f)
        for name, f in Happened.model_fields.items()
    }
    merged = {name: field for name, field in (kept | fields).items() if field is not None}
    model = create_model("Happened", **merged)
    return model.model_json_schema()


def part(**fields: Any) -> type[BaseModel]:
    """Another part."""
    kept: dict[str, Any] = {
        "kind": (Literal["approval"], ...),
        "most": (Annotated[int, Field(ge=1)], ...),
    }
    made = {name: field for name, field in (kept | fields).items() if field is not None}
    return create_model("Part", **made)


def test_no_change_is_compatible() -> None:
    assert incompatibilities(OLD, changed()) == []
    assert changed()["properties"] == OLD["properties"]


INCOMPATIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "a field removed": ({"cost": None}, "lost the field cost"),
    "an optional field removed": ({"note": None}, "lost the field note"),
    "an optional field required": ({"note": (str | None, ...)}, "needs the field note"),
    "a required field added": ({"more": (int, ...)}, "needs the field more"),
    "a field renamed": ({"cost": None, "price": (Cents, ...)}, "lost the field cost"),
    "another type": ({"cost": (str, ...)}, "of type integer"),
    "null no longer taken": ({"note": (str, "")}, "note"),
    "another format": ({"id": (datetime, ...)}, "format"),
    "a format added": ({"flag": (UUID, False)}, "flag"),
    "another pattern": (
        {"name": (Annotated[str, Field(pattern=r"^[a-f]+$", min_length=2, max_length=9)], ...)},
        "pattern",
    ),
    "a pattern added": (
        {"tiers": (dict[str, Annotated[str, Field(pattern="^A")]], ...)},
        "pattern",
    ),
    "a key's pattern narrowed": (
        {"keyed": (dict[Annotated[str, Field(pattern="^[A-F]$")], int], ...)},
        "patternProperties",
    ),
    "a key's pattern added": (
        {"tiers": (dict[Annotated[str, Field(pattern="^[A-Z]$")], str], ...)},
        "patternProperties",
    ),
    "an enum narrowed": ({"reason": (Literal["funded"], ...)}, "no_votes"),
    "an enum's value changed": ({"reason": (Literal["funded", "unvoted"], ...)}, "no_votes"),
    "an enum where there was none": ({"flag": (Literal[False], False)}, "takes only"),
    "a const changed": ({"v": (Literal[2], ...)}, "does not take"),
    "a const of another type": ({"v": (str, ...)}, "of type string"),
    "a higher minimum": ({"cost": (Annotated[int, Field(ge=1, le=1_000)], ...)}, "minimum"),
    "a lower maximum": ({"cost": (Annotated[int, Field(ge=0, le=999)], ...)}, "maximum"),
    "an exclusive bound": ({"cost": (Annotated[int, Field(gt=0, le=1_000)], ...)}, "Minimum"),
    "a maximum added": (
        {"part": (part(most=(Annotated[int, Field(ge=1, le=9)], ...)), ...)},
        "maximum",
    ),
    "a shorter text": (
        {"name": (Annotated[str, Field(pattern=r"^[a-z]+$", min_length=2, max_length=8)], ...)},
        "maxLength",
    ),
    "a shorter list": (
        {"options": (Annotated[tuple[Cents, ...], Field(min_length=1, max_length=4)], ...)},
        "maxItems",
    ),
    "a longer list": (
        {"options": (Annotated[tuple[Cents, ...], Field(min_length=2, max_length=5)], ...)},
        "minItems",
    ),
    "narrower items": (
        {
            "options": (
                Annotated[
                    tuple[Annotated[int, Field(ge=0, le=9)], ...],
                    Field(min_length=1, max_length=5),
                ],
                ...,
            )
        },
        "maximum",
    ),
    "other places": ({"pair": (tuple[str, str], ...)}, "of type integer"),
    "a place more": ({"pair": (tuple[str, int, int], ...)}, "Items"),
    "values of another type": ({"tiers": (dict[str, int], ...)}, "of type string"),
    "a part's field removed": ({"part": (part(most=None), ...)}, "lost the field most"),
    "a part's const changed": ({"part": (part(kind=(Literal["grades"], ...)), ...)}, "approval"),
    "a field of the parts in a list": (
        {"parts": (list[part(more=(int, ...))], ...)},  # type: ignore[misc]
        "needs the field more",
    ),
    "another meaning where it is absent": ({"flag": (bool, True)}, "absent"),
}


@pytest.mark.parametrize("what", INCOMPATIBLE)
def test_an_incompatible_change_is_caught(what: str) -> None:
    fields, sentence = INCOMPATIBLE[what]
    found = incompatibilities(OLD, changed(**fields))
    assert any(sentence in each for each in found), found


COMPATIBLE: dict[str, dict[str, Any]] = {
    "an optional field added": {"more": (int | None, None)},
    "an optional part added": {"more": (Part | None, None)},
    "null taken too": {"cost": (Cents | None, ...)},
    "a required field optional": {"cost": (Cents | None, None)},
    "a number for an integer": {"cost": (Annotated[float, Field(ge=0, le=1_000)], ...)},
    "a lower minimum": {"cost": (Annotated[int, Field(ge=-1, le=1_000)], ...)},
    "no maximum": {"cost": (Annotated[int, Field(ge=0)], ...)},
    "no pattern": {"name": (Annotated[str, Field(min_length=2, max_length=9)], ...)},
    "an enum widened": {"reason": (Literal["funded", "no_votes", "does_not_fit"], ...)},
    "any text for an enum": {"reason": (str, ...)},
    "a const among others": {"v": (Literal[1, 2], ...)},
    "a longer list": {"options": (Annotated[tuple[Cents, ...], Field(min_length=1)], ...)},
    "a part's new optional field": {"part": (part(more=(int | None, None)), ...)},
    "another description": {"id": (Annotated[UUID, Field(description="whose")], ...)},
}


@pytest.mark.parametrize("what", COMPATIBLE)
def test_a_harmless_change_passes(what: str) -> None:
    assert incompatibilities(OLD, changed(**COMPATIBLE[what])) == []


@pytest.mark.parametrize(
    ("old", "new", "harmless"),
    [
        ("^[a-z_.-]{1,80}$", "^[a-z0-9_.-]{1,80}$", True),
        ("^[a-f]{2,4}$", "^[a-z]{1,9}$", True),
        ("^[a-z0-9_.-]{1,80}$", "^[a-z_.-]{1,80}$", False),
        ("^[a-z]{1,80}$", "^[a-z]{1,79}$", False),
        ("^[a-z]{1,80}$", "^[a-z]{2,80}$", False),
        ("^[^a-f]{1,80}$", "^[^a-z]{1,80}$", False),
        ("^[a-z]+$", "^[a-z0-9]+$", False),
    ],
)
def test_a_class_of_characters_may_have_more_of_them(old: str, new: str, harmless: bool) -> None:
    """Whatever is written otherwise, nobody judges here."""
    was, now = ({"type": "string", "pattern": pattern} for pattern in (old, new))
    assert (incompatibilities(was, now) == []) == harmless


@pytest.mark.parametrize("keyword", ["x-topic", "x-ledgered"])
def test_an_event_keeps_its_topic_and_its_log(keyword: str) -> None:
    assert incompatibilities(OLD | {keyword: "one"}, OLD | {keyword: "other"})
    assert incompatibilities(OLD | {keyword: "one"}, OLD)
    assert not incompatibilities(OLD | {keyword: "one"}, OLD | {keyword: "one"})
