"""A published election as a charter: what it says is what the file says, and nothing is guessed."""

import io

import pytest
import yaml

from shared.charters import read_charter
from shared.events.ballots import Approval
from shared.pabulib import declared, read_bytes
from submission.imports.ballots import ElectionRefused, charter_of, options_of
from submission.imports.running import read_options
from submission.programmes.presets import presets
from tests.submission.imports.elections import DISTRICTS, election


def written(content: bytes) -> str:
    found = charter_of(read_bytes(content, "the file"), "2027")
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=False)


def test_the_charter_of_an_election_is_one_and_says_what_the_file_does() -> None:
    content = election()
    rules = read_charter(written(content), presets()).rules
    of = declared(read_bytes(content, "the file"))
    assert rules.vote is not None
    assert rules.envelope == 250_000_00
    assert rules.families == ()
    assert {each.fr for each in rules.territories} == {"Tout le territoire", *DISTRICTS}
    assert rules.vote.format == of.form == Approval(min=1, max=5)
    assert rules.vote.rule == of.rule


@pytest.mark.parametrize(
    "meta",
    [
        {"rule": "equalshares"},
        {"rule": "greedy-threshold", "min_project_score_threshold": "10"},
        {"max_sum_cost": "120000"},
    ],
)
def test_other_rules_and_ballots_are_said_as_well(meta: dict[str, str]) -> None:
    content = election(meta=meta)
    rules = read_charter(written(content), presets()).rules
    of = declared(read_bytes(content, "the file"))
    assert rules.vote is not None
    assert (rules.vote.format, rules.vote.rule) == (of.form, of.rule)


@pytest.mark.parametrize("meta", [{"rule": ""}, {"rule": "by-lot"}, {"rule": "greedy-threshold"}])
def test_a_rule_that_nobody_published_is_not_guessed(meta: dict[str, str]) -> None:
    with pytest.raises(ElectionRefused, match="no rule that a charter can say"):
        written(election(meta=meta))


def test_the_projects_of_an_election_are_rows() -> None:
    content = election()
    found = options_of(read_bytes(content, "the file"))
    assert found == tuple(read_options(io.BytesIO(content)))
    rules = read_charter(written(content), presets()).rules
    assert len({row["reference"] for row in found}) == len(found) == 40
    assert {row["territory"] for row in found} == {"centre", "les-pres"}
    assert {row["territory"] for row in found} <= {each.name for each in rules.territories}
    assert found[0]["title"] == "Projet 1 « été »"
    assert int(found[0]["cost"]) % 100_000 == 0


def test_districts_that_are_written_alike_stay_apart() -> None:
    content = election().replace("Les Prés".encode(), b"CENTRE")
    assert {row["territory"] for row in options_of(read_bytes(content, "the file"))} == {
        "centre",
        "centre-2",
    }


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"META\nkey;value\n", b"\xff\xfe\0"])
def test_what_is_no_election_is_refused(content: bytes) -> None:
    with pytest.raises(ElectionRefused):
        read_options(io.BytesIO(content))
