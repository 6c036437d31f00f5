"""Each cell of the facts, section 12, part by part: the words of the cell, and the fragment of the
row's charter that says them; or why none does.

A fragment lies within what the row's charter says (`tests.variants.charters`), or within what it
may not say, which is refused. A cell that is a dash was not read.
"""

from collections.abc import Mapping

from tests.variants.charters import COMMUNES

type Cell = tuple[str, str]

MILLION = "envelope: 1 000 000 EUR"
FROM_ELEVEN = "vote: {minimum_age: 11}"
LIVING = "vote: {links: {of: [live]}}"
YOUTH_TENTH = "vote: {rule: {envelopes: [{name: youth, amount: 100 000 EUR}]}}"
EXACTLY_THREE = "vote: {format: {type: approval, min: 3, max: 3}}"
PAPER = "vote: {paper: true}"
WEB_ONLY = "vote: {channels: [web]}"
SHORT_CANTON = "vote: {rule: {passes: [{quotas: [{of: territory, least: 1}]}]}}"
FIRST_OF_EACH = "vote: {rule: {passes: [{quotas: [{of: territory, most: 1}]}, {name: general}]}}"


def via(channel: str) -> str:
    return f"vote: {{paper: true, channels: [{channel}]}}"


def cap(amount: str) -> str:
    return f"families: [{{ceiling: {amount}}}]"


def for_band(name: str, amount: str, more: str) -> str:
    options = f"options: {{{more}}}"
    return f"vote: {{rule: {{envelopes: [{{name: {name}, amount: {amount}, {options}}}]}}}}"


# A cell by its row and column: its parts in their order, and what is said of each.
CELLS: Mapping[Cell, Mapping[str, str]] = {
    ("Gers 1", "Voters"): {"residents": LIVING},
    ("Gers 1", "Ballot"): {
        "up to 6": "vote: {format: {type: approval, max: 6}}",
        "cantonal or departmental": "territories: [{level: canton, within: whole}, {name: whole}]",
        "choice editable until validated, then final": "vote: {revision: final}",
    },
    ("Gers 1", "Channels"): {
        "web": via("web"),
        "markets": via("market"),
        "town halls": via("counter"),
    },
    ("Gers 1", "Money"): {"1 M EUR": MILLION, "100 k for youth": YOUTH_TENTH},
    ("Gers 2", "Money"): {
        "1 M": MILLION,
        "cap 50 k": cap("50 000 EUR"),
        "youth 25 k": "families: [{name: youth, ceiling: 25 000 EUR}]",
        "cost bands each with own envelope": "vote: {rule: {envelopes: [{remainder: next-year}]}}",
        "youth 0-10 k = 50 k": for_band("youth-small", "50 000 EUR", "cost_below: 10 000 EUR"),
        "10-25 k = 50 k": for_band("youth-large", "50 000 EUR", "cost_from: 10 000 EUR"),
        "other 0-5 k = 150 k": for_band("small", "150 000 EUR", "cost_below: 5 000 EUR"),
        "5-20 k = 450 k": for_band(
            "middle", "450 000 EUR", "cost_from: 5 000 EUR, cost_below: 20 000 EUR"
        ),
        "20-50 k = 300 k": for_band("large", "300 000 EUR", "cost_from: 20 000 EUR"),
    },
    ("Gers 2", "Winners"): {
        "by band": "vote: {rule: {passes: [{order: {type: votes}}]}}",
        "an earlier winner is restricted": "submitting: {barred_years: 1}",
    },
    ("Gers 3", "Ballot"): {"3": EXACTLY_THREE},
    ("Gers 3", "Channels"): {"web": via("web"), "markets with ballots": via("market")},
    ("Gers 3", "Money"): {
        "1 M over two annual cycles": "cycle: {number: 1, of: 2, total: 1 000 000 EUR}",
        "of 500 k": "envelope: 500 000 EUR",
        "closed theme list": "themes: [{name: nature}]",
    },
    ("Landes 2", "Voters"): {"from 7": "vote: {minimum_age: 7}"},
    ("Landes 2", "Channels"): {"web": via("web"), "paper in town halls": via("counter")},
    ("Landes 2", "Money"): {"1.5 M": "envelope: 1 500 000 EUR", "cap 100 k": cap("100 000 EUR")},
    ("Landes 3", "Voters"): {"from 7": "vote: {minimum_age: 7}"},
    ("Landes 3", "Ballot"): {"2 to 6": "vote: {format: {type: approval, min: 2, max: 6}}"},
    ("Landes 3", "Channels"): {"web only": WEB_ONLY},
    ("Landes 3", "Money"): {
        "bands: under 15 k": "vote: {rule: {envelopes: [{options: {cost_below: 15 000 EUR}}]}}",
        "15-70 k": "vote: {rule: {envelopes:"
        " [{options: {cost_from: 15 000 EUR, cost_below: 70 000 EUR}}]}}",
        '70-100 k ("exceptional")': "vote: {rule: {envelopes: [{name: exceptional,"
        " options: {cost_from: 70 000 EUR, cost_below: 100 000.01 EUR}}]}}",
        "spent 1,504,761, over the envelope": "envelope: 1 500 000 EUR\n"
        "vote: {rule: {envelopes: [{overshoot: 4 761 EUR}]}}",
    },
    ("Landes 4", "Voters"): {
        "people with an interest in the Landes may submit": "submitting: {links: {of: [interest]}}"
    },
    ("Landes 4", "Channels"): {"web": WEB_ONLY},
    ("Landes 4", "Money"): {
        "cap 50 k": cap("50 000 EUR"),
        "youth (7-17) 30 k": "categories: [{name: youth, from_age: 7, to_age: 17}]\n"
        "families: [{name: youth, ceiling: 30 000 EUR}]",
        "10 % youth": YOUTH_TENTH,
    },
    ("Landes 4", "Winners"): {
        "two per canton": "vote: {rule: {passes: [{quotas: [{of: territory, most: 2}]}]}}",
        "one of them youth if an eligible one exists": "vote: {rule: {passes: [{options:"
        " {groups: {category: [youth]}}, quotas: [{of: territory, most: 1}]}]}}",
    },
    ("Lot-et-Garonne 1", "Voters"): {"11+": FROM_ELEVEN},
    ("Lot-et-Garonne 1", "Money"): {"1 M": MILLION, "10 % youth": YOUTH_TENTH},
    ("Lot-et-Garonne 1", "Winners"): {
        "first of each of": FIRST_OF_EACH,
        "21 cantons": "territories: [{name: canton-21}]",
        "then others": "vote: {rule: {passes: [{name: general}]}}",
    },
    ("Lot-et-Garonne 2", "Voters"): {
        "11+": FROM_ELEVEN,
        "parental consent under 15": "vote: {consent_age: 15}",
    },
    ("Lot-et-Garonne 2", "Ballot"): {
        "exactly 3, else void": EXACTLY_THREE,
        "any canton, any theme": "vote: {format: {type: approval}}",
    },
    ("Lot-et-Garonne 2", "Channels"): {
        "web": via("web"),
        "paper urn": via("urn"),
    },
    ("Lot-et-Garonne 2", "Money"): {
        "five themes": "themes: [{name: environment}, {name: solidarity}, {name: culture},"
        " {name: sport}, {name: heritage}]",
        "four labels": "families: [{name: green}, {name: social}, {name: young}, {name: rural}]",
    },
    ("Lot-et-Garonne 2", "Winners"): {
        "paper beats web on duplicates": "vote: {duplicates: paper-over-web}"
    },
    ("Lot-et-Garonne 3", "Voters"): {"11+": FROM_ELEVEN, "resident": LIVING},
    ("Lot-et-Garonne 3", "Ballot"): {
        "exactly 3": EXACTLY_THREE,
        "holder may vote for own + two others": "vote: {own_project: allowed}",
    },
    ("Lot-et-Garonne 3", "Channels"): {
        "one e-mail = one voter": "vote: {identity: [e-mail]}",
        "paper": PAPER,
    },
    ("Lot-et-Garonne 3", "Winners"): {
        "one digital vote kept among several": "vote: {duplicates: first-channel}",
        "organisations cannot vote": "vote: {organisations: barred}",
    },
    ("Dordogne 1", "Channels"): {
        "town halls": via("counter"),
        "markets": via("market"),
        "web": via("web"),
    },
    ("Dordogne 1", "Money"): {
        "1 M": MILLION,
        "cap 36 k": cap("36 000 EUR"),
        "10 % youth under 20": YOUTH_TENTH + "\ncategories: [{name: youth, to_age: 19}]",
    },
    ("Dordogne 1", "Winners"): {
        "at least one per canton": SHORT_CANTON,
        "(25)": "territories: [{name: canton-25}]",
    },
    ("Dordogne 2", "Voters"): {"from 8": "vote: {minimum_age: 8}"},
    ("Dordogne 2", "Ballot"): {"3 to 6": "vote: {format: {min: 3, max: 6}}"},
    ("Dordogne 2", "Channels"): {"web": via("web"), "post": via("post")},
    ("Dordogne 2", "Money"): {"cap 12 k": cap("12 000 EUR")},
    ("Dordogne 2", "Winners"): {"at least three per canton": SHORT_CANTON.replace("1", "3")},
    ("Nièvre", "Voters"): {
        "live or study there": "vote: {links: {of: [live, study]}}",
        "neighbouring départements too (2023)": "vote: {links: {of: [neighbour]}}",
    },
    ("Nièvre", "Ballot"): {"up to 6": "vote: {format: {type: approval, max: 6}}"},
    ("Nièvre", "Channels"): {
        "web": via("web"),
        "urns in town halls": via("urn"),
        "and lower-secondary schools": via("school"),
    },
    ("Nièvre", "Money"): {
        "250 k then 380 k": "envelope: 380 000 EUR",
        "80 % of cost": "grant: {percent: 80}",
        "cap 10 k then 15 k": "grant: {ceiling: 15 000 EUR}",
        "youth 11-30: 100 k": YOUTH_TENTH
        + "\ncategories: [{name: youth, from_age: 11, to_age: 30}]",
        "financed at 100 %": "grant: {full_for: [youth]}",
        "30 k for schools": "vote: {rule: {envelopes: [{name: schools, amount: 30 000 EUR}]}}",
    },
    ("Seine-Saint-Denis (2019 design)", "Voters"): {"11+": FROM_ELEVEN},
    ("Seine-Saint-Denis (2019 design)", "Ballot"): {
        "3 in own canton": "vote: {format: {type: contests, own: {max: 3}}}",
        "+ 3 departmental": "vote: {format: {general: {max: 3}}}",
    },
    ("Seine-Saint-Denis (2019 design)", "Money"): {
        "100 k per canton": "vote: {rule: {envelopes: [{name: north, amount: 100 000 EUR},"
        " {name: canton-21, amount: 100 000 EUR}]}}",
        "(21)": "territories: [{name: canton-21}]",
        "+ 500 k departmental": "envelope: 2 600 000 EUR",
        "cap 50 k": cap("50 000 EUR"),
    },
    ("Seine-Saint-Denis (2019 design)", "Winners"): {
        "as many as fit each envelope": "vote: {rule: {envelopes: [{within: cantons, kind: most}]}}"
    },
    ("Seine-Saint-Denis (2022)", "Voters"): {
        "11+": FROM_ELEVEN,
        "live, work or study": "vote: {links: {of: [live, work, study], least: 1}}",
    },
    ("Seine-Saint-Denis (2022)", "Channels"): {"web": via("web"), "or paper form": via("counter")},
    ("Seine-Saint-Denis (2022)", "Money"): {
        "3 M": "envelope: 3 000 000 EUR",
        "said to be 125 k per canton": "vote: {rule: {envelopes:"
        " [{name: north, amount: 125 000 EUR}, {name: canton-21, amount: 125 000 EUR}]}}",
    },
    ("Seine-Saint-Denis (2022)", "Winners"): {
        "Department builds the projects itself": "funding: {built_by: department}"
    },
    ("Meuse", "Money"): {"1 M": MILLION},
    ("Meuse", "Winners"): {
        "rank by votes": "vote: {rule: {passes: [{name: general, order: {type: votes}}]}}",
        "corrective: one per canton": FIRST_OF_EACH,
    },
    ("Gironde 1", "Money"): {
        "youth only (11-30)": "submitting: {minimum_age: 11, maximum_age: 30}",
        "announced 2 M then 700 k": "envelope: 700 000 EUR",
    },
    ("Gironde 1", "Winners"): {
        "mixed commission": "bodies: [{name: commission, decides: money}]",
    },
    ("Gironde 2", "Voters"): {"11+": FROM_ELEVEN},
    ("Gironde 2", "Ballot"): {"3 to 5": "vote: {format: {min: 3, max: 5}}"},
    ("Gironde 2", "Channels"): {"web": WEB_ONLY},
    ("Gironde 2", "Money"): {
        "800 k": "envelope: 800 000 EUR",
        "at least 100 k for 11-25": YOUTH_TENTH
        + "\ncategories: [{name: youth, from_age: 11, to_age: 25}]",
        "cap 20 k": cap("20 000 EUR"),
    },
    ("Gironde 2", "Winners"): {"at least one per canton": SHORT_CANTON},
    ("Aude 2", "Voters"): {"11+": FROM_ELEVEN, "resident": LIVING},
    ("Aude 2", "Ballot"): {"exactly 3": EXACTLY_THREE},
    ("Aude 2", "Channels"): {"web only": WEB_ONLY, "sworn statement": "vote: {sworn: true}"},
    ("Aude 2", "Money"): {
        "1.5 M": "envelope: 1 500 000 EUR",
        "cap 75 k": "grant: {ceiling: 75 000 EUR}",
        "100 %, or co-finance if the budget stays majority": "grant: {majority: true}",
    },
    ("Aude 3", "Voters"): {"11+ (ideas)": "submitting: {minimum_age: 11}"},
    ("Aude 3", "Money"): {
        "1 M": MILLION,
        "idea for a canton": "territories: [{name: north, level: canton, within: whole}]",
        "or the whole": "territories: [{name: whole, level: departement}]",
    },
    ("Tarn 1", "Voters"): {"16+": "vote: {minimum_age: 16}"},
    ("Tarn 1", "Ballot"): {"up to 8": "vote: {format: {type: approval, max: 8}}"},
    ("Tarn 1", "Money"): {"1 M": MILLION, "cap 40 k": cap("40 000 EUR")},
    ("Tarn 1", "Winners"): {
        "at least one in each": "vote: {rule: {passes: [{quotas: [{of: territory, most: 1}]}]}}",
        "of 23 cantons": "territories: [{name: canton-23}]",
        "+ maybe two departmental": "vote: {rule: {passes: [{options:"
        " {groups: {territory: [whole]}}, quotas: [{of: territory, most: 2}]}]}}",
    },
    ("Tarn 3", "Voters"): {
        "16+ to submit": "submitting: {minimum_age: 16}",
        "consent of the legal representative at 16-18": "submitting: {consent_below: 18}",
    },
    ("Tarn 3", "Money"): {
        "1 M": MILLION,
        "with labels": "families: [{name: sport}]",
        "youth 16-25 = 120 k": "categories: [{name: youth, from_age: 16, to_age: 25}]\n"
        "vote: {rule: {envelopes: [{name: youth, amount: 120 000 EUR}]}}",
        "sport label = 200 k": "vote: {rule: {envelopes: [{name: sport, amount: 200 000 EUR,"
        " options: {groups: {family: [sport]}}}]}}",
        "association at least 3 years old": "submitting: {minimum_years: 3}",
    },
    ("Hérault 3", "Voters"): {"11+ (ideas)": "submitting: {minimum_age: 11}"},
    ("Hérault 3", "Money"): {
        "800 k": "envelope: 800 000 EUR",
        "investment": "costs: {nature: investment}",
        "no operating money for 3 years": "costs: {operating_years_free: 3}",
        "done in 1-3 years": "costs: {months_least: 12, months_most: 36}",
    },
    ("Charente 2", "Money"): {
        "1 M": MILLION,
        "sustainable development only": "themes: [{name: sustainable}]",
    },
    ("Charente 2", "Winners"): {
        "one project per holder": "submitting: {most_voted: 1}",
        "individuals need an association": "submitting: {sponsored: [person]}",
    },
    (COMMUNES, "Voters"): {
        "Calais 8+": "vote: {minimum_age: 8}",
        "Grenoble 16+": "vote: {minimum_age: 16}",
        "with one of three ties": "vote: {links: {of: [live, work, study], least: 1}}",
    },
    (COMMUNES, "Ballot"): {
        "Calais up to 3": "vote: {format: {type: approval, max: 3}}",
        "Pont-Péan: majority judgement": "vote: {rule: {passes: [{order: {type: median-grade}}]}}",
        "a grade per project": "vote: {format: {type: grades}}",
    },
    (COMMUNES, "Channels"): {
        "Calais web": via("web"),
        "urn": via("urn"),
        "post": via("post"),
        "Grenoble third-party identity check": "vote: {identity: [third-party]}",
    },
    (COMMUNES, "Winners"): {"Pont-Péan: best grades within 10 k": "envelope: 10 000 EUR"},
}

RESULT = "a result of that edition and no rule of it: here it is counted, and recomputable"
ACCOUNT = "nobody has an account to vote: she comes on the roll of one round, in one of its ways"
ALWAYS = "so it is under every charter, which has no word for it: the table of lines shows it"
PLACES = "a charter names the channel; each batch of papers names the place that it came from"
# What no charter says of a cell, and why: of results, and of what holds always or never here.
NOT_SAID_OF_CELLS: Mapping[Cell, Mapping[str, str]] = {
    ("Gers 1", "Winners"): {"36 of 370": RESULT, "34,377 voters": RESULT},
    ("Landes 2", "Channels"): {"solidarity houses": PLACES, "intermunicipal seats": PLACES},
    ("Landes 2", "Winners"): {"54 of about 280": RESULT},
    ("Landes 3", "Winners"): {"45, of which 9 youth": RESULT, "22,500 voters": RESULT},
    ("Lot-et-Garonne 2", "Ballot"): {"original ballots only": ALWAYS},
    ("Lot-et-Garonne 2", "Channels"): {"with account": ACCOUNT, "with signature sheet": ALWAYS},
    ("Lot-et-Garonne 2", "Winners"): {
        "61": RESULT,
        "three-day count": "a count is over when two officers say that all papers are in",
    },
    ("Lot-et-Garonne 3", "Channels"): {
        "web without account": ACCOUNT,
        "(name, e-mail, address make the electronic roll": (
            "every roll is made of names, birth dates and places, and keeps fingerprints of them;"
            " a telephone is proved, and no e-mail address makes a voter"
        ),
    },
    ("Lot-et-Garonne 3", "Winners"): {"no collective voting": ALWAYS},
    ("Dordogne 1", "Winners"): {"53 winners, 30,577 voters": RESULT},
    ("Nièvre", "Ballot"): {"one per project": ALWAYS},
    ("Nièvre", "Winners"): {"~40-45 of ~80-90": RESULT},
    ("Seine-Saint-Denis (2022)", "Money"): {
        "(does not multiply to 3 M over 21)": (
            "a remark of the facts: 21 envelopes of 125 k leave the rest to the whole"
        )
    },
    ("Gironde 1", "Winners"): {
        "with 20 randomly drawn citizens": (
            "a body has so many seats, which officers give; who is drawn, is drawn elsewhere"
        )
    },
    ("Gironde 2", "Voters"): {"any nationality": "nobody is asked for one, under any charter"},
    ("Aude 2", "Channels"): {"account": ACCOUNT},
    ("Charente 2", "Winners"): {
        "several ideas allowed": "so it is wherever a charter does not limit them"
    },
}
