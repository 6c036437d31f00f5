"""`comptoir count`: published files are counted without any server, and none stops the others."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from comptoir.cli import comptoir
from comptoir.counting import Counter
from comptoir.errors import LauncherError
from comptoir.rules import read_rule
from tests.published import WIELICZKA, elections, expected, there
from tests.shared.pabulib.files import small

KEYS = [
    "file",
    "rule",
    "funded",
    "selected_in_file",
    "agrees",
    "explanation",
    "reasons",
    "seconds",
]
# The lists of `expected-winners.json`, by the rule that has to find them.
LISTS = {
    "greedy": "greedy",
    "equal-shares": "mes",
    "equal-shares-add1": "mes_add1_run_to_overspend",
    "equal-shares-add1-exhaustive": "mes_add1_stop_at_exhaustive",
}
RULE = """
envelopes: [{name: all, amount: 100000}]
passes: [{name: all, order: {type: votes}}]
ties: {criteria: [option]}
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(comptoir, ["count", *map(str, arguments)])


def lines(*arguments: str | Path, status: int = 0) -> list[dict[str, Any]]:
    """What `--json` says, a line a file."""
    said = run(*arguments, "--json")
    assert said.exit_code == status, said.output
    return [json.loads(line) for line in said.stdout.splitlines()]


def written(place: Path, text: str, name: str = "town.pb") -> Path:
    file = place / name
    file.write_text(text)
    return file


def test_a_line_says_everything_about_a_file(tmp_path: Path) -> None:
    file = written(tmp_path, small("approval"))
    [line] = lines(file, "--rule", "greedy")
    assert list(line) == KEYS
    assert line["seconds"] >= 0
    del line["seconds"]
    assert line == {
        "file": str(file),
        "rule": "greedy",
        "funded": ["a", "c"],
        "selected_in_file": ["a"],
        "agrees": False,
        "explanation": "2 of 3 projects funded, the file selected 1;"
        " funded here alone: c (place 2, 1 votes)",
        "reasons": {"a": "funded", "b": "lost_tie", "c": "funded"},
    }


def test_a_selection_that_is_the_same_agrees(tmp_path: Path) -> None:
    same = small("approval").replace('gates";0', 'gates";1')
    [line] = lines(written(tmp_path, same), "--rule", "greedy")
    assert line["agrees"] is True
    assert line["explanation"] == "2 of 3 projects funded, those that the file selected"


def test_a_file_that_selects_nothing_agrees_with_nothing(tmp_path: Path) -> None:
    silent = small("approval").replace("Benches;1", "Benches;")
    [line] = lines(written(tmp_path, silent), "--rule", "greedy")
    assert (line["selected_in_file"], line["agrees"]) == (None, None)


def test_ties_go_by_id_as_text(tmp_path: Path) -> None:
    """10 comes before 9, though it is listed after it."""
    text = small("approval").replace("a,b;", "9,10;").replace(";c;", ";;")
    text = text.replace("\na;600;", "\n9;600;").replace("\nb;500.25;", "\n10;500.25;")
    [line] = lines(written(tmp_path, text), "--rule", "greedy")
    assert line["funded"] == ["10", "c"]
    assert line["reasons"]["9"] == "lost_tie"


def test_points_count_as_the_library_has_them(tmp_path: Path) -> None:
    """By points per cost: 2 for 400 are more than 4 for 900, which do not fit any more."""
    text = small("cumulative").replace("a;600;", "a;900;").replace("\n2;c;1\n", "\n2;c;2\n")
    [line] = lines(written(tmp_path, text), "--rule", "greedy")
    assert line["funded"] == ["c", "b"]
    assert "points per cost" in line["explanation"]


def test_a_ranking_counts_as_the_library_has_it(tmp_path: Path) -> None:
    """Of two named the first has one point, whatever the file gives: a has 1, b 1, c 1."""
    [line] = lines(written(tmp_path, small("ordinal")), "--rule", "equal-shares")
    assert line["funded"] == []
    assert set(line["reasons"].values()) == {"unaffordable"}


def test_a_default_score_is_everybodys_who_does_not_say_another(tmp_path: Path) -> None:
    """b has -2 of the first voter and 5 of the second, who does not name it."""
    text = small("scoring").replace("default_score;0", "default_score;{}")
    rules = written(tmp_path, RULE, "rules.yaml")
    reasons = {5: "does_not_fit", 2: "no_votes", 0: "no_votes"}
    files = [written(tmp_path, text.format(each), f"{each}.pb") for each in reasons]
    found = lines(*files, "--rules", rules)
    assert [line["reasons"]["b"] for line in found] == [*reasons.values()]
    assert all(line["funded"] == ["a", "c"] for line in found)


def test_a_rule_that_a_file_declares_is_its_own(tmp_path: Path) -> None:
    """Which stops at what does not fit, where greedy goes on."""
    text = small("approval").replace("rule;greedy", "rule;greedy-no-skip")
    file = written(tmp_path, text)
    [declared] = lines(file, "--rule", "as-declared")
    assert (declared["rule"], declared["funded"]) == ("as-declared", ["a"])
    assert declared["agrees"] is True


def test_a_file_that_declares_no_rule_is_not_counted_by_one(tmp_path: Path) -> None:
    text = small("approval").replace("rule;greedy", "rule;as-the-mayor-says")
    [line] = lines(written(tmp_path, text), "--rule", "as-declared")
    assert list(line) == KEYS
    assert (line["funded"], line["agrees"]) == ([], None)
    assert line["explanation"].startswith("not counted; the rule 'as-the-mayor-says'")


def test_a_difference_from_what_a_file_declares_is_explained(tmp_path: Path) -> None:
    tie = small("approval").replace("Benches;1", "Benches;0").replace("Trees;0", "Trees;1")
    stopped = small("approval")
    records = small("approval").replace(";selected", ";selected;votes")
    records = records.replace("Benches;1", "Benches;1;7").replace("Trees;0", "Trees;0;1")
    records = records.replace('gates";0', 'gates";0;1')
    dearer = small("approval").replace("Benches;1", "Benches;0").replace("a;600;", "a;400;")
    dearer = dearer.replace("c;400;", "c;600;").replace('gates";0', 'gates";1')
    dearer = dearer.replace("\n3;;", "\n3;a;")
    causes = {
        tie: "; a tie decides here, and the file does not say how it was broken; the file declares"
        " 1000.00 and selected projects for 500.25, none in place of those that it leaves out:"
        " with that sum alone its rule selects just these; whether there was no more, or why it"
        " was kept, the file does not say",
        tie.replace('gates";0', 'gates";1'): "; a tie decides here, and the file does not say how"
        " it was broken: broken for those that it selected, its rule selects just these",
        stopped: "; the file declares 1000.00 and selected projects for 600.00, none in place of"
        " those that it leaves out: with that sum alone its rule selects just these; whether there"
        " was no more, or why it was kept, the file does not say",
        dearer: "; the file declares 1000.00 and selected projects for 600.00, none in place of"
        " those that it leaves out: why, it does not say",
        records: "project a: 7 votes recorded, 1 on the ballots",
    }
    files = [written(tmp_path, text, f"{n}.pb") for n, text in enumerate(causes)]
    found = lines(*files, "--rule", "as-declared")
    for line, cause in zip(found, causes.values(), strict=True):
        assert line["agrees"] is False
        assert line["explanation"].endswith(cause)


def test_one_bad_file_among_good_ones_stops_nothing(tmp_path: Path) -> None:
    good = [written(tmp_path, small(kind), f"{kind}.pb") for kind in ("approval", "ordinal")]
    bad = written(tmp_path, small("approval").replace("1;a,b;", "1;a,z;"), "bad.pb")
    found = lines(good[0], bad, good[1], "--rule", "greedy", status=1)
    assert [line["file"] for line in found] == [str(good[0]), str(bad), str(good[1])]
    assert ["error" in line for line in found] == [False, True, False]
    assert found[1] == {
        "file": str(bad),
        "rule": "greedy",
        "error": f"{bad}:19: voter 1 chose project z, which is none",
    }


@pytest.mark.parametrize("rule", ["greedy", "as-declared"])
def test_whatever_is_no_election_is_a_line_with_an_error(tmp_path: Path, rule: str) -> None:
    nothing = written(tmp_path, "", "nothing.pb")
    (noise := tmp_path / "noise.pb").write_bytes(os.urandom(4096))
    cut = written(tmp_path, small("approval")[:-20], "cut.pb")
    absent = tmp_path / "absent.pb"
    files = (nothing, noise, cut, absent, tmp_path)
    for file, line in zip(files, lines(*files, "--rule", rule, status=1), strict=True):
        assert (list(line), line["file"]) == (["file", "rule", "error"], str(file))
        assert line["error"].startswith(f"{file}:")
        assert "the count failed" not in line["error"]


def test_a_name_that_is_no_text_is_one_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xe9lection.pb")
    file.write_text(small("approval"))
    [line] = lines(file, "--rule", "greedy")
    assert (line["file"], line["funded"]) == (f"{tmp_path}/\ufffdlection.pb", ["a", "c"])


def test_a_process_that_dies_is_an_error_and_another_counts_on(tmp_path: Path) -> None:
    file = str(written(tmp_path, small("approval")))
    with Counter() as counter:
        assert counter.count(file, "greedy", "greedy")["funded"] == ["a", "c"]
        process = counter._process
        assert process is not None
        process.kill()
        process.wait()
        died = counter.count(file, "greedy", "greedy")
        assert died["error"] == f"{file}: the counting process ended by signal 9"
        assert counter.count(file, "greedy", "greedy")["funded"] == ["a", "c"]
        last = counter._process
        assert last is not None
    assert last.poll() is not None


def test_a_process_that_dies_while_it_counts_is_an_error(tmp_path: Path) -> None:
    """It reads a pipe on which nothing comes, until it is killed."""
    os.mkfifo(pipe := tmp_path / "pipe.pb")
    with Counter() as counter, ThreadPoolExecutor() as threads:
        counter.count(str(written(tmp_path, small("approval"))), "greedy", "greedy")
        process = counter._process
        assert process is not None
        answer = threads.submit(counter.count, str(pipe), "greedy", "greedy")
        with pipe.open("wb"):  # once the other end is open as well
            process.kill()
            assert answer.result(30)["error"] == f"{pipe}: the counting process ended by signal 9"


# A share of some 3·10^13 cents that grows by one: nobody waits for that.
ENDLESS = """META
key;value
description;t
country;F
unit;U
instance;2024
num_projects;2
num_votes;3
budget;1000000000000
vote_type;approval
rule;equalshares/add1
PROJECTS
project_id;cost
1;900000000000
2;100000000001
VOTES
voter_id;vote
v1;1
v2;1,2
v3;2
"""


def test_a_count_without_an_end_is_an_error_and_the_next_is_counted(tmp_path: Path) -> None:
    endless = written(tmp_path, ENDLESS)
    file = written(tmp_path, small("approval"), "next.pb")
    found = lines(endless, file, "--rule", "equal-shares-add1", "--within", "0.5", status=1)
    assert found[0]["error"] == (
        f"{endless}: not counted within 0.5 seconds of computing: too many steps"
    )
    assert "error" not in found[1]


@pytest.mark.parametrize("within", ["0", "-1", "soon", "nan", "inf", "1e300"])
def test_a_time_that_is_none_is_refused(tmp_path: Path, within: str) -> None:
    said = run(written(tmp_path, small("approval")), "--rule", "greedy", "--within", within)
    assert said.exit_code == 2 and "--within" in said.output


def test_people_get_a_table(tmp_path: Path) -> None:
    good = written(tmp_path, small("approval"))
    said = run(good, tmp_path / "absent.pb", "--rule", "greedy")
    assert said.exit_code == 1
    assert "explanation" in said.output
    assert "town.pb" in said.output
    assert "absent.pb" in said.output


def test_a_rule_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    said = run(written(tmp_path, small("approval")), "--rule", "loudest-first")
    assert said.exit_code == 2
    assert "equal-shares-add1-exhaustive" in said.output


@pytest.mark.parametrize("both", [True, False])
def test_a_count_is_by_one_rule(tmp_path: Path, both: bool) -> None:
    rules = written(tmp_path, RULE, "rules.yaml")
    arguments = ("--rule", "greedy", "--rules", rules) if both else ()
    said = run(written(tmp_path, small("approval")), *arguments)
    assert said.exit_code == 2
    assert "one of --rule and --rules" in said.output


def test_a_rule_that_is_written_counts(tmp_path: Path) -> None:
    """Of equals the dearest, and nothing after what does not fit."""
    text = RULE.replace("[option]", "[dearest, option]").replace("100000}", "95000}")
    text = text.replace("type: votes}}", "type: votes}, misfit: {policy: stop}}")
    rules = written(tmp_path, text, "rules.yaml")
    [line] = lines(written(tmp_path, small("approval")), "--rules", rules)
    assert (line["rule"], line["funded"]) == (str(rules), ["a"])
    assert line["reasons"] == {"a": "funded", "b": "lost_tie", "c": "after_stop"}


def test_a_written_rule_speaks_of_a_files_categories(tmp_path: Path) -> None:
    text = small("approval").replace(";selected", ";selected;category")
    for project, category in (("Benches;1", "park"), ("Trees;0", "park"), ('gates";0', "road")):
        text = text.replace(project, f"{project};{category}")
    rule = RULE.replace("type: votes}", "type: votes}, quotas: [{of: category, most: 1}]")
    rules = written(tmp_path, f"groups: {{category: [park, road]}}{rule}", "rules.yaml")
    [line] = lines(written(tmp_path, text), "--rules", rules)
    assert line["reasons"] == {"a": "funded", "b": "quota", "c": "funded"}
    rules.write_text(f"groups: {{category: [park]}}{rule}")
    [line] = lines(written(tmp_path, text), "--rules", rules, status=1)
    assert "options.c.groups.category: the rule declares no category road" in line["error"]


def test_a_written_rule_for_groups_of_voters_finds_none_in_a_file(tmp_path: Path) -> None:
    rule = RULE.replace("100000}", "100000, voters: {groups: {area: [north]}}}")
    rules = written(tmp_path, f"groups: {{area: []}}{rule}", "rules.yaml")
    [line] = lines(written(tmp_path, small("approval")), "--rules", rules, status=1)
    assert "envelopes.0.voters.groups: the votes of a file have no groups" in line["error"]


def test_a_rule_that_asks_officers_ends_in_their_question(tmp_path: Path) -> None:
    rules = written(tmp_path, RULE.replace("[option]", "[ask]"), "rules.yaml")
    [line] = lines(written(tmp_path, small("approval")), "--rules", rules, status=1)
    assert "officers must say the order of" in line["error"]


@pytest.mark.parametrize(
    ("written_as", "instead", "said"),
    [
        ("[option]", "[cost]", "ties.criteria: cost is no total order"),
        ("amount: 100000", "amount: -1", "envelopes.0.amount: "),
        ("amount: 100000", "amount: 1.5", "line 2: float is not taken in a rule"),
        ("name: all, amount", "within: all, name: all, amount", "envelopes.0.within: "),
        ("type: votes", "type: loudest", "passes.0.order.type: "),
        ("type: votes", "type: equal-shares, unit: 0", "passes.0.order.unit: "),
        ("order: {type: votes}", "misfit: {}", "passes.0.order: this has to be said"),
        ("ties:", "tie: 1\nties:", "tie: no rule has this key"),
        ("ties:", "ties: {}\nties:", "line 5: the key ties is there twice"),
        ("[option]", "&x [option]", "line 4: an anchor is not taken in a rule"),
        ("[option]", "[option", "line 4: "),
        (RULE, "", "rules.yaml: the file is no mapping of keys to values"),
        (RULE, "\0", "rules.yaml: unacceptable character"),
        (
            "type: votes}",
            "type: votes}, misfit: {policy: fund-next, at_least: 80%}",
            "passes.0.misfit.at_least: a ratio is written as 3 or 4/5,",
        ),
        (
            "ties:",
            "grants: [{percent: 101}]\nties:",
            "grants.0.percent: this is at most 100",
        ),
        ("name: all, amount", "name: Ää, amount", "envelopes.0.name: a name has small letters"),
        ("type: votes", "type: loudest", "this is one of votes, votes-per-cost, jury-rank"),
        ("[option]", "[loudest]", "ties.criteria.0: this is one of cost, dearest, votes"),
        (
            "amount: 100000",
            "amount: '100000'",
            "envelopes.0.amount: an amount is cents, as 450000, or has its unit, as 4 500 EUR",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused_with_its_field(
    written_as: str, instead: str, said: str, tmp_path: Path
) -> None:
    assert RULE.count(written_as) == 1
    rules = written(tmp_path, RULE.replace(written_as, instead), "rules.yaml")
    with pytest.raises(LauncherError) as refused:
        read_rule(rules)
    message = str(refused.value)
    assert message.startswith(f"{rules}: ")
    assert said in message
    assert "line ?" not in message
    assert not re.search("Input|String|should", message)
    assert "at least 1 item" not in message


def test_an_amount_in_a_rules_file_is_cents_or_has_its_unit(tmp_path: Path) -> None:
    in_cents = read_rule(written(tmp_path, RULE, "cents.yaml"))
    in_euros = RULE.replace("amount: 100000", "amount: 1 000 EUR")
    assert in_euros != RULE
    assert read_rule(written(tmp_path, in_euros, "euros.yaml")) == in_cents


def test_a_rules_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match=r"absent\.yaml: No such file"):
        read_rule(tmp_path / "absent.yaml")


@pytest.mark.parametrize(("rule", "key"), LISTS.items())
def test_each_published_list_of_winners_is_found(rule: str, key: str) -> None:
    """But for long walks of one unit a voter and round, which the engine's own tests do."""
    there("expected-winners.json")
    listed = {
        name: entry[key]
        for name, entry in expected().items()
        if key in entry and not ("add1" in rule and entry["voters"] > 7_000)
    }
    found = lines(*map(there, listed), "--rule", rule)
    assert {Path(line["file"]).name: line["funded"] for line in found} == listed


@pytest.mark.parametrize(("rule", "many"), [("", 30), ("-exhaustive", 31)])
def test_wieliczka_selected_what_add1_selects_to_overspend(rule: str, many: int) -> None:
    [line] = lines(there(WIELICZKA), "--rule", f"equal-shares-add1{rule}")
    assert len(line["funded"]) == many
    assert line["agrees"] is (many == 30)


def test_every_published_file_is_explained_by_its_own_rule() -> None:
    found = lines(*elections(), "--rule", "as-declared")
    tie = "broken for those that it selected, its rule selects just these"
    causes = {
        "poland_krakow_2022_czyzyny": tie,
        "poland_warszawa_2020_rembertow": tie,
        "poland_wroclaw_2015_150-500": "the file declares 20000000.00 and selected projects for"
        " 7500000.00, none in place of those that it leaves out: with that sum alone its rule"
        " selects just these",
    }
    assert causes.keys() == {Path(e["file"]).stem for e in found if e["agrees"] is False}
    for line in found:
        unsaid = "those that the file selected" if line["agrees"] else "does not say which were"
        assert causes.get(Path(line["file"]).stem, unsaid) in line["explanation"]
