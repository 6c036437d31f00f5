"""Elections of every vote type and rule, held on the platform, recounted, and counted beside it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import greedy_utilitarian_welfare
from pabutools.tiebreaking import lexico_tie_breaking

import ledger_audit
from comptoir.client import Client, Refused
from comptoir.errors import LauncherError
from comptoir.pabulib import held, read_election
from comptoir.rules import read_rule
from comptoir.witness import LocalWitness
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import decided, opened
from tests.published import there
from tests.shared.pabulib.files import VOTES, small

# A park has money of its own; what it leaves goes to the others, who come after it.
PARKS = """
groups: {category: [park, road]}
envelopes:
  - {name: all, amount: 100000}
  - {name: parks, within: all, amount: 55000, options: {groups: {category: [park]}}}
  - {name: roads, within: all, amount: 40000, options: {groups: {category: [road]}},
     remainder: nowhere}
passes: [{name: votes, envelopes: [parks, roads, all], order: {type: votes}}]
ties: {criteria: [dearest, option]}
"""
ASK = """
envelopes: [{name: all, amount: 100000}]
passes: [{name: votes, order: {type: votes}}]
ties: {criteria: [ask]}
"""


def written(directory: Path, text: str, name: str = "town.pb") -> Path:
    file = directory / name
    file.write_text(text)
    return file


async def replayed(file: Path, state: str, *options: str) -> dict[str, Any]:
    """The line of a replay in which every ballot was cast, and everything agrees."""
    result = await invoked("replay", str(file), *options, "--json", "--state", state)
    assert result.stdout, result.exception
    line: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert (line["accepted"], line["refused"]) == (line["ballots"], 0)
    assert line["counted_agrees"] and line["counted"] == line["funded"]
    assert line["checkpoint_verified"] and line["recount_agrees"], result.output
    assert result.exit_code == 0, result.output
    return line


@pytest.mark.parametrize("kind", VOTES)
async def test_every_vote_type_is_replayed(state: str, tmp_path: Path, kind: str) -> None:
    line = await replayed(written(tmp_path, small(kind)), state)
    assert (line["rule"], line["void"]) == ("greedy", {})
    # One vote each: the cheaper first. Else a has 4 points and c has 1, or all of them 2 or 3.
    winners = {"approval": ["c", "b"], "choose-1": ["c", "a"], "ordinal": ["c", "b"]}
    assert line["funded"] == winners.get(kind, ["a", "c"])


@pytest.mark.parametrize(
    ("name", "winners"),
    [
        ("equal-shares", []),
        ("equal-shares-cardinality", []),
        ("equal-shares-add1", ["a", "c"]),
        ("equal-shares-add1-exhaustive", ["b", "c"]),
        ("as-declared", ["a"]),
    ],
)
async def test_every_named_rule_decides(
    state: str, tmp_path: Path, name: str, winners: list[str]
) -> None:
    text = small("approval").replace("rule;greedy", "rule;greedy-no-skip")
    line = await replayed(written(tmp_path, text), state, "--rule", name)
    assert (line["rule"], line["funded"]) == (name, winners)


async def test_a_written_rule_spends_two_envelopes(
    client: Client, state: str, tmp_path: Path
) -> None:
    """b is the only park that fits its envelope; a is dearer than all that is left after it."""
    text = small("approval").replace(";selected", ";selected;category")
    for project, category in (("Benches;1", "park"), ("Trees;0", "park"), ('gates";0', "road")):
        text = text.replace(project, f"{project};{category}")
    file, rules = written(tmp_path, text), written(tmp_path, PARKS, "rules.yaml")
    line = await replayed(file, state, "--rules", str(rules))
    assert (line["rule"], line["funded"]) == (str(rules), ["b", "c"])
    # Once more step by step, to see in the ledger what each envelope had left.
    rehearsal = await opened(client, held(read_election(file), "rules", read_rule(rules)))
    await rehearsal.vote(range(3))
    entries = await decided(rehearsal, tmp_path / "export.tar")
    listed = entries.of("voting.option-listed.v1")
    assert [o["body"]["groups"]["category"] for o in listed] == [["park"], ["park"], ["road"]]
    [allocation] = entries.of("voting.allocation-published.v2")
    steps = [(step["step"], step["left"]) for step in allocation["body"]["steps"]]
    assert [step for step, _ in steps] == [["votes", name] for name in ("parks", "roads", "all")]
    assert steps[0][1] == {"all": 9975, "parks": 0, "roads": 40000}


async def test_a_ballot_that_breaks_the_file_s_limits_is_void_in_public(
    client: Client, state: str, tmp_path: Path
) -> None:
    """b had no other vote. A count of the file takes the ballot, and says so."""
    text = small("approval").replace("vote_type;approval", "vote_type;approval\nmax_length;1")
    file = written(tmp_path, text)
    result = await invoked("replay", str(file), "--json", "--state", state)
    line = json.loads(result.stdout.splitlines()[-1])
    assert (line["accepted"], line["refused"], line["void"]) == (3, 0, {"too_many": 1})
    assert (line["funded"], line["counted"], line["counted_agrees"]) == (["c"], ["c", "b"], False)
    assert line["checkpoint_verified"] and line["recount_agrees"], result.output
    assert result.exit_code == 0, result.output
    assert "1 of them void, 1 x too_many" in result.output


async def test_a_rule_that_the_platform_finds_impossible_is_said_with_its_path(
    state: str, tmp_path: Path
) -> None:
    file = written(tmp_path, small("choose-1"))
    result = await invoked("replay", str(file), "--rule", "equal-shares", "--state", state)
    assert isinstance(result.exception, Refused)
    assert str(result.exception) == (
        "passes.0.order: no equal shares where a ballot names a single option (422 rule_impossible)"
    )


async def test_a_tie_that_waits_for_officers_ends_the_replay(
    client: Client, tmp_path: Path
) -> None:
    """The platform's own question, where nobody counted the file first."""
    file = written(tmp_path, small("approval"))
    rules = written(tmp_path, ASK, "rules.yaml")
    rehearsal = await opened(client, held(read_election(file), "rules", read_rule(rules)))
    await rehearsal.vote(range(3))
    await rehearsal.close_round()
    with pytest.raises(LauncherError, match=r"waits: officers must say the order of a, b, c"):
        await rehearsal.decide()


# Real ones whose ballots are sealed: the first voters of Bielany, and all of a smaller one.
BIELANY = "poland_warszawa_2021_bielany.pb"
REMBERTOW = "poland_warszawa_2020_rembertow"


def first_voters(text: str, many: int) -> str:
    """An election of which only the first voters came."""
    head, votes, rest = text.partition("\nVOTES\n")
    title, *lines = rest.splitlines()
    head = re.sub(r"^num_votes;.*$", f"num_votes;{many}", head, flags=re.MULTILINE)
    return "\n".join([head + votes + title, *lines[:many], ""])


async def test_the_first_voters_of_a_real_election_cast_sealed_ballots(
    state: str, tmp_path: Path
) -> None:
    text = there(BIELANY).read_text()
    line = await replayed(
        written(tmp_path, first_voters(text, 60)), state, "--mode", "sealed", "--rule", "greedy"
    )
    assert (line["ballots"], line["void"]) == (60, {})
    assert line["ballots_per_second"] > 0


@pytest.mark.slow
async def test_a_real_election_is_decided_under_seal_as_in_the_open(state: str) -> None:
    """Every ballot of it is opened by its commission, and the city's own selection is found."""
    line = await replayed(there(f"{REMBERTOW}.pb"), state, "--mode", "sealed", "--rule", "greedy")
    assert (line["ballots"], line["void"], line["agrees"]) == (1_515, {}, True)
    assert line["ballots_per_second"] > 0


# Real elections of the vote types that there are, and whether the city's own selection is found:
# None where the file has none, False where equal shares were not its rule, or a tie decides.
REAL = [
    (REMBERTOW, "equal-shares-add1", False),
    ("poland_zabrze_2021_zandka", "as-declared", None),
    ("poland_czestochowa_2020_grabowka", "as-declared", None),
    ("poland_krakow_2022_czyzyny", "greedy", False),
]


@pytest.mark.slow
async def test_a_real_election_is_counted_again_by_strangers_from_the_record(
    client: Client, state: str, tmp_path: Path
) -> None:
    """By the auditor's command, and by pabutools from the file that this writes."""
    line = await replayed(there(f"{REMBERTOW}.pb"), state, "--rule", "greedy")
    assert line["agrees"] is True
    url, policy = await published_there(client, line["log"])
    verified = audited("verify", url, "--policy", policy, "--json")
    assert verified["size"] >= line["ledger_size"]
    out = tmp_path / "out.pb"
    [round_] = audited("recount", url, "--policy", policy, "--pb", out, "--json")["rounds"]
    assert round_["agrees"] is True

    instance, profile = parse_pabulib(str(out))
    funded = greedy_utilitarian_welfare(
        instance, profile, sat_class=Cost_Sat, tie_breaking=lexico_tie_breaking
    )
    entries = [json.loads(each) for each in ledger_audit.read(url).entries()]
    [allocation] = [e for e in entries if e["type"] == "voting.allocation-published.v2"]
    listed = [e["body"] for e in entries if e["type"] == "voting.option-listed.v1"]
    names = {each["option_id"]: f"option {each['number']}" for each in listed}
    winners = {names[winner] for winner in allocation["body"]["winners"]}
    assert winners == {instance.project_meta[project]["name"] for project in funded}
    assert len(winners) == len(line["funded"]) > 10


async def published_there(client: Client, log: str) -> tuple[str, Path]:
    """The address of a log, and the trust file that its auditor has."""
    (found,) = [each for each in await client.get("ledger", "/logs") if each["log"] == log]
    trust = LocalWitness(client.addresses).write_trust([found["vkey"]])
    return f"{client.addresses.urls('ledger')[0]}/logs/{log}", trust


def audited(*arguments: object) -> dict[str, Any]:
    """What `ledger-audit` answers, which is content."""
    command = [str(Path(sys.prefix) / "bin/ledger-audit"), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rule", "agrees"), REAL)
async def test_a_real_election_is_decided_as_its_ballots_say(
    state: str, name: str, rule: str, agrees: bool | None
) -> None:
    line = await replayed(there(f"{name}.pb"), state, "--rule", rule)
    assert line["void"] == {}
    assert line["agrees"] is agrees
