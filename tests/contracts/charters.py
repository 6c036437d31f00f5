"""A charter's rules with every part said, as examples of events carry them."""

from datetime import date

from shared.events.ballots import Grades
from shared.events.charter import Assumption, Body, CharterRules, Family, Phase, Vote
from shared.events.rules import ByMedianGrade
from shared.events.scheme import (
    Adopted,
    Category,
    Costs,
    Counters,
    Cycle,
    Desk,
    Document,
    Fund,
    Funding,
    GrantTerms,
    InstalmentTerm,
    Labelled,
    Links,
    Submitting,
    Territory,
)
from shared.events.screening import Screening
from shared.events.voting import FlushRule
from shared.rules.presets import one_envelope
from tests.contracts.made import EVENING, NOON

ADOPTED = Adopted(body="Conseil départemental", act="CD62-2026-12", on=date(2026, 3, 16))


def named(name: str) -> Labelled:
    """Something of this name."""
    return Labelled(name=name, fr=name, en=name)


def rules() -> CharterRules:
    """A small charter's."""
    artois = Territory(name="artois", fr="Artois", en="Artois", level="area", within="all")
    return CharterRules(
        preset="pas-de-calais-citizen-budget",
        edition="2026",
        envelope=100_000_00,
        territories=(artois,),
        phases=(Phase(name="ideas", opens_at=NOON, closes_at=EVENING),),
        counter_attended=True,
        carrier_statuses=(Labelled(name="association", fr="Association", en="Association"),),
        families=(
            Family(name="sse-values", fr="Valeurs de l'ESS", en="SSE values", ceiling=4_500_00),
        ),
        documents=(
            Document(
                name="budget",
                fr="Le budget",
                en="The budget",
                of=("association",),
                file=True,
                optional=True,
            ),
        ),
        vote=Vote(
            minimum_age=11,
            least=1,
            most=3,
            outcome="ranked-until-exhausted",
            paper=True,
            assisted=True,
            consent_age=16,
            identity=("declared", "posted-code", "identity-provider"),
            flush=FlushRule(k=50, interval=1800),
            links=Links(of=("live", "work", "study"), least=2),
            sworn=True,
            channels=("web", "counter"),
        ),
        screening=Screening(),
        second_officer=("publish-charter", "open-round"),
        bodies=(
            Body(
                name="jury",
                fr="Jury",
                en="Jury",
                members=9,
                decides="money",
                during="instruction",
                admitted_by="readers",
                days=7,
                amounts="deliberated",
                format=Grades(grades=("poor", "good")),
                rule=one_envelope(100_000_00, ByMedianGrade()),
            ),
        ),
        assumed=(Assumption(of="vote.least", fr="Un choix suffit", en="One choice is enough"),),
        kind="call-for-projects",
        cycle=Cycle(number=1, of=2, total=200_000_00),
        levels=(named("area"),),
        submitting=Submitting(
            minimum_age=11,
            maximum_age=30,
            consent_below=18,
            links=Links(of=("live", "neighbour")),
            sworn=True,
            ideas_by=("person", "class"),
            dossiers_by=("association", "municipality"),
            minimum_years=3,
            seat="seat-or-branch",
            sse=True,
            sponsored=("person",),
            most_ideas=3,
            most_dossiers=2,
            most_voted=1,
            barred_years=1,
            winners_only=("impact-measurement",),
        ),
        themes=(named("nature"),),
        themes_open=True,
        categories=(
            Category(
                name="youth", fr="Jeunes", en="Youth", from_age=11, to_age=25, carriers=("class",)
            ),
        ),
        principles=(named("secularity"),),
        costs=Costs(
            kinds=(named("equipment"), named("impact-measurement")),
            excluded=(named("consumables"),),
            nature="operating",
            tax="after",
            before_agreement=False,
            operating_years_free=3,
            months_least=1,
            months_most=24,
        ),
        grant=GrantTerms(
            percent=80,
            base_ceiling=20_000_00,
            ceiling=15_000_00,
            floor=500_00,
            least_own_percent=10,
            most_public_percent=80,
            majority=True,
            full_for=("youth",),
        ),
        fund=Fund(year_amount=100_000_00, project_year_ceiling=15_000_00, carry="next-year"),
        desks=(
            Desk(
                name="reception",
                fr="Accueil",
                en="Reception",
                role="adviser",
                territories=("artois",),
                answer="10 days",
                remind="3 days",
                first=True,
            ),
        ),
        counters=Counters(workshops=(named("finance"),), most_missed=2, remind="2 days"),
        funding=Funding(
            identifiers=("siret", "rna"),
            contract=True,
            de_minimis=300_000_00,
            deliberation=True,
            instalments=(
                InstalmentTerm(name="first", fr="Acompte", en="First", percent=50, on="order"),
                InstalmentTerm(name="balance", fr="Solde", en="Balance", percent=50, on="invoice"),
            ),
            prorate=True,
            sign_within="6 months",
            begin_within="1 years",
            finish_within="24 months",
            milestones=(named("begun"),),
            duties=(named("logo"),),
            built_by="carrier",
        ),
    )
