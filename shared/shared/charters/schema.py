"""The JSON Schema of a charter's file, for editors and for those who write files by programme.

It is of a whole charter: an edition of a preset leaves out what that says. It knows shapes alone;
what makes no sense together, the check says.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from shared.charters.form import AMOUNT, DEFAULTS, MOST_CENTS, PARTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
AMOUNTS = {"type": "string", "pattern": f"^{AMOUNT}$", "examples": ["4 500 EUR", "4500.50 EUR"]}
VALIDATION: JsonSchemaMode = "validation"


@cache
def json_schema() -> Mapping[str, Any]:
    """The schema of a file that says everything itself."""
    named = [(name, VALIDATION, adapter) for name, adapter in PARTS.items()]
    found, whole = TypeAdapter.json_schemas(named, ref_template="#/$defs/{model}")
    parts = {name: schema for (name, _), schema in found.items()}
    definitions = whole["$defs"]
    for name in ("format", "rule"):
        definitions["VoteForm"]["properties"][name] = parts.pop(f"vote.{name}")
    parts["edition"] = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    parts["second_officer"] = {"anyOf": [{"const": "all"}, parts["second_officer"]]}
    parts["envelope"] = definitions["FamilyForm"]["properties"]["ceiling"] = AMOUNTS
    for which in ("opens", "closes"):
        definitions["Window"]["properties"][which] = {"type": "string", "examples": ["03-07"]}
    return {
        "$schema": DIALECT,
        "title": "Charter",
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in PARTS if name not in DEFAULTS],
        "properties": {name: _as_written(schema) for name, schema in parts.items()},
        "$defs": {name: _as_written(schema) for name, schema in definitions.items()},
    }


def _as_written(schema: Any) -> Any:
    """Money is written with its unit, and is a number of cents in the rules alone."""
    if isinstance(schema, list):
        return [_as_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "integer" and schema.get("maximum") == MOST_CENTS:
        return AMOUNTS
    return {
        # A default of the rules is in cents, too.
        key: _as_written(value)
        for key, value in schema.items()
        if key != "default" or not _is_money(schema)
    }


def _is_money(schema: Mapping[str, Any]) -> bool:
    return any(each.get("maximum") == MOST_CENTS for each in schema.get("anyOf", ()))
