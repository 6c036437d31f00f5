"""Every golden sample, read by the CloudEvents SDK."""

import pytest

from shared.envelope import Envelope
from shared.events import ALL, Event
from tests.contracts.cloudevents_sdk import disagreements
from tests.contracts.revisions import samples


def kind(event: type[Event]) -> str:
    return event.type


@pytest.mark.parametrize("event", ALL, ids=kind)
def test_the_sdk_reads_what_we_wrote(event: type[Event]) -> None:
    for sample in samples(event):
        headers = [(name, value.encode()) for name, value in sample["headers"].items()]
        envelope = Envelope.from_headers(headers)
        body = sample["body"].encode()
        assert disagreements(sample["key"].encode(), headers, body, envelope) == []


def test_a_disagreement_is_seen() -> None:
    [sample, *_] = samples(ALL[0])
    headers = [(name, value.encode()) for name, value in sample["headers"].items()]
    envelope = Envelope.from_headers(headers)
    other = [(n, b"another" if n in ("ce_subject", "ce_log") else v) for n, v in headers]
    found = disagreements(b"a key", other, sample["body"].encode(), envelope)
    assert [each.partition(":")[0] for each in found] == ["subject", "log"]
