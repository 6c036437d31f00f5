"""Who may do what on a broker: Kafka's access control lists, read, granted and revoked."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

TIMEOUT = 30


class Acl(NamedTuple):
    """What a principal may do. What is declared here is literal, allowed, and from every host."""

    kind: str
    name: str
    principal: str
    operation: str
    pattern: str = "LITERAL"
    permission: str = "ALLOW"
    host: str = "*"

    def __str__(self) -> str:
        place = "the cluster" if self.kind == "BROKER" else f"{self.kind.lower()} {self.name}"
        if self.pattern != "LITERAL":
            place = f"{place} ({self.pattern.lower()})"
        verb = "may" if self.permission == "ALLOW" else "may not"
        origin = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal} {verb} {self.operation} on {place}{origin}"

    def binding(self) -> AclBinding:
        """The broker's client's word for it."""
        return AclBinding(*self._parts())

    def filter(self) -> AclBindingFilter:
        """What finds this one and no other."""
        return AclBindingFilter(*self._parts())

    def _parts(self) -> tuple[Any, ...]:
        return (
            ResourceType[self.kind],
            self.name,
            ResourcePatternType[self.pattern],
            f"User:{self.principal}",
            self.host,
            AclOperation[self.operation],
            AclPermissionType[self.permission],
        )


def granted(admin: AdminClient) -> set[Acl]:
    """Everything that a broker allows or denies anybody."""
    kind, pattern = ResourceType.ANY, ResourcePatternType.ANY
    operation, permission = AclOperation.ANY, AclPermissionType.ANY
    anything: tuple[Any, ...] = (kind, None, pattern, None, None, operation, permission)
    everything = AclBindingFilter(*anything)
    bindings = admin.describe_acls(everything).result(timeout=TIMEOUT)
    return {
        Acl(
            b.restype.name,
            b.name,
            b.principal.removeprefix("User:"),
            b.operation.name,
            b.resource_pattern_type.name,
            b.permission_type.name,
            b.host,
        )
        for b in bindings
    }


def grant(admin: AdminClient, acls: Sequence[Acl]) -> None:
    """Add these."""
    if acls:
        results(admin.create_acls([acl.binding() for acl in acls]).values())


def revoke(admin: AdminClient, acls: Sequence[Acl]) -> None:
    """Take these away, and no others."""
    if acls:
        results(admin.delete_acls([acl.filter() for acl in acls]).values())


def results(futures: Iterable[object]) -> None:
    """Wait for what was asked of a broker. Raises what it answers."""
    for future in futures:
        future.result(timeout=TIMEOUT)  # type: ignore[attr-defined]
