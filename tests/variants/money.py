"""What the data model must be able to express (facts, section 14) of money, of what follows, and of
all of it: as `tests.variants.bullets` says it of who takes part."""

from datetime import UTC, datetime
from uuid import UUID

from shared.charters import Charter
from shared.events.carriers import Part
from shared.refusal import Refusal
from submission.carriers.clearing import required
from submission.carriers.consenting import KEPT_FOR
from submission.carriers.parts import check_part
from submission.counters.handoffs import step
from submission.exports.snapshot import Snapshot
from submission.gatherings.forms import read_session
from submission.imports.ideas import read_idea
from submission.projects.stages import stage_after
from submission.projects.standing import check_movable, check_suspend, check_withdraw
from submission.projects.tables import Idea
from submission.reading import Reader
from submission.tables import Project
from tests.variants.bullets import (
    DOCUMENTS,
    FUND,
    PARTS,
    SESSION,
    STEPS,
    YOUTH,
)
from tests.variants.charters import band, only_for, rule_with, whole
from tests.variants.effects import (
    MILESTONES,
    NOON,
    SIGNED,
    TAKEN,
    A,
    Always,
    Bullet,
    Effect,
    Forbidden,
    changed,
    code,
    counted_again,
    grant,
    paid,
    plan,
    project,
    reasons,
    result,
    ruled,
    wins,
)
from voting.count import charters
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Tied
from voting.count.funding import asking
from voting.count.funding.instalments import divided

ENVELOPES = "Money: envelope tree, reserved or maximum, transfer, overshoot"
GRANTS = "Money: grant by category, ceiling, floor, percentage, shares, cap"
WINNERS = "Money: winner rules, chainable, ties, reserve list"
PRIZES = "Money: prizes by sponsors, equal ranks, non-cash support"
AFTER = "Money: agreement, instalments, proration, lapse, duties, follow-up"
NUMBERS = "Cross-cutting: every published number is recomputable and dated"
ASSUMED = "Cross-cutting: every default is visible as an assumption"
MINORS = "Cross-cutting: minors' data, identity apart from ballot, both languages"
CANTONS = "[{name: each, order: {type: votes}, quotas: [{of: territory, %s}]}%s]"
GENERAL = ", {name: general, order: {type: votes}}"
STOPS = "[{name: all, order: {type: votes}, misfit: {policy: %s}}]"
DEFAULT = "[{name: all, order: {type: votes}}]"
INSTALMENTS = (
    "funding: {instalments: [{name: first, fr: A, en: First, percent: 50, on: order},"
    " {name: balance, fr: S, en: Balance, percent: 50, on: %s}]}"
)


def reserved(group: str) -> str:
    """60,000 euros of the million are for projects of a group."""
    return ruled(
        f"[{whole()}, {{name: some, within: all, amount: 60 000 EUR,"
        f" options: {{groups: {{{group}}}}}}}]"
    )


def split(**group: str) -> Effect:
    """Whether a small project of a group is funded beside a large one that has more votes."""
    return wins(project("a", 60_000, 1, **group), project("b", 950_000, 9))


def money_left(of: Charter) -> tuple[int, int | None, object]:
    """Euros left of all and of youth's money, once 40,000 of that are given; and what is gone."""
    found = result(of.rules, [project("a", 40_000, 1, category="youth")])
    left = found.steps[-1].left
    youth = left.get("youth")
    return left["all"] // 100, None if youth is None else youth // 100, dict(found.gone)


def ceiling_of_fund(of: Charter) -> object:
    """The most that a project gets in a round of the fund's committee."""
    try:
        asked = charters.asked(A, of.rules, rehearsal=True, now=NOON, body_name="jury", left=5)
    except Refusal as refused:
        return refused.code
    return [each.ceiling for each in asked.rule.grants]


def graded(of: Charter) -> tuple[str, ...]:
    """Which of two projects wins, of which one is loved by two and bad for three others."""
    form = charters.ballot_of(charters.vote_of(of.rules))
    options = [project(id, 600_000, 0)[0] for id in "ab"]
    loved, bad = [[(0, 2), (1, 1)], [(0, 2), (1, 0)]], [[(0, 0), (1, 1)], [(0, 0), (1, 1)]]
    found = [*loved, *bad, [(0, 0), (1, 0)]]
    return count(charters.rule_of(of.rules), form, options, profile(found, 2)).winners


def tied(of: Charter) -> object:
    try:
        return wins(project("a", 600_000, 5), project("b", 600_000, 5))(of)
    except Tied as asked:
        return asked.options


def prizes(of: Charter) -> object:
    found = result(of.rules, [project("a", 1, 9), project("b", 1, 9)])
    return [(each.option, each.sponsor, each.amount // 100) for each in found.prizes]


def instalments(of: Charter) -> tuple[tuple[str, int, str], ...]:
    """In which parts a hundred euros are paid."""
    terms = (of.rules.funding and of.rules.funding.instalments) or ()
    return tuple((each.name, each.amount, each.on) for each in divided(100_01, terms))


def reduced(of: Charter) -> object:
    """What is left of 100 euros towards 200, of which 150 were spent; or why it stays."""
    found = grant(amount=100_00, cost=200_00)
    try:
        return asking.reducing(found, of.rules.funding, 150_00)["amount_in_cents"]
    except Refusal as refused:
        return refused.code


def lapses(ground: str, at: datetime, **said: object) -> Effect:
    """Whether a grant lapses on a ground at a moment."""
    signed, reached = bool(said.get("signed")), tuple(str(n) for n in [said.get("reached")] if n)
    found = grant(signed=signed, reached=reached)
    return lambda c: code(lambda: asking.lapsing_of(found, c.rules.funding, ground, at))


def milestone(of: Charter) -> str:
    return code(lambda: asking.check_milestone(grant(), of.rules, "begun", SIGNED.date()))


def frozen() -> Project:
    return Project(project_id=A, programme_id=A, title="", cost=1, round_id=UUID(int=2))


def idea(standing: str = "active") -> Idea:
    return Idea(
        project_id=A, programme_id=A, territory="north", title="", summary="", carrier="",
        stage="idea", deposited_at=NOON, standing=standing,
    )  # fmt: skip


def movable(of: Charter) -> list[str]:
    """Whether a project may be merged or split without a dossier, and once that is complete."""
    complete = Project(project_id=A, programme_id=A, title="", cost=1, missing=[])
    return [
        code(lambda: check_movable(idea(), None, [])),
        code(lambda: check_movable(idea(), complete, [])),
    ]


def snapshot(of: Charter) -> str:
    found = Snapshot("2027", 41, 0, 41, 60, datetime(2027, 6, 1, tzinfo=UTC))
    return found.file_name("csv")


WHO = ("person", "association")
PARTS_OF: dict[Part, list[str]] = {
    "joint": [TAKEN, TAKEN],
    "sponsor": ["part_refused", TAKEN],
    "host": ["part_refused", TAKEN],
    "research-partner": ["part_refused", TAKEN],
    "co-funder": ["part_refused", TAKEN],
}


def takes_part(part: Part, carrier: str) -> str:
    """Whether a carrier of this type may have a part in a project."""
    return code(lambda: check_part(part, carrier))


def parts(part: Part) -> Effect:
    """Whether a person, and an association, may have a part in a project."""
    return lambda c: [takes_part(part, of) for of in WHO]


def session(of: Charter) -> tuple[object, ...]:
    """What is read of a session."""
    data = {
        "place": "Centre social, Arras",
        "host": "Ligue 62",
        "capacity": "12",
        "begins_at": "2027-03-02T18:00",
        "ends_at": "2027-03-02T20:00",
    }
    reader = Reader(data)
    found = read_session(reader, of.rules, NOON)
    reader.done()
    return found.place, found.host, found.capacity, found.begins_at.hour, found.online


SESSION_READ = ("Centre social, Arras", "Ligue 62", 12, 17, False)


def imported(of: Charter) -> str:
    """Where an idea of a table is, that somebody handed in on paper."""
    row = {"title": "Un banc", "summary": "Au soleil.", "territory": "Nord", "name": "Ada"}
    return read_idea(of.rules, row).territory


OF_MONEY: tuple[Bullet | Forbidden | Always, ...] = (
    Bullet(
        ENVELOPES, "by territory", reserved("territory: [north]"), split(territory="north"), "a"
    ),
    Bullet(
        ENVELOPES,
        "by theme",
        "themes: [{name: water, fr: E, en: W}]\n" + reserved("theme: [water]"),
        split(theme="water"),
        "a",
    ),
    Bullet(ENVELOPES, "by label", reserved("family: [eligible]"), split(family="eligible"), "a"),
    Bullet(
        ENVELOPES,
        "by age category",
        YOUTH + "\n" + reserved("category: [youth]"),
        split(category="youth"),
        "a",
    ),
    Bullet(
        ENVELOPES,
        "by cost band",
        ruled(f"[{whole()}, {band('small', '60 000 EUR', '0 EUR', '60 000.01 EUR')}]"),
        split(),
        "a",
    ),
    Bullet(
        ENVELOPES,
        "maximum",
        ruled(
            f"[{whole()}, {{name: north, within: all, amount: 100 000 EUR, kind: most,"
            " options: {groups: {territory: [north]}}}]"
        ),
        wins(*(project(id, 60_000, 9, territory="north") for id in "ab")),
        "a",
    ),
    Bullet(
        ENVELOPES,
        "transfer of the unspent part",
        YOUTH + "\n" + ruled(f"[{whole()}, {only_for('youth', '100 000 EUR')}]"),
        money_left,
        (960_000, 0, {}),
    ),
    Bullet(
        ENVELOPES,
        "to the next year instead",
        YOUTH
        + "\n"
        + ruled(f"[{whole()}, {only_for('youth', '100 000 EUR')}]").replace(
            "amount: 100 000 EUR", "amount: 100 000 EUR, remainder: next-year"
        ),
        money_left,
        (900_000, 0, {"youth": 60_000_00}),
    ),
    Bullet(
        ENVELOPES,
        "limited overshoot",
        ruled("[{name: all, amount: 1 000 000 EUR, overshoot: 5 000 EUR}]"),
        wins(project("a", 1_004_000, 1)),
        "a",
    ),
    Forbidden(
        ENVELOPES,
        "no more in all than is published",
        ruled("[{name: all, amount: 2 000 000 EUR}]"),
        "envelope_differs",
        "vote.rule.envelopes.0.amount",
    ),
    Bullet(
        GRANTS,
        "fixed by category",
        ruled(
            f"[{whole()}]",
            more=", grants: [{options: {groups: {family: [eligible]}}, fixed: 4 500 EUR}]",
        ),
        paid(project("a", 6_000, 1, family="eligible")),
        {"a": 4_500},
    ),
    Bullet(
        GRANTS,
        "ceiling of what is paid",
        ruled(f"[{whole()}]", more=", grants: [{ceiling: 10 000 EUR}]"),
        paid(project("a", 12_000, 1)),
        {"a": 10_000},
    ),
    Bullet(GRANTS, "ceiling", "grant: {ceiling: 500 EUR}", plan(501, 900), "asked_over_ceiling"),
    Bullet(GRANTS, "floor", "grant: {floor: 500 EUR}", plan(499, 900), "asked_under_floor"),
    Bullet(GRANTS, "percentage of cost", "grant: {percent: 80}", plan(801, 1_000), "over_rate"),
    Bullet(
        GRANTS,
        "100 % for some groups",
        YOUTH + "\ngrant: {percent: 80, full_for: [youth]}",
        lambda c: (plan(1_000, 1_000)(c), plan(1_000, 1_000, category="youth")(c)),
        ("over_rate", TAKEN),
    ),
    Bullet(
        GRANTS,
        "ceiling on the eligible base",
        "grant: {base_ceiling: 500 EUR}",
        plan(501, 1_000),
        "over_base",
    ),
    Bullet(
        GRANTS, "stays majority", "grant: {majority: true}", plan(500, 1_000), "budget_minority"
    ),
    Bullet(
        GRANTS,
        "several funders with shares",
        "grant: {most_public_percent: 70}",
        plan(500, 1_000, public=201),
        "public_share_over",
    ),
    Bullet(
        GRANTS, "own share", "grant: {least_own_percent: 20}", plan(801, 1_000), "own_share_missing"
    ),
    Always(GRANTS, "balanced", plan(500, 1_000, own=1), "plan_unbalanced"),
    Bullet(
        GRANTS,
        "annual cap per project",
        FUND.replace("carry: %s", "project_year_ceiling: 15 000 EUR"),
        ceiling_of_fund,
        [15_000_00],
    ),
    Always(
        WINNERS,
        "rank until exhausted, skip and continue",
        wins(project("a", 900_000, 9), project("b", 200_000, 8), project("c", 50_000, 7)),
        "ac",
    ),
    Bullet(
        WINNERS,
        "stop where the next does not fit",
        ruled(f"[{whole()}]", STOPS % "stop"),
        wins(project("a", 900_000, 9), project("b", 200_000, 8), project("c", 50_000, 7)),
        "a",
    ),
    Bullet(
        WINNERS,
        "partial last grant",
        ruled(f"[{whole()}]", STOPS % 'part-fund, at_least: "1/2"'),
        paid(project("a", 900_000, 9), project("b", 200_000, 8)),
        {"a": 900_000, "b": 100_000},
    ),
    Bullet(
        WINNERS,
        "all labelled funded, amount not linked to votes",
        "vote: {outcome: all-labelled}",
        wins(project("a", 10_000, 0)),
        "a",
    ),
    Bullet(
        WINNERS,
        "at least k per canton",
        ruled(f"[{whole()}]", CANTONS % ("least: 1", "")),
        wins(
            *(project(id, 400_000, 9, territory="north") for id in "ab"),
            project("c", 400_000, 1, territory="south"),
        ),
        "ac",
    ),
    Bullet(
        WINNERS,
        "corrective pass",
        ruled(f"[{whole()}]", CANTONS % ("most: 1", GENERAL)),
        wins(
            *(project(id, 400_000, 9, territory="north") for id in "ab"),
            project("c", 400_000, 1, territory="south"),
        ),
        "ac",
    ),
    Bullet(
        WINNERS,
        "one youth per canton if any eligible",
        YOUTH
        + "\n"
        + ruled(
            f"[{whole()}]",
            "[{name: youth, order: {type: votes}, options: {groups: {category: [youth]}},"
            " quotas: [{of: territory, most: 1}]},"
            " {name: others, order: {type: votes}, quotas: [{of: territory, most: 2}]}]",
        ),
        wins(
            *(project(id, 300_000, 9, territory="north") for id in "ab"),
            project("c", 300_000, 1, territory="north", category="youth"),
        ),
        "ac",
    ),
    Bullet(
        WINNERS,
        "per-band ranking",
        ruled(
            f"[{whole()}, {band('small', '10 000 EUR', '0 EUR', '10 000 EUR')},"
            f" {band('large', '990 000 EUR', '10 000 EUR', '2 000 000 EUR')}]"
        ),
        wins(*(project(id, 6_000, 9) for id in "ab"), project("c", 900_000, 1)),
        "ac",
    ),
    Bullet(
        WINNERS,
        "grade-based",
        "vote:\n  format: {type: grades, grades: [bad, fair, good]}\n  "
        + rule_with(f"[{whole()}]", "[{name: all, order: {type: median-grade}}]"),
        graded,
        ("b",),
    ),
    Bullet(
        WINNERS,
        "ties by another criterion",
        ruled(f"[{whole()}]").replace("criteria: [cost, option]", "criteria: [dearest, option]"),
        wins(project("a", 600_000, 5), project("b", 500_000, 5)),
        "a",
    ),
    Bullet(
        WINNERS,
        "ties by officers",
        ruled(f"[{whole()}]").replace("criteria: [cost, option]", "criteria: [ask]"),
        tied,
        ("a", "b"),
    ),
    Bullet(
        WINNERS,
        "at most so many",
        ruled(f"[{whole()}]", more=", most_winners: 1"),
        reasons(project("a", 1, 2), project("b", 1, 1)),
        {"a": "funded", "b": "most_winners"},
    ),
    Bullet(
        WINNERS,
        "one of a carrier",
        ruled(f"[{whole()}]", more=", caps: [{of: carrier}]"),
        wins(project("a", 1, 2, carrier="x"), project("b", 1, 1, carrier="x")),
        "a",
    ),
    Always(
        WINNERS,
        "reserve list",
        lambda c: result(c.rules, [project("a", 900_000, 9), project("b", 200_000, 8)]).reserve,
        ("b",),
    ),
    Bullet(
        PRIZES,
        "given by named sponsors, equal ranks",
        ruled(
            f"[{whole()}]",
            more=", prizes: {equal_ranks: each,"
            " prizes: [{place: 1, sponsor: Banque, amount: 500 EUR}]}",
        ),
        prizes,
        [("a", "Banque", 500), ("b", "Banque", 500)],
    ),
    Bullet(
        PRIZES,
        "non-cash support",
        ruled(
            f"[{whole()}]",
            more=', prizes: {prizes: [{place: 1, sponsor: "Incubateur, six mois", amount: 0 EUR}]}',
        ),
        prizes,
        [("a", "Incubateur, six mois", 0)],
    ),
    Bullet(
        AFTER,
        "instalments on order and invoice",
        INSTALMENTS % "invoice",
        instalments,
        (("first", 50_00, "order"), ("balance", 50_01, "invoice")),
    ),
    Bullet(
        AFTER,
        "balance on a report",
        INSTALMENTS % "report",
        lambda c: instalments(c)[-1],
        ("balance", 50_01, "report"),
    ),
    Bullet(AFTER, "proration", "funding: {prorate: true}", reduced, 75_00),
    Bullet(
        AFTER,
        "lapse where it is not signed",
        "funding: {sign_within: 6 months}",
        lapses("not-signed", datetime(2027, 9, 2, tzinfo=UTC)),
        TAKEN,
    ),
    Bullet(
        AFTER,
        "lapse where it is not begun",
        MILESTONES.replace("{milestones", "{begin_within: 1 years, milestones"),
        lapses("not-begun", datetime(2028, 6, 2, tzinfo=UTC), signed=True),
        TAKEN,
    ),
    Bullet(
        AFTER,
        "lapse where it is not finished",
        MILESTONES.replace("{milestones", "{finish_within: 24 months, milestones"),
        lapses("not-finished", datetime(2029, 6, 2, tzinfo=UTC), signed=True),
        TAKEN,
    ),
    Always(
        AFTER,
        "whose carrier is not checked",
        lambda c: required(
            changed("funding: {built_by: department, identifiers: [siret]}").rules, "association"
        ),
        (),
    ),
    Bullet(AFTER, "follow-up status", MILESTONES, milestone, TAKEN),
    Always(NUMBERS, "recomputable", counted_again, True),
    Always(
        NUMBERS, "dated, with a number of the ledger", snapshot, "projects-2027-41-20270601.csv"
    ),
    Bullet(
        ASSUMED,
        "at its place",
        "assumed: [{of: vote.minimum_age, fr: Supposé., en: Assumed.}]",
        lambda c: [each.of for each in c.rules.assumed],
        ["vote.minimum_age"],
    ),
    Forbidden(
        ASSUMED,
        "not of what is not said",
        "assumed: [{of: grant.percent, fr: Supposé., en: Assumed.}]",
        "assumption_of_nothing",
        "assumed.grant.percent",
    ),
    Always(MINORS, "erased without consent, in days", lambda c: KEPT_FOR.days, 30),
    Forbidden(
        MINORS,
        "a label in each language",
        "territories: [{name: east, fr: Est}]",
        "missing",
        "territories.east.en",
    ),
    # What holds under every charter, of what `bullets` says.
    Always(
        STEPS,
        "idea distinct from dossier",
        lambda c: stage_after("idea", "dossier-filed"),
        "dossier",
    ),
    Always(STEPS, "merge and split until it is complete", movable, [TAKEN, "dossier_complete"]),
    Always(STEPS, "withdrawal", lambda c: code(lambda: check_withdraw(idea(), None)), TAKEN),
    Always(
        STEPS,
        "but not out of a round",
        lambda c: code(lambda: check_withdraw(idea(), frozen())),
        "project_frozen",
    ),
    Always(
        STEPS,
        "frozen object",
        lambda c: code(lambda: check_suspend(idea(), frozen())),
        "project_frozen",
    ),
    *(Always(PARTS, part, parts(part), becomes) for part, becomes in PARTS_OF.items()),
    Always(SESSION, "territory, venue, date, capacity, online or not", session, SESSION_READ),
    Always(SESSION, "registration", lambda c: step("requested", "schedule"), "scheduled"),
    Always(SESSION, "waiting list", lambda c: step("requested", "wait"), "awaiting"),
    Always(
        SESSION, "whoever waited gets a place", lambda c: step("awaiting", "schedule"), "scheduled"
    ),
    Always(DOCUMENTS, "what came on paper is loaded by import", imported, "north"),
)
