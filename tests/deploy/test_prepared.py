"""A new platform's clusters begin as copies of what the migrations left."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from comptoir.errors import LauncherError
from comptoir.migrations import note, pending
from comptoir.places import default_cache
from comptoir.ports import free_ports
from comptoir.postgres import Cluster
from comptoir.prepared import Prepared, whole
from comptoir.processes import PROCESSES
from comptoir.roles import connected, make_databases
from comptoir.supervise import Children
from tests.backends import passable_directory

BOX = next(process for process in PROCESSES if process.name == "voting.box")
MakeCluster = Callable[[], Cluster]


@pytest.fixture
def directory() -> Iterator[Path]:
    with passable_directory() as directory:
        yield directory


@pytest.fixture
async def make(directory: Path) -> AsyncIterator[MakeCluster]:
    """Makes clusters that are not started, each with a password of its own."""
    children: list[Children] = []

    def make() -> Cluster:
        place = directory / secrets.token_hex(4)
        children.append(Children(place / "logs"))
        port = free_ports({"box": None})["box"]
        password = secrets.token_hex()
        return Cluster(
            "box",
            place / "postgres",
            port,
            password,
            children=children[-1],
            cache=default_cache(),
            fsync=False,
        )

    yield make
    for each in children:
        await each.stop_all(each.pids())


async def of_a_platform(server: Cluster, password: str) -> None:
    """Have the cluster's databases and roles, as a platform with these passwords."""
    await make_databases("box", server.dsn, {"voting_box": password, "voting_box_owner": password})


async def kept(server: Cluster, cache: Path) -> Prepared:
    """A cluster that a platform made, kept."""
    await server.start()
    await of_a_platform(server, "of the first")
    await note(server.dsn("postgres"), BOX)
    prepared = Prepared(server, "box", cache)
    assert not prepared.there
    await prepared.keep()
    return prepared


async def test_a_copy_has_had_its_migrations_and_knows_no_password_but_its_own(
    make: MakeCluster, directory: Path
) -> None:
    first, second = make(), make()
    await kept(first, directory / "cache")
    prepared = Prepared(second, "box", directory / "cache")
    assert prepared.there
    await prepared.begin_with()
    await second.start()
    await of_a_platform(second, "of the second")
    assert not await pending(second.dsn("postgres"), BOX)
    async with connected(second.dsn("voting_box", "voting_box", "of the second")):
        pass
    for user, password in (("postgres", first.password), ("voting_box", "of the first")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(second.dsn("voting_box", user, password), ssl=False)
    assert await pending(first.dsn("postgres"), BOX) is False  # it runs again, and is as it was


async def test_where_the_copy_is_damaged_a_cluster_is_made(
    make: MakeCluster, directory: Path
) -> None:
    first, second = make(), make()
    await kept(first, directory / "cache")
    [place] = (directory / "cache").iterdir()
    (place / "global" / "pg_control").unlink()
    await Prepared(second, "box", directory / "cache").begin_with()
    assert not second.made
    await second.start()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(second.dsn("voting_box"), ssl=False)


async def test_only_the_newest_copy_is_kept(make: MakeCluster, directory: Path) -> None:
    earlier = directory / "cache" / "postgres.box-of-other-migrations"
    another = directory / "cache" / "postgres-18"
    for each in (earlier, another):
        each.mkdir(parents=True)
    await kept(make(), directory / "cache")
    names = {each.name for each in (directory / "cache").iterdir()}
    assert len(names) == 2
    assert another.name in names
    assert earlier.name not in names


async def test_a_cluster_that_cannot_be_copied_is_not_there(
    make: MakeCluster, directory: Path
) -> None:
    server = make()
    with pytest.raises(LauncherError):
        await server.adopt(directory / "nothing")
    assert not server.made


def test_a_part_of_a_platform_leaves_no_copy_and_begins_with_none() -> None:
    assert whole("main", PROCESSES)
    assert not whole("main", [p for p in PROCESSES if p.name != "notification"])
    assert whole("box", [BOX])
