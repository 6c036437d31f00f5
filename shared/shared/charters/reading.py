"""YAML as plain data, and how an edition changes a preset.

Of YAML, a charter needs mappings, lists, texts, whole numbers, yes and no. Everything else is
refused, since a reader could take it in two ways or for ever: anchors, tags, several documents,
the same key twice. Dates stay as they are written.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import yaml

from shared.charters.problems import CharterRefused, Problem

LONGEST = 64 * 1024
# What a vote says in short, and by a ballot's format or a rule instead.
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "format": ("least", "most"),
    "rule": ("outcome", "ties", "partial_grants"),
}

_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = {"null", "bool", "int", "str", "seq", "map"}


def read_yaml(written: str | bytes) -> dict[str, Any]:
    """The mapping that a charter's file is. Raises `CharterRefused`."""
    length = len(written if isinstance(written, bytes) else written.encode(errors="replace"))
    if length > LONGEST:
        values = {"most": str(LONGEST), "length": str(length)}
        raise CharterRefused([Problem("too_long", "", values)])
    try:
        data = yaml.load(written, _Loader)
    except yaml.MarkedYAMLError as error:
        if error.problem_mark is None:
            raise _unreadable(str(error.problem)) from None
        raise _refused("not_yaml", error.problem_mark, what=str(error.problem)) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise _unreadable(what) from None
    if not isinstance(data, dict):
        raise _unreadable("the file is no mapping of keys to values")
    return data


def merged(preset: Mapping[str, Any], edition: Mapping[str, Any]) -> dict[str, Any]:
    """A preset, and in the places that an edition speaks of, what the edition says.

    Mappings are merged, lists replaced, and what says another `type` replaces all of the preset's.
    Where an edition says `null`, what the preset says is not said.
    A ballot's format or a rule takes the place of what the preset says instead. What the edition
    decides is assumed no more, unless it says so itself.
    """
    gone = _said_instead(edition)
    whole = _merged(_without(preset, gone), edition)
    if "title" in preset and "title" not in edition and "edition" in edition:
        whole["title"] = f"{preset['title']} {edition['edition']}"
    assumed, added = preset.get("assumed"), edition.get("assumed", [])
    if isinstance(assumed, list) and isinstance(added, list):
        kept = [
            each
            for each in assumed
            if _place(each) not in gone and not _decides(edition, _place(each))
        ]
        whole["assumed"] = kept + added
    return whole


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(below)
    for key, value in above.items():
        beneath = whole.get(key)
        if value is None and beneath is not None:
            del whole[key]
            continue
        whole[key] = value
        if isinstance(beneath, dict) and isinstance(value, dict) and _alike(beneath, value):
            whole[key] = _merged(beneath, value)
    return whole


def _alike(below: Mapping[str, Any], above: Mapping[str, Any]) -> bool:
    kind = below.get("type")
    return bool(above.get("type", kind) == kind)


def _said_instead(edition: Mapping[str, Any]) -> set[str]:
    """What the edition says of the vote by a format or a rule."""
    vote = edition.get("vote")
    said = vote if isinstance(vote, dict) else {}
    return {f"vote.{name}" for key, names in INSTEAD.items() if key in said for name in names}


def _without(preset: Mapping[str, Any], places: set[str]) -> Mapping[str, Any]:
    vote = preset.get("vote")
    if not isinstance(vote, dict):
        return preset
    return {**preset, "vote": {n: v for n, v in vote.items() if f"vote.{n}" not in places}}


def _place(assumption: Any) -> str:
    return str(assumption.get("of", "")) if isinstance(assumption, dict) else ""


def _decides(edition: Mapping[str, Any], place: str) -> bool:
    """Whether an edition says something at a place, or about a whole that the place is in."""
    found: Any = edition
    for part in place.split("."):
        if not isinstance(found, dict):
            return True
        if part not in found:
            return False
        found = found[part]
    return True


class _Loader(yaml.SafeLoader):
    """Plain data only."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML is untyped here
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused("not_plain", event.start_mark, what="an anchor")
        if getattr(event, "tag", None) is not None:
            raise _refused("not_plain", event.start_mark, what="a tag")
        node = super().compose_node(parent, index)
        if node is not None and node.tag.rpartition(":")[2] not in _PLAIN:
            raise _refused("not_plain", node.start_mark, what=node.tag.rpartition(":")[2])
        if isinstance(node, yaml.ScalarNode) and _SURROGATE.search(node.value):
            raise _refused("not_plain", node.start_mark, what="half a character")
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        known = set()
        for key, _ in node.value:
            if not key.tag.endswith(":str"):
                raise _refused("not_plain", key.start_mark, what=f"the key {key.value!r:.40}")
            if key.value in known:
                raise _refused("key_twice", key.start_mark, key=key.value[:80])
            known.add(key.value)
        return super().construct_mapping(node, deep)


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    """In NFC, as the ledger has it."""
    return unicodedata.normalize("NFC", str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:str", _text)
# A date stays the text that was written, and `on`, which is a key, is no yes.
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if not tag.endswith(":timestamp") and (first not in "oO" or not tag.endswith(":bool"))
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _refused(code: str, mark: Any, **values: str) -> CharterRefused:
    return CharterRefused([Problem(code, "", {"line": str(mark.line + 1), **values})])


def _unreadable(what: str) -> CharterRefused:
    return CharterRefused([Problem("unreadable", "", {"what": what})])
