"""What a whole run leaves on every topic, read by the CloudEvents SDK and held to the contracts."""

from pathlib import Path

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.stack import Stack
from comptoir.topics import declared_topics
from shared.envelope import Envelope, Unreadable
from shared.events import BY_TYPE
from shared.events.dead import DeadLetter
from tests.contracts.cloudevents_sdk import disagreements
from tests.contracts.processes import PUBLISHES
from tests.end_to_end.elections import decided, opened
from tests.end_to_end.topics import all_records


async def test_the_sdk_reads_every_topic_and_each_event_comes_from_who_says_so(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=3, voters=8, seed=21))
    await rehearsal.vote(range(8))
    await decided(rehearsal, tmp_path / "export.tar")
    seen: set[str] = set()
    for record in await all_records(stack, *declared_topics()):
        try:
            envelope = Envelope.from_headers(record.headers)
        except Unreadable:  # what another test of this platform put there
            assert (record.value or b"").startswith(b"\x00"), record
            continue
        seen.add(envelope.type)
        if record.value is not None:  # else a tombstone, whose words are erased
            found = disagreements(record.key, record.headers, record.value, envelope)
            assert found == [], f"{record.topic}@{record.offset}"
        event = BY_TYPE[envelope.type]
        if event is DeadLetter:
            assert record.topic.endswith(".dead")
        else:
            assert record.topic == event.topic
            assert event in PUBLISHES[envelope.source]
    assert seen >= {
        "submission.charter-published.v1",
        "submission.dossier-filed.v1",
        "submission.options-frozen.v1",
        "submission.text-published.v1",
        "voting.round-opened.v2",
        "voting.tier-keys-prepared.v1",
        "voting.ballot-cast.v1",
        "voting.box-closed.v1",
        "voting.tally-updated.v1",
        "voting.option-decided.v2",
        "voting.allocation-published.v2",
        "ledger.checkpoint-published.v1",
    }
