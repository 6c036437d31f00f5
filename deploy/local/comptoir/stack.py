"""The whole platform on one machine: started in order, gated by readiness, stopped in order.

PostgreSQL's clusters and the broker start at the same time, and the migrations run meanwhile; then
come topics and ACLs, then every replica of every process. It stops the other way round: processes
first, since they bound their own stop only while the servers answer, then the broker, then
PostgreSQL.
"""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from comptoir import booth, outlines, tier_signer, topics, witness
from comptoir import sink as mail
from comptoir.addresses import (
    Addresses,
    account_secret,
    booth_secret,
    client_secret,
    desk_secret,
    officers_secret,
    role_secret,
)
from comptoir.errors import LauncherError
from comptoir.jars import missing_jars
from comptoir.kafka import ADMIN, Broker
from comptoir.migrations import note, pending
from comptoir.places import default_cache
from comptoir.postgres import UNTRACED, Cluster
from comptoir.prepared import Prepared, whole
from comptoir.processes import (
    CLUSTERS,
    NOTIFICATION,
    PROCESSES,
    Process,
    environment,
    principals,
)
from comptoir.roles import make_databases
from comptoir.staff import (
    ADMINISTRATORS,
    CLIENT,
    OPERATOR,
    PROVIDER,
    RESIDENTS_CLIENT,
    VOTERS_CLIENT,
    provider_argv,
)
from comptoir.state import State
from comptoir.supervise import Children, Command, Sink
from comptoir.tier_signer import TierSigner
from comptoir.witness import LocalWitness
from shared import covering
from shared.contacts import CONTACTS_KEY_FILE, encoded_key
from shared.keys import x25519_key

CORES_FOR_MIGRATIONS = 2
LEDGER, SIGNER, ROLL, SUBMISSION = "ledger", "ledger.signer", "voting.roll", "submission"
# Alarms of a process whose database was restored, and of what waits there meanwhile.
RESTORED = frozenset({covering.Behind.code, covering.Closed.code})
STANDS_STILL = ("inbox ", "outbox")
# Handed on where it is set: who collects the spans of the processes.
COLLECTOR = "COMPTOIR_OTLP_ENDPOINT"


class Stack:
    """Clusters `postgres.main`, `.roll` and `.box`, the broker `kafka`, and the replicas.

    A replica is named by process and number: `voting.box.1`. These names are what the methods take.
    """

    def __init__(
        self,
        directory: Path,
        replicas: int = 1,
        *,
        processes: Sequence[Process] = PROCESSES,
        cache: Path | None = None,
        sink: Sink | None = None,
        fsync: bool = True,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """`sink` hears each line of each child's log; `extra` is added to the processes'
        environment."""
        self.state = State(directory)
        self.replicas = replicas
        self.processes = tuple(processes)
        self.addresses = Addresses(self.state)
        self._cache = cache or default_cache()
        self._sink = sink
        self._fsync = fsync
        self._extra = dict(extra or {})
        self.witness = LocalWitness(self.addresses)
        self.tier_signer = TierSigner(self.state)
        self._introducing: asyncio.Task[None] | None = None
        self.children: Children
        self.clusters: dict[str, Cluster] = {}
        self.broker: Broker

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything and return once all of it is ready; on any failure nothing is left."""
        self.state.lock()
        self._prepare()
        try:
            await _together(
                self._start_broker(),
                self._start_databases(),
                self._start_provider(),
                self._start_mail(),
                self._start_witness(),
                *(self._start_tier_signer(number) for number in self._tier_signers()),
            )
            await _together(
                *(self._start_replica(*at) for at in self._replicas()), self._start_booth()
            )
            if self._signs:
                self._introducing = asyncio.create_task(self.witness.introduce())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop in order. What does not stop in time is killed."""
        if self._introducing is not None:
            self._introducing.cancel()
            await asyncio.gather(self._introducing, return_exceptions=True)
        servers = [self.broker.name, *(c.name for c in self.clusters.values())]
        names = self.children.names()
        await self.children.stop_all(name for name in names if name not in servers)
        for group in (servers[:1], servers[1:]):
            await self.children.stop_all(name for name in group if name in names)
        self.state.unlock()

    # One child by name: what the tests of faults need.

    def kill(self, name: str) -> None:
        """SIGKILL. The supervisor starts it again at once; `ready` waits for that."""
        self.children.kill(name)

    def freeze(self, name: str) -> None:
        """SIGSTOP. Of a cluster only the postmaster stops, not the sessions it has."""
        self.children.signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        self.children.signal(name, signal.SIGCONT)

    async def take_down(self, name: str, *, hard: bool = False) -> None:
        """Stop a child, or kill it, and leave it down until `bring_up`."""
        if hard:
            self.children.forget(name)
            self.children.kill(name)
        await self.children.stop(name)

    async def bring_up(self, name: str) -> None:
        """Start what was taken down, and return once it is ready."""
        await self.children.resume(name)
        await self.ready(name)

    async def ready(self, name: str, within: float = 60.0) -> None:
        """Return once this child is ready. Raises `NotReady`."""
        if name == self.broker.name:
            await self.broker.ready(within)
        elif name.removeprefix("postgres.") in self.clusters:
            await self.clusters[name.removeprefix("postgres.")].ready(within)
        elif name == mail.NAME:
            port = self.state.ports()[mail.NAME]
            await self.children.ready(name, lambda: mail.answers(port), within)
        elif name.rpartition(".")[0] == tier_signer.NAME:
            number = int(name.rpartition(".")[2])
            await self.children.ready(name, lambda: self.tier_signer.answers(number), within)
        elif name == witness.NAME:
            url = f"http://127.0.0.1:{self.state.ports()[name]}/health/ready"
            await self._answers_at(name, url, within)
        else:
            await self._answers_at(name, f"{self.addresses.url(name)}/health/ready", within)

    async def all_ready(self, within: float = 60.0) -> None:
        """Return once every child is ready."""
        await _together(*(self.ready(name, within) for name in self.names()))

    def names(self) -> list[str]:
        """Every child that should be running: clusters, broker, mails' end, witness, signers of
        tokens, replicas, booth."""
        clusters = [cluster.name for cluster in self.clusters.values()]
        mails = [mail.NAME] if self._sends_mail else []
        witnesses = [witness.NAME] if self._signs else []
        replicas = [f"{process.name}.{number}" for process, number in self._replicas()]
        signers = [f"{tier_signer.NAME}.{number}" for number in self._tier_signers()]
        booths = [booth.REPLICA] if self._assists else []
        return [*clusters, self.broker.name, *mails, *witnesses, *signers, *replicas, *booths]

    def pid(self, name: str) -> int:
        """The process id of a child. Raises `LauncherError` where it is not running."""
        try:
            return self.children.pids()[name]
        except KeyError:
            raise LauncherError(f"{name} is not running") from None

    def peak_rss_mb(self) -> dict[str, float]:
        """The most memory that each running child ever had, of a cluster its postmaster's."""
        return {name: _peak_rss_mb(pid) for name, pid in self.children.pids().items()}

    async def apply_topics(self) -> list[str]:
        """Make topics and ACLs as declared; what was changed, a sentence each."""
        admin = self.addresses.account(ADMIN).admin()
        return await asyncio.to_thread(topics.apply, admin, topics.declared_topics())

    async def lose_kafka_disk(self) -> None:
        """Kill the broker, delete its data, format again under the same id, make the topics."""
        await self.broker.reformat()
        await self.apply_topics()

    # The addresses, under short names.

    def url(self, replica: str) -> str:
        return self.addresses.url(replica)

    def urls(self, process: str) -> list[str]:
        return self.addresses.urls(process)

    def _replicas(self) -> list[tuple[Process, int]]:
        return [(p, n) for p in self.processes for n in range(1, self.replicas + 1)]

    def _prepare(self) -> None:
        """Passwords, ports, and the servers that have them. Nothing runs yet."""
        state = self.state
        state.make_passwords(
            [
                *(desk_secret(process.name) for process in PROCESSES),
                *(f"postgres/{cluster}" for cluster in CLUSTERS),
                *(role_secret(role) for p in PROCESSES for role in (p.owner, p.role, *p.beside)),
                *(account_secret(principal) for principal in (ADMIN, *principals())),
                *(officers_secret(half) for half in (1, 2)),
                client_secret(),
                booth_secret(),
            ]
        )
        replicas = [f"{process.name}.{number}" for process, number in self._replicas()]
        replicas += [booth.REPLICA] if self._assists else []
        clusters = [f"postgres.{cluster}" for cluster in CLUSTERS]
        beside = [PROVIDER, mail.NAME, mail.SMS, witness.NAME]
        ports = state.make_ports([*clusters, "kafka", "kafka.controller", *beside, *replicas])
        state.remember({"replicas": replicas})
        self.witness.prepare(ports[witness.NAME])
        self.tier_signer.prepare()
        self.children = Children(state.directory / "logs", self._sink)
        self.clusters = {
            cluster: Cluster(
                cluster,
                state.directory / "postgres" / cluster,
                ports[f"postgres.{cluster}"],
                state.password(f"postgres/{cluster}"),
                children=self.children,
                cache=self._cache,
                fsync=self._fsync,
                settings={} if cluster == "main" else UNTRACED,
            )
            for cluster in CLUSTERS
        }
        self.broker = Broker(
            state.directory / "kafka",
            (ports["kafka"], ports["kafka.controller"]),
            {name: state.password(account_secret(name)) for name in (ADMIN, *principals())},
            children=self.children,
            cache=self._cache,
        )

    async def _start_broker(self) -> None:
        if self._sink is not None and (jars := missing_jars(self._cache / "jars")):
            self._sink("kafka", f"[comptoir] fetching {len(jars)} jars, about 44 MB")
        await self.broker.start()
        await self.apply_topics()

    async def _start_provider(self) -> None:
        url = self.addresses.provider()
        env = {**environment(), "NO_COLOR": "1"}
        argv = provider_argv(self.state.ports()[PROVIDER])
        await self.children.start(Command(PROVIDER, argv, env, grace=3.0))
        await self._answers_at(PROVIDER, f"{url}/.well-known/openid-configuration", 60.0)

    async def _answers_at(self, name: str, url: str, within: float) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session:
            await self.children.ready(name, lambda: _answers(session, url), within)

    async def _start_databases(self) -> None:
        turns = asyncio.Semaphore(CORES_FOR_MIGRATIONS)
        await _together(*(self._start_cluster(cluster, turns) for cluster in CLUSTERS))

    async def _start_cluster(self, cluster: str, turns: asyncio.Semaphore) -> None:
        server = self.clusters[cluster]
        kept = self._kept(cluster) if not server.made else None
        if kept is not None and kept.there:
            await kept.begin_with()
        await server.start()
        own = {r for p in PROCESSES if p.cluster == cluster for r in (p.owner, p.role, *p.beside)}
        passwords = {role: self.state.password(role_secret(role)) for role in sorted(own)}
        await make_databases(cluster, server.dsn, passwords)
        migrating = [p for p in self.processes if p.cluster == cluster and p.migrates]
        await _together(*(self._migrate(process, turns) for process in migrating))
        if kept is not None and not kept.there:
            await kept.keep()

    def _kept(self, cluster: str) -> Prepared | None:
        """What a new cluster of a whole platform begins with, or is kept as."""
        if not whole(cluster, self.processes):
            return None
        return Prepared(self.clusters[cluster], cluster, self._cache)

    async def _migrate(self, process: Process, turns: asyncio.Semaphore) -> None:
        superuser = self.addresses.superuser_dsn(process.database)
        if not await pending(superuser, process):
            return
        async with turns:
            owner = {"COMPTOIR_DATABASE_OWNER": self.addresses.dsn(process.owner)}
            env = {**self.environment_of(process), **owner}
            job = Command(f"{process.name}.migrate", process.argv("migrate"), env)
            await self.children.run(job)
        await note(superuser, process)

    @property
    def _sends_mail(self) -> bool:
        return any(process.name == NOTIFICATION for process in self.processes)

    async def _start_mail(self) -> None:
        """Where notification's mails end: on this machine none leaves it."""
        if self._sends_mail:
            argv = mail.argv(*self._mail_ports(), self.addresses.mails)
            await self.children.start(Command(mail.NAME, argv, environment()))
            await self.ready(mail.NAME)

    @property
    def _signs(self) -> bool:
        return any(process.name == SIGNER for process in self.processes)

    async def _start_witness(self) -> None:
        """Who cosigns the checkpoints of this machine's ledger."""
        if self._signs:
            env = {**environment(), **self.witness.environment(self.state.ports()[witness.NAME])}
            await self.children.start(Command(witness.NAME, self.witness.argv(), env))
            await self.ready(witness.NAME)

    def _tier_signers(self) -> list[int]:
        """The numbers of the signers: one beside each replica of the roll."""
        return [number for process, number in self._replicas() if process.name == tier_signer.ROLL]

    async def _start_tier_signer(self, number: int) -> None:
        name = f"{tier_signer.NAME}.{number}"
        env = {**environment(), **self.tier_signer.environment(number)}
        await self.children.start(Command(name, self.tier_signer.argv(), env))
        await self.ready(name)

    @property
    def _assists(self) -> bool:
        """Whether all are there that the booth asks."""
        return {process.name for process in self.processes} >= {*booth.ASKS.values()}

    async def _start_booth(self) -> None:
        """It starts without those that it asks, which need not be ready."""
        if self._assists:
            told = booth.environment(self.addresses, self.state.ports()[booth.REPLICA])
            env = {**environment(), **told, **self._public()}
            await self.children.start(Command(booth.REPLICA, booth.argv(), env))
            await self.ready(booth.REPLICA)

    def _public(self) -> dict[str, str]:
        """What each process with pages is told: where the others' are, and whose platform it is."""
        return {
            "COMPTOIR_SITES": json.dumps(self.addresses.sites()),
            "COMPTOIR_OPERATOR_NAME": OPERATOR,
            "COMPTOIR_OPERATOR_SIRET": "12345678900015",  # nobody's, with right check digits
        }

    async def _start_replica(self, process: Process, number: int) -> None:
        name = f"{process.name}.{number}"
        port = {"COMPTOIR_PORT": str(self.state.ports()[name])}
        env = {**self.environment_of(process), **port}
        if process.name == tier_signer.ROLL:
            env["COMPTOIR_SIGNER"] = str(self.tier_signer.socket(number))
        await self.children.start(Command(name, process.argv(), env))
        await self._started(name)

    async def _started(self, name: str, within: float = 60.0) -> None:
        """Return once a replica is ready, or closed since its database was restored: whoever
        recovers it needs the others, and them running. Raises `NotReady`."""
        url = f"{self.addresses.url(name)}/health/ready"
        alarms: dict[str, str] | None = None

        async def started() -> bool:
            nonlocal alarms
            alarms = await _alarms(session, url)
            return alarms is not None and (not alarms or only_restored(alarms))

        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session:
            await self.children.ready(name, started, within)
        for what, said in (alarms or {}).items():
            if self._sink is not None:
                self._sink(name, f"[comptoir] started, and closed: {what}: {said}")

    def environment_of(self, process: Process) -> dict[str, str]:
        """What a process is told, but its port."""
        given = {
            **environment(),
            "COMPTOIR_HOST": "127.0.0.1",
            "COMPTOIR_DATABASE": self.addresses.dsn(process.role),
            "COMPTOIR_DESK_KEY": self.addresses.desk_key(process.name),
        }
        if endpoint := os.environ.get(COLLECTOR):
            given[COLLECTOR] = endpoint
        if process.has_principal:
            account = self.addresses.account(process.name)
            given["COMPTOIR_KAFKA_BOOTSTRAP"] = account.bootstrap
            given["COMPTOIR_KAFKA_USERNAME"] = account.username
            given["COMPTOIR_KAFKA_PASSWORD"] = account.password
        given |= self._public()
        if process.has_desk:
            given |= {
                "COMPTOIR_OIDC_ISSUER": self.addresses.provider(),
                "COMPTOIR_OIDC_CLIENT_ID": CLIENT,
                "COMPTOIR_OIDC_CLIENT_SECRET": self.state.password(client_secret()),
                "COMPTOIR_OFFICERS_KEY": "".join(
                    self.state.password(officers_secret(half)) for half in (1, 2)
                ),
                "COMPTOIR_ADMINISTRATORS": json.dumps(ADMINISTRATORS),
            }
        if process.name == SUBMISSION:
            given |= {
                "COMPTOIR_RESIDENTS_OIDC_ISSUER": self.addresses.provider(),
                "COMPTOIR_RESIDENTS_OIDC_CLIENT_ID": RESIDENTS_CLIENT,
                "COMPTOIR_RESIDENTS_OIDC_CLIENT_SECRET": self.state.password(client_secret()),
            }
        if process.name == ROLL:
            given |= {
                "COMPTOIR_BOOTH_KEY": self.state.password(booth_secret()),
                "COMPTOIR_VOTERS_OIDC_ISSUER": self.addresses.provider(),
                "COMPTOIR_VOTERS_OIDC_CLIENT_ID": VOTERS_CLIENT,
                "COMPTOIR_VOTERS_OIDC_CLIENT_SECRET": self.state.password(client_secret()),
                "COMPTOIR_VOTERS_OIDC_SCOPE": "openid profile email",
                # The provider of this machine states no level, and does not sign what it is asked.
                "COMPTOIR_VOTERS_OIDC_LEVELS": "[]",
                "COMPTOIR_VOTERS_OIDC_SIGNED": "",
            }
        if process.has_keys:
            keys = self.state.directory / "keys" / process.name
            keys.mkdir(mode=0o700, parents=True, exist_ok=True)
            given["COMPTOIR_KEYS"] = str(keys)
        if process.marked:
            given["COMPTOIR_MARK"] = str(self.state.directory / "marks" / process.name)
        if process.name == SUBMISSION:
            given["COMPTOIR_OUTLINES"] = str(self._outlines())
        if process.tells:
            given["COMPTOIR_CONTACTS_KEY"] = encoded_key(self._contacts_key())
        if process.name == NOTIFICATION:
            self._contacts_key()
            given |= mail.environment(*self._mail_ports())
        if process.name in (LEDGER, SIGNER, ROLL):
            given["COMPTOIR_POLICY"] = str(self.witness.policy)
        return given | self._extra

    def _outlines(self) -> Path:
        """The outlines that maps are drawn of here, written first."""
        file = self.state.directory / "outlines.geojson"
        file.write_bytes(outlines.invented())
        return file

    def _mail_ports(self) -> tuple[int, int]:
        ports = self.state.ports()
        return ports[mail.NAME], ports[mail.SMS]

    def _contacts_key(self) -> X25519PrivateKey:
        """Notification's, which whoever tells people something seals to."""
        return x25519_key(self.state.directory / "keys" / NOTIFICATION / CONTACTS_KEY_FILE)


async def _together(*steps: Awaitable[None]) -> None:
    """All at the same time; the first that fails ends the others, and its error is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(_awaited(step))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _awaited(step: Awaitable[None]) -> None:
    await step


def only_restored(alarms: Mapping[str, str]) -> bool:
    """Whether nothing is wrong but that a database was restored, and what follows from that: it
    sends and handles nothing."""
    other = [name for name in alarms if name not in RESTORED and not name.startswith(STANDS_STILL)]
    return bool(RESTORED & alarms.keys()) and not other


async def _alarms(session: aiohttp.ClientSession, url: str) -> dict[str, str] | None:
    try:
        async with session.get(url) as response:
            found: dict[str, str] = (await response.json())["alarms"]
            return found
    except (aiohttp.ClientError, TimeoutError):
        return None


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _peak_rss_mb(pid: int) -> float:
    """`VmHWM` of /proc, in MB of a million bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise LauncherError(f"/proc/{pid}/status has no VmHWM")
