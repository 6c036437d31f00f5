"""The processes of Comptoir, and what each is given: a database, a role, a principal, keys."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

CLUSTERS = ("main", "roll", "box")
# What opens what is sealed to it, and sends it.
NOTIFICATION = "notification"
# Principals that are no process.
DASHBOARD, OPERATOR = "dashboard", "operator"


@dataclass(frozen=True)
class Process:
    """One process: its name is its module and, where it has one, its Kafka principal."""

    name: str
    database: str
    cluster: str = "main"
    # The PostgreSQL role it runs as, where that is not named like the database.
    own_role: str | None = None
    has_principal: bool = True
    has_keys: bool = False
    # Officers sign in there.
    has_desk: bool = False
    # It tells people something, sealed to notification's key.
    tells: bool = False
    migrates: bool = True
    # Roles of its database beside the one it runs as: `reader` is who only reads what is public.
    beside: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether a file beside its database tells it from a backup. The ledger's signer has
        files and witnesses of its own."""
        return self.database != "ledger"

    @property
    def role(self) -> str:
        return self.own_role or self.database

    @property
    def owner(self) -> str:
        return owner(self.database)

    def argv(self, *arguments: str) -> list[str]:
        """How it is started."""
        return python(self.name, *arguments)


# Roll and box have a cluster each: transaction ids and the write-ahead log belong to the cluster,
# and their order alone would link voters to ballots.
PROCESSES = (
    Process("submission", "submission", has_desk=True, tells=True),
    Process("voting.roll", "voting_roll", "roll", has_keys=True, has_desk=True, tells=True),
    Process("voting.box", "voting_box", "box", has_keys=True),
    Process("voting.count", "voting_count", has_keys=True, has_desk=True),
    Process(NOTIFICATION, "notification", has_keys=True),
    Process("ledger", "ledger", has_desk=True, beside=("ledger_reader",)),
    # It writes checkpoints into the ledger's outbox, and the ledger's relay sends them.
    Process(
        "ledger.signer",
        "ledger",
        own_role="ledger_signer",
        has_principal=False,
        has_keys=True,
        migrates=False,
    ),
)


def principals(processes: Iterable[Process] = PROCESSES) -> list[str]:
    """Everybody who may meet the broker, but its administrator."""
    return [*(p.name for p in processes if p.has_principal), DASHBOARD, OPERATOR]


def python(module: str, *arguments: str) -> list[str]:
    """How a module is started. `-P` keeps the working directory out of the import path."""
    return [sys.executable, "-P", "-m", module, *arguments]


def owner(database: str) -> str:
    """The role that owns a database: migrations only."""
    return f"{database}_owner"


def roles(database: str) -> list[str]:
    """The run-time roles of a database."""
    return [role for p in PROCESSES if p.database == database for role in (p.role, *p.beside)]


def databases(cluster: str) -> list[str]:
    """The databases of a cluster."""
    return list(dict.fromkeys(p.database for p in PROCESSES if p.cluster == cluster))


def environment() -> dict[str, str]:
    """What every child inherits: next to nothing."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
    }
