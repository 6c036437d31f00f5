"""The auditor's canonical form is RFC 8785's, on its fast way and on its slow one."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger_audit import jcs
from shared.canonical import flaw

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | TEXTS | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS | TEXTS, VALUES, max_size=4))
def test_what_the_auditor_takes_is_what_the_ledger_takes(value: dict[str, Any]) -> None:
    try:
        entry = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        entry = json.dumps(value).encode()
    taken = flaw(entry) is None
    try:
        assert jcs.read(entry) == value
    except ValueError:
        assert not taken
    else:
        assert taken


@given(
    st.dictionaries(KEYS, st.integers(0, 9) | KEYS, max_size=4), st.integers(0), st.integers(1, 127)
)
def test_other_bytes_are_taken_by_both_or_by_neither(
    value: dict[str, Any], at: int, change: int
) -> None:
    entry = bytearray(rfc8785.dumps(value))
    entry[at % len(entry)] ^= change
    try:
        jcs.read(bytes(entry))
    except (ValueError, RecursionError):
        assert flaw(bytes(entry)) is not None
    else:
        assert flaw(bytes(entry)) is None


@pytest.mark.parametrize(
    "entry",
    [
        b'{"a":1, "b":2}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"e\xcc\x81"}',
        b'{"\xc3\xa9":1}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"{} ",
        b"[]",
        b"1",
        b"",
    ],
)
def test_another_form_is_refused(entry: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        jcs.read(entry)
    assert flaw(entry) is not None


def test_brackets_in_texts_nest_nothing() -> None:
    texts = {"a": "[" * 300, "b": '"[{' * 200, "c": "\\[" * 300}
    entry = jcs.canonical({"body": texts, "many": [[]] * 300})
    assert jcs.read(entry)["body"] == texts
    with pytest.raises(ValueError, match="nested more than 101 deep"):
        jcs.read(b'{"a":"' + rb"\\" + b'","b":' + b"[" * 101 + b"]" * 101 + b"}")


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_what_is_nested_beyond_all_is_refused_before_it_is_read(opening: bytes) -> None:
    with pytest.raises(ValueError, match="nested more than"):
        jcs.read(b'{"a":' + opening * 20_000)
