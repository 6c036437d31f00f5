"""The mails that the sink keeps, read from its directory: for people, tests and the demo."""

import asyncio
import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from comptoir.client import PATIENCE
from comptoir.errors import LauncherError
from comptoir.sink import folder

LOOK_EVERY = 0.05
_LINK = re.compile(r"https?://[^\s<>\"]+")


class NoMail(LauncherError):
    """A mail that was waited for did not come."""


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived."""

    file: Path

    @cached_property
    def message(self) -> EmailMessage:
        """All of it."""
        return email.message_from_bytes(self.file.read_bytes(), policy=email.policy.default)

    @property
    def received(self) -> datetime:
        """When the sink had all of it."""
        return datetime.fromtimestamp(int(self.file.name.partition("-")[0]) / 1e9, UTC)

    @property
    def address(self) -> str:
        """To whom it was handed over."""
        return str(self.message["X-RcptTo"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        """Its part in plain text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its part in HTML."""
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """The addresses in its text, in their order."""
        return _LINK.findall(self.text)

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


class Mailbox:
    """Everybody's mails, below one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def mails(self, address: str | None = None) -> Iterator[Mail]:
        """The mails to an address, or all, the newest first."""
        place = self.directory if address is None else folder(self.directory, address)
        return _found(place, "*/[!.]*.eml" if address is None else "[!.]*.eml")

    def mails_at(self, domain: str) -> Iterator[Mail]:
        """The mails to everybody at a domain, the newest first; no other one is read."""
        return _found(self.directory, f"*@{domain.lower()}/[!.]*.eml")

    async def wait_for(
        self,
        address: str,
        *,
        subject: str = "",
        wanted: Callable[[Mail], bool] = lambda _: True,
        after: datetime | None = None,
        within: float = PATIENCE,
    ) -> Mail:
        """The newest mail to an address whose subject holds these words, once there is one.

        `after` leaves out what came earlier. Raises `NoMail`.
        """
        try:
            async with asyncio.timeout(within):
                while True:
                    for mail in self.mails(address):
                        if after is not None and mail.received <= after:
                            break
                        if subject in mail.subject and wanted(mail):
                            return mail
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise NoMail(f"no mail to {address} within {within:g} s") from None

    async def link(self, address: str, part: str, *, after: datetime | None = None) -> str:
        """The link with this part in the newest mail to somebody that has one. Raises `NoMail`."""

        def found(mail: Mail) -> str | None:
            return next((link for link in mail.links if part in link), None)

        mail = await self.wait_for(address, wanted=lambda m: found(m) is not None, after=after)
        return found(mail) or ""


def _found(place: Path, pattern: str) -> Iterator[Mail]:
    files = sorted(place.glob(pattern), key=lambda file: file.name, reverse=True)
    return map(Mail, files)
