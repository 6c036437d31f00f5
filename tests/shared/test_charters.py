"""Charters: what a preset says, how an edition changes it, and everything that is refused."""

import copy
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import flaw
from shared.charters.check import Charter, charter, read_charter
from shared.charters.form import ACTS, PHASES, cents, euros
from shared.charters.problems import SENTENCES, CharterRefused
from shared.charters.reading import LONGEST, merged, read_yaml
from shared.charters.sense import phases_out_of_order
from shared.events.charter import FLUSH_FLOOR, Phase
from shared.events.screening import Screening
from shared.events.submission import CharterPublished
from shared.events.voting import FlushRule
from voting.count.charters import vote_of

NAME = "pas-de-calais-citizen-budget"
PRESET = (resources.files("submission") / "presets" / f"{NAME}.yaml").read_text()
PRESETS = {NAME: PRESET}
EDITION = f"preset: {NAME}\nedition: 2027\n"


WHOLE = merged(read_yaml(PRESET), {"preset": NAME, "edition": "2027"})


def whole() -> dict[str, Any]:
    """The preset's data as an edition, read once: that takes longer than all that is done to it."""
    return copy.deepcopy(WHOLE)


def refused(written: str | bytes) -> list[tuple[str, str]]:
    """Codes and places of everything that is wrong."""
    with pytest.raises(CharterRefused) as caught:
        read_charter(written, PRESETS)
    return [(problem.code, problem.path) for problem in caught.value.problems]


def test_the_preset_says_what_the_scheme_is() -> None:
    found = read_charter(EDITION, PRESETS)
    rules = found.rules
    assert (found.title, found.rehearsal) == ("Budget citoyen du Pas-de-Calais 2027", False)
    assert len(rules.territories) == 7
    assert {family.name: family.ceiling for family in rules.families} == {
        "sse-values": 4_500_00,
        "cooperation": 20_000_00,
        "social-innovation": 10_000_00,
    }
    assert (vote_of(rules).minimum_age, vote_of(rules).least, vote_of(rules).most) == (11, 1, 3)
    assert rules.second_officer == ACTS
    assert rules.counter_attended
    [committee] = rules.bodies or ()
    assert (committee.members, committee.quorum, committee.decides) == (5, "1/2", "labels")
    phases = {phase.name: phase for phase in rules.phases}
    assert [*phases] == ["ideas", "dossiers", "counters", "labelling", "vote"]
    assert phases["dossiers"].closes_at < phases["counters"].closes_at, "windows overlap"
    assert phases["vote"].opens_at == datetime(2027, 8, 31, 22, tzinfo=UTC), "midnight in Paris"
    assert phases["vote"].closes_at == datetime(2027, 9, 30, 22, tzinfo=UTC), "the last day counts"
    assert {assumption.of for assumption in rules.assumed} >= {
        "vote.least",
        "vote.minimum_age",
        "vote.identity",
        "vote.paper",
        "families.cooperation.ceiling",
        "vote.outcome",
        "vote.partial_grants",
        "vote.ties",
    }


def test_the_rules_fit_an_entry_of_the_ledger_as_they_are() -> None:
    found = read_charter(EDITION, PRESETS)
    event = CharterPublished(
        programme_id=UUID(int=1),
        log="budget-1",
        title="0" * 64,
        charter="0" * 64,
        rehearsal=False,
        rules=found.rules,
    )
    assert flaw(event.body()) is None
    assert CharterPublished.from_body(event.body()) == event


def test_an_edition_decides_and_assumes_no_more_what_it_decides() -> None:
    found = read_charter(
        EDITION
        + "title: Un essai\nrehearsal: true\nenvelope: 1 000.50 EUR\nsecond_officer: []\n"
        + "families: [{name: one, fr: Une, en: One, ceiling: 9 EUR},"
        + " {name: young-2030, fr: Jeunes, en: Young, ceiling: 9 EUR}]\nvote: {least: 3}\n"
        + "phases: {vote: {opens: '2027-09-15T08:00:00+02:00'}}\n"
        + "assumed: [{of: families.one, fr: Peut-être, en: Perhaps},"
        + " {of: families.young-2030.ceiling, fr: Peut-être, en: Perhaps}]\n",
        PRESETS,
    )
    rules = found.rules
    assert (found.title, found.rehearsal, rules.envelope) == ("Un essai", True, 1_000_50)
    assert (vote_of(rules).least, vote_of(rules).most, rules.second_officer) == (3, 3, ())
    assert [family.name for family in rules.families] == ["one", "young-2030"]
    vote = next(phase for phase in rules.phases if phase.name == "vote")
    assert vote.opens_at == datetime(2027, 9, 15, 6, tzinfo=UTC)
    assert vote.closes_at == datetime(2027, 9, 30, 22, tzinfo=UTC), "as the preset has it"
    of = {assumption.of for assumption in rules.assumed}
    assert of.isdisjoint({"envelope", "vote.least", "families.cooperation.ceiling"})
    assert of >= {"families.one", "families.young-2030.ceiling", "vote.minimum_age", "vote.ties"}


def test_a_charter_that_names_no_preset_here_says_everything_itself() -> None:
    data = whole() | {"preset": "another"}
    assert read_charter(yaml.safe_dump(data, allow_unicode=True), PRESETS).rules.preset == "another"
    assert refused("preset: another\nedition: 2027\n")[:2] == [
        ("preset_unknown", "preset"),
        ("missing", "title"),
    ]


ASSUMED = "assumed: [{of: %s, fr: Un, en: One}]"


@pytest.mark.parametrize(
    ("written", "code", "path"),
    [
        ("colour: red", "unknown_key", "colour"),
        ("vote: {colour: red}", "unknown_key", "vote.colour"),
        ("phases: {vote: {colour: red}}", "unknown_key", "phases.vote.colour"),
        ("territories: [{name: a, fr: A, en: A, x: 1}]", "unknown_key", "territories.a.x"),
        ("territories: [{name: a, fr: A}]", "missing", "territories.a.en"),
        ("territories: []", "malformed", "territories"),
        ("territories: [{name: A B, fr: A, en: A}]", "malformed", "territories.A B.name"),
        ("edition: '27'", "malformed", "edition"),
        ("edition: 2027-2029", "malformed", "edition"),
        ("rehearsal: 1", "malformed", "rehearsal"),
        ("envelope: 572000", "malformed", "envelope"),
        ("envelope: 4,500 EUR", "malformed", "envelope"),
        ("envelope: -1 EUR", "malformed", "envelope"),
        ("envelope: 12 34 EUR", "malformed", "envelope"),
        ("envelope: 99 999 999 999 999 EUR", "malformed", "envelope"),
        ("envelope: on", "malformed", "envelope"),
        ("vote: {most: '3'}", "malformed", "vote.most"),
        ("vote: {most: 0}", "malformed", "vote.most"),
        ("vote: {outcome: by-lot}", "malformed", "vote.outcome"),
        ("vote: {minimum_age: 116}", "malformed", "vote.minimum_age"),
        ("phases: {votes: {opens: 09-01, closes: 09-02}}", "malformed", "phases.votes"),
        ("phases: {vote: {opens: tomorrow}}", "malformed", "phases.vote.opens"),
        ("phases: {vote: {opens: '2027-09-01T08:00:00'}}", "malformed", "phases.vote.opens"),
        ("phases: {vote: {opens: '0001-01-01T00:00:00+14:00'}}", "malformed", "phases.vote.opens"),
        ("phases: {vote: {closes: 02-30}}", "no_such_day", "phases.vote.closes"),
        ("phases: {ideas: {opens: 02-29}}", "no_such_day", "phases.ideas.opens"),
        ("phases: {vote: {opens: 09-30, closes: 09-29}}", "window_empty", "phases.vote"),
        ("phases: {vote: {closes: 2028-01-01}}", "phase_outside_year", "phases.vote.closes"),
        ("phases: {ideas: {opens: 2026-12-31}}", "phase_outside_year", "phases.ideas.opens"),
        ("phases: {vote: {opens: 08-31}}", "vote_before_labels", "phases.vote.opens"),
        ("phases: {dossiers: {closes: 09-02}}", "labelled_before_filed", "phases.labelling.closes"),
        ("territories: [&a {name: a, fr: A, en: A}]", "not_plain", ""),
        ("title: &a x\ntitle2: *a", "not_plain", ""),
        ("title: !!str x", "not_plain", ""),
        ("title: 1.5", "not_plain", ""),
        ("vote: {<<: {most: 3}}", "not_plain", ""),
        ("vote: {1: 2}", "not_plain", ""),
        ('title: "\\ud800"', "not_plain", ""),
        ('title: "a\\u202Eb"', "unseen_character", "title"),
        ("title: |\n  two\n  lines", "unseen_character", "title"),
        ("vote: {most: 3, most: 3}", "key_twice", ""),
        ("vote: [", "not_yaml", ""),
        ("--- \na: 1", "not_yaml", ""),
        ("x: " + "[" * 5000, "unreadable", ""),
        ("x: " + "9" * 5000, "unreadable", ""),
        ("x: " + "y" * LONGEST, "too_long", ""),
        ("title: \0", "unreadable", ""),
        (ASSUMED % "vote.colour", "assumption_of_nothing", "assumed.vote.colour"),
        (ASSUMED % "families.x.ceiling", "assumption_of_nothing", "assumed.families.x.ceiling"),
        (ASSUMED % "envelope.x", "assumption_of_nothing", "assumed.envelope.x"),
        ("second_officer: [bow]", "malformed", "second_officer.0"),
        ("second_officer: [open-round]", "one_officer", "second_officer"),
        ("vote: {least: 4}", "least_over_most", "vote.least"),
        ("vote: {consent_age: 14}", "malformed", "vote.consent_age"),
        ("screening: {burst: 6}", "screening_loosened", "screening.burst"),
        ("screening: {proof_bits: 16}", "screening_loosened", "screening.proof_bits"),
        ("vote: {electors: 199}", "electorate_too_small", "vote.electors"),
        ("vote: {electors: 0}", "malformed", "vote.electors"),
        ("screening: {burst: many}", "malformed", "screening.burst"),
        ("screening: {bursts: 3}", "unknown_key", "screening.bursts"),
        ("envelope: 19 999.99 EUR", "ceiling_over_envelope", "families.cooperation.ceiling"),
        # What the way of voting makes impossible, and what is not built.
        ("vote: {own_project: excluded}", "own_project_excluded", "vote.own_project"),
        ("vote: {duplicates: paper-over-web}", "paper_over_web", "vote.duplicates"),
        ("vote: {duplicates: all-void}", "all_duplicates_void", "vote.duplicates"),
        ("vote: {identity: [e-mail]}", "email_alone", "vote.identity"),
        ("vote: {identity: [declared, e-mail]}", "identity_elsewhere", "vote.identity"),
        ("vote: {identity: [identity-provider]}", "identity_elsewhere", "vote.identity"),
        ("vote: {identity: [by-telephone]}", "malformed", "vote.identity.0"),
        ("vote: {flush: {k: 29, interval: 900}}", "flush_too_small", "vote.flush"),
        ("vote: {flush: {k: 30, interval: 840}}", "flush_too_small", "vote.flush"),
        ("vote: {flush: {k: 30, interval: 930}}", "malformed", "vote.flush.interval"),
        ("vote: {flush: {k: 0, interval: 900}}", "malformed", "vote.flush.k"),
        ("vote: {flush: {k: 30}}", "missing", "vote.flush.interval"),
        ("vote: {partial_grants: true}", "partial_grants", "vote.partial_grants"),
    ],
)
def test_a_charter_is_refused_with_code_and_place(written: str, code: str, path: str) -> None:
    edition = "" if written.startswith("edition") else "edition: 2027\n"
    assert (code, path) in refused(f"preset: {NAME}\n{edition}{written}\n")


def change(what: str, data: dict[str, Any]) -> None:
    """Break a whole charter in a way that no edition of the preset can."""
    match what:
        case "no vote":
            del data["phases"]["vote"]
        case "no counters":
            del data["phases"]["counters"]
        case "two alike":
            data["families"].append(data["families"][0])
        case "no edition":
            del data["edition"]
        case "too much for the ledger":
            data["assumed"] = [{"of": "vote", "fr": "é" * 500, "en": "e" * 500}] * 90


@pytest.mark.parametrize(
    ("what", "code", "path"),
    [
        ("no vote", "phase_missing", "phases.vote"),
        ("no counters", "phase_missing", "phases.counters"),
        ("two alike", "name_twice", "families.sse-values"),
        ("no edition", "missing", "edition"),
        ("too much for the ledger", "too_large", ""),
    ],
)
def test_a_whole_charter_is_refused_too(what: str, code: str, path: str) -> None:
    data = copy.deepcopy(whole())
    change(what, data)
    with pytest.raises(CharterRefused) as caught:
        charter(data)
    assert (code, path) in [(problem.code, problem.path) for problem in caught.value.problems]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = refused(
        EDITION
        + "colour: red\nenvelope: many\nvote: {least: 9, own_project: excluded}\n"
        + "second_officer: [open-round]\nphases: {vote: {opens: 07-31}, ideas: {opens: 2030-01-01}}"
    )
    assert {code for code, _ in found} == {
        "unknown_key",
        "malformed",
        "least_over_most",
        "own_project_excluded",
        "one_officer",
        "vote_before_labels",
        "phase_outside_year",
        "window_empty",
    }


def test_figures_are_frozen_with_the_charter_and_a_rehearsal_may_raise_them() -> None:
    assert read_charter(EDITION, PRESETS).rules.screening == Screening()
    strict = EDITION + "screening: {burst: 3, appeal_days: 120}\n"
    assert read_charter(strict, PRESETS).rules.screening == Screening(burst=3, appeal_days=120)
    rehearsal = EDITION + "rehearsal: true\n"
    assert read_charter(rehearsal, PRESETS).rules.screening == Screening.rehearsed()
    raised = rehearsal + "screening: {burst: 50}\n"
    assert read_charter(raised, PRESETS).rules.screening == Screening(burst=50)


def test_a_rehearsal_may_go_without_a_second_officer_and_nothing_else() -> None:
    rehearsal = EDITION + "rehearsal: true\nsecond_officer: [open-round]\n"
    assert read_charter(rehearsal, PRESETS).rules.second_officer == ("open-round",)
    assert refused(rehearsal + "vote: {own_project: excluded}\n") == [
        ("own_project_excluded", "vote.own_project")
    ]


def test_a_charter_may_let_people_vote_on_paper() -> None:
    assert vote_of(read_charter(EDITION + "vote: {paper: true}\n", PRESETS).rules).paper is True
    assert vote_of(read_charter(EDITION, PRESETS).rules).paper is None


def test_a_charter_may_let_people_vote_with_help() -> None:
    assert (
        vote_of(read_charter(EDITION + "vote: {assisted: true}\n", PRESETS).rules).assisted is True
    )
    assert vote_of(read_charter(EDITION, PRESETS).rules).assisted is None


WAYS = ("declared", "posted-code", "identity-provider")


@pytest.mark.parametrize("written", [WAYS, WAYS[::-1]], ids=str)
def test_a_charter_may_let_an_identity_provider_vouch_for_voters(written: tuple[str, ...]) -> None:
    ways = f"vote: {{identity: [{', '.join(written)}]}}\n"
    rules = read_charter(EDITION + ways, PRESETS).rules
    assert (vote_of(rules).identity, vote_of(rules).vouched) == (WAYS, True)
    assert "vote.identity" not in {assumption.of for assumption in rules.assumed}
    preset = vote_of(read_charter(EDITION, PRESETS).rules)
    assert (preset.identity, preset.vouched) == (None, False)


def test_a_charter_may_ask_for_more_than_every_vote_hides_and_a_rehearsal_for_less() -> None:
    more = EDITION + "vote: {flush: {k: 50, interval: 1800}}\n"
    assert vote_of(read_charter(more, PRESETS).rules).flush == FlushRule(k=50, interval=1800)
    least = EDITION + "vote: {flush: {k: 30, interval: 900}}\n"
    assert vote_of(read_charter(least, PRESETS).rules).flush == FLUSH_FLOOR
    rehearsal = EDITION + "rehearsal: true\nvote: {flush: {k: 2, interval: 0}}\n"
    assert vote_of(read_charter(rehearsal, PRESETS).rules).flush == FlushRule(k=2, interval=0)
    assert vote_of(read_charter(EDITION, PRESETS).rules).flush is None


def test_every_code_is_tested() -> None:
    here = Path(__file__)
    of_submission = ("../submission/test_fixed.py", "../submission/test_amending.py")
    beside = ("test_charters_deciding.py", "charters/broken.py", *of_submission)
    source = "".join(each.read_text() for each in (here, *(here.parent / name for name in beside)))
    assert not [code for code in SENTENCES if f'"{code}"' not in source]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(anything, st.sampled_from(sorted(read_yaml(PRESET))))
def test_whatever_stands_in_a_part_it_is_a_charter_or_a_refusal(value: Any, part: str) -> None:
    """No other exception, and whatever is taken is what the ledger takes."""
    try:
        found = charter(whole() | {part: value})
    except CharterRefused as refusal:
        assert refusal.problems
        assert all(problem.sentence for problem in refusal.problems)
    else:
        assert isinstance(found, Charter)
        assert flaw(found.rules.model_dump_json().encode()) in (None, "not in RFC 8785 form")


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_whatever_is_written_it_is_a_charter_or_a_refusal(written: str | bytes) -> None:
    with pytest.raises(CharterRefused):
        read_charter(written, PRESETS)


@given(st.integers(0, 10**15))
def test_an_amount_is_read_as_it_is_written(amount: int) -> None:
    assert cents(f"{euros(amount)} EUR") == amount
    assert cents(f"{amount // 100:,} EUR".replace(",", " ")) == amount // 100 * 100


days = st.integers(-5, 370).map(lambda day: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(day))
windows = st.lists(
    st.builds(Phase, name=st.sampled_from(PHASES), opens_at=days, closes_at=days),
    unique_by=lambda phase: phase.name,
)


@given(windows)
def test_phases_in_order_are_labelled_after_they_are_filed_and_voted_on_after(
    phases: list[Phase],
) -> None:
    wrong = {problem.code for problem in phases_out_of_order(phases, "2027")}
    by_name = {phase.name: phase for phase in phases}
    if not wrong:
        assert all(phase.opens_at < phase.closes_at for phase in phases)
        assert all(phase.opens_at.year == 2027 for phase in phases)
        if {"dossiers", "labelling", "vote"} <= by_name.keys():
            assert by_name["dossiers"].closes_at <= by_name["labelling"].closes_at
            assert by_name["labelling"].closes_at <= by_name["vote"].opens_at
    assert ("window_empty" in wrong) == any(p.opens_at >= p.closes_at for p in phases)
