"""What Pydantic refuses, in our words: for those who write files and never saw a model."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.events.event import NAME
from shared.events.exact import RATIO, Contradictory
from shared.events.scheme import DURATION

PATTERNS: Mapping[str, str] = {
    RATIO: "a ratio is written as 3 or 4/5, in whole numbers, without a percent sign or a point",
    DURATION: "a time is written as 10 days, 36 hours or 24 months",
    NAME: "a name has small letters without accents, digits and hyphens, 60 at most",
}
WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "this has to be said",
    "union_tag_not_found": lambda _: "this has to be said",
    "extra_forbidden": lambda _: "nothing is called so here",
    "int_type": lambda _: "this is no whole number",
    "int_parsing": lambda _: "this is no whole number",
    "int_from_float": lambda _: "this is no whole number",
    "string_type": lambda _: "this has to be a text: where it looks like a number, in quotes",
    "bool_type": lambda _: "this is neither true nor false",
    "tuple_type": lambda _: "this has to be a list",
    "list_type": lambda _: "this has to be a list",
    "dict_type": lambda _: "this has to be a mapping",
    "model_type": lambda _: "this has to be a mapping",
    "model_attributes_type": lambda _: "this has to be a mapping",
    "date_from_datetime_parsing": lambda _: "this is a day, as 2027-03-07",
    "date_parsing": lambda _: "this is a day, as 2027-03-07",
    "date_type": lambda _: "this is a day, as 2027-03-07",
    "greater_than_equal": lambda its: f"this is at least {its['ge']}",
    "less_than_equal": lambda its: f"this is at most {its['le']}",
    "multiple_of": lambda its: f"this is a multiple of {its['multiple_of']}",
    "too_short": lambda its: f"there have to be {its['min_length']} of these at least",
    "too_long": lambda its: f"there may be {its['max_length']} of these at most",
    "string_too_short": lambda its: f"this has at least {its['min_length']} characters",
    "string_too_long": lambda its: f"this has at most {its['max_length']} characters",
    "literal_error": lambda its: f"this is one of {_listed(its['expected'])}",
    "union_tag_invalid": lambda its: f"this is one of {_listed(its['expected_tags'])}",
    "string_pattern_mismatch": lambda its: PATTERNS.get(its["pattern"], "this is not of its form"),
}


def worded(found: ErrorDetails) -> str:
    """What is wrong, without its place. Words of our own validators stay what they are."""
    words = WORDS.get(found["type"])
    return found["msg"] if words is None else words(found.get("ctx", {}))


def wrong(error: ValidationError) -> str:
    """Everything that is wrong in one sentence, each with its path."""
    said = []
    for found in error.errors():
        path = ".".join(map(str, found["loc"]))
        why = found.get("ctx", {}).get("error")
        each = str(why) if isinstance(why, Contradictory) else worded(found)
        said.append(f"{path}: {each}" if path else each)
    return "; ".join(said)


def _listed(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")
