"""The departmental box of initiatives of Meurthe-et-Moselle, from its charter to what was paid."""

import pytest

from comptoir.scenarios.bid_54 import IDEAS, NAMES, hold
from comptoir.scenarios.held import Held
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
HANDED_ON, BACK = "Un autre bureau s’occupe de votre projet", "Votre projet vous revient"
COMPLETE, NOT_FUNDED = "Votre dossier est complet", "Votre projet n’est pas financé cette fois"
CONFIRMED, SIGNED = "Votre subvention est confirmée", "La convention est signée"
PAID = "Un versement a été fait"


@pytest.fixture(scope="module")
async def held(stage: Stage) -> Held:
    return await hold(stage)


@pytest.fixture(scope="module")
async def entries(stage: Stage, held: Held) -> Entries:
    return await recorded(stage, held)


async def test_its_record_is_verified_and_its_round_counted_again(stage: Stage, held: Held) -> None:
    await assert_audited(stage, held)
    assert held.events == sum(held.types.values())
    assert held.decisions == 3


def test_desks_receive_orient_and_hand_back_and_one_idea_is_declined(entries: Entries) -> None:
    """Who is handed on is at the next desk by the same act, and never at none."""
    asked = bodies(entries, "submission.handoff-requested.v1")
    desks = [each["desk"] for each in asked]
    assert (desks.count("reception"), desks.count("orientation")) == (len(IDEAS), 2)
    redirected = bodies(entries, "submission.handoff-redirected.v1")
    assert {each["handoff_id"] for each in redirected} == {
        each["after"] for each in asked if each.get("after")
    }
    assert all(each["reason"] for each in redirected), "committed to"
    returned = bodies(entries, "submission.handoff-returned.v1")
    assert sorted(each["cause"] for each in returned) == ["declined", "done", "done", "done"]
    ended = {each["handoff_id"] for each in (*returned, *redirected)}
    assert ended == {each["handoff_id"] for each in asked}, "no handoff is left at a desk"
    [announced] = bodies(entries, "submission.gathering-announced.v1")
    [scheduled] = bodies(entries, "submission.handoff-scheduled.v1")
    assert scheduled["gathering_id"] == announced["gathering_id"]
    [attended] = bodies(entries, "submission.handoff-attended.v1")
    assert attended["handoff_id"] == scheduled["handoff_id"]


def test_a_dossier_that_keeps_to_one_principle_of_two_is_refused(held: Held) -> None:
    assert held.refused == ("principle_missing",)
    assert held.types["submission.dossier-filed.v1"] == 3


def test_a_jury_chooses_by_name_and_gives_no_amount(entries: Entries) -> None:
    decided = bodies(entries, "voting.option-decided.v2")
    assert sorted(each["reason"] for each in decided) == ["funded", "funded", "rejected"]
    assert {each["amount"] for each in decided} == {0}
    [opened] = bodies(entries, "voting.round-opened.v2")
    assert (opened["secrecy"], opened["seats"]["body_name"]) == ("named", "jury")
    assert len(bodies(entries, "voting.seat-ballot-cast.v1")) == 4, "of five members"


def test_the_assembly_says_each_amount_and_agreements_wait_for_it(
    held: Held, entries: Entries
) -> None:
    confirmed = bodies(entries, "voting.funding-confirmed.v1")
    assert {each["act"]: each["amount"] for each in confirmed} == {
        "CD54-2026-001": 6_000_00,
        "CD54-2026-002": 15_000_00,
    }
    signed = bodies(entries, "voting.agreement-signed.v1")
    assert {each["act"]: each["amount"] for each in signed} == {
        each["act"]: each["amount"] for each in confirmed
    }
    assert all(len(set(each["officers"])) == 2 for each in (*confirmed, *signed))
    paid = bodies(entries, "voting.instalment-paid.v1")
    assert sorted(each["amount"] for each in paid) == [6_000_00, 15_000_00]
    assert held.funded_cents == 21_000_00


def test_the_record_has_these_events_and_no_others(held: Held) -> None:
    assert by_type(held, "submission") == {
        "phase-opened": 5,
        "idea-deposited": 4,
        "handoff-requested": 6,
        "handoff-accepted": 3,
        "handoff-redirected": 2,
        "handoff-scheduled": 1,
        "handoff-attended": 1,
        "handoff-returned": 4,
        "gathering-announced": 1,
        "dossier-filed": 3,
        "dossier-reviewed": 3,
        "options-frozen": 1,
        "project-withdrawn": 1,  # its words were erased
    }


async def test_carriers_are_told_what_becomes_of_their_initiatives(
    stage: Stage, held: Held
) -> None:
    begun = {LINK: 1, RECEIVED: 1}
    funded = {COMPLETE: 1, CONFIRMED: 1, SIGNED: 1, PAID: 1}
    appointment = {"Votre rendez-vous au comptoir": 1}
    await assert_told(
        stage,
        {
            "sabine": begun | appointment | {BACK: 1} | funded,
            "yannis": begun | {HANDED_ON: 1, BACK: 1} | funded,
            "nadia": begun | {HANDED_ON: 1, BACK: 1, COMPLETE: 1, NOT_FUNDED: 1},
            "olivier": begun | {BACK: 1},
        },
    )


async def test_who_had_his_idea_erased_left_the_acts_and_no_words(
    stage: Stage, entries: Entries
) -> None:
    """The record has his deposit, the desk's answer, and commitments to words that are gone."""
    returned = bodies(entries, "submission.handoff-returned.v1")
    [declined] = [each["project_id"] for each in returned if each["cause"] == "declined"]
    deposited = bodies(entries, "submission.idea-deposited.v1")
    [idea] = [each for each in deposited if each["project_id"] == declined]
    assert idea["title"] and idea["carrier"]
    page = (await stage.client.read("submission", f"/projects/{declined}")).decode()
    assert IDEAS["olivier"].title not in page and NAMES["olivier"] not in page
