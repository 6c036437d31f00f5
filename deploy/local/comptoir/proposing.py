"""The first half of an edition, through the forms that people fill in: from charter to options."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from comptoir.addresses import Addresses
from comptoir.browser import Browser, NotThere
from comptoir.desks import Desks
from comptoir.edition import PRESET, TERRITORIES, Edition, Idea
from comptoir.mailbox import Mailbox
from comptoir.numbers import new_siret
from comptoir.publishing import ideas_open, publish_charter
from comptoir.replay import Progress
from comptoir.waiting import at_once, until

PARIS = ZoneInfo("Europe/Paris")
AT_ONCE = 16
DOCUMENTS = ("budget", "statutes", "registration", "bank-details")
_ROUND = re.compile(r"Round ([0-9a-f-]{36})")
_COUNTER = re.compile(r"/desk/counters/([0-9a-f-]{36})")
_HANDOFF = re.compile(r"/desk/handoffs/([0-9a-f-]{36})/(accept|attended)")

NONE = UUID(int=0)


@dataclass
class Proposing:
    """One edition under way in submission; its steps come in the order of the methods."""

    addresses: Addresses
    desks: Desks
    edition: Edition
    progress: Progress
    programme_id: UUID = NONE
    round_id: UUID = NONE
    projects: dict[int, UUID] = field(default_factory=dict)
    counters: dict[str, str] = field(default_factory=dict)
    carriers: dict[int, Browser] = field(default_factory=dict)
    _done: Counter[str] = field(default_factory=Counter)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for browser in self.carriers.values():
            await browser.close()

    @property
    def site(self) -> str:
        """Submission's address."""
        return self.desks.sites["submission"]

    async def publish(self) -> None:
        """Two administrators publish the charter, and give everybody a role."""
        self.progress("charter", 0, 1)
        await self.desks.grant_roles("alix")
        self.programme_id = await publish_charter(self.desks, **self._charter())
        await ideas_open(self.site, self.programme_id)
        self.progress("charter", 1, 1)

    async def deposit(self) -> None:
        """Residents deposit their ideas, each with the link that she was mailed."""
        await self._each("ideas", self.edition.ideas, self._deposit)

    async def announce_counters(self) -> None:
        """An adviser announces a counter in each territory."""
        camille = await self.desks.at("camille", "submission")
        form = f"/desk/programmes/{self.programme_id}/counters"
        for territory, town in TERRITORIES.items():
            before = set(_COUNTER.findall((await camille.get(self.site + form)).text))
            begins = datetime.now(PARIS) + timedelta(days=2)
            (
                await camille.fill(
                    f"{self.site}{form}/new",
                    f"{form}/new",
                    place=f"Centre social, {town}",
                    territory=territory,
                    begins_at=f"{begins:%Y-%m-%dT%H:%M}",
                    ends_at=f"{begins + timedelta(hours=3):%Y-%m-%dT%H:%M}",
                    capacity="40",
                    desk=territory,
                )
            ).done()
            after = set(_COUNTER.findall((await camille.get(self.site + form)).text))
            [self.counters[territory]] = after - before

    async def attend(self) -> None:
        """Carriers ask for a place; advisers accept, and mark who came."""
        attending = [idea for idea in self.edition.ideas if idea.attends]
        await self._each("counters", attending, self._ask_for_a_place)
        advisers = [await self.desks.at(s, "submission") for s in ("camille", "dominique")]
        for act in ("accept", "attended"):
            await asyncio.gather(
                *(
                    self._mark(advisers[place % 2], counter, act)
                    for place, counter in enumerate(self.counters.values())
                )
            )

    async def file(self) -> None:
        """Carriers file dossiers; every ninth one forgets its budget first."""
        await self._each("dossiers", [i for i in self.edition.ideas if i.files], self._file)

    async def review(self) -> None:
        """Two members of the committee read every dossier, until nothing is missing in it."""
        await self._each("reviews", [i for i in self.edition.ideas if i.files], self._review)

    async def end_labelling(self) -> None:
        """Two administrators end the phases before the vote now, and the vote can begin."""
        now = datetime.now(PARIS).replace(second=0, microsecond=0)
        page = f"/desk/programmes/{self.programme_id}"
        for phase, dates in (
            *((phase, {"closes": now}) for phase in ("ideas", "counters", "dossiers", "labelling")),
            ("vote", {"opens": now, "closes": now + timedelta(hours=6)}),
        ):
            await self.desks.together(
                "submission",
                ("alix", "basile"),
                page,
                f"{page}/phases/{phase}",
                reason="Le comité a terminé ses travaux.",
                **{name: f"{date:%Y-%m-%dT%H:%M}" for name, date in dates.items()},
            )

    async def freeze(self) -> None:
        """Labelling ends, and two returning officers freeze the options of the vote."""
        await self.end_labelling()
        await until("the end of labelling", self._frozen, bool)
        self.round_id = await find_round(self.desks, self.programme_id)

    def _charter(self) -> dict[str, str]:
        now = datetime.now(PARIS).replace(second=0, microsecond=0)
        begin, end = now - timedelta(minutes=10), now + timedelta(hours=1)
        windows = {name: (begin, end) for name in ("ideas", "counters", "dossiers", "labelling")}
        windows["vote"] = (end, end + timedelta(hours=6))
        years = sorted({begin.year, windows["vote"][1].year})
        fields = {
            "preset": PRESET,
            "edition": "-".join(map(str, years)),
            "title": self.edition.title,
            "envelope": f"{self.edition.envelope // 100} EUR",
            "rehearsal": "yes",
            "paper": "yes",
            "assisted": "yes",
            "vouched": "yes",
        }
        for name, (opens, closes) in windows.items():
            fields[f"{name}-opens"] = f"{opens:%Y-%m-%dT%H:%M}"
            fields[f"{name}-closes"] = f"{closes:%Y-%m-%dT%H:%M}"
        return fields

    async def _frozen(self) -> bool:
        """Whether it could be asked for: the clock that closes phases turns every second."""
        page = f"/desk/programmes/{self.programme_id}"
        reason = "Les projets labellisés sont connus."
        try:
            await self.desks.together(
                "submission", ("gaelle", "hugo"), page, f"{page}/freeze", reason=reason
            )
        except NotThere as refused:
            if "labelling_not_over" not in str(refused):
                raise
            return False
        return True

    async def _each(
        self, step: str, ideas: Iterable[Idea], do: Callable[[Idea], Awaitable[None]]
    ) -> None:
        listed = list(ideas)

        async def one(idea: Idea) -> None:
            await do(idea)
            self._done[step] += 1
            self.progress(step, self._done[step], len(listed))

        await at_once(AT_ONCE, (one(idea) for idea in listed))

    async def _deposit(self, idea: Idea) -> None:
        browser = self.carriers[idea.number] = Browser(self.site)
        start = f"/programmes/{self.programme_id}/deposit"
        seen = await browser.fill(start, start, title=idea.title, summary=idea.summary)
        seen = await browser.fill(seen, f"{start}/where", territory=idea.territory)
        asked = datetime.now(UTC)
        (
            await browser.fill(
                seen,
                f"{start}/who",
                name=idea.carrier,
                language=idea.language,
                address=idea.address,
            )
        ).done()
        link = await Mailbox(self.addresses.mails).link(idea.address, "/deposits/", after=asked)
        link = urlsplit(link).path
        seen = (await browser.fill(link, link)).done()
        if not seen.path.startswith("/projects/"):
            raise NotThere(f"{seen.url} is no idea's page")
        self.projects[idea.number] = UUID(seen.path.removeprefix("/projects/"))

    async def _ask_for_a_place(self, idea: Idea) -> None:
        form = f"/projects/{self.projects[idea.number]}/counter"
        counter = self.counters[idea.territory]
        await self.carriers[idea.number].act(form, form, counter=counter)

    async def _mark(self, adviser: Browser, counter: str, act: str) -> None:
        page = await adviser.get(f"{self.site}/desk/counters/{counter}")
        for handoff, found in dict.fromkeys(_HANDOFF.findall(page.text)):
            if found == act:
                await adviser.act(page, f"/desk/handoffs/{handoff}/{act}")

    async def _file(self, idea: Idea) -> None:
        await self._declare(idea)
        await self._fill_in(idea, forgets=idea.number % 9 == 0)

    async def _declare(self, idea: Idea) -> None:
        """A carrier declares her organisation, which carries the project from then on."""
        carrier, form = self.carriers[idea.number], "/organisations/new"
        said = {"name": idea.organisation, "type": idea.status, "siret": new_siret()}
        seen = (await carrier.fill(form, form, **said)).done()
        parts = f"/projects/{self.projects[idea.number]}/carriers"
        organisation = seen.path.removeprefix("/organisations/")
        await carrier.act(parts, parts, organisation=organisation, part="lead", status=idea.status)

    async def _fill_in(self, idea: Idea, *, forgets: bool) -> None:
        form = f"/projects/{self.projects[idea.number]}/dossier"
        carrier = self.carriers[idea.number]
        seen = await carrier.get(form)
        fields = seen.fields(form) | {
            "title": idea.title,
            "carrier": idea.organisation,
            "status": idea.status,
            "cost": str(idea.cost // 100),
            "cost-amount-1": str(idea.cost // 100),
            "nature": "operating",
            "summary": idea.summary,
        }
        given = DOCUMENTS[1:] if forgets else DOCUMENTS
        fields |= {f"document-{name}": "yes" for name in given}
        (await carrier.post(form, fields, follow=False)).done()

    async def _review(self, idea: Idea) -> None:
        subject = ("elise", "farid")[idea.number % 2]
        member = await self.desks.at(subject, "submission")
        page = f"{self.site}/desk/projects/{self.projects[idea.number]}"
        action = f"/desk/projects/{self.projects[idea.number]}/review"
        if idea.number % 9 == 0:
            await member.act(page, action, **{"missing-budget": "yes"})
            await self._fill_in(idea, forgets=False)
        seen = await member.get(page)
        fields = {n: v for n, v in seen.fields(action).items() if "missing-" not in n}
        fields |= {"family": idea.family}
        (await member.post(f"{page}/review", fields, follow=False)).done()


async def find_round(desks: Desks, programme_id: UUID) -> UUID:
    """The residents' round, once its options are frozen."""
    page = f"{desks.sites['submission']}/desk/programmes/{programme_id}"
    gaelle = await desks.at("gaelle", "submission")
    found = _ROUND.search((await gaelle.get(page)).words())
    if found is None:
        raise NotThere(f"{page} names no round")
    return UUID(found[1])
