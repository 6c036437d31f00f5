"""The broker as `topics.yaml` declares it, a stack of servers and one process, and waiting."""

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from comptoir.kafka import ADMIN, Account
from comptoir.processes import PROCESSES
from comptoir.stack import Stack
from comptoir.topics import Topic, apply, declared_topics
from tests.backends import PASSWORD, Servers, passable_directory

BOUND = 30.0


@pytest.fixture(scope="session")
def declared() -> dict[str, Topic]:
    """The topics of `topics.yaml`, with those for dead letters."""
    return declared_topics()


@pytest.fixture(scope="session")
def applied(kafka: Account, declared: dict[str, Topic]) -> AdminClient:
    """The administrator's client of a broker that is as declared."""
    admin = kafka.admin()
    apply(admin, declared)
    return admin


@pytest.fixture(scope="session")
def as_principal(
    servers: Servers, kafka: Account, applied: AdminClient
) -> Callable[[str], Account]:
    """The account of a principal; on a broker that is not ours, it is made first."""

    def account(principal: str) -> Account:
        if principal == ADMIN:
            return kafka
        if not servers.kafka_is_ours:
            scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
            user = UserScramCredentialUpsertion(principal, scram, PASSWORD.encode())
            for future in applied.alter_user_scram_credentials([user]).values():
                future.result(10)
        return Account(kafka.bootstrap, principal, PASSWORD)

    return account


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that PostgreSQL's user can pass through, unlike pytest's own."""
    with passable_directory() as directory:
        yield directory


@pytest.fixture(scope="package")
async def stack() -> AsyncIterator[Stack]:
    """A stack of all servers and one process, started as `comptoir up` does, but for fsync."""
    processes = [process for process in PROCESSES if process.name == "notification"]
    with passable_directory() as directory:
        async with Stack(directory, replicas=2, processes=processes, fsync=False) as stack:
            yield stack


async def gone(*pids: int) -> None:
    """Return once none of these processes exists; the kernel says when."""

    def wait() -> None:
        for pid in pids:
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            try:
                ended, _, _ = select.select([handle], [], [], BOUND)
            finally:
                os.close(handle)
            assert ended, f"process {pid} is still there"

    await asyncio.to_thread(wait)
