"""The rebound fund of the Haute-Garonne: one year of it, in three votes of its committee."""

import pytest

from comptoir.scenarios.held import Held
from comptoir.scenarios.rebound_fund import ALL, hold
from comptoir.scenarios.stage import Stage
from tests.end_to_end.elections import Entries
from tests.end_to_end.scenarios.records import (
    assert_audited,
    assert_told,
    bodies,
    by_type,
    recorded,
)

pytestmark = pytest.mark.slow

YEAR, CEILING = 100_000_00, 15_000_00
LINK, RECEIVED = "Votre lien de connexion", "Votre idée est bien arrivée"
BACK, COMPLETE = "Votre projet vous revient", "Votre dossier est complet"
FUNDED, NOT_FUNDED = "Votre projet est financé", "Votre projet n’est pas financé cette fois"
SIGNED, PAID = "La convention est signée", "Un versement a été fait"
REDUCED = "Le montant de votre subvention change"
LAPSED = "Le reste de votre subvention ne sera plus versé"


@pytest.fixture(scope="module")
async def held(stage: Stage) -> Held:
    return await hold(stage)


@pytest.fixture(scope="module")
async def entries(stage: Stage, held: Held) -> Entries:
    return await recorded(stage, held)


async def test_its_record_is_verified_and_its_rounds_counted_again(
    stage: Stage, held: Held
) -> None:
    await assert_audited(stage, held)
    assert held.decisions == 7 + 2 + 1


def test_who_is_no_carrier_of_the_economy_and_what_is_no_study_is_refused(held: Held) -> None:
    """Then a carrier that had too much aid, at the desk, and so its agreement."""
    assert held.refused[:4] == (
        "carrier_type_refused",
        "cost_kind_refused",
        "plan_unbalanced",
        "principle_missing",
    )
    assert held.refused[4:] == ("de_minimis_passed", "conditions_missing")


def test_a_project_gets_at_most_its_ceiling_however_much_it_asks_for(entries: Entries) -> None:
    decided = bodies(entries, "voting.option-decided.v2")
    amounts = {each["cost"]: each["amount"] for each in decided if each["funded"]}
    assert amounts[18_000_00] == CEILING
    assert max(amounts.values()) == CEILING


def test_each_vote_gives_out_what_is_left_of_the_year(entries: Entries) -> None:
    """What one spent less, and what lapsed, is the year's again."""
    opened = bodies(entries, "voting.round-opened.v2")
    lefts = [each["rule"]["envelopes"][0]["amount"] for each in opened]
    given = (15_000 + 15_000 + 15_000 + 14_000 + 12_000 + 15_000) * 100
    second = YEAR - given + (15_000 - 11_250) * 100
    third = second - 14_000_00 + (12_000 + 14_000) * 100
    assert lefts == [YEAR, second, third]


def test_what_does_not_fit_says_what_it_needed_and_is_given_again(entries: Entries) -> None:
    decided = bodies(entries, "voting.option-decided.v2")
    [misfit] = [each for each in decided if each["reason"] == "does_not_fit"]
    # As many votes as the other one do not help: it costs less, and so goes first.
    assert misfit["facts"] == {
        "needs": 15_000_00,
        "left": 3_750_00,
        "cheaper_by": 11_250_00,
        "more_votes": 2,
    }
    again = [each for each in decided if each["option_id"] == misfit["option_id"]]
    assert [each["reason"] for each in again] == ["does_not_fit", "funded"]
    assert [each["reason"] for each in decided].count("rejected") == 1


def test_what_costs_less_is_prorated_and_what_was_paid_stays(entries: Entries) -> None:
    """18,000 of 24,000 euros were spent: three quarters of the grant are left of it."""
    [reduced] = bodies(entries, "voting.grant-reduced.v1")
    assert (reduced["before"], reduced["amount"], reduced["spent"]) == (
        15_000_00,
        11_250_00,
        18_000_00,
    )
    paid = bodies(entries, "voting.instalment-paid.v1")
    of = [each for each in paid if each["option_id"] == reduced["option_id"]]
    assert [(each["instalment"], each["amount"]) for each in of] == [
        ("order", 7_500_00),
        ("balance", 3_750_00),
    ]
    [reached] = bodies(entries, "voting.milestone-reached.v1")
    assert reached["milestone"] == "begun"


def test_one_grant_lapses_as_it_is_renounced_and_one_as_it_cannot_be_signed(
    held: Held, entries: Entries
) -> None:
    lapsed = bodies(entries, "voting.grant-lapsed.v1")
    assert {each["ground"]: each["left"] for each in lapsed} == {
        "renounced": 12_000_00,
        "not-signed": 14_000_00,
    }
    signed = {each["option_id"] for each in bodies(entries, "voting.agreement-signed.v1")}
    assert signed.isdisjoint(each["option_id"] for each in lapsed)
    assert held.funded_cents == (11_250 + 3 * 15_000 + 14_000 + 15_000) * 100


def test_every_carrier_but_one_is_in_order_before_its_agreement(entries: Entries) -> None:
    cleared = bodies(entries, "submission.carrier-cleared.v1")
    assert len(cleared) == len(ALL) - 1
    for each in cleared:
        assert {"identifier", "status", "de-minimis"} <= {*each["checked"]}
    contracts = [each for each in cleared if "contract" in each["checked"]]
    types = [study.type for key, study in ALL.items() if key != "timber"]
    assert len(contracts) == types.count("association"), "cooperatives sign none"


def test_the_record_has_these_events_of_proposals_and_no_others(held: Held) -> None:
    assert by_type(held, "submission") == {
        "phase-opened": 4,
        "idea-deposited": 9,
        "carrier-joined": 9,
        "handoff-requested": 9,
        "handoff-accepted": 9,
        "handoff-returned": 9,
        "dossier-filed": 9,
        "dossier-reviewed": 9,
        "carrier-cleared": 8,
        "options-frozen": 3,
    }


async def test_everybody_is_told_what_becomes_of_her_grant(stage: Stage, held: Held) -> None:
    begun = {LINK: 1, RECEIVED: 1, BACK: 1, COMPLETE: 1}
    signed = begun | {FUNDED: 1, SIGNED: 1}
    await assert_told(
        stage,
        {
            "workshop": signed | {PAID: 2, REDUCED: 1},
            "market": signed | {PAID: 1},
            "laundry": signed,
            "timber": begun | {FUNDED: 1, LAPSED: 1},
            "fabric": begun | {FUNDED: 1, LAPSED: 1},
            "karaoke": begun | {NOT_FUNDED: 1},
            "water": {
                "Your sign-in link": 1,
                "Your idea has arrived": 1,
                "Your project is back with you": 1,
                "Your dossier is complete": 1,
                "Your project is funded": 1,
                "The agreement is signed": 1,
            },
            "seeds": signed,
            "canteen": signed | {NOT_FUNDED: 1},
        },
    )
