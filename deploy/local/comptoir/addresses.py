"""Where everything of a platform answers, and with which password: read from its state directory.

The stack that runs uses this, and so do the commands that find a running one.
"""

from collections.abc import Mapping
from pathlib import Path

from comptoir.errors import LauncherError
from comptoir.kafka import Account
from comptoir.processes import PROCESSES
from comptoir.staff import PROVIDER
from comptoir.state import State


def role_secret(role: str) -> str:
    """Under which name the state keeps a PostgreSQL role's password."""
    return f"role/{role}"


def account_secret(principal: str) -> str:
    """Under which name the state keeps a Kafka principal's password."""
    return f"kafka/{principal}"


def desk_secret(process: str) -> str:
    """Under which name the state keeps the key of a process's desk."""
    return f"desk/{process}"


def officers_secret(half: int) -> str:
    """Under which name the state keeps a half of the key that makes officers' ids."""
    return f"officers/{half}"


def client_secret() -> str:
    """Under which name the state keeps what the processes tell the identity provider."""
    return "identity/client"


def booth_secret() -> str:
    """Under which name the state keeps the key by which the roll knows the booth."""
    return "booth/key"


class Addresses:
    """Addresses of processes, databases and broker. Raises `LauncherError` for what is unknown."""

    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def mails(self) -> Path:
        """The directory where every mail of this platform ends."""
        return self.state.directory / "mail"

    def desk_key(self, process: str) -> str:
        """What an officer's route of a process wants as a bearer token: each has its own."""
        return self.state.password(desk_secret(process))

    def replicas(self) -> list[str]:
        """The names of all replicas: `voting.box.1`."""
        return list(self.state.remembered().get("replicas", []))

    def url(self, replica: str) -> str:
        """The address of one replica."""
        if replica not in self.replicas():
            raise LauncherError(f"there is no replica {replica}")
        return f"http://127.0.0.1:{self.state.ports()[replica]}"

    def urls(self, process: str) -> list[str]:
        """The addresses of a process's replicas, in their order."""
        found = [name for name in self.replicas() if name.rpartition(".")[0] == process]
        if not found:
            raise LauncherError(f"there is no process {process} in {self.state.directory}")
        return [self.url(name) for name in found]

    def provider(self) -> str:
        """The address of the identity provider: its issuer."""
        return f"http://127.0.0.1:{self._port(PROVIDER)}"

    def witness(self) -> str:
        """The address of the witness beside the ledger."""
        return f"http://127.0.0.1:{self._port('ledger.witness')}"

    def sites(self) -> dict[str, str]:
        """The public address of each process, under the last part of its name: a replica's; and the
        host that files are handed out from."""
        first = [name for name in self.replicas() if name.endswith(".1")]
        found = {name.split(".")[-2]: self.url(name) for name in first}
        if "submission" in found:
            # Files come from another origin: here, the same server under another name.
            found["files"] = found["submission"].replace("127.0.0.1", "localhost")
        return found

    def account(self, principal: str) -> Account:
        """The broker's address and a principal's password."""
        bootstrap = f"127.0.0.1:{self._port('kafka')}"
        return Account(bootstrap, principal, self.state.password(account_secret(principal)))

    def dsn(self, role: str) -> str:
        """The connection address of a role, owner or run-time, to its own database."""
        for process in PROCESSES:
            if role in (process.role, process.owner, *process.beside):
                port = self._port(f"postgres.{process.cluster}")
                secret = self.state.password(role_secret(role))
                return f"postgresql://{role}:{secret}@127.0.0.1:{port}/{process.database}"
        raise LauncherError(f"there is no PostgreSQL role {role}")

    def superuser_dsn(self, database: str) -> str:
        """The connection address of PostgreSQL's superuser to a process's database."""
        for process in PROCESSES:
            if database == process.database:
                port = self._port(f"postgres.{process.cluster}")
                secret = self.state.password(f"postgres/{process.cluster}")
                return f"postgresql://postgres:{secret}@127.0.0.1:{port}/{database}"
        raise LauncherError(f"there is no database {database}")

    def _port(self, name: str) -> int:
        try:
            return self.state.ports()[name]
        except KeyError:
            raise LauncherError(f"nothing was ever started in {self.state.directory}") from None


class Elsewhere(Addresses):
    """Of a platform on other machines, where some processes answer to everybody; no more is known
    of it, and no key of it."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        for process, url in urls.items():
            if not url.startswith(("http://", "https://")):
                raise LauncherError(f"{process} does not answer at {url}: http(s)://… is wanted")
        self._urls = {process: url.rstrip("/") for process, url in urls.items()}

    def urls(self, process: str) -> list[str]:
        """The one address that was given."""
        if process not in self._urls:
            raise LauncherError(f"nothing says where {process} answers")
        return [self._urls[process]]

    def desk_key(self, process: str) -> str:
        """There is none: who comes from elsewhere is no officer."""
        raise LauncherError(f"the key of the desk of {process} is not here: its officers act there")


def running(directory: Path) -> Addresses:
    """The addresses of the platform that runs on a state directory."""
    state = State(directory)
    if not state.locked():
        raise LauncherError(f"no platform runs on {directory}: start one with `comptoir up`")
    return Addresses(state)
