"""An entry's fields, from its bytes: RFC 8785 JSON, and exactly what a leaf has."""

import re
from typing import Any, NamedTuple

from ledger_audit import jcs

_FIELDS = {"body", "id", "number", "src", "t", "type", "v"}
_TYPE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v([1-9][0-9]*)")
_SOURCE = re.compile(r"[a-z]+(\.[a-z]+)?")
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z")
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(UUID)
_LONGEST_NAME = 100

BALLOT, OPENING = "voting.ballot-cast.v1", "voting.ballot-opened.v1"
_BOX, _COUNT = "voting.box", "voting.count"
# A ballot of a named round, which stands under a seat.
SEAT_BALLOT = "voting.seat-ballot-cast.v1"
# What the ledger calls itself as a publisher, and the log that every other one is announced in.
LEDGER, PLATFORM = "ledger", "platform"
_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE = rb"(?:0|-?[1-9][0-9]{0,14})"
_CHOICE = rb"(?:%b|\[%b,%b\])" % (_WHOLE, _WHOLE, _WHOLE)
_CHOICES = rb"\[(?:%b(?:,%b)*)?\]" % (_CHOICE, _CHOICE)
_MINUTE_TEXT = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z"
# A ballot in its one form. Nearly every entry of a large log is one, and whatever this matches is
# canonical by how it is written: names in order, ASCII without escapes, short whole numbers.
# `before` and `after` are its body without the signature, which is what is signed.
CAST = re.compile(
    rb'\{"body":(?P<before>\{(?:"choices":(?P<choices>%b)|"commitment":"(?P<commitment>[0-9a-f]{64})")'
    rb',"key":"(?P<key>[A-Za-z0-9+/=]{44})","revision":(?P<revision>[1-9][0-9]{0,14})'
    rb',"round":"(?P<round>%b)"(?:,"sealed":"(?P<sealed>[A-Za-z0-9+/=]{1,60000})")?)'
    rb',"sig":"(?P<sig>[A-Za-z0-9+/=]{88})"'
    rb'(?P<after>,"tier":"(?P<tier>[ !#-\[\]-~]{1,100})","token":"(?P<token>[A-Za-z0-9+/=]{512})"'
    rb',"v":1\}),"id":"(?P<id>%b)","number":(?P<number>[1-9][0-9]{0,14}),"src":"voting\.box"'
    rb',"t":"%b","type":"voting\.ballot-cast\.v1","v":1\}' % (_CHOICES, _UUID, _UUID, _MINUTE_TEXT)
)
# What the commission says of one, where it could open it: behind a sealed round there is one for
# each voter.
OPENED = re.compile(
    rb'\{"body":\{"choices":(?P<choices>%b),"key":"(?P<key>[A-Za-z0-9+/=]{44})"'
    rb',"revision":(?P<revision>[1-9][0-9]{0,14}),"round_id":"(?P<round>%b)"'
    rb',"salt":"(?P<salt>[0-9a-f]{64})"\},"id":"(?P<id>%b)","number":(?P<number>[1-9][0-9]{0,14})'
    rb',"src":"voting\.count","t":"%b","type":"voting\.ballot-opened\.v1","v":1\}'
    % (_CHOICES, _UUID, _UUID, _MINUTE_TEXT)
)


class Leaf(NamedTuple):
    """What every entry has. Of a ballot, `round_id` is the round it says it is of."""

    id: bytes
    src: str
    number: int
    type: str
    version: int
    minute: str
    body: dict[str, Any]
    round_id: str


def read(entry: bytes) -> Leaf:
    """An entry's fields. Raises `ValueError`, which says what is wrong with it."""
    leaf = jcs.read(entry)
    if leaf.keys() != _FIELDS:
        raise ValueError(f"made of {', '.join(sorted(leaf))}"[:200])
    kind = _TYPE.fullmatch(leaf["type"]) if isinstance(leaf["type"], str) else None
    well_formed = (
        isinstance(leaf["body"], dict)
        and isinstance(leaf["id"], str)
        and _ID.fullmatch(leaf["id"]) is not None
        and type(leaf["number"]) is int
        and leaf["number"] >= 1
        and isinstance(leaf["src"], str)
        and is_source(leaf["src"])
        and isinstance(leaf["t"], str)
        and _MINUTE.fullmatch(leaf["t"]) is not None
        and kind is not None
        and type(leaf["v"]) is int
        and str(leaf["v"]) == kind[2]
    )
    if not well_formed:
        raise ValueError("a leaf with a field that is not of its form")
    body = leaf["body"]
    return Leaf(
        bytes.fromhex(leaf["id"].replace("-", "")),
        leaf["src"],
        leaf["number"],
        leaf["type"],
        leaf["v"],
        leaf["t"],
        body,
        str(body.get("round" if leaf["type"] == BALLOT else "round_id"))[:_LONGEST_NAME],
    )


def is_source(name: str) -> bool:
    """Whether a publisher can be called so."""
    return len(name) <= _LONGEST_NAME and _SOURCE.fullmatch(name) is not None


class Numbered(NamedTuple):
    """Of an entry, what its place in the log is checked by."""

    id: bytes
    src: str
    number: int
    type: str
    round_id: str
    leaf: Leaf | None


def numbered(entry: bytes) -> Numbered:
    """The same of a ballot, or of an opening, without reading its JSON; `leaf` is there for all
    else.

    Raises `ValueError`.
    """
    if (found := CAST.fullmatch(entry)) is not None:
        return _short(found, _BOX, BALLOT)
    if (found := OPENED.fullmatch(entry)) is not None:
        return _short(found, _COUNT, OPENING)
    leaf = read(entry)
    return Numbered(leaf.id, leaf.src, leaf.number, leaf.type, leaf.round_id, leaf)


def _short(found: re.Match[bytes], src: str, kind: str) -> Numbered:
    round_id, identity, number = found.group("round", "id", "number")
    known = bytes.fromhex(identity.decode().replace("-", ""))
    return Numbered(known, src, int(number), kind, round_id.decode(), None)
