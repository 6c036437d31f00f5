"""What the data model must be able to express (facts, section 14), as far as charters say it.

Each line has a fragment that changes `tests.variants.charters.BASE`, and what residents then read.
"""

from typing import NamedTuple

BODY = (
    "{name: %s, fr: A, en: %s, members: 3, days: 7, %s,"
    ' format: {type: decision, members: 3, quorum: "1/2"}}'
)
PHASES = (
    "phases: {preselection: {opens: 05-01, closes: 05-31},"
    " instruction: {opens: 05-01, closes: 12-31}}"
)


class Line(NamedTuple):
    """A line, what a charter says of it, and a sentence of the rules page."""

    line: str
    said: str
    read: str


LINES: tuple[Line, ...] = (
    Line("several schemes: call for projects", "kind: call-for-projects", "a call for projects"),
    Line("several schemes: expressions of interest", "kind: call-for-interest", "expressions"),
    Line(
        "several schemes: standing fund, permanent intake",
        "kind: standing-fund\nfund: {year_amount: 100 000 EUR, carry: next-year}",
        "added to the next one",
    ),
    Line(
        "multi-cycle editions",
        "cycle: {number: 1, of: 2, total: 2 000 000 EUR}",
        "cycle 1 of 2",
    ),
    Line(
        "territories in levels",
        "levels: [{name: departement, fr: Département, en: Département},"
        " {name: canton, fr: Canton, en: Canton}]\n"
        "territories: [{name: whole, fr: Tout, en: All, level: departement},"
        " {name: north, fr: Nord, en: North, level: canton, within: whole}]",
        "“North” lies within “All”",
    ),
    Line(
        "types of carriers",
        "submitting: {dossiers_by: [collective, class, municipality, intermunicipality]}",
        "classes and schools",
    ),
    Line("age of the organisation", "submitting: {minimum_years: 3}", "at least 3 years"),
    Line("seat or branch", "submitting: {seat: seat-or-branch}", "its seat or a branch"),
    Line("SSE identifier", "submitting: {sse: true}", "valid identifier"),
    Line("sponsor for individuals", "submitting: {sponsored: [person]}", "need a sponsor: persons"),
    Line("excluded earlier winners", "submitting: {barred_years: 2}", "waits for 2 years"),
    Line("one idea per holder", "submitting: {most_ideas: 1}", "deposits 1 idea"),
    Line("one project reaching the vote", "submitting: {most_voted: 1}", "At most 1 project"),
    Line("minimum age to submit", "submitting: {minimum_age: 7}", "7 years old or more"),
    Line("upper age", "submitting: {maximum_age: 30}", "30 years old at most"),
    Line("parental consent", "submitting: {consent_below: 16}", "Below 16 years"),
    Line(
        "links with at least one of",
        "submitting: {links: {of: [live, work, second-home, interest, neighbour]}}",
        "having a second home there",
    ),
    Line(
        "document lists by carrier type",
        "documents: [{name: a, fr: Statuts, en: Statutes, of: [association], file: true}]",
        "“Statutes” is asked of: associations",
    ),
    Line("operating or investment", "costs: {nature: investment}", "Only investments"),
    Line(
        "eligible costs, exclusions",
        "costs: {kinds: [{name: a, fr: Outils, en: Tools}],"
        " excluded: [{name: b, fr: Salaires, en: Salaries}]}",
        "excluded: “Salaries”",
    ),
    Line("before or after tax", "costs: {tax: before}", "before tax"),
    Line("costs before agreement", "costs: {before_agreement: false}", "are not eligible"),
    Line("no operating money for years", "costs: {operating_years_free: 3}", "for 3 years"),
    Line("completion within months", "costs: {months_most: 24}", "in 24 months"),
    Line("closed themes", "themes: [{name: a, fr: Eau, en: Water}]", "“Water”"),
    Line("open themes", "themes_open: true", "a theme of its own"),
    Line(
        "mandatory principles",
        "principles: [{name: a, fr: Laïcité, en: Secularity}]",
        "“Secularity”",
    ),
    Line(
        "multi-round selection",
        PHASES
        + "\nbodies: ["
        + BODY % ("written", "Written", "decides: admits, during: preselection")
        + ", "
        + BODY
        % ("hearing", "Hearing", "decides: admits, during: instruction, admitted_by: written")
        + "]",
        "“Hearing” votes on what “Written” admitted",
    ),
    Line("channels", "vote: {paper: true, channels: [web, urn, post]}", "in an urn and by post"),
    Line("sworn statement", "vote: {sworn: true}", "on her honour"),
    Line("all labelled funded", "vote: {outcome: all-labelled}", "All projects that have a label"),
    Line("percentage of cost", "grant: {percent: 80}", "80\N{NO-BREAK SPACE}% of the cost"),
    Line("ceiling on the base", "grant: {base_ceiling: 20 000 EUR}", "Of the eligible cost"),
    Line("floor", "grant: {floor: 500 EUR}", "At least 500"),
    Line("majority", "grant: {majority: true}", "more than half of the cost"),
    Line("own share", "grant: {least_own_percent: 20}", "pays at least 20"),
    Line(
        "full for some groups",
        "categories: [{name: youth, fr: Jeunes, en: Youth, to_age: 25}]\n"
        "grant: {percent: 80, full_for: [youth]}",
        "All of the cost may be asked for in: “Youth”",
    ),
    Line(
        "annual cap per project",
        "fund: {year_amount: 100 000 EUR, project_year_ceiling: 15 000 EUR}",
        "a year at most",
    ),
    Line(
        "instalments",
        "funding: {instalments: [{name: a, fr: Acompte, en: First, percent: 50, on: order},"
        " {name: b, fr: Solde, en: Balance, percent: 50, on: invoice}]}",
        "“Balance”: 50",
    ),
    Line("proration", "funding: {prorate: true}", "lowered in proportion"),
    Line("lapse", "funding: {sign_within: 6 months}", "not signed within 6 months lapses"),
    Line("communication duties", "funding: {duties: [{name: a, fr: Logo, en: Logo}]}", "“Logo”"),
    Line("department-built", "funding: {built_by: department}", "carries out the projects itself"),
    Line("follow-up", "funding: {milestones: [{name: a, fr: Début, en: Begun}]}", "“Begun”"),
)
