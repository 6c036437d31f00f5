"""A grant that was decided, what is heard of its carrier, and rounds of a fund."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from comptoir.browser import Browser, Seen
from shared.events.carriers import CarrierCleared, CarrierJoined
from shared.events.charter import CharterRules
from shared.events.projects import CostLine, DossierAmended, DossierFiled
from shared.events.submission import CharterPublished, OptionsFrozen, options_digest
from tests.voting.count.conftest import HASH, LOG, ServedCount, project
from tests.voting.count.edition import COSTS, TITLE, TITLES, Edition, Officers, rules, text
from tests.voting.count.test_desk import by_two as round_by_two
from tests.voting.count.test_desk import confirm, decided
from tests.voting.count.test_seats import NAMES, Body, body

SIRET, RNA, NAME = "38047555800058", "W623456789", "Association Les Vergers"
TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
FUNDING: dict[str, Any] = {
    "identifiers": ["siret"],
    "contract": True,
    "de_minimis": 300_000_00,
    "deliberation": True,
    "prorate": True,
    "finish_within": "24 months",
    "instalments": [
        {
            "name": "order",
            "fr": "À la commande",
            "en": "On the order",
            "percent": 50,
            "on": "order",
        },
        {"name": "balance", "fr": "Solde", "en": "Balance", "percent": 50, "on": "report"},
    ],
    "milestones": [
        {"name": "begun", "fr": "Chantier ouvert", "en": "Works begun"},
        {"name": "open", "fr": "Inauguré", "en": "Opened"},
    ],
    "duties": [{"name": "logo", "fr": "Porter le logo", "en": "Show the logo"}],
}


@dataclass
class Grants:
    """The grant of project 1, and two of the officers."""

    edition: Edition
    officers: Officers
    one: Browser
    other: Browser
    token: str = ""

    @property
    def count(self) -> ServedCount:
        return self.edition.count

    @property
    def option(self) -> UUID:
        return project(self.edition.programme, 1)

    @property
    def page(self) -> str:
        return f"/desk/funding/{self.edition.round_id}/{self.option}"

    @property
    def agreements(self) -> str:
        return f"/desk/rounds/{self.edition.round_id}/agreements"

    async def send(self, step: str, **fields: str) -> Seen:
        """What an officer's program sends about the grant, whatever the page offers."""
        if not self.token:  # one for as long as she is signed in
            self.token = (await self.one.get(self.page)).fields("/sign-out")["csrf"]
        return await self.one.post(
            f"{self.page}/{step}",
            {"csrf": self.token, "reason": "as planned", **fields},
            Accept="application/json",
        )

    async def step(self, step: str, **fields: str) -> Seen:
        """What one officer does on the grant's page."""
        return await self.one.fill(self.page, f"{self.page}/{step}", **fields)

    async def by_two(self, step: str, **fields: str) -> None:
        """What two officers do."""
        seen = await self.step(step, reason="as planned", **fields)
        assert seen.status == 200, seen.words()
        seen = await confirm(self.other)
        assert seen.status == 200, seen.words()

    async def confirm(self, amount: str = "40 000") -> None:
        await self.by_two("confirm", amount=amount, act="CD62-2027-118", on=YESTERDAY.isoformat())

    async def carrier(
        self,
        number: int = 1,
        carrier_id: UUID | None = None,
        name: str = NAME,
        part: str = "lead",
        **others: Any,
    ) -> None:
        """An association has a part in a project, and an officer found it in order."""
        words = [text(value) for value in (name, SIRET, RNA)]
        programme = self.edition.programme
        about = {"project_id": project(programme, number), "programme_id": programme}
        carrier_id = carrier_id or uuid4()
        joined = CarrierJoined.model_validate(
            about
            | {
                "carrier_id": carrier_id,
                "part": part,
                "carrier_type": "association",
                "name": words[0].content_id,
                "siret": words[1].content_id,
                "rna": words[2].content_id,
            }
        )
        cleared = {
            "carrier_id": carrier_id,
            "checked": ("identifier", "status", "contract", "de-minimis"),
            "contract_on": YESTERDAY,
            "de_minimis": 100_000_00,
            "officer": uuid4(),
        }
        await self.count.handle(*words)
        await self.count.handle(joined, CarrierCleared.model_validate(about | cleared | others))

    async def sign(self) -> None:
        """Two officers sign what can be signed."""
        seen = await self.one.fill(self.agreements, self.agreements, reason="the carrier signed")
        assert seen.status == 200, seen.words()
        seen = await confirm(self.other)
        assert seen.status == 200, seen.words()

    async def signed(self) -> None:
        """Everything up to the agreement."""
        await self.confirm()
        await self.carrier()
        await self.sign()

    async def pay(self, instalment: str, reference: str, on: date = TODAY) -> Seen:
        return await self.step("pay", instalment=instalment, reference=reference, on=on.isoformat())


async def granted(
    served_count: ServedCount,
    officers: Officers,
    funding: Mapping[str, Any] | None = FUNDING,
    titles: Sequence[str] = TITLES,
    **others: Any,
) -> Grants:
    """A residents' round that gave project 1 what it asks for: half of what it costs."""
    edition = Edition(served_count, titles, COSTS)
    said: dict[str, Any] = others if funding is None else {"funding": funding, **others}
    await edition.publish(rules(**said))
    plan = (CostLine(kind="works", amount=COSTS[0]), CostLine(kind="study", amount=COSTS[0]))
    first = DossierAmended(
        project_id=project(edition.programme, 1),
        programme_id=edition.programme,
        title=text(titles[0]).content_id,
        cost=COSTS[0],
        summary=text(f"Pourquoi {titles[0]}").content_id,
        territory="ternois",
        theme="food",
        category="youth",
        carrier_id=UUID(int=7),
        costs=plan,
    )
    await served_count.handle(first)
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await decided(edition, one, other)
    await round_by_two(one, other, edition, "validate-result")
    return Grants(edition, officers, one, other)


YEAR = 100_000_00


def fund(**others: Any) -> CharterRules:
    """A fund of 100,000 EUR a year, at most 15,000 a project, whose committee decides."""
    now = datetime.now(UTC).replace(microsecond=0)
    window = {
        "opens_at": now.replace(month=1, day=1).isoformat(),
        "closes_at": now.replace(month=12, day=31, hour=23).isoformat(),
    }
    committee = body(decides="money", during="instruction", days=7)
    return rules(
        envelope=None,
        vote=None,
        families=[],
        kind="standing-fund",
        fund={"year_amount": YEAR, "project_year_ceiling": 15_000_00},
        bodies=[committee],
        phases=[{"name": "instruction", **window}],
        **others,
    )


async def committee_of(served_count: ServedCount, officers: Officers, its: CharterRules) -> Body:
    """The committee of a fund, whose members have their seats; there is no dossier yet."""
    edition = Edition(served_count, (), ())
    published = CharterPublished(
        programme_id=edition.programme,
        log=LOG,
        title=text(TITLE).content_id,
        charter=HASH,
        rehearsal=True,
        rules=its,
    )
    await served_count.handle(published)
    await served_count.handle(text(TITLE))
    held = Body(edition, officers, "committee")
    await held.meet(*NAMES)
    return held


async def round_of(held: Body, costs: Sequence[int], first: int) -> None:
    """More dossiers of a fund, from number `first` on, are given to its committee."""
    edition = held.edition
    edition.round_id, edition.costs = uuid4(), costs
    filed = [
        DossierFiled(
            project_id=project(edition.programme, number),
            programme_id=edition.programme,
            title=text(f"Projet {number}").content_id,
            cost=cost,
        )
        for number, cost in enumerate(costs, first)
    ]
    await edition.count.handle(*(text(f"Projet {n}") for n in range(first, first + len(costs))))
    await edition.count.handle(*filed)
    known = [(each.project_id, each.cost, each.title) for each in filed]
    edition.options = OptionsFrozen(
        round_id=edition.round_id,
        programme_id=edition.programme,
        options=tuple(sorted((each[0] for each in known), key=str)),
        digest=options_digest(known),
        body_name=held.name,
    )
    await edition.count.handle(edition.options)


def code(seen: Seen) -> tuple[int, str]:
    """What a program is told."""
    return seen.status, json.loads(seen.text)["code"]
