"""An edition under a charter, as count hears of it, and the officers at its desk."""

import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from comptoir.browser import Browser
from shared.canonical import commitment
from shared.delivery import Delivered, Erased
from shared.events.charter import CharterRules
from shared.events.projects import DossierFiled, ProjectLabelled
from shared.events.submission import (
    CharterPublished,
    OptionsFrozen,
    PhaseRedated,
    TextPublished,
    options_digest,
)
from shared.events.voting import TierKeysPrepared
from shared.people import Grant, Role, queries
from shared.people.guards import token_hash
from tests.strategies import Cast
from tests.voting.count.conftest import (
    HASH,
    LOG,
    TIERS,
    ServedCount,
    ballot,
    delivered,
    project,
)
from voting.count.app import SUBSCRIPTIONS

SALT = "5a" * 32
TITLE = "Budget citoyen"
TITLES = ("Vergers partagés", "Atelier vélo", "Café des aidants", "Mare aux tritons")
COSTS = (40_000_00, 10_000_00, 30_000_00, 30_000_00)
ENVELOPE = 50_000_00
TWO = ("open-round", "close-round", "validate-result", "sign-agreement")


def rules(second_officer: Sequence[str] = TWO, **others: Any) -> CharterRules:
    """A charter's rules, with a vote that is going on."""
    now = datetime.now(UTC).replace(microsecond=0)
    window = {
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(hours=1)).isoformat(),
    }
    return CharterRules.model_validate(
        {
            "preset": "pas-de-calais-citizen-budget",
            "edition": "2027",
            "envelope": ENVELOPE,
            "territories": [{"name": "ternois", "fr": "Ternois", "en": "Ternois"}],
            "phases": [{"name": "vote", **window}],
            "counter_attended": True,
            "carrier_statuses": [{"name": "association", "fr": "Association", "en": "Association"}],
            "families": [
                {"name": "spark", "fr": "Étincelle", "en": "Spark", "ceiling": 50_000_00},
            ],
            "vote": {
                "minimum_age": 11,
                "least": 1,
                "most": 3,
                "outcome": "ranked-until-exhausted",
            },
            "second_officer": list(second_officer),
            **others,
        }
    )


def text(value: str) -> TextPublished:
    """Words behind a commitment."""
    content_id = commitment(bytes.fromhex(SALT), value).hex()
    return TextPublished(content_id=content_id, value=value, salt=SALT)


class Edition:
    """A programme with a charter in a served count."""

    def __init__(self, count: ServedCount, titles: Sequence[str], costs: Sequence[int]) -> None:
        self.count = count
        self.titles = titles
        self.costs = costs
        self.programme, self.round_id = uuid4(), uuid4()

    async def publish(
        self,
        its: CharterRules,
        *,
        labelled: bool = True,
        body_name: str | None = None,
        rehearsal: bool = True,
    ) -> None:
        """Its charter, its labelled dossiers, their words; its options are frozen, for residents or
        for a body."""
        self.rules = its
        await self.count.handle(
            CharterPublished(
                programme_id=self.programme,
                log=LOG,
                title=text(TITLE).content_id,
                charter=HASH,
                rehearsal=rehearsal,
                rules=its,
            )
        )
        filed = [
            DossierFiled(
                project_id=project(self.programme, n),
                programme_id=self.programme,
                title=text(title).content_id,
                cost=cost,
                summary=text(f"Pourquoi {title}").content_id,
                territory="ternois",
            )
            for n, (title, cost) in enumerate(zip(self.titles, self.costs, strict=True), start=1)
        ]
        await self.count.handle(*filed)
        if labelled:
            await self.label()
        await self.count.handle(*(text(value) for value in (TITLE, *self.titles)))
        known = [(each.project_id, each.cost, each.title) for each in filed]
        self.options = OptionsFrozen(
            round_id=self.round_id,
            programme_id=self.programme,
            options=tuple(sorted((each[0] for each in known), key=str)),
            digest=options_digest(known),
            body_name=body_name,
        )
        await self.count.handle(self.options)

    async def label(self) -> None:
        """Every project has its label."""
        await self.count.handle(
            *(
                ProjectLabelled(
                    project_id=project(self.programme, n),
                    programme_id=self.programme,
                    family="spark",
                    ceiling=50_000_00,
                    reason=HASH,
                    officer=uuid4(),
                )
                for n in range(1, len(self.titles) + 1)
            )
        )

    async def redate(self, opens_at: datetime, closes_at: datetime) -> None:
        """The vote has another window."""
        await self.count.handle(
            PhaseRedated(
                programme_id=self.programme,
                phase="vote",
                opens_at=opens_at,
                closes_at=closes_at,
                reason=HASH,
            )
        )

    async def keys(self) -> None:
        """The roll's keys have arrived."""
        await self.count.handle(TierKeysPrepared(round_id=self.round_id, tiers=TIERS))

    async def erase(self, value: str) -> None:
        """Words are erased everywhere."""
        [subscription] = [s for s in SUBSCRIPTIONS if s.topics == (TextPublished.topic,)]
        event = text(value)
        gone = Delivered(delivered(event).envelope, Erased(event.content_id), b"")
        async with self.count.database.begin() as session:
            await subscription.handle(session, [gone])

    async def voted(self, *casts: Cast) -> None:
        """Ballots arrive."""
        await self.count.handle(*(ballot(self.round_id, cast) for cast in casts))

    async def decided(self, *casts: Cast) -> None:
        """The vote is held and counted, as if by its officers: desk and acts are left out."""
        await self.count.handle(*(ballot(self.round_id, cast) for cast in casts))
        await self.count.connection.execute(
            "update round set state = 'closed' where round_id = $1", self.round_id
        )
        keys = len({cast.voter for cast in casts})
        await self.count.box_closes(self.round_id, len(casts), keys, 7)
        await self.count.checkpoint(7)
        await self.count.decide()


class Officers:
    """People at the desk, each with a browser."""

    def __init__(self, count: ServedCount, exit_stack: AsyncExitStack) -> None:
        self._count = count
        self._exit_stack = exit_stack
        self.ids: dict[str, UUID] = {}

    async def visitor(self, language: str = "en") -> Browser:
        """Somebody who is not signed in."""
        browser = Browser(str(self._count.client._session._base_url))
        browser.session.headers["Accept-Language"] = language
        await self._exit_stack.enter_async_context(browser)
        return browser

    async def officer(
        self, name: str, role: Role = Role.RETURNING_OFFICER, programme_id: UUID | None = None
    ) -> Browser:
        """An officer who has signed in."""
        return await self.person(name, Grant(role, programme_id))

    async def person(self, name: str, *grants: Grant) -> Browser:
        """Somebody who has signed in, with these roles; her id is in `ids`."""
        officer = uuid4()
        connection = self._count.connection
        await queries.keep_officer(connection, officer, name, None)
        for granted in grants:
            await queries.grant(connection, officer, granted)
        self.ids[name] = officer
        return await self.signed_in(officer)

    async def signed_in(self, officer: UUID) -> Browser:
        """Somebody whom count knows, who has signed in."""
        token, connection = secrets.token_urlsafe(32), self._count.connection
        await queries.begin_session(connection, token_hash(token), officer, "officer", 1)
        browser = await self.visitor()
        browser.session.cookie_jar.update_cookies({"comptoir-voting-count-session": token})
        return browser
