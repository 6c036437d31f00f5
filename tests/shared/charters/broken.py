"""Charters that are broken in one place: what is changed in a whole one, and what is told of it.

Each changes `BUDGET`, a citizen budget, or `FUND`, a standing fund, as an edition changes its
preset; what stands behind `-` is left out of it.
"""

from typing import NamedTuple

BUDGET = """
preset: broken
title: Un budget
edition: 2027
envelope: 100 000 EUR
levels:
  - {name: departement, fr: Département, en: Département}
  - {name: canton, fr: Canton, en: Canton}
territories:
  - {name: all, fr: Tout, en: All, level: departement}
  - {name: north, fr: Nord, en: North, level: canton, within: all}
  - {name: south, fr: Sud, en: South, level: canton, within: all}
phases:
  ideas: {opens: 01-01, closes: 02-28}
  counters: {opens: 02-01, closes: 03-31}
  dossiers: {opens: 03-01, closes: 04-30}
  preselection: {opens: 05-01, closes: 05-31}
  labelling: {opens: 06-01, closes: 06-30}
  vote: {opens: 07-01, closes: 07-31}
  follow-up: {opens: 08-01, closes: 2029-12-31}
counter_attended: true
families: [{name: one, fr: Une, en: One, ceiling: 20 000 EUR}]
themes: [{name: nature, fr: Nature, en: Nature}]
categories: [{name: youth, fr: Jeunes, en: Youth, from_age: 11, to_age: 25}]
documents: [{name: statutes, fr: Statuts, en: Statutes, of: [association]}]
submitting:
  minimum_age: 11
  consent_below: 18
  links: {of: [live, work], least: 1}
  ideas_by: [person, association]
  dossiers_by: [person, association]
  sponsored: [person]
  most_ideas: 3
  most_dossiers: 2
costs:
  kinds: [{name: tools, fr: Outils, en: Tools}, {name: impact, fr: Mesure, en: Measure}]
  months_least: 2
  months_most: 24
grant: {percent: 80, ceiling: 20 000 EUR, floor: 500 EUR, full_for: [youth]}
desks:
  - {name: north, fr: Nord, en: North, role: adviser, territories: [north], first: true}
  - {name: south, fr: Sud, en: South, role: adviser, answer: 10 days, remind: 3 days}
bodies:
  - name: readers
    fr: Lecteurs
    en: Readers
    members: 3
    decides: admits
    during: preselection
    format: {type: decision, members: 3, quorum: "1/2"}
vote:
  minimum_age: 11
  least: 1
  most: 3
  outcome: ranked-until-exhausted
  links: {of: [live, work]}
  channels: [web]
second_officer: all
funding:
  identifiers: [siret]
  sign_within: 6 months
  instalments:
    - {name: first, fr: Acompte, en: First, percent: 50, on: order}
    - {name: last, fr: Solde, en: Last, percent: 50, on: invoice}
  milestones: [{name: begun, fr: Commencé, en: Begun}]
"""

FUND = """
preset: broken
title: Un fonds
edition: 2027
kind: standing-fund
territories: [{name: all, fr: Tout, en: All}]
phases:
  ideas: {opens: 01-01, closes: 12-31}
  dossiers: {opens: 01-01, closes: 12-31}
  instruction: {opens: 01-01, closes: 12-31}
fund: {year_amount: 100 000 EUR, project_year_ceiling: 15 000 EUR}
bodies:
  - name: committee
    fr: Comité
    en: Committee
    members: 3
    decides: money
    during: instruction
    days: 7
    format: {type: decision, members: 3, quorum: "1/2"}
second_officer: all
"""


class Broken(NamedTuple):
    """What changes a charter, which code that has, at which path, and what is told beside it."""

    changed: str
    code: str
    path: str
    of: str = BUDGET
    also: tuple[str, ...] = ()


def _level(name: str, more: str) -> str:
    return f"territories: [{{name: {name}, fr: A, en: A, {more}}}]"


def _body(more: str, name: str = "readers") -> str:
    return (
        f"bodies: [{{name: {name}, fr: A, en: A, members: 3,"
        f' format: {{type: decision, members: 3, quorum: "1/2"}}, {more}}}]'
    )


ADMITS = "decides: admits, during: preselection"

BROKEN: tuple[Broken, ...] = (
    # Its shape.
    Broken("kind: lottery", "malformed", "kind"),
    Broken("adopted: {body: Assemblée, act: CD-1, on: someday}", "malformed", "adopted.on"),
    Broken("adopted: {body: Assemblée, on: '2026-12-01'}", "missing", "adopted.act"),
    Broken("grant: {ceiling: 20000}", "malformed", "grant.ceiling"),
    Broken("grant: {percent: 101}", "malformed", "grant.percent"),
    Broken("grant: {rate: 80}", "unknown_key", "grant.rate"),
    Broken("fund: {year_amount: 1 EUR, carry: for-ever}", "malformed", "fund.carry"),
    Broken("submitting: {ideas_by: [king]}", "malformed", "submitting.ideas_by.0"),
    Broken("submitting: {links: {of: []}}", "malformed", "submitting.links.of"),
    Broken("submitting: {minimum_age: 116}", "malformed", "submitting.minimum_age"),
    Broken("funding: {sign_within: soon}", "malformed", "funding.sign_within"),
    Broken("funding: {sign_within: 0 days}", "malformed", "funding.sign_within"),
    Broken("costs: {nature: gold}", "malformed", "costs.nature"),
    Broken(_body("decides: all, during: vote"), "malformed", "bodies.readers.decides"),
    Broken(_body(ADMITS + ", days: 0"), "malformed", "bodies.readers.days"),
    Broken("counters: {most_missed: 0}", "malformed", "counters.most_missed"),
    Broken("counters: {remind: soon}", "malformed", "counters.remind"),
    Broken("counters: {remind: 5 seconds}", "seconds_in_earnest", "counters.remind"),
    Broken("vote: {channels: [pigeon]}", "malformed", "vote.channels.0"),
    Broken("cycle: {number: 1, of: 2}", "missing", "cycle.total"),
    # Its places and its years.
    Broken(_level("north", "level: town"), "level_unknown", "territories.north.level"),
    Broken(
        "territories: [{name: north, fr: A, en: A}]", "level_missing", "territories.north.level"
    ),
    Broken(
        _level("north", "level: canton, within: b"), "within_unknown", "territories.north.within"
    ),
    Broken(
        _level("north", "level: canton, within: north"), "within_itself", "territories.north.within"
    ),
    Broken(
        "territories: [{name: north, fr: A, en: A, level: canton},"
        " {name: b, fr: B, en: B, level: canton, within: north}]",
        "level_skipped",
        "territories.b.within",
    ),
    Broken(
        "territories: [{name: north, fr: A, en: A, level: canton, within: b},"
        " {name: b, fr: B, en: B, level: canton, within: north}]",
        "within_itself",
        "territories.b.within",
        also=("within_itself",),
    ),
    Broken("levels: [{name: canton, fr: C, en: C}]", "level_unknown", "territories.all.level"),
    Broken("cycle: {number: 3, of: 2, total: 1 000 000 EUR}", "cycle_number", "cycle.number"),
    Broken("cycle: {number: 1, of: 2, total: 99 999 EUR}", "cycle_over_total", "cycle.total"),
    Broken("-: fund", "fund_missing", "fund", FUND, ("money_without_envelope",)),
    Broken("kind: citizen-budget", "citizens_vote", "vote", FUND),
    Broken(
        "phases: {dossiers: {closes: 2028-01-02}}",
        "phase_outside_year",
        "phases.dossiers.closes",
        also=("labelled_before_filed",),
    ),
    Broken("-: phases.ideas", "phase_missing", "phases.ideas"),
    Broken("-: phases.preselection", "phase_missing", "phases.preselection"),
    Broken("-: phases.labelling", "phase_missing", "phases.labelling"),
    Broken("-: phases.instruction", "phase_missing", "phases.instruction", FUND),
    Broken(
        "desks: [{name: unit, fr: Service, en: Unit, role: instructor, first: true,"
        " answer: 10 days}]",
        "phase_missing",
        "phases.counters",
        FUND,
    ),
    Broken(
        "phases: {vote: {opens: 02-01, closes: 02-02}}",
        "vote_phase_without_vote",
        "phases.vote",
        FUND,
    ),
    # Who submits, and what.
    Broken("submitting: {ideas_by: []}", "nobody_may_submit", "submitting.ideas_by"),
    Broken("submitting: {maximum_age: 10}", "age_reversed", "submitting.maximum_age"),
    Broken("submitting: {consent_below: 19}", "consent_over_adult", "submitting.consent_below"),
    Broken("submitting: {consent_below: 11}", "consent_of_nobody", "submitting.consent_below"),
    Broken("submitting: {sponsored: [class]}", "sponsor_unknown", "submitting.sponsored.0"),
    Broken("submitting: {most_dossiers: 4}", "limit_over_limit", "submitting.most_dossiers"),
    Broken("submitting: {most_voted: 3}", "limit_over_limit", "submitting.most_voted"),
    Broken("submitting: {links: {of: [live, live]}}", "link_twice", "submitting.links.of.1"),
    Broken("submitting: {links: {least: 3}}", "least_over_links", "submitting.links.least"),
    Broken("vote: {links: {least: 3}}", "least_over_links", "vote.links.least"),
    Broken("submitting: {winners_only: [trips]}", "cost_kind_unknown", "submitting.winners_only.0"),
    Broken("themes: []", "theme_missing", "themes"),
    Broken("themes: [{name: a, fr: A, en: A}, {name: a, fr: A, en: A}]", "name_twice", "themes.a"),
    Broken(
        "categories: [{name: youth, fr: A, en: A, from_age: 9, to_age: 8}]",
        "age_reversed",
        "categories.youth.to_age",
    ),
    Broken(
        "documents: [{name: a, fr: A, en: A, of: [class]}]", "document_of_nobody", "documents.a.of"
    ),
    # What it costs.
    Broken("costs: {kinds: []}", "nothing_listed", "costs.kinds"),
    Broken(
        "costs: {kinds: [{name: a, fr: A, en: A}, {name: a, fr: A, en: A}]}",
        "name_twice",
        "costs.kinds.a",
    ),
    Broken(
        "costs: {excluded: [{name: tools, fr: A, en: A}]}",
        "cost_allowed_and_excluded",
        "costs.excluded.tools",
    ),
    Broken(
        "costs: {kinds: null, excluded: [{name: salaries, fr: Salaires, en: Salaries}]}",
        "excluded_without_kinds",
        "costs.excluded",
    ),
    Broken("costs: {months_most: 1}", "months_reversed", "costs.months_most"),
    Broken(
        "costs: {nature: operating, operating_years_free: 3}",
        "operating_and_free_of_it",
        "costs.operating_years_free",
    ),
    Broken("grant: {full_for: [sport]}", "category_unknown", "grant.full_for.0"),
    Broken("grant: {percent: 100}", "percent_and_full", "grant.full_for"),
    Broken("grant: {floor: 20 000.01 EUR}", "floor_over_ceiling", "grant.floor"),
    Broken("grant: {ceiling: 100 001 EUR}", "ceiling_over_envelope", "grant.ceiling"),
    Broken("grant: {majority: true, percent: 50}", "majority_impossible", "grant.percent"),
    Broken(
        "grant: {majority: true, least_own_percent: 50}",
        "majority_impossible",
        "grant.least_own_percent",
    ),
    Broken(
        "grant: {majority: true, most_public_percent: 40}",
        "majority_impossible",
        "grant.most_public_percent",
    ),
    Broken(
        "fund: {project_year_ceiling: 100 001 EUR}",
        "ceiling_over_fund",
        "fund.project_year_ceiling",
        FUND,
    ),
    Broken("grant: {ceiling: 100 001 EUR}", "ceiling_over_fund", "grant.ceiling", FUND),
    Broken("-: envelope", "money_without_envelope", "envelope"),
    Broken(
        "kind: call-for-projects\n-: fund", "money_without_envelope", "bodies.committee.rule", FUND
    ),
    # Who decides.
    Broken(_body("decides: admits, during: instruction"), "nothing_decides", "bodies", FUND),
    Broken("bodies: []\nfamilies: []", "vote_without_options", "families"),
    Broken(
        "families: []\nvote: {outcome: all-labelled}", "labels_without_families", "vote.outcome"
    ),
    Broken(
        _body("decides: labels, during: labelling") + "\nfamilies: []",
        "labels_without_families",
        "bodies.readers.decides",
        also=("vote_without_options",),
    ),
    Broken(_body(ADMITS + ", admitted_by: ghosts"), "body_unknown", "bodies.readers.admitted_by"),
    Broken(
        _body(ADMITS + ", admitted_by: readers"), "admitted_by_itself", "bodies.readers.admitted_by"
    ),
    Broken(
        _body("decides: opinion, during: preselection")[:-1]
        + _body("decides: labels, during: labelling, admitted_by: readers", "committee").replace(
            "bodies: [", ", "
        ),
        "body_admits_nothing",
        "bodies.committee.admitted_by",
    ),
    Broken(
        _body("decides: money, during: instruction"), "days_missing", "bodies.readers.days", FUND
    ),
    Broken(_body(ADMITS + ", amounts: asked"), "contradiction", "bodies.readers.amounts"),
    Broken("vote: {channels: [web, web]}", "name_twice", "vote.channels.1"),
    Broken("vote: {channels: [urn], paper: true}", "web_always", "vote.channels"),
    Broken("vote: {channels: [web, urn, post]}", "channel_and_paper", "vote.paper"),
    Broken("vote: {paper: true}", "paper_nowhere", "vote.channels"),
    Broken(
        "vote: {rule: {groups: {carrier: []}, envelopes: [{name: all, amount: 100 000 EUR},"
        " {name: clubs, within: all, amount: 1 EUR, options: {groups: {carrier: [association]}}}],"
        " passes: [{name: all, order: {type: votes}}], ties: {criteria: [option]}}}",
        "carrier_in_rule",
        "vote.rule.envelopes.1.options.groups.carrier",
    ),
    Broken(
        "vote: {rule: {groups: {carrier: [association]}, envelopes: [{name: all,"
        " amount: 100 000 EUR}], passes: [{name: all, order: {type: votes}}],"
        " ties: {criteria: [option]}}}",
        "carrier_in_rule",
        "vote.rule.groups.carrier",
    ),
    # Desks, and what follows.
    Broken(
        "desks: [{name: a, fr: A, en: A, role: instructor, first: true}]", "desk_missing", "desks"
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: instructor}]",
        "nobody_receives",
        "desks",
        also=("desk_missing",),
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, territories: [north]},"
        " {name: b, fr: B, en: B, role: instructor}]",
        "nobody_receives",
        "desks",
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, territories: [west]}]",
        "not_of_charter",
        "desks.a.territories.0",
        also=("nobody_receives",),
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, territories: []}]",
        "nothing_listed",
        "desks.a.territories",
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, first: true},"
        " {name: b, fr: B, en: B, role: adviser, first: true, territories: [south]}]",
        "first_desk_twice",
        "desks.b.first",
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, remind: 1 days}]",
        "remind_without_answer",
        "desks.a.remind",
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, answer: 1 days, remind: 24 hours}]",
        "remind_after_answer",
        "desks.a.remind",
    ),
    Broken(
        "desks: [{name: a, fr: A, en: A, role: adviser, answer: 5 seconds}]",
        "seconds_in_earnest",
        "desks.a.answer",
    ),
    Broken(
        "funding: {begin_within: 5 minutes, milestones: [{name: a, fr: A, en: A}]}",
        "seconds_in_earnest",
        "funding.begin_within",
    ),
    Broken(
        "funding: {begin_within: 1 years, milestones: []}",
        "milestones_missing",
        "funding.begin_within",
    ),
    Broken(
        "funding: {finish_within: 1 years, milestones: []}",
        "milestones_missing",
        "funding.finish_within",
    ),
    Broken(
        "counters: {workshops: [{name: a, fr: A, en: A}, {name: a, fr: A, en: A}]}",
        "name_twice",
        "counters.workshops.a",
    ),
    Broken(
        "funding: {instalments: [{name: a, fr: A, en: A, percent: 99, on: report}]}",
        "instalments_not_whole",
        "funding.instalments",
    ),
    Broken("funding: {instalments: []}", "instalments_not_whole", "funding.instalments"),
    Broken(
        "funding: {milestones: [{name: a, fr: A, en: A}, {name: a, fr: A, en: A}]}",
        "name_twice",
        "funding.milestones.a",
    ),
    Broken("funding: {identifiers: [siret, siret]}", "name_twice", "funding.identifiers.1"),
    Broken(
        "assumed: [{of: grant.majority, fr: Un, en: One}]",
        "assumption_of_nothing",
        "assumed.grant.majority",
    ),
    Broken("second_officer: [amend-charter]", "one_officer", "second_officer"),
    # What the voting protocol refuses.
    Broken("vote: {own_project: excluded}", "own_project_excluded", "vote.own_project"),
    Broken("vote: {duplicates: paper-over-web}", "paper_over_web", "vote.duplicates"),
    Broken("vote: {duplicates: all-void}", "all_duplicates_void", "vote.duplicates"),
    Broken("vote: {identity: [e-mail]}", "email_alone", "vote.identity"),
    Broken("vote: {identity: [third-party]}", "third_party_identity", "vote.identity"),
    Broken("vote: {revision: final}", "final_ballot", "vote.revision"),
    Broken("vote: {organisations: allowed}", "organisations_vote", "vote.organisations"),
)
