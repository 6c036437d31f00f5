"""Every event as it is committed: its schema, its golden samples, its topic."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from comptoir.topics import declared_topics, milliseconds
from ledger.sequence import PUBLISHERS
from shared.canonical import flaw
from shared.delivery import Dead, Delivered, read
from shared.envelope import TYPE, leaf_bytes
from shared.events import ALL, BY_TYPE, Event
from shared.events.earlier import TODAY
from shared.events.event import Ledgered
from tests.contracts.compatibility import incompatibilities
from tests.contracts.examples import examples
from tests.contracts.processes import source_of
from tests.contracts.revisions import (
    SAMPLES,
    SCHEMAS,
    Sample,
    committed,
    current,
    earlier,
    sample_of,
    samples,
    schema_of,
)

AGAIN = "`.venv/bin/python -m tests.contracts write` writes what is new, if it is compatible"
TOPICS = declared_topics()
# What the ledger writes into its own logs is on no topic; dead letters are on their origin's.
# A publisher with more than one subject has a module for each.
MODULES = {
    "submission": ("submission", "projects", "carriers", "gatherings", "handoffs"),
    "voting": ("voting", "openings", "paper", "acts", "seats", "roll", "funding"),
}
ON_A_TOPIC = [event for event in ALL if event.topic not in ("none", "*.dead")]


def kind(event: type[Event]) -> str:
    return event.type


every_event = pytest.mark.parametrize("event", ALL, ids=kind)


def arrives(sample: Sample, topic: str) -> Delivered[Any]:
    """A sample, read as a consumer reads a record."""
    body, key = sample["body"].encode(), sample["key"].encode()
    headers = tuple((name, value.encode()) for name, value in sample["headers"].items())
    record = ConsumerRecord(topic, 0, 0, 0, 0, key, body, None, len(key), len(body), headers)
    return read(record)


@every_event
def test_the_committed_schema_is_the_events(event: type[Event]) -> None:
    assert current(event) == schema_of(event), AGAIN


@every_event
def test_every_revision_has_a_golden_sample(event: type[Event]) -> None:
    assert len(samples(event)) == len(earlier(event)) + 1, AGAIN


@every_event
def test_samples_show_every_field(event: type[Event]) -> None:
    """A field that is new is in the last of them: a ballot is sealed, or it says its choices."""
    shown = set[str]().union(*(json.loads(sample["body"]) for sample in samples(event)))
    assert shown == schema_of(event)["properties"].keys()


@every_event
def test_samples_are_still_read_and_written_as_they_were(event: type[Event]) -> None:
    for sample in samples(event):
        delivered = arrives(sample, event.topic)
        assert type(delivered.event) is event
        assert delivered.event.body() == sample["body"].encode()
        assert delivered.event.key == sample["key"]
        assert delivered.event.subject == sample["headers"]["ce_subject"]
        headers = [(name, value.encode()) for name, value in sample["headers"].items()]
        assert delivered.envelope.headers() == headers


@every_event
def test_the_ledger_hashes_samples_as_it_did(event: type[Event]) -> None:
    for sample in samples(event):
        delivered = arrives(sample, event.topic)
        if event.ledgered is Ledgered.NO:
            assert not sample.keys() & {"leaf", "leaf_hash"}
            assert "ce_number" not in sample["headers"]
        else:
            leaf = leaf_bytes(delivered.envelope, delivered.body)
            assert leaf == sample["leaf"].encode()
            # RFC 6962 §2.1
            assert hashlib.sha256(b"\0" + leaf).hexdigest() == sample["leaf_hash"]
            assert flaw(delivered.body) is None
            assert json.loads(leaf)["body"] == json.loads(sample["body"])


@every_event
def test_a_consumer_passes_over_what_a_later_version_adds(event: type[Event]) -> None:
    sample = samples(event)[-1]
    more = json.dumps(json.loads(sample["body"]) | {"zz_later": 1}, separators=(",", ":"))
    body = more if event.ledgered is Ledgered.NO else _sorted(more)
    assert arrives(sample | {"body": body}, event.topic).event == arrives(sample, event.topic).event


@every_event
def test_a_consumer_refuses_what_lacks_a_field(event: type[Event]) -> None:
    sample = samples(event)[-1]
    body = json.loads(sample["body"])
    for name in schema_of(event)["required"]:
        less = _sorted(json.dumps({k: v for k, v in body.items() if k != name}))
        with pytest.raises(Dead, match=name):
            arrives(sample | {"body": less}, event.topic)


def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@every_event
def test_each_revision_reads_all_earlier_ones(event: type[Event]) -> None:
    """Transitive: not only what was there last."""
    revisions = [*earlier(event), schema_of(event)]
    for place, new in enumerate(revisions):
        for old in revisions[:place]:
            assert not incompatibilities(old, new), "this needs a new version of the event"


@every_event
def test_what_was_ever_committed_is_still_read_and_still_there(event: type[Event]) -> None:
    known = [*earlier(event), current(event)]
    for commit, schema in committed(SCHEMAS / f"{event.type}.json"):
        assert schema in known, f"the schema of {commit} is gone; {AGAIN}"
        found = incompatibilities(schema, schema_of(event))
        assert not found, f"since {commit}; this needs a new version of the event"
    for commit, golden in committed(SAMPLES / f"{event.type}.json"):
        assert samples(event)[: len(golden)] == golden, f"samples of {commit} were changed"


def test_there_is_no_contract_of_an_event_that_is_gone() -> None:
    for directory in (SCHEMAS, SAMPLES):
        found = {file.stem for file in directory.glob("*.json")}
        assert found == BY_TYPE.keys(), AGAIN
    for file in (SCHEMAS / "earlier").glob("*.json"):
        assert Path(file.stem).stem in BY_TYPE


def test_there_is_an_example_of_every_event() -> None:
    assert [type(example) for example in examples()] == [*ALL]
    for example in examples():
        assert sample_of(example) == samples(type(example))[-1], AGAIN


@every_event
def test_an_event_says_what_it_is(event: type[Event]) -> None:
    named = TYPE.fullmatch(event.type)
    assert named is not None
    publisher = event.type.partition(".")[0]
    if event.topic not in ("none", "*.dead"):
        assert event.topic.partition(".")[0] == publisher
        own = ("earlier",) if event in TODAY else MODULES.get(publisher, (publisher,))
        assert event.__module__ in [f"shared.events.{module}" for module in own]
    assert isinstance(event.ledgered, Ledgered)
    assert (event.__doc__ or "").strip() and event.__doc__ != Event.__doc__


def test_types_are_unique() -> None:
    assert len(BY_TYPE) == len(ALL)


@pytest.mark.parametrize("event", ON_A_TOPIC, ids=kind)
def test_an_event_and_its_topic_say_the_same(event: type[Event]) -> None:
    topic = TOPICS[event.topic]
    assert (topic.ledgered is True) == (event.ledgered is not Ledgered.NO)
    assert source_of(event) in topic.writes
    # Only what is sealed comes from several.
    assert len(topic.writes) == 1 or event.topic == "private.contacts"
    if topic.ledgered is True:
        assert PUBLISHERS[event.topic] == source_of(event)
        assert "ledger" in topic.reads
        # Replay is the point.
        assert (topic.cleanup, milliseconds(topic.retention)) == ("delete", -1)
    else:
        # Of the words behind commitments it shows what is not erased, and keeps none in a log.
        assert event.topic not in PUBLISHERS
        assert "ledger" not in topic.reads or event.topic == "submission.texts"


def test_only_who_may_writes_dead_letters() -> None:
    for name, topic in TOPICS.items():
        if name.endswith(".dead"):
            readers = set(TOPICS[name.removesuffix(".dead")].reads) - {"dashboard"}
            assert set(topic.writes) == readers and topic.ledgered is not True
