"""What the roll says of registrations: counts alone, that two officers decided about some, and that
identities were destroyed.

What officers do at the roll is on its own topic: a second writer on that of count's desk could take
count's numbers.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events import administration
from shared.events.event import Event, Frozen, Ledgered, Tier
from shared.events.voting import Count

# Why a registration waits for two officers: somebody with this identity is on the roll already; a
# telephone, an address, an age or an hour is that of more people than the charter's figures say.
Ground = Literal["identity", "telephone", "burst", "age-run", "night"]


class AgeBand(Frozen):
    """Voters who are `since` years old when voting opens, or older, and not yet `until` (None: of
    any age from there): how many have a code, and of how many it was used."""

    since: Annotated[int, Field(ge=0, le=115)]
    until: Annotated[int, Field(ge=1, le=115)] | None = None
    registered: Count
    used: Count


class RegistrationsCounted(Event):
    """How many people are on the roll with an identity, and how many registrations were held.

    `held` counts all that ever were, by ground: one that was held on two is in both. Two officers
    `admitted` or `declined` them, the rest is `waiting`. `contested` are those among the admitted
    whose identity was on the roll already; the round is `flagged` where they are more than one in
    two hundred of the tokens that were issued. `final` after closing, and then by `ages`, from the
    youngest on, as far as the roll knows them and each band has enough voters to hide one.
    """

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.registrations-counted.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    registered: dict[Tier, Count]
    held: dict[Ground, Count]
    waiting: Count
    admitted: Count
    declined: Count
    contested: Count
    flagged: bool
    final: bool
    ages: Annotated[tuple[AgeBand, ...], Field(min_length=2)] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class IdentitiesDestroyed(Event):
    """The appeal period of a round is over: the key that its identities were hashed with is gone,
    and so is all that the roll kept of `persons` people and of `registrations` that were held."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.identities-destroyed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    persons: Count
    registrations: Count

    @property
    def key(self) -> str:
        return str(self.round_id)


class TierKeysDestroyed(Event):
    """Voting is over: the private keys of these tiers are gone from the roll's signer, and no token
    can be made any more. The public keys, which tokens are verified with, stay in the opening.

    Whoever kept a copy of a key elsewhere has it still: this says what the signer did.
    """

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.tier-keys-destroyed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]

    @property
    def key(self) -> str:
        return str(self.round_id)


class RollActAsked(administration.SecondOfficerAsked):
    """At the roll, an officer asked for an act."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.roll-act-asked.v1"


class RollActConsented(administration.SecondOfficerConsented):
    """At the roll, an act was confirmed and done."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.roll-act-consented.v1"


class RollActDeclined(administration.SecondOfficerDeclined):
    """At the roll, an act was declined."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.roll-act-declined.v1"


ALL: tuple[type[Event], ...] = (
    RegistrationsCounted,
    IdentitiesDestroyed,
    TierKeysDestroyed,
    RollActAsked,
    RollActConsented,
    RollActDeclined,
)
