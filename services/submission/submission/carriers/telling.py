"""Telling a carrier what became of an idea, in her language, in the transaction of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact, Teller
from shared.events.private import MessageSealed
from shared.events.scheme import Labelled
from submission.carriers import queries

# Words, a number of cents, words by language, or what the charter has in both; of several, a list.
type Said = str | int | Mapping[str, str] | Labelled | Sequence[Labelled]


class Telling:
    """The one way to a carrier; whoever erased her idea is told nothing more."""

    def __init__(self, teller: Teller, site: str) -> None:
        self.teller = teller
        self.site = site

    def page(self, project_id: UUID) -> str:
        """The address of an idea's page."""
        return f"{self.site}/projects/{project_id}"

    async def tell(
        self,
        session: AsyncSession,
        project_id: UUID,
        message: str,
        heard: UUID | None = None,
        **values: Said,
    ) -> None:
        """Tell the carrier; the project's title and its page's address are always said.

        `heard` is the id of the event that this is told of, where submission heard of it: once
        more, after its database was restored, it is the same message.
        """
        found = await queries.whom_to_tell(session, project_id)
        if found is None:
            return
        contact = Contact(found["address"], found["language"])
        told = self._said(project_id, contact, found["title"], values)
        message_id = None if heard is None else uuid5(heard, str(project_id))
        self.teller.tell(session, message, contact, told, message_id)

    def sealed(
        self, project_id: UUID, contact: Contact, title: str, message: str, **values: Said
    ) -> MessageSealed:
        """What a carrier is told, as an event, where it is at hand who she is."""
        return self.teller.sealed(message, contact, self._said(project_id, contact, title, values))

    def _said(
        self, project_id: UUID, contact: Contact, title: str, values: Mapping[str, Said]
    ) -> Mapping[str, str | int]:
        said = {name: _in(contact.language, value) for name, value in values.items()}
        return said | {"title": title, "url": self.page(project_id)}


def _in(language: str, value: Said) -> str | int:
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return str(value[language])
    several = [value] if isinstance(value, Labelled) else value
    return ", ".join(str(getattr(each, language)) for each in several)


async def telling_of(request: Request) -> Telling:
    """How the process behind a request tells carriers."""
    telling = request.app.state.telling
    assert isinstance(telling, Telling)
    return telling


RouteTelling = Annotated[Telling, Depends(telling_of)]
