"""The envelope and the leaf: what Kafka's headers say is what the ledger hashes."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import canonical
from shared.envelope import Envelope, Unreadable, leaf_bytes

names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=st.builds("{}.{}.v{}".format, names, names, st.integers(1, 99)),
    source=st.builds("{}.{}".format, names, names),
    subject=st.text(min_size=1).filter(lambda text: text.isprintable()),
    time=st.integers(946_684_800, 4_102_444_800).map(lambda t: datetime.fromtimestamp(t, UTC)),
    log=st.just("an-edition"),
    number=st.integers(1, 10**15),
    traceparent=st.none() | st.just("00-" + "1" * 32 + "-" + "2" * 16 + "-01"),
)
bodies = st.dictionaries(names, st.integers(-(2**53) + 1, 2**53 - 1) | st.text(), max_size=4)


@given(envelopes)
def test_an_envelope_survives_its_headers(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.headers()) == envelope


@given(envelopes, bodies)
def test_a_leaf_is_canonical_json_of_what_was_sent(
    envelope: Envelope, body: dict[str, object]
) -> None:
    leaf = leaf_bytes(envelope, canonical(body))
    told: dict[str, Any] = {
        "body": body,
        "id": str(envelope.id),
        "number": envelope.number,
        "src": envelope.source,
        "t": envelope.time.strftime("%Y-%m-%dT%H:%MZ"),
        "type": envelope.type,
        "v": int(envelope.type.rpartition("v")[2]),
    }
    assert leaf == rfc8785.dumps(told)


GOOD = dict(
    Envelope(
        UUID("2f1d3c9e-3d5c-4f0e-9a53-6f5b8a1d2c3e"),
        "voting.ballot-cast.v1",
        "voting.box",
        "a round",
        datetime(2026, 9, 1, 12, tzinfo=UTC),
        "an-edition",
        17,
    ).headers()
)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"17"),
        ("ce_id", b"75CAA5B6-2914-499A-8C90-96161F5E2281"),
        ("ce_id", b"\xff"),
        ("ce_type", b"BallotCast"),
        ("ce_source", b"../box"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-09-01T12:00:00"),
        ("ce_time", b"2026-09-01T12:00:00+02:00"),
        ("ce_time", b"2026-13-01T12:00:00Z"),
        ("ce_time", b"0999-01-01T00:00:00Z"),
        ("ce_number", b"0"),
        ("ce_number", b"017"),
        ("ce_number", b"-1"),
        ("ce_log", b"An Edition"),
    ],
)
def test_a_header_that_is_not_ours_is_named(header: str, value: bytes) -> None:
    with pytest.raises(Unreadable, match=header):
        Envelope.from_headers((GOOD | {header: value}).items())


@pytest.mark.parametrize(
    "header", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject"]
)
def test_a_missing_header_is_named(header: str) -> None:
    with pytest.raises(Unreadable, match=header):
        Envelope.from_headers((k, v) for k, v in GOOD.items() if k != header)


@pytest.mark.parametrize("header", ["ce_log", "ce_number"])
def test_a_log_and_a_number_come_together(header: str) -> None:
    with pytest.raises(Unreadable, match="together"):
        Envelope.from_headers((k, v) for k, v in GOOD.items() if k != header)
