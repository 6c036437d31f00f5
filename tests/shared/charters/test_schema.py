"""The published JSON Schema, judged by another validator: what it takes, and what it does not."""

import copy
from importlib import resources
from typing import Any

import pytest

from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.charters.schema import json_schema
from tests.contracts.validators import findings, install
from tests.shared.charters.broken import BROKEN, BUDGET, FUND
from tests.shared.charters.test_broken import changed

# What is wrong with a shape, as far as a schema can know: a date that is none is not.
OF_SHAPE = ("malformed", "missing", "unknown_key")
NOT_SEEN = {"adopted.on"}


def judged(files: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """What is found in each of these charters."""
    install()
    schema = dict(json_schema())
    asked = {name: {"schema": schema, "data": data} for name, data in files.items()}
    found = findings({"files": asked})
    return {name: [each for each in found if each.startswith(f"file {name}:")] for name in files}


def test_every_preset_is_of_the_schema() -> None:
    folder = resources.files("submission") / "presets"
    files = {
        each.name: merged(read_yaml(each.read_text()), {"edition": "2027"})
        for each in folder.iterdir()
        if each.name.endswith(".yaml")
    }
    files |= {"budget": read_yaml(BUDGET), "fund": read_yaml(FUND)}
    assert judged(files) == {name: [] for name in files}


def test_what_is_broken_in_its_shape_is_not_of_the_schema() -> None:
    broken = {
        f"{number}-{each.path}": changed(each)
        for number, each in enumerate(BROKEN)
        if each.code in OF_SHAPE and each.path not in NOT_SEEN
    }
    assert len(broken) > 10
    assert [name for name, found in judged(broken).items() if not found] == []


def test_what_the_check_takes_the_schema_takes() -> None:
    """Without any one of its parts, a charter that may be published is of the schema."""
    taken = {}
    for name, whole in (("budget", BUDGET), ("fund", FUND)):
        data = read_yaml(whole)
        for part in data:
            less = {key: copy.deepcopy(value) for key, value in data.items() if key != part}
            try:
                charter(less)
            except CharterRefused:
                continue
            taken[f"{name}-{part}"] = less
    assert len(taken) >= 10
    assert judged(taken) == {name: [] for name in taken}


@pytest.mark.parametrize("part", ["title", "territories", "phases", "second_officer"])
def test_what_has_to_be_said_is_required(part: str) -> None:
    assert part in json_schema()["required"]
