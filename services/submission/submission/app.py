"""The process: routes, the words that leave late, and the status of each refusal."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters import CharterRefused
from shared.contacts import Contact, Teller, contacts_subscription
from shared.covering import covering_subscription
from shared.events import Event
from shared.events import submission as events
from shared.events.private import MessageSealed
from shared.events.submission import ContentErased, TextPublished
from shared.inbox import Subscription
from shared.people import people
from shared.people.people import People
from shared.process import Process
from shared.settings import Settings
from shared.subscription import Handler
from shared.web.kit import Pages
from submission import queries
from submission.advice import ADVICE
from submission.amounts import CostRefused
from submission.carriers import routes as carriers
from submission.carriers.erasing import ContentUnknown, ErasedBefore, erase_again
from submission.carriers.keeping import forget_carriers
from submission.carriers.routes import ConfirmationMissing, GroundUnknown
from submission.carriers.telling import Telling
from submission.counters import routes as counters
from submission.counters.announcing import routes as announcing
from submission.counters.desk import routes as counters_desk
from submission.counters.gatherings import CapacityRefused, WindowRefused
from submission.counters.handoffs import (
    CounterFull,
    CounterNotBegun,
    CounterOver,
    CounterUnknown,
    HandoffDecided,
    HandoffUnknown,
    HandoffWaiting,
)
from submission.freezing import NoProjects, OptionsAlreadyFrozen, ProjectFrozen, TooManyOptions
from submission.labelling import routes as labelling
from submission.labelling.labels import (
    BodyDecides,
    DossierIncomplete,
    FamilyUnknown,
    NoCommittee,
)
from submission.programmes import routes as programmes
from submission.programmes.acts import second_officer
from submission.programmes.desk import routes as programmes_desk
from submission.programmes.desk.editions import routes as editions
from submission.programmes.handlers import results
from submission.programmes.moving import move_phases
from submission.programmes.phases import (
    LabellingNotOver,
    PhaseFixed,
    PhaseNotOpen,
    PhaseUnknown,
)
from submission.projects import routes as projects
from submission.projects.deposit import routes as deposit
from submission.projects.deposit.drafts import (
    DepositNotBegun,
    DraftChanged,
    LanguageRefused,
    TooManyLinks,
)
from submission.projects.deposit.forgetting import forget_drafts
from submission.projects.dossier import routes as dossier
from submission.projects.dossiers import (
    AlreadyDecided,
    CarrierStatusRefused,
    CostOverCeiling,
    CounterNotAttended,
    DocumentUnknown,
    DossierUnknown,
)
from submission.projects.ideas import NoRules, TerritoryUnknown
from submission.projects.outcomes import Outcomes
from submission.refusals import ProgrammeUnknown, ProjectUnknown
from submission.repeats import IdempotencyConflict
from submission.roles import routes as roles
from submission.roles.granting import announce_grant
from submission.roles.roles import GrantRefused, OfficerUnknown, RoleOfWholeProgramme
from submission.routes import ByItsCharter, ProjectExists, router
from submission.texts import TitleRefused, WordsRefused

PUBLISHES: tuple[type[Event], ...] = (*events.ALL, MessageSealed)
# Erased as well by whoever takes its events back from the ledger: Kafka may have lost them.
RESTORES: Mapping[str, Handler] = {ContentErased.type: erase_again}
ROUTERS = [
    router,
    programmes.router,
    editions.router,  # before the page of a programme, whose address is like `new`
    programmes_desk.router,
    roles.router,
    # Before the page of an idea, whose address is like theirs.
    projects.router,
    deposit.router,
    dossier.router,
    counters.router,
    counters_desk.router,
    announcing.router,
    labelling.router,
    carriers.router,
]
REFUSALS = {
    ProgrammeUnknown: 404,
    ProjectUnknown: 404,
    ProjectExists: 409,
    TitleRefused: 422,
    CostRefused: 422,
    ProjectFrozen: 409,
    OptionsAlreadyFrozen: 409,
    NoProjects: 409,
    TooManyOptions: 409,
    IdempotencyConflict: 409,
    CharterRefused: 422,
    PhaseNotOpen: 409,
    PhaseFixed: 409,
    PhaseUnknown: 404,
    LabellingNotOver: 409,
    ByItsCharter: 409,
    OfficerUnknown: 404,
    GrantRefused: 422,
    RoleOfWholeProgramme: 422,
    NoRules: 409,
    TerritoryUnknown: 422,
    WordsRefused: 422,
    LanguageRefused: 422,
    DepositNotBegun: 409,
    DraftChanged: 409,
    TooManyLinks: 429,
    CounterUnknown: 404,
    CounterFull: 409,
    CounterOver: 409,
    CounterNotBegun: 409,
    HandoffUnknown: 404,
    HandoffWaiting: 409,
    HandoffDecided: 409,
    WindowRefused: 422,
    CapacityRefused: 422,
    CounterNotAttended: 409,
    CarrierStatusRefused: 422,
    CostOverCeiling: 422,
    DocumentUnknown: 422,
    DossierUnknown: 404,
    DossierIncomplete: 409,
    FamilyUnknown: 422,
    BodyDecides: 409,
    NoCommittee: 409,
    AlreadyDecided: 409,
    ConfirmationMissing: 422,
    GroundUnknown: 422,
    ContentUnknown: 404,
    ErasedBefore: 409,
}


class SubmissionSettings(Settings):
    """What submission is told by its operator."""

    # For how many months after a programme's last phase its carriers are known by name and address.
    carriers_kept_months: Annotated[int, Field(ge=1, le=240)] = 60


def create() -> FastAPI:
    """The application, from the environment."""
    return application(SubmissionSettings())


def application(settings: SubmissionSettings, *, kafka: bool = True) -> FastAPI:
    """The application; without `kafka`, what it announces stays in the outbox."""
    late = {TextPublished.topic: queries.bodies_of_texts}
    teller = Teller(settings.contacts_key, source="submission")
    telling = Telling(teller, settings.site("submission"))
    outcomes = Outcomes(telling)
    process = Process(
        "submission",
        settings,
        subscriptions=[
            results(outcomes.tell_result, outcomes.tell_agreement),
            contacts_subscription(),
            covering_subscription("submission"),
            # Its own: what was erased after this database was backed up is erased before anybody
            # reads it, or it is sent once more.
            Subscription(
                "erasures",
                (ContentErased.topic,),
                {ContentErased.type: erase_again},
                remembers=False,  # what is erased twice is erased
                first=True,
            ),
        ],
        publishes=PUBLISHES,
        late_bodies=late,
        kafka=kafka,
        restores=RESTORES,
    )
    process.every(1, "phases", lambda: move_phases(process.database))
    process.every(3600, "drafts", lambda: forget_drafts(process.database))
    process.every(
        3600, "carriers", lambda: forget_carriers(process.database, settings.carriers_kept_months)
    )
    pages = Pages("submission", settings, advice=ADVICE)

    def mail_link(
        session: AsyncSession, address: str, language: str, url: str, purpose: str
    ) -> None:
        teller.tell(
            session, "sign-in-link", Contact(address, language), {"url": url, "purpose": purpose}
        )

    everyone = People(
        "submission",
        settings,
        acts=second_officer(),
        mail_link=mail_link,
        on_grant=announce_grant,
    )
    app = process.app(ROUTERS, {**people.STATUSES, **REFUSALS}, people=everyone, pages=pages)
    app.state.telling = telling
    return app
