"""What the data model must be able to express (facts, section 14), as far as other rooms do
something with a charter's words than those of `tests.variants.bullets` and its neighbours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.charters import Charter
from shared.events.paper import PaperBatchOpened
from shared.events.scheme import Funding
from shared.events.voting import BallotCast
from shared.rules import agreeing
from submission.counters.desks import entries
from submission.programmes.amending import check_from_now_on
from submission.programmes.cycling import check_cycle
from submission.programmes.phases import redated
from submission.programmes.tables import Phase
from submission.projects.dossiers import check_attended
from tests.variants import bullets, money, voting
from tests.variants.charters import rule_with, whole
from tests.variants.effects import (
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
    grant,
    open_on,
    votes,
)
from voting.count import charters
from voting.count.funding import asking
from voting.count.funding.public.said import as_json
from voting.count.paper import closing
from voting.count.placing import placed
from voting.count.results.outcome import turnout
from voting.count.tables import Round

LEVELS = (
    "levels: [{name: canton, fr: C, en: C}, {name: municipality, fr: M, en: M}]\n"
    "territories: [{name: north, fr: N, en: N, level: canton},"
    " {name: arras, fr: A, en: A, level: municipality, within: north}]"
)
SHARED = "cycle: {number: 2, of: 2, total: 1 000 000 EUR}"
# The first cycle of two, which took 800,000 euros of the million.
FIRST = "edition: 2026\nenvelope: 800 000 EUR\ncycle: {number: 1, of: 2, total: 1 000 000 EUR}"
# What a form of the roll asks, that no ballot has.
OF_IDENTITY = frozenset(
    ("name", "family_name", "given_name", "born", "telephone", "address", "territory", "identity")
)


def seen_in(of: Charter) -> tuple[str, ...]:
    """Where a rule of the cantons sees a project of a municipality."""
    rule = charters.rule_of(
        changed(
            "vote:\n  "
            + rule_with(f"[{whole()}]").replace("{territory: []", "{territory: [north, south]")
        ).rules
    )
    return placed("arras", of.rules.territories, rule)


def cycle(of: Charter) -> str:
    """Whether this edition may follow one that took 800,000 euros of a shared million."""
    return code(lambda: check_cycle(of.rules, [changed(FIRST).rules]))


def moved(of: Charter) -> str:
    """How the vote stands with another window."""
    rows = [Phase(programme_id=A, **each.model_dump(), state="coming") for each in of.rules.phases]
    [vote] = [each for each in rows if each.name == "vote"]
    opens, closes = vote.opens_at + timedelta(days=7), vote.closes_at + timedelta(days=7)
    return redated(rows, "vote", opens, closes, edition=of.rules.edition, now=NOON, frozen_for=None)


def papers(said: str, marked: int | None = None) -> str:
    """Whether papers are entered in the round of a charter; and with three stubs, all of them are
    in, where so many people were marked on the roll."""
    asked = charters.asked(A, changed(said).rules, rehearsal=False, now=NOON)
    row = Round(
        round_id=A, programme_id=A, log="log", state="closed", budget=1, format={}, rule={},
        listed="", opens_at=NOON, closes_at=NOON, options=1, digest="", flush={},
        paper=asked.paper, box_event=A, marked=marked,
    )  # fmt: skip
    if marked is None:
        return code(lambda: closing.check_takes_papers(row))
    batch = closing.Batch(A, A, 1, "", 3, "locked", 3, {}, A)
    return code(lambda: closing.summed(row, [batch]))


def built(of: Charter) -> object:
    """What is checked of an association that has to have a number before an agreement."""
    funding = of.rules.funding or Funding()
    return agreeing.required(funding.model_copy(update={"identifiers": ("siret",)}), "association")


def kept(of: Charter) -> str:
    """Whether a carrier is seen to keep a duty, once it has signed."""
    on = SIGNED.date()
    return code(lambda: asking.check_milestone(grant(), of.rules, "logo", on))


def not_begun(reached: str) -> object:
    """Whether a grant lapses after a year in which so much was entered of its project."""
    said = (
        "funding: {begin_within: 1 years, milestones: [{name: begun, fr: D, en: B}],"
        " duties: [{name: logo, fr: L, en: L}]}"
    )
    at = datetime(2028, 6, 2, tzinfo=UTC)
    return money.lapses("not-begun", at, signed=True, reached=reached)(changed(said))


def tax(of: Charter) -> object:
    """What the file of grants says of its amounts."""
    return as_json(grant().row, of.rules, (), {})["tax"]


def shown(**voters: int) -> Effect:
    """The turnout of so many voters by tier, as it is published."""
    found = turnout(voters, dict.fromkeys(voters, 100))
    return lambda c: [("".join(part.tiers), part.voters) for part in found]


def columns(of: Any) -> Effect:
    return lambda c: sorted({*of.model_fields} & {"place", "stubs"})


def apart(of: Charter) -> list[str]:
    """What a ballot says of who cast it."""
    return sorted(OF_IDENTITY & {*BallotCast.model_fields})


FURTHER: tuple[Bullet | Forbidden | Always, ...] = (
    Bullet(
        bullets.KINDS,
        "expressions of interest",
        bullets.CALL % "call-for-interest",
        bullets.deciders,
        ("jury in instruction",),
    ),
    Forbidden(
        bullets.CYCLES,
        "of a year",
        "phases: {vote: {closes: 2028-01-31}}",
        "phase_outside_year",
        "phases.vote.closes",
    ),
    Bullet(bullets.CYCLES, "one envelope over two years", SHARED, cycle, "cycle_spent"),
    Always(
        bullets.VERSIONS,
        "no change before it takes effect",
        lambda c: code(lambda: check_from_now_on(NOON - timedelta(minutes=1), NOON)),
        "amended_in_past",
    ),
    Always(bullets.PHASES, "re-datable", moved, "coming"),
    Bullet(bullets.PLACES, "levels", LEVELS, seen_in, ("north",)),
    Bullet(
        bullets.PLACES,
        "a desk for all that lies within its territory",
        LEVELS + "\nphases: {counters: {opens: 02-01, closes: 03-31}}\ndesks:"
        " [{name: of-north, fr: N, en: N, role: adviser, territories: [north]}]",
        lambda c: [each.name for each in entries(c.rules, "arras")],
        ["of-north"],
    ),
    Forbidden(
        bullets.PLACES,
        "no two first desks, one around the other",
        LEVELS + "\nphases: {counters: {opens: 02-01, closes: 03-31}}\ndesks:"
        " [{name: a, fr: A, en: A, role: adviser, first: true, territories: [north]},"
        " {name: b, fr: B, en: B, role: adviser, first: true, territories: [arras]}]",
        "first_desk_twice",
        "desks.b.first",
    ),
    Always(
        bullets.PLACES,
        "a voter and a project in one",
        lambda c: (votes(30, territory="paris")(c), bullets.territory("paris")(c)),
        ("not_resident", "territory_unknown"),
    ),
    Always(bullets.PLACES, "a project of all", bullets.territory("whole"), TAKEN),
    Always(bullets.COUNTER, "off", lambda c: code(lambda: check_attended(c.rules, 0)), TAKEN),
    Bullet(bullets.COSTS, "before tax", "costs: {tax: before}", tax, "before"),
    Bullet(bullets.COSTS, "after tax", "costs: {tax: after}", tax, "after"),
    Bullet(
        voting.ROUNDS,
        "pre-registration, then file",
        "phases: {ideas: {closes: 01-31}, dossiers: {opens: 02-01}}",
        lambda c: [open_on(day)(c) for day in (date(2027, 1, 15), date(2027, 2, 15))],
        [("ideas",), ("dossiers",)],
    ),
    Always(
        voting.CHANNELS,
        "web only",
        lambda c: papers("vote: {channels: [web]}"),
        "no_paper",
    ),
    Always(
        voting.CHANNELS,
        "several at once",
        lambda c: papers("vote: {paper: true, channels: [web, urn, post]}"),
        TAKEN,
    ),
    *(
        Forbidden(
            voting.CHANNELS,
            f"{each}, where nobody votes on paper",
            f"vote: {{channels: [web, {each}]}}",
            "channel_and_paper",
            "vote.paper",
        )
        for each in ("urn", "post", "market", "school")
    ),
    Always(voting.CHANNELS, "web without an account", votes(30), TAKEN),
    Always(
        voting.CHANNELS,
        "signature sheet",
        lambda c: [papers("vote: {paper: true}", marked) for marked in (2, 3)],
        ["more_stubs_than_marked", TAKEN],
    ),
    Always(voting.IDENTITY, "roll and ballot apart", apart, []),
    Always(voting.PAPER, "by batch, of a place", columns(PaperBatchOpened), ["place", "stubs"]),
    Always(voting.TURNOUT, "by channel", shown(A=40, P=30), [("A", 40), ("P", 30)]),
    Always(voting.TURNOUT, "without exposing a voter", shown(A=40, P=29), [("AP", 69)]),
    Bullet(
        money.ENVELOPES, "by cycle", SHARED + "\nenvelope: 200 000.01 EUR", cycle, "cycle_spent"
    ),
    Always(
        money.ENVELOPES,
        "what the other cycles left",
        lambda c: cycle(changed(SHARED + "\nenvelope: 200 000 EUR")),
        TAKEN,
    ),
    Bullet(
        money.AFTER,
        "the agreement's conditions",
        "funding: {contract: true}",
        bullets.cleared("association"),
        ("status", "contract"),
    ),
    Bullet(
        money.AFTER,
        "communication duties",
        "funding: {duties: [{name: logo, fr: Logo, en: Logo}]}",
        kept,
        TAKEN,
    ),
    Always(
        money.AFTER,
        "whose keeping begins no project",
        lambda c: [not_begun(name) for name in ("logo", "begun")],
        [TAKEN, "lapse_refused"],
    ),
    Bullet(money.AFTER, "department-built", "funding: {built_by: department}", built, ()),
    Bullet(
        money.MINORS,
        "asks the representative",
        "submitting: {consent_below: 16}",
        bullets.consents(15),
        True,
    ),
    Always(money.MINORS, "identity and ballot apart", apart, []),
)
