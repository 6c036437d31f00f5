"""Words from templates: `templates/MESSAGE/LANGUAGE/{subject.txt,body.txt,body.html}`, and
`sms.txt` for what goes to a telephone.

A template sees the values of its message, checked against what `shared.contacts.MESSAGES` declares,
and the office that writes; a name that is neither is an error, not an empty place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notification.mails import Mail
from shared.contacts import LANGUAGES, Message, check, is_telephone
from shared.web.filters import filters

TEMPLATES = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")
SMS = "sms.txt"


@dataclass(frozen=True)
class Office:
    """Who writes, and how it is reached."""

    name: str
    telephone: str | None
    domain: str


class Writer:
    """Writes mails for one office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._environments = {language: _environment(language, office) for language in LANGUAGES}

    def write(self, message: Message, message_id: UUID, at: datetime) -> Mail:
        """A message in words; an SMS has a text alone. Raises `Untellable` where its values are
        not those it needs."""
        check(message)
        if is_telephone(message.contact.address):
            subject, text, html = "", self._part(message, SMS), ""
        else:
            subject, text, html = (self._part(message, part) for part in PARTS)
        return Mail(
            message_id=f"<{message_id}@{self._office.domain}>",
            at=at,
            address=message.contact.address,
            language=message.contact.language,
            subject=subject.strip(),
            text=text.strip() + "\n",
            html=html,
        )

    def _part(self, message: Message, part: str) -> str:
        environment = self._environments[message.contact.language]
        name = f"{message.name}/{message.contact.language}/{part}"
        values: Mapping[str, str | int] = message.values
        return environment.get_template(name).render(values)


def _environment(language: str, office: Office) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters(language))
    environment.globals.update(office=office.name, telephone=office.telephone)
    return environment
