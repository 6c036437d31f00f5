"""PostgreSQL and Kafka in containers, configured as the local processes are.

Ports are published on 127.0.0.1 only: everybody knows the tests' password.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

# Importing it takes half a second, so only what starts containers imports this module.
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from comptoir.engine import KAFKA_IMAGE, POSTGRES_IMAGE, images
from comptoir.kafka import (
    ADMIN,
    JVM,
    Account,
    answers,
    format_arguments,
    new_cluster_id,
    server_properties,
)
from comptoir.ports import free_ports
from comptoir.postgres import THROW_AWAY
from comptoir.postgres import answers as postgres_answers

READY_WITHIN = 60.0
PROPERTIES = "/tmp/server.properties"
# The arguments are the storage tool's.
START = f"""/opt/kafka/bin/kafka-storage.sh "$@" &&
exec /opt/kafka/bin/kafka-server-start.sh {PROPERTIES}"""


class PostgresContainer:
    """A throw-away PostgreSQL."""

    def __init__(self, password: str) -> None:
        self.port = free_ports({"postgres": None})["postgres"]
        self.dsn = f"postgresql://postgres:{password}@127.0.0.1:{self.port}/postgres"
        settings = {"max_connections": "200", **THROW_AWAY}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._container = (
            container(POSTGRES_IMAGE, 5432, self.port)
            .with_env("POSTGRES_PASSWORD", password)
            .with_env("POSTGRES_INITDB_ARGS", "-E UTF8 --locale=C.UTF-8 --no-sync")
            .with_command(["postgres", *options])
        )

    async def start(self) -> None:
        """Return once a connection is accepted."""
        await started(self._container, lambda: postgres_answers(self.dsn))

    def stop(self) -> None:
        """Remove it, data and all."""
        self._container.stop()


class KafkaContainer:
    """A throw-away broker with the principals' users and the authorizer.

    Not testcontainers' own class of this name, which takes Confluent's images only.
    """

    def __init__(self, passwords: Mapping[str, str]) -> None:
        """`passwords` must hold the user admin's."""
        ports = free_ports({"clients": None, "controller": None})
        # The same port inside and outside: the broker advertises one address, also to itself.
        self.port = ports["clients"]
        self.account = Account(f"127.0.0.1:{self.port}", ADMIN, passwords[ADMIN])
        properties = server_properties(
            (self.port, ports["controller"]), passwords[ADMIN], "/tmp/data", listen="0.0.0.0"
        )
        heap, rest = JVM[:2], JVM[2:]
        self._container = (
            container(KAFKA_IMAGE, self.port, self.port)
            .with_env("KAFKA_HEAP_OPTS", " ".join(heap))
            .with_env("KAFKA_JVM_PERFORMANCE_OPTS", " ".join(rest))
            .with_copy_into_container(properties.encode(), PROPERTIES)
            .with_command(
                [
                    "sh",
                    "-c",
                    START,
                    "sh",
                    *format_arguments(new_cluster_id(), PROPERTIES, passwords),
                ]
            )
        )

    async def start(self) -> None:
        """Return once the broker answers the administrator."""
        admin = self.account.admin()
        await started(self._container, lambda: asyncio.to_thread(answers, admin))

    def stop(self) -> None:
        """Remove it, data and all."""
        self._container.stop()


def container(image: str, inside: int, outside: int) -> DockerContainer:
    """A container that is not started yet, with one port of it on 127.0.0.1."""
    # What removes containers after a killed session is an image too, which may not be here.
    reaper = testcontainers_config.ryuk_image
    testcontainers_config.ryuk_disabled |= reaper not in (images() or ())
    made = DockerContainer(image)
    made.ports[f"{inside}/tcp"] = ("127.0.0.1", outside)  # type: ignore[assignment]  # Docker's way
    return made


async def started(container: DockerContainer, probe: Callable[[], Awaitable[bool]]) -> None:
    """Start and wait for a real answer; fails with what the container said."""
    await asyncio.to_thread(container.start)
    deadline = time.monotonic() + READY_WITHIN
    while not await probe():
        container.reload()
        if container.status != "running" or time.monotonic() > deadline:
            said = b"\n".join(container.get_logs()).decode(errors="replace")[-2000:]
            raise RuntimeError(
                f"{container.image} is {container.status} and does not answer:\n{said}"
            )
        await asyncio.sleep(0.05)
