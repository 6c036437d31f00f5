"""The process: routes, the words that leave late, and the status of each refusal."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from fastapi import FastAPI
from pydantic import Field, model_validator
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import events
from shared.contacts import Contact, Teller, contacts_subscription
from shared.covering import covering_subscription
from shared.events import Event
from shared.events.private import MessageSealed
from shared.events.projects import DocumentRemoved
from shared.events.submission import ContentErased, ResidentErased, TextPublished
from shared.inbox import Subscription
from shared.people import people
from shared.people.people import People
from shared.process import Process
from shared.refusal import Refusal
from shared.settings import Settings
from shared.subscription import Handler
from shared.web.kit import Pages
from shared.web.languages import LANGUAGES
from submission import queries
from submission.advice import ADVICE
from submission.carriers import room as carriers
from submission.carriers.consenting import forget_unagreed
from submission.carriers.erasing import abandon, erase_again, forget_again
from submission.carriers.keeping import forget_carriers
from submission.carriers.telling import Telling
from submission.counters import room as counters
from submission.deadlines.firing import fire_due
from submission.documents import room as documents
from submission.documents.cleaning import Cleaner
from submission.documents.handing import Documents
from submission.documents.keeping import remove_again, sweep, sweep_up
from submission.documents.origin import FilesOrigin
from submission.documents.stores.stores import Stores
from submission.exports import room as exports
from submission.gatherings import room as gatherings
from submission.imports import room as imports
from submission.imports.running import forget_imports, run_imports
from submission.labelling import room as labelling
from submission.map import room as maps
from submission.map.drawings import Drawings
from submission.map.outlines import read_outlines
from submission.programmes import room as programmes
from submission.programmes.acts import second_officer
from submission.programmes.amending import apply_versions
from submission.programmes.handlers import results
from submission.programmes.moving import move_phases
from submission.projects import room as projects
from submission.projects.deposit.forgetting import forget_drafts
from submission.projects.outcomes import Outcomes
from submission.projects.reminding import remind_carriers, remind_of_grants
from submission.refusals import ProgrammeUnknown, ProjectUnknown
from submission.repeats import IdempotencyConflict
from submission.roles import room as roles
from submission.roles.granting import announce_grant
from submission.routes import ByItsCharter, ProjectExists, router
from submission.searching import room as searching
from submission.texts import TitleRefused, WordsRefused
from submission.vouching import room as vouching
from submission.vouching.provider import Vouching

PUBLISHES: tuple[type[Event], ...] = (
    *events.submission.ALL,
    *events.projects.ALL,
    *events.carriers.ALL,
    *events.gatherings.ALL,
    *events.handoffs.ALL,
    MessageSealed,
)
# Erased as well by whoever takes its events back from the ledger: Kafka may have lost them. And
# whoever took a file away does not find it again.
RESTORES: Mapping[str, Handler] = {
    ContentErased.type: erase_again,
    ResidentErased.type: forget_again,
    DocumentRemoved.type: remove_again,
}
# In the order in which their routes are tried: the page of an idea has an address like those of
# its dossier and its counters.
ROOMS = (
    programmes.ROOM,
    roles.ROOM,
    searching.ROOM,
    maps.ROOM,
    exports.ROOM,
    projects.ROOM,
    gatherings.ROOM,
    counters.ROOM,
    labelling.ROOM,
    carriers.ROOM,
    documents.ROOM,
    imports.ROOM,
    vouching.ROOM,
)
# What each kind of deadline does when it has come.
TIMERS = {kind: timer for room in ROOMS for kind, timer in room.timers.items()}
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

# Each reads a whole programme on a connection of its own: pages need the others.
EXPORTS_AT_ONCE = 2


class SubmissionSettings(Settings):
    """What submission is told by its operator."""

    # For how many months after a programme's last phase its carriers are known by name and address.
    carriers_kept_months: Annotated[int, Field(ge=1, le=240)] = 60
    # A GeoJSON file of the territories' outlines, each with its name in the charter as the property
    # `name`; without one, the map has a cell for each.
    outlines: Path | None = None
    # Where new documents go: into the database, or `s3://bucket` of a store behind an endpoint.
    documents_store: Annotated[
        str, Field(pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$")
    ] = ""
    documents_endpoint: str = ""
    documents_region: str = "us-east-1"
    documents_key_id: str = ""
    documents_secret: str = Field(default="", repr=False)
    # Who vouches for residents, as a client of its own; without an issuer, links are mailed alone.
    residents_oidc_issuer: str | None = None
    residents_oidc_client_id: str = ""
    residents_oidc_client_secret: str = Field(default="", repr=False)
    residents_oidc_scope: str = "openid email"

    @model_validator(mode="after")
    def store_is_whole(self) -> Self:
        """A store without an endpoint or a key would lose the first document."""
        if self.documents_store and not (
            self.documents_endpoint and self.documents_key_id and self.documents_secret
        ):
            raise ValueError("documents_store needs documents_endpoint, _key_id and _secret")
        return self

    @model_validator(mode="after")
    def residents_provider_is_whole(self) -> Self:
        """Without being a client, nobody comes back from it."""
        if self.residents_oidc_issuer and not self.residents_oidc_client_id:
            raise ValueError("residents_oidc_issuer needs residents_oidc_client_id")
        return self

    def vouching(self) -> Vouching:
        """This process as a client of the residents' provider."""
        return Vouching(
            self.residents_oidc_issuer,
            self.residents_oidc_client_id,
            self.residents_oidc_client_secret,
            self.residents_oidc_scope,
        )

    def documents(self) -> Documents:
        """What hands out documents; the store's library is loaded only where there is one."""
        found = self.sites.get("files")
        site = None if found is None else found.rstrip("/")
        if not self.documents_store:
            return Documents(Stores(), Cleaner(), site)
        from submission.documents.stores.objects import BytesInObjects

        objects = BytesInObjects.at(
            self.documents_store,
            endpoint=self.documents_endpoint,
            key_id=self.documents_key_id,
            secret=self.documents_secret,
            region=self.documents_region,
        )
        return Documents(Stores(objects), Cleaner(), site)


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
            results(outcomes.tell_result, outcomes.tell_agreement, outcomes.tell_of_grant),
            contacts_subscription(),
            covering_subscription("submission"),
            # Its own: what was erased after this database was backed up is erased before anybody
            # reads it, or it is sent once more.
            Subscription(
                "erasures",
                (ContentErased.topic,),
                {ContentErased.type: erase_again, ResidentErased.type: forget_again},
                remembers=False,  # what is erased twice is erased
                first=True,
            ),
        ],
        publishes=PUBLISHES,
        late_bodies=late,
        kafka=kafka,
        restores=RESTORES,
        abandons=abandon,
    )
    process.every(1, "phases", lambda: move_phases(process.database))
    process.every(1, "deadlines", lambda: fire_due(process.database, TIMERS, telling))
    process.every(1, "versions", lambda: apply_versions(process.database))
    process.every(3600, "drafts", lambda: forget_drafts(process.database))
    process.every(
        3600, "carriers", lambda: forget_carriers(process.database, settings.carriers_kept_months)
    )
    process.every(600, "reminders", lambda: remind_carriers(process.database, telling))
    process.every(3600, "consents", lambda: forget_unagreed(process.database))
    files = settings.documents()
    process.every(60, "files", lambda: sweep(process.database, files.stores))
    process.every(1, "imports", lambda: run_imports(process.database))
    process.every(3600, "old imports", lambda: forget_imports(process.database))
    process.every(3600, "lost files", lambda: sweep_up(process.database, files.stores))
    pages = Pages("submission", settings, advice=ADVICE)

    def in_words(sentence: str) -> dict[str, str]:
        return {language: pages.translate(language, sentence) for language in LANGUAGES}

    process.every(
        3600, "grants' reminders", lambda: remind_of_grants(process.database, telling, in_words)
    )

    def mail_link(
        session: AsyncSession, address: str, language: str, url: str, purpose: str
    ) -> None:
        teller.tell(
            session, "sign-in-link", Contact(address, language), {"url": url, "purpose": purpose}
        )

    everyone = People(
        "submission",
        settings,
        acts=second_officer(telling),
        mail_link=mail_link,
        on_grant=announce_grant,
        residents_issuer=settings.residents_oidc_issuer,
    )
    app = process.app(ROUTERS, {**people.STATUSES, **REFUSALS}, people=everyone, pages=pages)
    app.state.telling = telling
    app.state.documents = files
    app.state.vouching = settings.vouching()
    app.add_middleware(FilesOrigin, site=files.site)
    outlines = read_outlines(settings.outlines.read_bytes()) if settings.outlines else {}
    app.state.drawings = Drawings(outlines)
    app.state.exporting = asyncio.Semaphore(EXPORTS_AT_ONCE)
    return app
