"""Other citizen budgets as charters: each row of the facts (section 12) as a fragment of one.

A fragment changes `BASE` as an edition changes its preset. What the voting protocol forbids has the
code and the path of its refusal instead.
"""

from typing import NamedTuple

BASE = """
preset: variant
title: Une variante
edition: 2027
envelope: 1 000 000 EUR
territories:
  - {name: north, fr: Nord, en: North}
  - {name: south, fr: Sud, en: South}
  - {name: whole, fr: Département, en: Département}
phases:
  ideas: {opens: 01-01, closes: 02-28}
  dossiers: {opens: 03-01, closes: 04-30}
  labelling: {opens: 06-01, closes: 06-30}
  vote: {opens: 07-01, closes: 07-31}
families: [{name: eligible, fr: Éligible, en: Eligible, ceiling: 100 000 EUR}]
vote:
  minimum_age: 11
  least: 1
  most: 3
  outcome: ranked-until-exhausted
second_officer: all
"""


class Row(NamedTuple):
    """A row: what its charter says, and, where the protocol forbids a part of it, that part with
    the code and the place of its refusal."""

    name: str
    said: str
    forbidden: tuple[str, str, str] | None = None


YOUTH = "{name: youth, fr: Jeunes, en: Youth"
TIES = "ties: {criteria: [cost, option]}"


def rule_with(
    envelopes: str, passes: str = "[{name: all, order: {type: votes}}]", more: str = ""
) -> str:
    groups = "{territory: [], category: [], theme: [], family: [], carrier: []}"
    return f"rule: {{groups: {groups}, envelopes: {envelopes}, passes: {passes}, {TIES}{more}}}"


def whole(amount: str = "1 000 000 EUR") -> str:
    return f"{{name: all, amount: {amount}}}"


def only_for(category: str, amount: str, name: str | None = None, more: str = "") -> str:
    return (
        f"{{name: {name or category}, within: all, amount: {amount},"
        f" options: {{groups: {{category: [{category}]}}{more}}}}}"
    )


def band(name: str, amount: str, least: str, below: str, more: str = "") -> str:
    """What is left of a band is no other band's."""
    options = f"{{cost_from: {least}, cost_below: {below}{more}}}"
    return (
        f"{{name: {name}, within: all, amount: {amount}, remainder: next-year, options: {options}}}"
    )


def quota(of: str) -> str:
    return f"{{name: each, order: {{type: votes}}, quotas: [{of}]}}"


GENERAL = "{name: general, order: {type: votes}}"
CANTONS = "{groups: {territory: [north, south]}}"
IS_YOUTH = ", groups: {category: [youth]}"
IS_OTHER = ", groups: {category: [other]}"
CATEGORIES = f"categories: [{YOUTH}}}, {{name: other, fr: Autres, en: Other}}]"

ROWS: tuple[Row, ...] = (
    Row(
        "Gers 1",
        f"{CATEGORIES}\nvote:\n  format: {{type: approval, max: 6}}\n"
        f"  {rule_with(f'[{whole()}, {only_for("youth", "100 000 EUR")}]')}",
        ("vote: {revision: final}", "final_ballot", "vote.revision"),
    ),
    Row(
        "Gers 2",
        f"{CATEGORIES}\nsubmitting: {{barred_years: 1}}\ngrant: {{ceiling: 50 000 EUR}}\n"
        "vote:\n  "
        + rule_with(
            "["
            + ", ".join(
                [
                    whole(),
                    band("youth-small", "50 000 EUR", "0 EUR", "10 000 EUR", IS_YOUTH),
                    band("youth-large", "50 000 EUR", "10 000 EUR", "25 000.01 EUR", IS_YOUTH),
                    band("small", "150 000 EUR", "0 EUR", "5 000 EUR", IS_OTHER),
                    band("middle", "450 000 EUR", "5 000 EUR", "20 000 EUR", IS_OTHER),
                    band("large", "300 000 EUR", "20 000 EUR", "50 000.01 EUR", IS_OTHER),
                ]
            )
            + "]"
        ),
    ),
    Row(
        "Gers 3",
        "cycle: {number: 1, of: 2, total: 1 000 000 EUR}\nenvelope: 500 000 EUR\n"
        "themes: [{name: nature, fr: Nature, en: Nature}]\n"
        "vote: {format: {type: approval, min: 3, max: 3}, paper: true, channels: [web, market]}",
        ("cycle: {number: 3, of: 2, total: 1 EUR}", "cycle_number", "cycle.number"),
    ),
    Row(
        "Landes 2",
        "envelope: 1 500 000 EUR\n"
        "vote: {minimum_age: 7, paper: true, channels: [web, counter, urn]}",
    ),
    Row(
        "Landes 3",
        "envelope: 1 500 000 EUR\nvote:\n  minimum_age: 7\n  channels: [web]\n"
        "  format: {type: approval, min: 2, max: 6}\n  "
        + rule_with(
            "[{name: all, amount: 1 500 000 EUR}, "
            + "{name: small, within: all, amount: 500 000 EUR, overshoot: 4 761 EUR,"
            " options: {cost_below: 15 000 EUR}}]"
        ),
    ),
    Row(
        "Landes 4",
        "submitting: {links: {of: [live, interest]}}\n"
        f"categories: [{YOUTH}, from_age: 7, to_age: 17}}]\n"
        "families: [{name: eligible, fr: E, en: E, ceiling: 50 000 EUR}]\nvote:\n  "
        + rule_with(
            f"[{whole()}]",
            "[{name: youth, order: {type: votes}, options: {groups: {category: [youth]}},"
            " quotas: [{of: territory, most: 1}]},"
            " {name: others, order: {type: votes}, quotas: [{of: territory, most: 2}]}]",
        ),
    ),
    Row(
        "Lot-et-Garonne 1",
        f"{CATEGORIES}\nvote:\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, most: 1}')}, {GENERAL}]",
        ),
    ),
    Row(
        "Lot-et-Garonne 2",
        "vote: {consent_age: 15, paper: true, format: {type: approval, min: 3, max: 3}}",
        ("vote: {duplicates: paper-over-web}", "paper_over_web", "vote.duplicates"),
    ),
    Row(
        "Lot-et-Garonne 3",
        "vote: {format: {type: approval, min: 3, max: 3}, own_project: allowed, paper: true,"
        " organisations: barred}",
        ("vote: {identity: [e-mail]}", "email_alone", "vote.identity"),
    ),
    Row(
        "Dordogne 1",
        f"categories: [{YOUTH}, to_age: 19}}]\nvote:\n  paper: true\n"
        "  channels: [web, counter, market]\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, least: 1}')}]",
        ),
    ),
    Row(
        "Dordogne 2",
        "vote:\n  minimum_age: 8\n  paper: true\n  channels: [web, post]\n"
        "  format: {type: approval, min: 3, max: 6}\n  "
        + rule_with(f"[{whole()}]", f"[{quota('{of: territory, least: 3}')}]"),
    ),
    Row(
        "Nièvre",
        "envelope: 380 000 EUR\nsubmitting: {links: {of: [live, study, neighbour]}}\n"
        f"categories: [{YOUTH}, from_age: 11, to_age: 30}},"
        " {name: schools, fr: Écoles, en: Schools, carriers: [class]}]\n"
        "grant: {percent: 80, ceiling: 15 000 EUR, full_for: [youth]}\n"
        "vote:\n  paper: true\n  channels: [web, urn, school]\n"
        "  format: {type: approval, max: 6}\n  "
        + rule_with(
            f"[{whole('380 000 EUR')}, {only_for('youth', '100 000 EUR')},"
            f" {only_for('schools', '30 000 EUR')}]"
        ),
    ),
    Row(
        "Seine-Saint-Denis (2019 design)",
        "vote:\n  format: {type: contests, own: {max: 3}, general: {max: 3}}\n  "
        + rule_with(
            f"[{whole()}, {{name: north, within: all, amount: 100 000 EUR,"
            " options: {groups: {territory: [north]}}},"
            " {name: south, within: all, amount: 100 000 EUR,"
            " options: {groups: {territory: [south]}}}]"
        ),
    ),
    Row(
        "Seine-Saint-Denis (2022)",
        "envelope: 3 000 000 EUR\nfunding: {built_by: department}\n"
        "vote: {links: {of: [live, work, study], least: 1}, paper: true}",
    ),
    Row(
        "Meuse",
        "vote:\n  "
        + rule_with(f"[{whole()}]", f"[{quota('{of: territory, most: 1}')}, {GENERAL}]"),
    ),
    Row("Gironde 1", "envelope: 700 000 EUR\nsubmitting: {minimum_age: 11, maximum_age: 30}"),
    Row(
        "Gironde 2",
        f"envelope: 800 000 EUR\ncategories: [{YOUTH}, from_age: 11, to_age: 25}}]\nvote:\n"
        "  format: {type: approval, min: 3, max: 5}\n  "
        + rule_with(
            f"[{whole('800 000 EUR')}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, least: 1}')}]",
        ),
    ),
    Row(
        "Aude 2",
        "envelope: 1 500 000 EUR\ngrant: {ceiling: 75 000 EUR, majority: true}\n"
        "vote: {format: {type: approval, min: 3, max: 3}, channels: [web], sworn: true}",
        ("grant: {percent: 50}", "majority_impossible", "grant.percent"),
    ),
    Row(
        "Aude 3",
        "submitting: {minimum_age: 11}\nvote:\n  "
        + rule_with(
            f"[{whole()}]",
            f"[{{name: each, order: {{type: votes}}, options: {CANTONS},"
            f" quotas: [{{of: territory, most: 1}}]}}, {GENERAL}]",
        ),
    ),
    Row(
        "Tarn 1",
        "vote:\n  minimum_age: 16\n  format: {type: approval, max: 8}\n  "
        + rule_with(
            f"[{whole()}]",
            f"[{{name: each, order: {{type: votes}}, options: {CANTONS},"
            " quotas: [{of: territory, most: 1}]},"
            " {name: whole, order: {type: votes}, options: {groups: {territory: [whole]}},"
            " quotas: [{of: territory, most: 2}]}]",
        ),
    ),
    Row(
        "Tarn 3",
        "submitting: {minimum_age: 16, consent_below: 18, minimum_years: 3}\n"
        f"categories: [{YOUTH}, from_age: 16, to_age: 25}},"
        " {name: sport, fr: Sport, en: Sport}]\nvote:\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '120 000 EUR')}, {only_for('sport', '200 000 EUR')}]"
        ),
    ),
    Row(
        "Hérault 3",
        "envelope: 800 000 EUR\nsubmitting: {minimum_age: 11}\n"
        "costs: {nature: investment, operating_years_free: 3, months_least: 12, months_most: 36}",
    ),
    Row(
        "Charente 2",
        "themes: [{name: sustainable, fr: Développement durable, en: Sustainable development}]\n"
        "submitting: {most_voted: 1, sponsored: [person]}",
    ),
    Row(
        "*Communes, for the mechanism*",
        "envelope: 10 000 EUR\nfamilies: [{name: eligible, fr: E, en: E, ceiling: 10 000 EUR}]\n"
        "vote:\n  minimum_age: 8\n  links: {of: [live, work, study], least: 1}\n"
        "  format: {type: grades, grades: [bad, fair, good]}\n  "
        + rule_with(
            "[{name: all, amount: 10 000 EUR}]", "[{name: all, order: {type: median-grade}}]"
        ),
        ("vote: {identity: [third-party]}", "third_party_identity", "vote.identity"),
    ),
)
