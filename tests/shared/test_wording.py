"""Whoever writes a file is told in our words what is wrong with it, each with its path."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events.rules import Misfit, Option, Pass
from shared.wording import wrong


@pytest.mark.parametrize(
    ("model", "written", "said"),
    [
        (Option, {"id": "x" * 101, "number": 1, "cost": 1}, "id: this has at most 100 characters"),
        (Option, {"id": "", "number": 0, "cost": 1}, "number: this is at least 1"),
        (Option, {"id": "x", "number": 1}, "cost: this has to be said"),
        (Option, {"id": "x", "number": 1, "cost": 1.5}, "cost: this is no whole number"),
        (Option, {"id": "x", "number": 1, "cost": 1, "price": 1}, "price: nothing is called so"),
        (Option, {"id": 1, "number": 1, "cost": 1}, "id: this has to be a text"),
        (Option, {"id": "x", "number": 1, "cost": 1, "groups": 1}, "groups: this has to be a map"),
        (Option, 1, "this has to be a mapping"),
        (Misfit, {"policy": "ask"}, "policy: this is one of skip, stop, fund-next, part-fund"),
        (Misfit, {"at_least": "80%"}, "at_least: a ratio is written as 3 or 4/5"),
        (Pass, {"name": "A", "order": {"type": "votes"}}, "name: a name has small letters"),
        (Pass, {"name": "a", "order": {"type": "x"}}, "order: this is one of votes, votes-per"),
        (Pass, {"name": "a", "order": {}}, "order: this has to be said"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(model: type, written: object, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter[object](model).validate_python(written)
    assert said in wrong(refused.value)
    assert not re.search("Input|String|Field", wrong(refused.value))
