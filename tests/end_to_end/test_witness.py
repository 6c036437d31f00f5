"""The witness beside the ledger: what it cosigned is what is published."""

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.stack import Stack
from ledger.notes import Note
from ledger.policy import Policy
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import opened


async def test_whatever_is_published_is_cosigned_as_the_trust_file_says(
    stack: Stack, client: Client, state: str
) -> None:
    await opened(client, generated_election(projects=4, voters=10, seed=22))
    result = await invoked("ledger", "trust", "--state", state)
    assert result.exit_code == 0, result.output
    policy = Policy.parse(result.stdout.encode())
    assert stack.witness.trust.read_text() == result.stdout
    logs = await client.get("ledger", "/logs")
    assert {log["vkey"] for log in logs} <= {str(party.key) for party in policy.logs}
    for log in logs:
        note = Note.parse(await client.read("ledger", f"/logs/{log['log']}/checkpoint"))
        cosigned = [name for name, party in policy.witnesses.items() if party.key.times(note)]
        assert policy.reached(cosigned) and cosigned == ["w1"]


async def test_the_operator_of_a_witness_is_given_the_platforms_key_and_address(
    stack: Stack, client: Client, state: str
) -> None:
    await opened(client, generated_election(projects=4, voters=10, seed=23))
    result = await invoked("ledger", "witness-request", "--state", state)
    assert result.exit_code == 0, result.output
    logs = Policy.lines(result.stdout.encode()).logs
    assert logs[0].key.name == "ledger.localhost/platform"
    assert [log.url for log in logs if log.url] == [f"{stack.urls('ledger')[0]}/logs/platform"]
