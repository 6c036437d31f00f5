"""What the ledger takes: one form for one value, the same for every reader."""

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


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"b":1,"a":2}', "not in RFC 8785 form"),
        (b'{"a": 1}', "not in RFC 8785 form"),
        (b'{"a":1,"a":1}', "not in RFC 8785 form"),
        (b'{"a":1.5}', "not an integer"),
        (b'{"a":1e3}', "not an integer"),
        (b'{"a":NaN}', "not an integer"),
        (b'{"a":9007199254740993}', "not JSON"),
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
