"""What goes to a person, and who takes it there: one interface, however it travels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """One message in words. Its id and bytes are the same at every attempt."""

    message_id: str
    at: datetime
    address: str
    language: str
    subject: str
    text: str
    html: str


class Unreachable(Exception):
    """The provider takes nothing now, whoever it is for. This mail was not handed over."""


class PutOff(Exception):
    """The provider does not take this mail now, and may later."""


class Doubtful(Exception):
    """The connection broke after the mail had gone and before it was acknowledged."""


class Bounced(Exception):
    """The provider will never take this mail. `reason` is a code: what a server says may quote an
    address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Provider(Protocol):
    """Takes mails."""

    async def send(self, mail: Mail) -> None:
        """Return once the provider has it. Raises `Unreachable`, `PutOff`, `Doubtful`,
        `Bounced`."""

    async def close(self) -> None:
        """End what is idle."""
