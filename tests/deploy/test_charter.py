"""`comptoir charter`: a charter is said in words, or refused with everything wrong, or compared."""

import json
from pathlib import Path

from click.testing import CliRunner

from comptoir.commands.charter import charter, presets
from comptoir.state import State


def check(*arguments: str) -> tuple[int, str]:
    run = CliRunner().invoke(charter, ["check", *arguments])
    return run.exit_code, run.output


def test_every_preset_is_a_charter() -> None:
    assert "pas-de-calais-citizen-budget" in presets()
    for name in presets():
        status, said = check(name, "--edition", "2027")
        assert status == 0, said
        assert "2027: well formed" in said
        assert "assumed" in said


def test_a_file_that_breaks_rules_is_refused_with_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    file.write_text(
        "preset: pas-de-calais-citizen-budget\nedition: 2027\n"
        "vote: {least: 4, own_project: excluded}\n"
    )
    status, said = check(str(file))
    assert status == 1
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "least_over_most",
        "own_project_excluded",
    ]


RULE = """
vote:
  format: {type: cumulative, total: 10, most_each: 5}
  rule:
    envelopes: [{name: all, amount: 572 000 EUR}]
    passes: [{name: all, order: {type: equal-shares}}]
    ties: {criteria: [option]}
"""


def test_a_ballot_and_a_rule_are_said_in_sentences(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    file.write_text(f"preset: pas-de-calais-citizen-budget\nedition: 2027\n{RULE}")
    status, said = check(str(file))
    assert status == 0, said
    assert "ballot    A ballot gives between 0 and 10 points in all." in said
    assert "          By the method of equal shares: " in said
    assert "ranked-until-exhausted" not in said


def test_a_charter_of_few_people_is_advised_against_and_of_fewer_refused(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    said = {}
    for electors in (199, 599, 600):
        vote = f"vote: {{electors: {electors}}}"
        file.write_text(f"preset: pas-de-calais-citizen-budget\nedition: 2027\n{vote}\n")
        said[electors] = check(str(file))
    assert said[199][0] == 1 and said[199][1].startswith("electorate_too_small: vote.electors")
    assert said[599][0] == 0 and "advice    vote: of 599 people" in said[599][1]
    assert said[600][0] == 0 and "advice" not in said[600][1]
    # Paper and the booth are tiers of their own, each with fewer people in it.
    for electors, ways in ((899, "assisted: true"), (1199, "assisted: true, paper: true")):
        vote = f"vote: {{electors: {electors}, {ways}}}"
        file.write_text(f"preset: pas-de-calais-citizen-budget\nedition: 2027\n{vote}\n")
        assert f"advice    vote: of {electors} people" in check(str(file))[1]
    vote = "vote: {electors: 900, assisted: true}"
    file.write_text(f"preset: pas-de-calais-citizen-budget\nedition: 2027\n{vote}\n")
    assert "advice" not in check(str(file))[1]


def test_the_ways_to_the_roll_and_a_larger_flush_are_said(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    head = "preset: pas-de-calais-citizen-budget\nedition: 2027\n"
    file.write_text(head)
    _, said = check(str(file))
    assert "roll      declared, posted-code\n" in said and "flush" not in said
    ways = "identity: [declared, posted-code, identity-provider]"
    file.write_text(f"{head}vote: {{{ways}, flush: {{k: 50, interval: 1800}}}}\n")
    status, said = check(str(file))
    assert status == 0, said
    assert "roll      declared, posted-code, identity-provider\n" in said
    assert "flush     50 voters together at least, every 30 minutes\n" in said


def test_every_error_of_a_rule_has_its_place_and_stops_the_check(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    wrong = RULE.replace("[option]", "[cost]").replace("total: 10", "total: 10, least_total: 11")
    file.write_text(f"preset: pas-de-calais-citizen-budget\nedition: 2027\n{wrong}")
    status, said = check(str(file))
    assert status == 1
    assert "contradiction: vote.format.least_total: 11 is more than 10 " in said
    assert "contradiction: vote.rule.ties.criteria: cost is no total order" in said


def test_what_is_no_charter_at_all_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "edition.yaml").write_bytes(b"\xff\x00")
    status, said = check(str(tmp_path / "edition.yaml"))
    assert (status, said.startswith("unreadable: ")) == (1, True)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(charter, arguments)
    return done.exit_code, done.output


def edition(folder: Path, name: str, more: str) -> str:
    file = folder / name
    file.write_text(f"preset: haute-garonne-rebound-fund\nedition: 2027\n{more}")
    return str(file)


def test_two_charters_are_compared_place_by_place(tmp_path: Path) -> None:
    one = edition(tmp_path, "one.yaml", "")
    other = edition(tmp_path, "other.yaml", "fund: {year_amount: 90 000 EUR}\n")
    assert run("diff", one, one) == (0, "")
    assert run("diff", one, other) == (1, "fund.year_amount: 10000000 -> 9000000\n")
    status, said = run("diff", "--json", one, other)
    assert (status, json.loads(said)) == (
        1,
        {"path": "fund.year_amount", "before": 100_000_00, "after": 90_000_00},
    )


def test_a_charter_that_is_refused_is_not_compared(tmp_path: Path) -> None:
    one = edition(tmp_path, "one.yaml", "")
    broken = edition(tmp_path, "broken.yaml", "kind: lottery\n")
    status, said = run("diff", one, broken)
    assert status == 1
    assert said.startswith("malformed: kind:")


def test_the_schema_is_printed() -> None:
    status, said = run("schema")
    assert status == 0
    assert json.loads(said)["title"] == "Charter"


def test_what_is_in_no_order_is_not_asked_for(tmp_path: Path) -> None:
    broken = edition(tmp_path, "broken.yaml", "kind: lottery\n")
    status, said = run("publish", broken, "--reason", "Adopted.")
    assert status == 1
    assert said.startswith("malformed: kind:")


def test_nothing_is_published_where_no_platform_runs(tmp_path: Path) -> None:
    fine = edition(tmp_path, "fine.yaml", "rehearsal: true\n")
    status, _ = run("publish", fine, "--reason", "Adopted.", "--state", str(tmp_path / "none"))
    assert status != 0


def test_in_earnest_nothing_is_published_and_a_script_is_told_so(
    place: Path, tmp_path: Path
) -> None:
    """Two officers publish it: the address of their page is said, and not as if it were done."""
    state = State(place / "state")
    state.lock()
    ports = state.make_ports(["submission.1"])
    state.remember({"replicas": ["submission.1"]})
    fine = edition(tmp_path, "fine.yaml", "")
    status, said = run("publish", fine, "--reason", "Adopted.", "--state", str(state.directory))
    state.unlock()
    page = f"http://127.0.0.1:{ports['submission.1']}/desk/programmes/new"
    assert (status, said) == (3, f"not published: in earnest, two officers publish it at {page}\n")
