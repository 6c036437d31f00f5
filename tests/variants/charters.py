"""Other citizen budgets as charters: each row of the facts (section 12) as a fragment of one.

A fragment changes `BASE` as an edition changes its preset. What the voting protocol forbids has the
code and the path of its refusal instead.
"""

from collections.abc import Iterable
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
    the code and the place of its refusal. A row of several communes has a charter for each."""

    name: str
    said: str
    forbidden: tuple[str, str, str] | None = None
    commune: str | None = None

    @property
    def called(self) -> str:
        return self.commune or self.name


YOUTH = "{name: youth, fr: Jeunes, en: Youth"
TIES = "ties: {criteria: [cost, option]}"
# Each canton lies within the département, and a project may be of the whole of it.
IN_LEVELS = (
    "levels: [{name: departement, fr: Département, en: Département},"
    " {name: canton, fr: Canton, en: Canton}]\n"
    "territories: [{name: whole, fr: Tout, en: All, level: departement},"
    " {name: north, fr: Nord, en: North, level: canton, within: whole},"
    " {name: south, fr: Sud, en: South, level: canton, within: whole}]\n"
)


def rule_with(
    envelopes: str, passes: str = "[{name: all, order: {type: votes}}]", more: str = ""
) -> str:
    groups = "{territory: [], category: [], theme: [], family: [], carrier: []}"
    return f"rule: {{groups: {groups}, envelopes: {envelopes}, passes: {passes}, {TIES}{more}}}"


def whole(amount: str = "1 000 000 EUR") -> str:
    return f"{{name: all, amount: {amount}}}"


def only_for(
    value: str, amount: str, name: str | None = None, more: str = "", kind: str = "category"
) -> str:
    return (
        f"{{name: {name or value}, within: all, amount: {amount},"
        f" options: {{groups: {{{kind}: [{value}]}}{more}}}}}"
    )


def band(name: str, amount: str, least: str, below: str, more: str = "") -> str:
    """What is left of a band is no other band's."""
    options = f"{{cost_from: {least}, cost_below: {below}{more}}}"
    return (
        f"{{name: {name}, within: all, amount: {amount}, remainder: next-year, options: {options}}}"
    )


def quota(of: str) -> str:
    return f"{{name: each, order: {{type: votes}}, quotas: [{of}]}}"


def cantons(many: int) -> tuple[str, ...]:
    """Names of so many cantons: the two of the base first."""
    return ("north", "south", *(f"canton-{number}" for number in range(3, many + 1)))


def listed(cantons: Iterable[str]) -> str:
    """These cantons and the whole département as a charter's territories."""
    names = ", ".join(f"{{name: {name}, fr: {name}, en: {name}}}" for name in (*cantons, "whole"))
    return f"territories: [{names}]\n"


def each_canton(many: int, amount: str, within: str = "all") -> str:
    found = ", ".join(only_for(name, amount, kind="territory") for name in cantons(many))
    return found.replace("within: all", f"within: {within}")


def capped(amount: str, youth: str | None = None) -> str:
    """Labels whose ceiling is the cap of a grant."""
    label = f"{{name: eligible, fr: E, en: E, ceiling: {amount}}}"
    more = "" if youth is None else f", {YOUTH}, ceiling: {youth}}}"
    return f"families: [{label}{more}]\n"


GENERAL = "{name: general, order: {type: votes}}"
CANTONS = "{groups: {territory: [%s]}}"
IS_YOUTH = ", groups: {category: [youth]}"
IS_OTHER = ", groups: {category: [other]}"
CATEGORIES = f"categories: [{YOUTH}}}, {{name: other, fr: Autres, en: Other}}]"
LIVE = "links: {of: [live]}"
COMMUNES = "*Communes, for the mechanism*"
FIVE = ("environment", "solidarity", "culture", "sport", "heritage")
FOUR = ("green", "social", "young", "rural")

ROWS: tuple[Row, ...] = (
    Row(
        "Gers 1",
        f"{IN_LEVELS}{CATEGORIES}\nvote:\n  {LIVE}\n  paper: true\n"
        "  channels: [web, market, counter]\n  format: {type: approval, max: 6}\n"
        f"  {rule_with(f'[{whole()}, {only_for("youth", "100 000 EUR")}]')}",
        ("vote: {revision: final}", "final_ballot", "vote.revision"),
    ),
    Row(
        "Gers 2",
        f"{CATEGORIES}\nsubmitting: {{barred_years: 1}}\n"
        f"{capped('50 000 EUR', '25 000 EUR')}"
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
        f"envelope: 1 500 000 EUR\nfamilies: [{YOUTH}, ceiling: 100 000 EUR}}]\n"
        "vote: {minimum_age: 7, paper: true, channels: [web, counter, urn]}",
    ),
    # How much each band has is not in the facts.
    Row(
        "Landes 3",
        "envelope: 1 500 000 EUR\nvote:\n  minimum_age: 7\n  channels: [web]\n"
        "  format: {type: approval, min: 2, max: 6}\n  "
        + rule_with(
            "["
            + ", ".join(
                [
                    whole("1 500 000 EUR"),
                    band("small", "500 000 EUR", "0 EUR", "15 000 EUR").replace(
                        "remainder", "overshoot: 4 761 EUR, remainder"
                    ),
                    band("middle", "700 000 EUR", "15 000 EUR", "70 000 EUR"),
                    band("exceptional", "300 000 EUR", "70 000 EUR", "100 000.01 EUR"),
                ]
            )
            + "]"
        ),
    ),
    Row(
        "Landes 4",
        "submitting: {links: {of: [live, interest]}}\n"
        f"categories: [{YOUTH}, from_age: 7, to_age: 17}}]\n{capped('50 000 EUR', '30 000 EUR')}"
        "vote:\n  channels: [web]\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '100 000 EUR')}]",
            "[{name: youth, order: {type: votes}, options: {groups: {category: [youth]}},"
            " quotas: [{of: territory, most: 1}]},"
            " {name: others, order: {type: votes}, quotas: [{of: territory, most: 2}]}]",
        ),
    ),
    Row(
        "Lot-et-Garonne 1",
        f"{listed(cantons(21))}{CATEGORIES}\nvote:\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, most: 1}')}, {GENERAL}]",
        ),
    ),
    # Neither the themes nor the labels are named in the facts.
    Row(
        "Lot-et-Garonne 2",
        "themes: ["
        + ", ".join(f"{{name: {name}, fr: {name}, en: {name}}}" for name in FIVE)
        + "]\nfamilies: ["
        + ", ".join(
            f"{{name: {name}, fr: {name}, en: {name}, ceiling: 50 000 EUR}}" for name in FOUR
        )
        + "]\nvote: {consent_age: 15, paper: true, channels: [web, urn],"
        " format: {type: approval, min: 3, max: 3}}",
        ("vote: {duplicates: paper-over-web}", "paper_over_web", "vote.duplicates"),
    ),
    Row(
        "Lot-et-Garonne 3",
        f"vote: {{{LIVE}, format: {{type: approval, min: 3, max: 3}}, own_project: allowed,"
        " paper: true, duplicates: first-channel, organisations: barred}",
        ("vote: {identity: [e-mail]}", "email_alone", "vote.identity"),
    ),
    Row(
        "Dordogne 1",
        f"{listed(cantons(25))}categories: [{YOUTH}, to_age: 19}}]\n{capped('36 000 EUR')}"
        "vote:\n  paper: true\n  channels: [web, counter, market]\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, least: 1}')}]",
        ),
    ),
    Row(
        "Dordogne 2",
        f"{capped('12 000 EUR')}vote:\n  minimum_age: 8\n  paper: true\n  channels: [web, post]\n"
        "  format: {type: approval, min: 3, max: 6}\n  "
        + rule_with(f"[{whole()}]", f"[{quota('{of: territory, least: 3}')}]"),
    ),
    Row(
        "Nièvre",
        "envelope: 380 000 EUR\n"
        f"categories: [{YOUTH}, from_age: 11, to_age: 30}},"
        " {name: schools, fr: Écoles, en: Schools, carriers: [class]}]\n"
        "grant: {percent: 80, ceiling: 15 000 EUR, full_for: [youth]}\n"
        "vote:\n  links: {of: [live, study, neighbour]}\n  paper: true\n"
        "  channels: [web, urn, school]\n  format: {type: approval, max: 6}\n  "
        + rule_with(
            f"[{whole('380 000 EUR')}, {only_for('youth', '100 000 EUR')},"
            f" {only_for('schools', '30 000 EUR')}]"
        ),
    ),
    Row(
        "Seine-Saint-Denis (2019 design)",
        f"envelope: 2 600 000 EUR\n{listed(cantons(21))}{capped('50 000 EUR')}"
        "vote:\n  format: {type: contests, own: {max: 3}, general: {max: 3}}\n  "
        + rule_with(
            f"[{whole('2 600 000 EUR')}, {{name: cantons, within: all, amount: 2 100 000 EUR,"
            f" remainder: nowhere, options: {CANTONS % ', '.join(cantons(21))}}},"
            f" {each_canton(21, '100 000 EUR, kind: most', 'cantons')}]"
        ).replace("{territory: []", f"{{territory: [{', '.join(cantons(21))}]"),
    ),
    Row(
        "Seine-Saint-Denis (2022)",
        f"envelope: 3 000 000 EUR\n{listed(cantons(21))}funding: {{built_by: department}}\n"
        "vote:\n  links: {of: [live, work, study], least: 1}\n  paper: true\n"
        "  channels: [web, counter]\n  "
        + rule_with(f"[{whole('3 000 000 EUR')}, {each_canton(21, '125 000 EUR')}]"),
    ),
    Row(
        "Meuse",
        "vote:\n  "
        + rule_with(f"[{whole()}]", f"[{quota('{of: territory, most: 1}')}, {GENERAL}]"),
    ),
    # How many others are in the commission is not in the facts; nor whether residents vote.
    Row(
        "Gironde 1",
        "kind: call-for-projects\nenvelope: 700 000 EUR\n"
        "submitting: {minimum_age: 11, maximum_age: 30}\n"
        "phases: {vote: null, instruction: {opens: 07-01, closes: 12-31}}\nvote: null\n"
        "bodies: [{name: commission, fr: Commission mixte, en: Mixed commission, members: 40,"
        " decides: money, during: instruction, days: 7,"
        ' format: {type: decision, members: 40, quorum: "1/2"}, '
        + rule_with(f"[{whole('700 000 EUR')}]")
        + "}]",
    ),
    Row(
        "Gironde 2",
        f"envelope: 800 000 EUR\ncategories: [{YOUTH}, from_age: 11, to_age: 25}}]\n"
        f"{capped('20 000 EUR')}vote:\n  channels: [web]\n"
        "  format: {type: approval, min: 3, max: 5}\n  "
        + rule_with(
            f"[{whole('800 000 EUR')}, {only_for('youth', '100 000 EUR')}]",
            f"[{quota('{of: territory, least: 1}')}]",
        ),
    ),
    Row(
        "Aude 2",
        "envelope: 1 500 000 EUR\ngrant: {ceiling: 75 000 EUR, majority: true}\n"
        f"vote: {{{LIVE}, format: {{type: approval, min: 3, max: 3}}, channels: [web],"
        " sworn: true}",
        ("grant: {percent: 50}", "majority_impossible", "grant.percent"),
    ),
    Row("Aude 3", f"{IN_LEVELS}submitting: {{minimum_age: 11}}"),
    Row(
        "Tarn 1",
        f"{listed(cantons(23))}{capped('40 000 EUR')}"
        "vote:\n  minimum_age: 16\n  format: {type: approval, max: 8}\n  "
        + rule_with(
            f"[{whole()}]",
            f"[{{name: each, order: {{type: votes}}, options: {CANTONS % ', '.join(cantons(23))},"
            " quotas: [{of: territory, most: 1}]},"
            " {name: whole, order: {type: votes}, options: {groups: {territory: [whole]}},"
            " quotas: [{of: territory, most: 2}]}]",
        ),
    ),
    Row(
        "Tarn 3",
        "submitting: {minimum_age: 16, consent_below: 18, minimum_years: 3}\n"
        f"categories: [{YOUTH}, from_age: 16, to_age: 25}}]\n"
        "families: [{name: eligible, fr: E, en: E, ceiling: 50 000 EUR},"
        " {name: sport, fr: Sport, en: Sport, ceiling: 50 000 EUR}]\nvote:\n  "
        + rule_with(
            f"[{whole()}, {only_for('youth', '120 000 EUR')},"
            f" {only_for('sport', '200 000 EUR', kind='family')}]"
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
        COMMUNES,
        "vote: {minimum_age: 8, paper: true, channels: [web, urn, post],"
        " format: {type: approval, max: 3}}",
        commune="Calais",
    ),
    Row(
        COMMUNES,
        "vote: {minimum_age: 16, links: {of: [live, work, study], least: 1}}",
        ("vote: {identity: [third-party]}", "third_party_identity", "vote.identity"),
        "Grenoble",
    ),
    Row(
        COMMUNES,
        f"envelope: 10 000 EUR\n{capped('10 000 EUR')}vote:\n"
        "  format: {type: grades, grades: [bad, fair, good]}\n  "
        + rule_with(
            "[{name: all, amount: 10 000 EUR}]", "[{name: all, order: {type: median-grade}}]"
        ),
        commune="Pont-Péan",
    ),
)
