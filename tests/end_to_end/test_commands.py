"""What an operator types, on a platform that runs."""

import json
import re
import secrets
from pathlib import Path

import ledger_audit
from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.stack import Stack
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import decided, opened
from tests.end_to_end.topics import all_records

SMALL = """META
key;value
description;A hamlet
num_projects;3
num_votes;4
budget;1000
vote_type;approval
max_length;2
PROJECTS
project_id;cost;name;selected
1;600;A bench;1
2;500;Trees;0
3;400;A path;1
VOTES
voter_id;vote
a;1,3
b;1,2
c;1
d;3,2
"""


async def test_a_file_is_replayed_on_the_running_platform_and_ends_with_its_verdict(
    state: str, tmp_path: Path
) -> None:
    file = tmp_path / "hamlet.pb"
    file.write_text(SMALL)
    result = await invoked("replay", str(file), "--json", "--state", state)
    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout.splitlines()[-1])
    # 1 has three votes, 2 and 3 have two: the cheaper one fits.
    assert line["funded"] == ["1", "3"]
    assert line["selected_in_file"] == ["1", "3"]
    assert (line["ballots"], line["accepted"], line["refused"]) == (4, 4, 0)
    assert line["checkpoint_verified"] and line["recount_agrees"] and line["agrees"]
    assert (line["rule"], line["void"], line["notes"]) == ("greedy", {}, [])
    assert (line["counted"], line["counted_agrees"]) == (["1", "3"], True)
    assert line["ledger_size"] > 4 and line["ballots_per_second"] > 0
    assert line["peak_rss_mb"].keys() >= {"voting.box.1", "ledger.signer.1"}


async def test_a_bad_file_creates_nothing(stack: Stack, state: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.pb"
    file.write_text(SMALL.replace("d;3,2", "d;3,9"))
    before = len(await all_records(stack, "submission.programmes"))
    result = await invoked("replay", str(file), "--json", "--state", state)
    assert result.exit_code != 0
    assert f"{file}:19: voter d chose project 9, which is none" in str(result.exception)
    assert len(await all_records(stack, "submission.programmes")) == before


async def test_every_log_is_checked_and_one_is_taken_home(
    client: Client, state: str, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=4, voters=10, seed=21))
    await rehearsal.vote(range(10))
    await decided(rehearsal, tmp_path / "mine.tar")
    log = rehearsal.result.log
    result = await invoked("ledger", "check", "--state", state)
    assert result.exit_code == 0, result.output
    assert re.search(r"^platform: \d+ entries, root [0-9a-f]{64}: verified$", result.output, re.M)
    assert f"{log}: {rehearsal.result.ledger_size}" in result.output
    assert f"round {rehearsal.round_id}: 10 voters, the recount agrees" in result.output
    vkeys = {each["log"]: each["vkey"] for each in await client.get("ledger", "/logs")}
    home = tmp_path / "home"
    for options in ((log, "--tar"), ()):
        exported = await invoked("ledger", "export", str(home), *options, "--state", state)
        assert exported.exit_code == 0, exported.output
    assert {each.name for each in home.iterdir()} == {*vkeys, f"{log}.tar"}
    for place in (home / f"{log}.tar", home / log):
        verified = ledger_audit.verify(ledger_audit.read(place), vkeys[log])
        assert verified.size >= rehearsal.result.ledger_size
    unknown = await invoked("ledger", "check", "no-such-log", "--state", state)
    assert "there is no log no-such-log" in str(unknown.exception)


async def test_a_trace_is_carried_from_the_request_to_kafka_but_never_through_the_box(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    made = await client.officer(
        "submission", "/programmes", {"title": "Traced", "rehearsal": True}, traceparent=trace
    )
    path = f"/programmes/{made['programme_id']}/projects"
    await client.officer("submission", path, {"title": "A", "cost": 1}, traceparent=trace)
    rehearsal = await opened(client, generated_election(projects=2, voters=3, seed=22))
    await rehearsal.vote(range(3))
    await decided(rehearsal, tmp_path / "export.tar")
    traced = [
        record
        for topic in ("submission.programmes", "submission.projects")
        for record in await all_records(stack, topic)
        if dict(record.headers).get("traceparent") == trace.encode()
    ]
    assert len(traced) == 2
    opening = await all_records(stack, "voting.rounds")
    assert any("traceparent" in dict(record.headers) for record in opening)
    for record in await all_records(stack, "voting.ballots"):
        assert "traceparent" not in dict(record.headers)


async def test_logs_are_json_and_hold_no_code_key_token_or_title(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=3, voters=8, seed=23))
    await rehearsal.vote(range(8))
    await decided(rehearsal, tmp_path / "export.tar")
    secrets_of_voters = {
        text for voter in rehearsal.voters for text in (voter.code, voter.key, voter.token) if text
    }
    titles = {project.name for project in rehearsal.held.election.projects}
    desks = {stack.addresses.desk_key(process.name) for process in stack.processes}
    for file in (stack.state.directory / "logs").glob("*.log"):
        text = file.read_text(errors="replace")
        for told in (*secrets_of_voters, *titles, *desks):
            assert told not in text, file.name
        if file.name.startswith(("submission", "voting", "ledger", "notification")):
            for line in text.splitlines():
                if not line.startswith("[comptoir]"):
                    assert json.loads(line)["level"], file.name
