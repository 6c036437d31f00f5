"""What the data model must be able to express (facts, section 14) of who takes part and with what:
each line by its own words, what a charter says of it, and what that does.

An effect is computed by the services' own rules, with the words of the charter and without them: it
`becomes` something that it is not without them. What the voting protocol or a rule forbids has the
code and the path of its refusal.
"""

from datetime import date
from typing import get_args

from shared.charters import Charter
from shared.events.carriers import CarrierType
from shared.events.scheme import Link
from shared.rules import agreeing
from submission.carriers import limits
from submission.carriers.clearing import required
from submission.counters.handoffs import check_missed
from submission.gatherings.gatherings import check_workshops
from submission.labelling.labels import check_label
from submission.programmes.fixed import Standing, check_amendment
from submission.projects.dossiers import check_attended, read_status
from submission.projects.ideas import read_territory
from submission.projects.naming import check_principles, read_theme, themes
from submission.projects.plans import read_kind, read_months, read_nature
from submission.tables import Project
from tests.variants.effects import (
    BASE_CHARTER,
    MILESTONES,
    TAKEN,
    TODAY,
    A,
    Bullet,
    Effect,
    Forbidden,
    asks,
    begun,
    born,
    code,
    deposits,
    files,
    lacks,
    open_on,
    organised,
    plan,
    read,
    void,
    votes,
)
from voting.count.charters import votes_during
from voting.count.funding.drawing import left_of_year

YEAR = "phases: {vote: null, instruction: {opens: 01-01, closes: 12-31}}\nvote: null\n"
JURY = (
    "bodies: [{name: jury, fr: Jury, en: Jury, members: 3, decides: %s, during: %s, days: 7,"
    ' format: {type: decision, members: 3, quorum: "1/2"}%s}]\n'
)
MONEY = JURY % ("money", "instruction", "")
CALL = "kind: %s\n" + YEAR + JURY % ("money", "instruction", ", amounts: deliberated")
FUND = (
    "kind: standing-fund\nfund: {year_amount: 100 000 EUR, carry: %s}\nenvelope: null\n"
    + YEAR
    + MONEY
)
YOUTH = "categories: [{name: youth, fr: Jeunes, en: Youth, from_age: 11, to_age: 25}]"
SCHOOLS = "categories: [{name: schools, fr: Écoles, en: Schools, carriers: [class]}]"
DOCUMENT = "documents: [{name: statutes, fr: Statuts, en: Statutes%s}]"


def deciders(of: Charter) -> tuple[str, ...]:
    """Who decides in this scheme, and in which phase."""
    found = [(each.name, who) for each in of.rules.phases for who in _deciders(of, each.name)]
    return tuple(f"{who} in {phase}" for phase, who in found)


def _deciders(of: Charter, phase: str) -> list[str]:
    voting = votes_during(of.rules, phase)
    return [who or "residents" for who in voting if who is not None or of.rules.vote is not None]


def left(year: int) -> Effect:
    """What a fund has left in a year, where 30,000 euros were given in 2027; in cents."""
    return lambda c: (
        None if c.rules.fund is None else left_of_year(c.rules.fund, year, 2027, {2027: 30_000_00})
    )


def amended(standing: Standing) -> Effect:
    """Whether the base may become this charter while the edition stands so."""
    return lambda c: code(lambda: check_amendment(BASE_CHARTER.rules, c.rules, standing))


def adopted(of: Charter) -> object:
    return of.adopted and (of.adopted.body, of.adopted.act, of.adopted.on)


def opened(of: Charter) -> str:
    """The first phase that is announced in this edition."""
    return of.rules.phases[0].name


def status(written: str) -> Effect:
    return lambda c: code(lambda: read_status(c.rules, written) if c.rules.carrier_statuses else "")


def territory(written: str) -> Effect:
    return lambda c: code(lambda: read_territory(c.rules, written))


def cleared(carrier: str) -> Effect:
    """What is checked of a carrier of this type before an agreement."""
    return lambda c: required(c.rules, carrier)


def sponsored(lead: str) -> Effect:
    """Whether a carrier of this type may file without a sponsor."""
    return lambda c: code(lambda: limits.check_sponsored(c.rules, lead, False))


def funded_on(day: date) -> Effect:
    """Whether a carrier that was funded that day may file."""
    return lambda c: code(lambda: limits.check_not_barred(c.rules, day, TODAY))


def consents(years: int) -> Effect:
    """Whether somebody of this age needs her legal representative."""
    who = limits.Depositor("person", born(years))
    return lambda c: limits.needs_consent(c.rules, who, TODAY)


def spends(kind: str) -> Effect:
    return lambda c: code(lambda: c.rules.costs and read_kind(c.rules, kind))


def money(nature: str) -> Effect:
    return lambda c: code(lambda: read_nature(c.rules, nature))


def months(written: str) -> Effect:
    return lambda c: code(lambda: read_months(c.rules, written))


def theme(written: str) -> Effect:
    return lambda c: code(lambda: read_theme(c.rules, written))


def keeps(*principles: str) -> Effect:
    return lambda c: code(lambda: check_principles(c.rules, principles))


def workshops(*chosen: str) -> Effect:
    """Whether a session may have these workshops."""
    return lambda c: code(lambda: check_workshops(_workshops(c), chosen))


def _workshops(of: Charter) -> list[str]:
    return [each.name for each in (of.rules.counters and of.rules.counters.workshops) or ()]


def missed(times: int) -> Effect:
    """Whether who missed so many sessions gets another place."""

    def effect(of: Charter) -> str:
        most = of.rules.counters and of.rules.counters.most_missed
        return code(lambda: check_missed(times, most) if most else None)

    return effect


def labelled(euros: int, family: str) -> Effect:
    """Whether a complete dossier that asks for so many euros may get this label."""
    found = Project(project_id=A, programme_id=A, title="", cost=euros * 100, missing=[])
    return lambda c: code(lambda: check_label(c.rules, found, family))


def says(words: str) -> Effect:
    """Whether residents read these words on the page of the rules."""
    return lambda c: words in " ".join(read(c.rules))


def other(carrier: str) -> str:
    """A type of carriers that is another one."""
    return "person" if carrier != "person" else "association"


KINDS = "Programme: several schemes of different kinds in one system"
CYCLES = "Programme: edition per year, or multi-cycle, or permanent intake"
VERSIONS = "Programme: rules as versioned data, correctable with trace, co-written"
PHASES = "Programme: phases with independent windows, overlapping, optional"
PLACES = "Programme: named territories in levels, one, several or all"
TYPES = "People: person, collective, class, association, company, authority"
LEGAL = "People: legal status and proof, age, seat or branch, identifier"
PARTS = "People: joint carriers, sponsor, host, research partner, co-funder"
LIMITS = "People: exclusions, earlier winners, one or several of a holder"
AGES = "People: minimum ages, upper age for youth, parental consent"
LINKS = "People: link to the territory, at least one of"
STEPS = "Idea: idea distinct from dossier, merge, split, withdrawal, frozen"
COUNTER = "Idea: attended at least one counter before filing, on or off"
SESSION = "Idea: counter session"
DOCUMENTS = "Idea: documents by carrier type, completeness, budget and plan"
COSTS = "Idea: operating or investment, eligible costs, exclusions, tax, dates"
THEMES = "Idea: themes closed or open, labels, mandatory principles"

BULLETS: tuple[Bullet | Forbidden, ...] = (
    Bullet(
        KINDS, "call for projects", CALL % "call-for-projects", deciders, ("jury in instruction",)
    ),
    Bullet(KINDS, "standing fund", FUND % "nowhere", left(2027), 70_000_00),
    Bullet(
        KINDS,
        "label",
        "families: [{name: sse, fr: E, en: E, ceiling: 4 500 EUR}]",
        asks(4_501),
        "cost_over_ceiling",
    ),
    Forbidden(KINDS, "citizen budget", YEAR + MONEY, "citizens_vote", "vote"),
    Bullet(
        CYCLES,
        "two years",
        "edition: 2027-2028\nphases: {vote: {opens: 2028-01-10, closes: 2028-02-10}}",
        open_on(date(2028, 2, 1)),
        ("vote",),
    ),
    Forbidden(
        CYCLES,
        "no more than all cycles have",
        "cycle: {number: 1, of: 2, total: 500 000 EUR}",
        "cycle_over_total",
        "cycle.total",
    ),
    Bullet(CYCLES, "permanent intake", FUND % "next-year", left(2028), 170_000_00),
    Bullet(
        VERSIONS,
        "adopting body and act",
        "adopted: {body: Assemblée, act: CD-2026-12, on: 2026-12-14}",
        adopted,
        ("Assemblée", "CD-2026-12", date(2026, 12, 14)),
    ),
    Bullet(
        VERSIONS,
        "correctable during an edition",
        "vote: {minimum_age: 16}",
        amended(Standing(deposited=True)),
        TAKEN,
    ),
    Bullet(
        VERSIONS,
        "not once the vote depends on it",
        "vote: {minimum_age: 16}",
        amended(Standing(frozen=True)),
        "fixed_frozen",
    ),
    Bullet(
        VERSIONS,
        "a window by an act of its own",
        "phases: {vote: {closes: 08-31}}",
        amended(Standing()),
        "phases_are_redated",
    ),
    Bullet(
        VERSIONS,
        "co-written before opening",
        "edition: 2027\nphases: {rules: {opens: 01-01, closes: 01-31}, ideas: {opens: 02-01}}",
        opened,
        "rules",
    ),
    Bullet(
        PHASES,
        "overlapping",
        "phases: {dossiers: {opens: 02-01, closes: 04-30}}",
        open_on(date(2027, 2, 15)),
        ("ideas", "dossiers"),
    ),
    Bullet(
        PHASES,
        "optional",
        "phases: {counters: {opens: 02-01, closes: 03-31}}",
        open_on(date(2027, 2, 15)),
        ("ideas", "counters"),
    ),
    Forbidden(
        PHASES,
        "labels are known before the vote",
        "phases: {vote: {opens: 06-15}}",
        "vote_before_labels",
        "phases.vote.opens",
    ),
    Bullet(
        PLACES,
        "other ones by scheme and year",
        "territories: [{name: east, fr: Est, en: East}]",
        territory("north"),
        "territory_unknown",
    ),
    Bullet(
        PLACES,
        "a departmental scope beside local ones",
        "vote: {format: {type: contests, own: {max: 1}, general: {max: 2}}}",
        void("abe", territory="nnss----"),
        "too_many",
    ),
    *(
        Bullet(
            TYPES,
            each,
            f"submitting: {{dossiers_by: [{each}]}}",
            files(other(each)),
            "carrier_type_refused",
        )
        for each in get_args(CarrierType)
    ),
    Bullet(
        LEGAL,
        "legal status",
        "carrier_statuses: [{name: association, fr: A, en: A}]",
        status("company"),
        "carrier_status_refused",
    ),
    Bullet(
        LEGAL,
        "its proof, and a number",
        "funding: {identifiers: [siret, rna]}",
        cleared("cooperative"),
        ("identifier", "status"),
    ),
    Bullet(
        LEGAL,
        "age of the organisation",
        "submitting: {minimum_years: 3}",
        organised(founded_on=date(2024, 3, 2)),
        "carrier_too_young",
    ),
    Bullet(
        LEGAL,
        "seat",
        "submitting: {seat: seat}",
        organised(seat="paris", branch="north"),
        "seat_elsewhere",
    ),
    Bullet(
        LEGAL,
        "branch",
        "submitting: {seat: seat-or-branch}",
        organised(seat="paris", branch="lyon"),
        "seat_elsewhere",
    ),
    Bullet(LEGAL, "SSE identifier", "submitting: {sse: true}", organised(), "sse_missing"),
    Bullet(
        LEGAL,
        "its expiry",
        "submitting: {sse: true}",
        organised(sse="62-1", sse_until=date(2027, 2, 28)),
        "sse_expired",
    ),
    Bullet(
        PARTS,
        "sponsor for individuals",
        "submitting: {sponsored: [person]}",
        sponsored("person"),
        "sponsor_missing",
    ),
    Bullet(
        PARTS,
        "whose conditions are then the sponsor's",
        "submitting: {sponsored: [person]}",
        lambda c: agreeing.answering(c.rules.submitting, "person"),
        ("sponsor", "lead"),
    ),
    Bullet(
        LIMITS,
        "by carrier type",
        "submitting: {ideas_by: [association]}",
        deposits(),
        "carrier_type_refused",
    ),
    Bullet(
        LIMITS,
        "excluded earlier winners",
        "submitting: {barred_years: 2}",
        funded_on(date(2025, 3, 2)),
        "earlier_winner",
    ),
    Bullet(
        LIMITS,
        "one idea",
        "submitting: {most_ideas: 1}",
        lambda c: code(lambda: limits.check_ideas(c.rules, 1)),
        "too_many_ideas",
    ),
    Bullet(
        LIMITS,
        "several dossiers",
        "submitting: {most_dossiers: 2}",
        lambda c: code(lambda: limits.check_dossiers(c.rules, 2)),
        "too_many_dossiers",
    ),
    Bullet(
        LIMITS,
        "one project reaching the vote",
        "submitting: {most_voted: 1}",
        lambda c: code(lambda: limits.check_voted(c.rules, [["a", "b"]])),
        "too_many_of_carrier",
    ),
    Bullet(
        LIMITS,
        "costs of earlier winners alone",
        "costs: {kinds: [{name: impact, fr: I, en: I}]}\nsubmitting: {winners_only: [impact]}",
        lambda c: code(lambda: limits.check_kinds(c.rules, ["impact"], False)),
        "winners_only",
    ),
    Bullet(AGES, "to submit", "submitting: {minimum_age: 16}", deposits(15), "age_refused"),
    Bullet(
        AGES,
        "to vote, whatever it is to submit",
        "submitting: {minimum_age: 7}\nvote: {minimum_age: 16}",
        votes(15, consent=True),
        "too_young",
    ),
    Bullet(AGES, "at most", "submitting: {maximum_age: 30}", deposits(31), "age_refused"),
    Bullet(AGES, "upper age for youth", YOUTH, deposits(26, category="youth"), "category_refused"),
    Bullet(
        AGES, "a category of schools", SCHOOLS, deposits(category="schools"), "category_refused"
    ),
    Bullet(AGES, "consent to submit", "submitting: {consent_below: 16}", consents(15), True),
    Bullet(AGES, "consent to vote", "vote: {consent_age: 18}", votes(17), "consent_missing"),
    *(
        Bullet(LINKS, each, f"submitting: {{links: {{of: [{each}]}}}}", deposits(), "links_missing")
        for each in get_args(Link)
    ),
    Bullet(
        LINKS,
        "at least two of",
        "submitting: {links: {of: [live, work, study], least: 2}}",
        deposits(30, "work"),
        "links_missing",
    ),
    Bullet(
        LINKS,
        "of voters",
        "vote: {links: {of: [live, work, study]}}",
        votes(30, "interest"),
        "not_linked",
    ),
    Bullet(LINKS, "declared on one's honour", "submitting: {sworn: true}", deposits(), "not_sworn"),
    Bullet(
        COUNTER,
        "on",
        "counter_attended: true\nphases: {counters: {opens: 01-01, closes: 03-31}}",
        lambda c: code(lambda: check_attended(c.rules, 0)),
        "counter_not_attended",
    ),
    Bullet(
        SESSION,
        "workshops",
        "counters: {workshops: [{name: pitch, fr: Oral, en: Pitch}]}",
        workshops("pitch"),
        TAKEN,
    ),
    Bullet(SESSION, "attendance", "counters: {most_missed: 2}", missed(2), "missed_too_often"),
    Bullet(
        DOCUMENTS,
        "lists by carrier type",
        DOCUMENT % ", of: [association]",
        lacks("association"),
        ("statutes",),
    ),
    Bullet(
        DOCUMENTS, "not asked of the others", DOCUMENT % "", lacks("municipality"), ("statutes",)
    ),
    Bullet(
        DOCUMENTS,
        "as a file",
        DOCUMENT % ", file: true",
        lacks("association", "statutes"),
        ("statutes",),
    ),
    Bullet(
        DOCUMENTS, "budget and finance plan", "grant: {percent: 80}", plan(900, 1_000), "over_rate"
    ),
    Bullet(
        COSTS, "investment", "costs: {nature: investment}", money("operating"), "nature_refused"
    ),
    Bullet(COSTS, "operating", "costs: {nature: operating}", money("investment"), "nature_refused"),
    Bullet(
        COSTS,
        "eligible kinds",
        "costs: {kinds: [{name: tools, fr: O, en: T}]}",
        spends("trips"),
        "cost_kind_refused",
    ),
    Bullet(
        COSTS,
        "exclusions",
        "costs: {kinds: [{name: tools, fr: O, en: T}], excluded: [{name: salaries, fr: S, en: S}]}",
        spends("salaries"),
        "cost_excluded",
    ),
    Bullet(
        COSTS,
        "incurred before the agreement",
        "costs: {before_agreement: false}\n" + MILESTONES,
        begun(date(2027, 5, 31)),
        "milestone_refused",
    ),
    Bullet(
        COSTS,
        "no operating money for N years",
        "costs: {operating_years_free: 3}",
        money("operating"),
        "nature_refused",
    ),
    Bullet(
        COSTS,
        "completion within N months",
        "costs: {months_most: 24}",
        months("25"),
        "months_refused",
    ),
    Bullet(
        COSTS, "in a year at least", "costs: {months_least: 12}", months("11"), "months_refused"
    ),
    Bullet(
        THEMES,
        "closed",
        "themes: [{name: water, fr: Eau, en: Water}]",
        theme("air"),
        "theme_unknown",
    ),
    Bullet(
        THEMES,
        "open",
        "themes_open: true\nthemes: [{name: water, fr: Eau, en: Water}]",
        lambda c: len(themes(c.rules)),
        2,
    ),
    Bullet(
        THEMES,
        "labels",
        "families: [{name: sse, fr: E, en: E, ceiling: 4 500 EUR}]",
        labelled(4_501, "sse"),
        "cost_over_ceiling",
    ),
    Bullet(
        THEMES,
        "mandatory principles",
        "principles: [{name: secularity, fr: Laïcité, en: Secularity}]",
        keeps(),
        "principle_missing",
    ),
)
