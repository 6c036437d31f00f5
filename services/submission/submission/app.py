"""The process: routes, the words that leave late, and the status of each refusal."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import events
from shared.contacts import Contact, Teller, contacts_subscription
from shared.covering import covering_subscription
from shared.events import Event
from shared.events.private import MessageSealed
from shared.events.submission import ContentErased, TextPublished
from shared.inbox import Subscription
from shared.people import people
from shared.people.people import People
from shared.process import Process
from shared.refusal import Refusal
from shared.settings import Settings
from shared.subscription import Handler
from shared.web.kit import Pages
from submission import queries
from submission.advice import ADVICE
from submission.carriers import room as carriers
from submission.carriers.erasing import erase_again
from submission.carriers.keeping import forget_carriers
from submission.carriers.telling import Telling
from submission.counters import room as counters
from submission.labelling import room as labelling
from submission.programmes import room as programmes
from submission.programmes.acts import second_officer
from submission.programmes.amending import apply_versions
from submission.programmes.handlers import results
from submission.programmes.moving import move_phases
from submission.projects import room as projects
from submission.projects.deposit.forgetting import forget_drafts
from submission.projects.outcomes import Outcomes
from submission.refusals import ProgrammeUnknown, ProjectUnknown
from submission.repeats import IdempotencyConflict
from submission.roles import room as roles
from submission.roles.granting import announce_grant
from submission.routes import ByItsCharter, ProjectExists, router
from submission.texts import TitleRefused, WordsRefused

PUBLISHES: tuple[type[Event], ...] = (
    *events.submission.ALL,
    *events.projects.ALL,
    *events.carriers.ALL,
    *events.gatherings.ALL,
    *events.handoffs.ALL,
    MessageSealed,
)
# Erased as well by whoever takes its events back from the ledger: Kafka may have lost them.
RESTORES: Mapping[str, Handler] = {ContentErased.type: erase_again}
# In the order in which their routes are tried: the page of an idea has an address like those of
# its dossier and its counters.
ROOMS = (programmes.ROOM, roles.ROOM, projects.ROOM, counters.ROOM, labelling.ROOM, carriers.ROOM)
ROUTERS = [router, *(each for room in ROOMS for each in room.routers)]
REFUSALS: dict[type[Refusal], int] = {
    ProgrammeUnknown: 404,
    ProjectUnknown: 404,
    ProjectExists: 409,
    ByItsCharter: 409,
    IdempotencyConflict: 409,
    TitleRefused: 422,
    WordsRefused: 422,
    **{refusal: status for room in ROOMS for refusal, status in room.statuses.items()},
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
    process.every(1, "versions", lambda: apply_versions(process.database))
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
