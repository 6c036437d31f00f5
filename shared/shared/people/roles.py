"""Who somebody is here, and what that allows: nothing, unless a role says otherwise."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.refusal import Refusal

type Kind = Literal["nobody", "resident", "officer", "operator"]


class Role(StrEnum):
    """What an officer does."""

    ADMINISTRATOR = "administrator"
    ADVISER = "adviser"
    COMMISSION = "commission"
    COMMITTEE = "committee"
    INSTRUCTOR = "instructor"
    RETURNING_OFFICER = "returning-officer"


class Forbidden(Refusal):
    """Somebody who is known may not do this."""

    code = "forbidden"


class PersonNeeded(Refusal):
    """The operator's key is no person: this is an act of officers, signed in."""

    code = "person_needed"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role everywhere, in one programme, or in one territory of it."""

    role: Role
    programme_id: UUID | None = None
    territory: str | None = None

    def covers(self, programme_id: UUID | None, territory: str | None) -> bool:
        """Whether it holds for a programme and territory; None asks for all of them."""
        return self.programme_id in (None, programme_id) and self.territory in (None, territory)


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks. A resident has an address, an officer has roles; the operator is a key."""

    id: UUID
    kind: Kind
    name: str = ""
    address: str | None = None
    grants: tuple[Grant, ...] = ()

    def has(self, roles: Iterable[Role]) -> bool:
        """Whether one of these roles is held somewhere."""
        wanted = frozenset(roles)
        return any(grant.role in wanted for grant in self.grants)

    def may(
        self, role: Role, programme_id: UUID | None = None, territory: str | None = None
    ) -> bool:
        """Whether a role is held for a programme and territory; the operator has them all."""
        if self.kind == "operator":
            return True
        return any(g.role is role and g.covers(programme_id, territory) for g in self.grants)

    def held(self, role: Role) -> tuple[UUID | None, ...]:
        """The programmes in the whole of which a role is held; None stands for all of them."""
        if self.kind == "operator":
            return (None,)
        return tuple(g.programme_id for g in self.grants if g.role is role and g.territory is None)

    def territories(self, role: Role, programme_id: UUID) -> tuple[str, ...] | None:
        """Where in a programme a role is held: None in all of it, and nowhere without any."""
        if self.may(role, programme_id):
            return None
        return tuple(
            g.territory
            for g in self.grants
            if g.role is role and g.territory and g.covers(programme_id, g.territory)
        )

    def check(
        self, role: Role, programme_id: UUID | None = None, territory: str | None = None
    ) -> None:
        """Raises `Forbidden` unless `may`."""
        if not self.may(role, programme_id, territory):
            where = f" in {territory}" if territory else ""
            raise Forbidden(f"this needs the role {role}{where}")


NOBODY = Person(UUID(int=0), "nobody")
OPERATOR = Person(UUID(int=1), "operator", "the operator's key")


def officer_id(key: bytes, issuer: str, subject: str) -> UUID:
    """An officer's opaque id, the same in every process that has the key.

    Issuer and subject could be guessed from a plain hash; the id stands in public events.
    """
    found = bytearray(hmac.digest(key, f"{issuer}\n{subject}".encode(), hashlib.sha256)[:16])
    found[6], found[8] = found[6] & 0x0F | 0x80, found[8] & 0x3F | 0x80  # RFC 9562 §5.8: version 8
    return UUID(bytes=bytes(found))
