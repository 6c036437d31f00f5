"""The yearly call of Moselle: associations, a jury, deliberated amounts, instalments."""

import pytest

from comptoir.scenarios.held import Held
from comptoir.scenarios.moselle import PROJECTS, hold
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

LINK, RECEIVED = "Votre lien de connexion", "Votre idée est bien arrivée"
COMPLETE, NOT_FUNDED = "Votre dossier est complet", "Votre projet n’est pas financé cette fois"
CONFIRMED, SIGNED = "Votre subvention est confirmée", "La convention est signée"
PAID, LACKS = "Un versement a été fait", "Il manque quelque chose à votre dossier"


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
    assert held.decisions == 3 + 1


def test_no_person_no_cooperative_nobody_from_elsewhere_and_no_consumables(held: Held) -> None:
    assert held.refused == (
        "carrier_type_refused",
        "carrier_type_refused",
        "seat_elsewhere",
        "cost_excluded",
        "winners_only",
    )


def test_the_impact_is_measured_by_who_won_before(entries: Entries) -> None:
    """The same association that was refused it, once its first project was chosen."""
    filed = bodies(entries, "submission.dossier-filed.v1")
    [impact] = [each for each in filed if each["costs"][0]["kind"] == "impact-measurement"]
    decided = bodies(entries, "voting.option-decided.v2")
    assert [each["funded"] for each in decided if each["option_id"] == impact["project_id"]] == [
        True
    ]
    joined = bodies(entries, "submission.carrier-joined.v1")
    carriers = [each for each in joined if each["carrier_id"] == impact["carrier_id"]]
    assert len({each["project_id"] for each in carriers}) == 2


def test_a_dossier_without_its_budget_comes_back_and_is_completed(entries: Entries) -> None:
    reviewed = bodies(entries, "submission.dossier-reviewed.v1")
    assert [each["missing"] for each in reviewed if each["missing"]] == [["budget"]]
    assert len(reviewed) == 5


def test_amounts_are_deliberated_and_paid_in_three_parts(held: Held, entries: Entries) -> None:
    confirmed = bodies(entries, "voting.funding-confirmed.v1")
    assert sorted(each["amount"] for each in confirmed) == [7_500_00, 12_000_00, 20_000_00]
    signed = bodies(entries, "voting.agreement-signed.v1")
    parts = {each["amount"]: [part["amount"] for part in each["instalments"]] for each in signed}
    assert parts[20_000_00] == [8_000_00, 8_000_00, 4_000_00]
    paid = bodies(entries, "voting.instalment-paid.v1")
    assert [each["instalment"] for each in paid] == ["advance", "invoices", "balance", "advance"]
    assert sum(each["amount"] for each in paid) == 20_000_00 + 3_000_00
    assert held.funded_cents == 39_500_00


def test_the_record_has_these_events_of_proposals_and_no_others(held: Held) -> None:
    assert by_type(held, "submission") == {
        "phase-opened": 3,
        "idea-deposited": 4,
        "carrier-joined": 6,
        "carrier-left": 2,
        "dossier-filed": 4,
        "dossier-amended": 1,
        "dossier-reviewed": 5,
        "carrier-cleared": 4,
        "options-frozen": 2,
        "project-withdrawn": 1,  # its words were erased
    }


async def test_associations_are_told_what_becomes_of_their_projects(
    stage: Stage, held: Held
) -> None:
    begun = {LINK: 1, RECEIVED: 1, COMPLETE: 1}
    await assert_told(
        stage,
        {
            "bus": {LINK: 1, RECEIVED: 2, COMPLETE: 2, CONFIRMED: 2, SIGNED: 2, PAID: 4},
            "radio": begun | {CONFIRMED: 1, SIGNED: 1},
            "shop": begun | {LACKS: 1, NOT_FUNDED: 1},
        },
    )
    assert set(PROJECTS) == {"bus", "radio", "shop"}
