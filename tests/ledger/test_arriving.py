"""What a record is to the ledger: an event, one for another version, one for none, or nothing."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.structs import ConsumerRecord

from ledger.arriving import Misplaced, Unacceptable, Unread, read_any, still_unread
from ledger.sequence import Leaf, Stream
from ledger_audit import leaves
from shared.canonical import MAX_BODY, canonical
from shared.delivery import Dead, Record
from shared.envelope import Envelope, leaf_bytes
from shared.events import Event
from shared.events.projects import DossierFiled
from tests.ledger.conftest import NOW

TOPIC = "submission.projects"
EVENT = DossierFiled(project_id=uuid4(), programme_id=uuid4(), title="c" * 64, cost=1)
ENVELOPE = Envelope(
    id=uuid4(),
    type=EVENT.type,
    source="submission",
    subject=EVENT.subject,
    time=NOW,
    log="edition",
    number=17,
)


def record(body: bytes | None, envelope: Envelope = ENVELOPE, **headers: bytes | None) -> Record:
    sent = {**dict(envelope.headers()), **headers}
    kept = tuple((name, value) for name, value in sent.items() if value is not None)
    return ConsumerRecord(TOPIC, 0, 0, 0, 0, b"key", body, None, 3, 0, kept)


def nested(depth: int) -> Any:
    """A body of so many lists and objects within each other."""
    value: Any = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def test_an_event_is_read() -> None:
    assert read_any(record(EVENT.body())).event == EVENT


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_source", None),
        ("ce_source", b"Somebody"),
        ("ce_log", b"No log"),
        ("ce_number", b"0"),
        ("ce_number", b"first"),
        ("ce_number", str(2**53).encode()),
        ("ce_id", b"one"),
    ],
)
def test_without_publisher_log_number_or_id_it_is_a_dead_letter(
    header: str, value: bytes | None
) -> None:
    with pytest.raises(Dead):
        read_any(record(EVENT.body(), ENVELOPE, **{header: value}))


def test_without_a_place_it_is_a_dead_letter() -> None:
    with pytest.raises(Dead, match="without ce_log and ce_number"):
        read_any(record(EVENT.body(), replace(ENVELOPE, log=None, number=None)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "not_canonical"),
        (b"", "not_canonical"),
        (b"[]", "not_canonical"),
        (b'{"a": 1}', "not_canonical"),
        (b'{"b":1,"a":2}', "not_canonical"),
        (b'{"a":1.5}', "not_canonical"),
        (b'{"a":"\xff"}', "not_canonical"),
        (b"{" * 50_000, "not_canonical"),
        (canonical(nested(101)), "not_canonical"),
        (canonical({"a": "x" * MAX_BODY}), "too_large"),
    ],
)
def test_what_no_version_can_take_says_why(body: bytes | None, reason: str) -> None:
    found = read_any(record(body)).event
    assert isinstance(found, Unacceptable)
    assert (found.reason, found.topic) == (reason, TOPIC)


def test_the_auditor_takes_what_is_nested_as_deep_as_the_ledger_does() -> None:
    blessed = replace(ENVELOPE, type="submission.idea-blessed.v1")
    for depth, taken in ((100, True), (101, False)):
        body = canonical(nested(depth))
        assert isinstance(read_any(record(body, blessed)).event, Unread) is taken
        try:
            leaves.read(leaf_bytes(blessed, body))
        except ValueError as refused:
            assert not taken and "nested more than 101 deep" in str(refused)
        else:
            assert taken


def test_a_type_that_this_version_does_not_know_is_unread() -> None:
    blessed = replace(ENVELOPE, type="submission.idea-blessed.v1")
    found = read_any(record(b'{"a":1}', blessed)).event
    assert found == Unread(TOPIC, "the type submission.idea-blessed.v1 is unknown of submission")


def test_a_body_that_breaks_its_schema_is_unread_and_is_not_quoted() -> None:
    body = canonical(json.loads(EVENT.body()) | {"cost": "Mrs Martin"})
    found = read_any(record(body)).event
    assert isinstance(found, Unread)
    assert found.why == "the body breaks submission.dossier-filed.v1: cost: int_parsing"


def test_another_publishers_type_and_one_of_no_log_are_unread() -> None:
    for kind in ("voting.round-closed.v1", "submission.text-published.v1"):
        found = read_any(record(EVENT.body(), replace(ENVELOPE, type=kind))).event
        assert isinstance(found, Unread)


@pytest.mark.parametrize("topic", ["voting.ballots", "submission.administration"])
def test_an_event_on_another_topic_than_its_own_is_not_that_event(topic: str) -> None:
    told = record(EVENT.body())
    copied = ConsumerRecord(topic, 0, 0, 0, 0, b"key", told.value, None, 3, 0, told.headers)
    assert read_any(copied).event == Misplaced(
        topic, "submission.dossier-filed.v1 is on submission.projects"
    )


def test_a_version_that_knows_the_type_reads_what_was_held() -> None:
    blessed = replace(ENVELOPE, type="submission.idea-blessed.v1")
    leaf = Leaf(Stream("edition", "submission"), 17, uuid4(), leaf_bytes(blessed, EVENT.body()))
    assert still_unread(leaf) is not None
    later: dict[str, type[Event]] = {blessed.type: DossierFiled}
    assert still_unread(leaf, later) is None
