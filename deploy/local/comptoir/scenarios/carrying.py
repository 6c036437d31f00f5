"""Who carries projects: she deposits ideas, declares an organisation, files dossiers."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from comptoir.browser import Browser, NotThere, Seen
from comptoir.mailbox import Mailbox
from comptoir.scenarios.scheme import Scheme


@dataclass(frozen=True)
class Idea:
    """What somebody proposes, as she writes it."""

    title: str
    summary: str
    territory: str
    theme: str = ""
    category: str = ""


@dataclass
class Carrier:
    """Somebody with a device of her own; `organisation` is the one that she declared."""

    scheme: Scheme
    name: str
    address: str
    browser: Browser
    language: str = "fr"
    organisation: str = ""
    signed_in: bool = field(default=False, init=False)

    @classmethod
    def of(cls, scheme: Scheme, name: str, address: str, language: str = "fr") -> Self:
        """Somebody who comes to a scheme."""
        return cls(scheme, name, scheme.stage.address(address), scheme.browser(), language)

    async def deposit(self, idea: Idea) -> UUID:
        """Deposit an idea; the first time with the link that she is mailed."""
        start = f"/programmes/{self.scheme.programme_id}/deposit"
        said = {"title": idea.title, "summary": idea.summary}
        seen = (await self.browser.fill(start, start, **said)).done()
        where = {"territory": idea.territory, "theme": idea.theme, "category": idea.category}
        fields = seen.fields(f"{start}/where")
        kept = {name: value for name, value in where.items() if value or name in fields}
        seen = (await self.browser.fill(seen, f"{start}/where", **kept)).done()
        who = {"name": self.name, "language": self.language}
        if self.signed_in:
            seen = (await self.browser.fill(seen, f"{start}/who", **who)).done()
        else:
            asked = datetime.now(UTC)
            (await self.browser.fill(seen, f"{start}/who", **who, address=self.address)).done()
            seen = await self._follow_link(asked)
        if not seen.path.startswith("/projects/"):
            raise NotThere(f"{seen.url} is no idea's page")
        return UUID(seen.path.removeprefix("/projects/"))

    async def declare(self, name: str, kind: str, **said: str) -> None:
        """Declare an organisation, with a number that nobody has."""
        form = "/organisations/new"
        fields = {"name": name, "type": kind, "siret": new_siret(), **said}
        seen = (await self.browser.fill(form, form, **fields)).done()
        self.organisation = seen.path.removeprefix("/organisations/")

    async def declare_aid(self, amount: str, granted_on: str, by: str) -> None:
        """Declare public aid that her organisation had."""
        page = f"/organisations/{self.organisation}"
        said = {"amount": amount, "granted_on": granted_on, "granted_by": by}
        (await self.browser.fill(page, f"{page}/aids", **said)).done()

    async def lead(self, project_id: UUID, status: str = "") -> None:
        """Her organisation carries a project from now on."""
        form = f"/projects/{project_id}/carriers"
        said = {"organisation": self.organisation, "part": "lead", "status": status}
        (await self.browser.fill(form, form, **said)).done()

    async def file(self, project_id: UUID, **said: str) -> None:
        """File a dossier, or amend it: what she does not say stays as it is in the form."""
        form = f"/projects/{project_id}/dossier"
        (await self.browser.fill(form, form, **said)).done()

    async def refused(self, code: str, project_id: UUID, **said: str) -> None:
        """Her dossier is refused with this code."""
        form = f"/projects/{project_id}/dossier"
        await self.scheme.refuse(code, self.browser, form, form, **said)

    async def ask_desk(self, project_id: UUID, desk: str) -> None:
        """Ask a desk to look at an idea."""
        page = f"/projects/{project_id}/counter"
        (await self.browser.fill(page, f"/projects/{project_id}/desk", desk=desk)).done()

    async def told(self, subject: str, title: str = "") -> None:
        """Wait for a mail with these words, and a project's title, in its subject."""
        mails = Mailbox(self.scheme.stage.addresses.mails)
        await mails.wait_for(
            self.address, subject=subject, wanted=lambda mail: title in mail.subject
        )

    async def erase(self, project_id: UUID) -> None:
        """Erase what she wrote about a project, and who she is."""
        page = f"/projects/{project_id}/erase"
        (await self.browser.fill(page, page, sure="yes")).done()

    async def page(self, project_id: UUID) -> str:
        """What everybody reads about a project."""
        return (await self.browser.get(f"/projects/{project_id}")).done().words()

    async def _follow_link(self, asked: datetime) -> Seen:
        mails = Mailbox(self.scheme.stage.addresses.mails)
        link = urlsplit(await mails.link(self.address, "/deposits/", after=asked)).path
        self.signed_in = True
        return (await self.browser.fill(link, link)).done()


def new_siret() -> str:
    """A number with the check digit of a SIRET, drawn by lot."""
    bare = "".join(random.SystemRandom().choices("0123456789", k=13))
    return bare + str(-luhn(f"{bare}0") % 10)


def luhn(digits: str) -> int:
    """Luhn's sum: each second digit from the right counts double, its own digits added up."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits[::-1], 1))
    return sum(each - 9 if each > 9 else each for each in doubled)
