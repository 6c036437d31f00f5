"""What the commission of a sealed round tells: its key before voting, the ballots after it."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.canonical import canonical
from shared.events.event import Event, Hash, Ledgered, PublicKey
from shared.events.voting import MOST_REVISIONS, Choice, Commission


class CommissionPrepared(Event):
    """The commission of a sealed round has its key: enough holders entered their shares again, and
    opened a test ballot with them. Only then can the round be opened, with this key."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.commission-prepared.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    commission: Commission

    @property
    def key(self) -> str:
        return str(self.round_id)


class BallotOpened(Event):
    """What a sealed ballot that counts says, told by the commission once the box was closed.

    Whoever hashes `salt` and `choices` finds the ballot's `commitment`, or the ballot is void. A
    ballot that nobody can open has neither.
    """

    topic: ClassVar[str] = "voting.openings"
    type: ClassVar[str] = "voting.ballot-opened.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    key_: Annotated[PublicKey, Field(alias="key")]
    revision: Annotated[int, Field(ge=1, le=MOST_REVISIONS)]
    choices: tuple[Choice, ...] | None = None
    salt: Hash | None = None

    @property
    def key(self) -> str:
        return self.key_

    @property
    def subject(self) -> str:
        return str(self.round_id)

    def body(self) -> bytes:
        return canonical(self.model_dump(mode="json", exclude_none=True, by_alias=True))


ALL: tuple[type[Event], ...] = (CommissionPrepared, BallotOpened)
