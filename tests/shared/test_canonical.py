"""What the ledger takes: one form for one value, the same for every reader."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import MAX_BODY, canonical, flaw

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("abcé").map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_"), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcXYZ_"), values))
def test_what_is_canonical_has_no_flaw(value: dict[str, object]) -> None:
    assert flaw(canonical(value)) is None


keys = st.text(st.characters(max_codepoint=127), max_size=6)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(
    lambda text: unicodedata.normalize("NFC", text)
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(keys, anything), st.booleans(), st.booleans(), st.sampled_from([",", ", "]))
def test_of_all_ways_to_write_a_value_only_rfc_8785s_has_no_flaw(
    value: dict[str, object], in_order: bool, escaped: bool, comma: str
) -> None:
    written = json.dumps(
        value, sort_keys=in_order, ensure_ascii=escaped, separators=(comma, ":")
    ).encode()
    assert (flaw(written) is None) == (written == canonical(value))
    assert flaw(canonical(value)) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"b":1,"a":2}', "not in RFC 8785 form"),
        (b'{"a": 1}', "not in RFC 8785 form"),
        (b'{"a":1,"a":1}', "not in RFC 8785 form"),
        (b'{"a":1.5}', "not an integer"),
        (b'{"a":1e3}', "not an integer"),
        (b'{"a":NaN}', "not an integer"),
        (b'{"a":9007199254740992}', "not JSON"),
        (b'{"a":-9007199254740992}', "not JSON"),
        (b'{"a":"\\ud800"}', "not JSON"),
        ('{"a":1}'.encode("utf-16"), "not JSON"),
        ('{"é":1}'.encode(), "not ASCII"),
        ('{"a":"e\u0301"}'.encode(), "not in NFC"),
        (b'["a"]', "not a JSON object"),
        (b"hello", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'{"a":"' + b"a" * MAX_BODY + b'"}', "bytes, at most"),
    ],
)
def test_what_readers_could_take_in_two_ways_is_refused_with_its_reason(
    body: bytes, why: str
) -> None:
    assert why in (flaw(body) or "")
