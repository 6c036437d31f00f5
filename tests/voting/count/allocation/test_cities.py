"""The cities' own selections, counted again from their ballots by their own rules."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ledger_audit import reference
from shared import pabulib
from shared.events.rules import Rule
from shared.pabulib import Declared, Election, declared
from tests.published import elections, there
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, profile
from voting.count.allocation.result import Result

CITIES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("cities.yaml").read_text())
# Why a file's record is not what its declared rule gives: each is a tie that the file leaves open,
# or money that it does not have.
NOT_AS_DECLARED = {
    "poland_krakow_2022_czyzyny.pb": {"24", "26"},
    "poland_warszawa_2020_rembertow.pb": {"2072", "2146", "1509"},
}
WROCLAW_2015 = "poland_wroclaw_2015_150-500.pb"


@cache
def published(name: str) -> tuple[Election, Declared]:
    election = pabulib.read(there(name))
    return election, declared(election)


def ballots(found: Declared) -> Profile:
    rows = [
        [(each - 1, 1) if isinstance(each, int) else (each[0] - 1, each[1]) for each in choices]
        for choices in found.choices
    ]
    return profile(rows, len(found.options))


def counted(name: str, rule: Rule) -> Result:
    _, found = published(name)
    return count(rule, found.form, found.options, ballots(found))


@pytest.mark.parametrize("name", CITIES)
def test_a_citys_rule_gives_the_citys_winners(name: str) -> None:
    election, _ = published(name)
    rule = Rule.model_validate(CITIES[name])
    assert rule.envelopes[0].amount == election.budget
    assert election.selected is not None
    assert set(counted(name, rule).winners) == set(election.selected)


def test_every_file_that_says_its_winners_is_explained() -> None:
    """By the rule that it declares, ties by id: what differs lost a tie, or came after one."""
    for file in elections():
        election, found = published(file.name)
        if election.selected is None or file.name == WROCLAW_2015:
            continue
        assert found.rule is not None
        result = counted(file.name, found.rule)
        differs = set(election.selected) ^ set(result.winners)
        assert differs == NOT_AS_DECLARED.get(file.name, set()), file.name
        if differs:
            assert any(o.reason == "lost_tie" for o in result.options if o.option in differs)


def test_wroclaw_2015_had_other_money_than_its_file_says() -> None:
    """The file has 20,000,000 zl, and its 15 winners cost 7,500,000: the first 15, and with as much
    money they are the winners of the rule that it declares."""
    election, found = published(WROCLAW_2015)
    assert found.rule is not None
    assert election.selected is not None
    assert len(counted(WROCLAW_2015, found.rule).winners) == 43
    spent = sum(project.cost for project in election.projects if project.selected)
    assert (election.budget, spent) == (20_000_000_00, 7_500_000_00)
    [envelope] = found.rule.envelopes
    less = found.rule.model_copy(
        update={"envelopes": (envelope.model_copy(update={"amount": spent}),)}
    )
    assert set(counted(WROCLAW_2015, less).winners) == set(election.selected)


@pytest.mark.parametrize(
    "name",
    [
        "poland_krakow_2022_czyzyny.pb",
        "poland_warszawa_2020_rembertow.pb",
        "poland_poznan_2023_.pb",
        "poland_katowice_2021_.pb",
    ],
)
def test_the_auditor_gives_a_citys_winners_too(name: str) -> None:
    _, found = published(name)
    rule = Rule.model_validate(CITIES[name])
    recounted = reference.count(
        rule.model_dump(mode="json", exclude_none=True),
        found.form.model_dump(mode="json", exclude_none=True),
        [option.model_dump(mode="json", exclude_none=True) for option in found.options],
        [{"choices": choices} for choices in found.choices],
    )
    assert recounted.winners == counted(name, rule).winners
