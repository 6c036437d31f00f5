"""The fixtures that every test stands on."""

import re
import time
from pathlib import Path

import pytest
from confluent_kafka import KafkaException

from comptoir.engine import KAFKA_IMAGE, POSTGRES_IMAGE, images, lacking
from comptoir.jars import locked_jars
from comptoir.kafka import Account
from comptoir.roles import connected
from tests.backends import Servers, directory_in
from tests.choosing import Backend, chosen, described
from tests.conftest import DatabaseFactory, TopicFactory


async def test_two_databases_of_a_process_have_its_tables_and_nothing_else_in_common(
    database: DatabaseFactory,
) -> None:
    first, second = await database("notification"), await database("notification")
    assert first.name != second.name
    async with connected(first.owner) as connection:
        await connection.execute("CREATE TABLE only_here (id int)")
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    async with connected(first.dsn) as one, connected(second.dsn) as two:
        here = {row["tablename"] for row in await one.fetch(tables)}
        there = {row["tablename"] for row in await two.fetch(tables)}
    assert here - there == {"only_here"}
    assert "outbox" in there


async def test_a_database_of_no_process_is_empty_and_the_superusers(
    database: DatabaseFactory,
) -> None:
    empty = await database()
    async with connected(empty.dsn) as connection:
        assert (
            await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            == 0
        )
        assert await connection.fetchval("SELECT current_user") == "postgres"


async def test_a_topic_has_the_partitions_that_were_asked_for(
    kafka: Account, topic: TopicFactory
) -> None:
    first, second = await topic(), await topic(partitions=3)
    listed = kafka.admin().list_topics(timeout=10).topics
    assert [len(listed[name].partitions) for name in (first, second)] == [1, 3]


async def test_a_topic_takes_settings_and_refuses_nonsense(topic: TopicFactory) -> None:
    await topic(**{"cleanup.policy": "compact"})
    with pytest.raises(KafkaException):
        await topic(**{"cleanup.policy": "nonsense"})


def test_a_backend_that_is_demanded_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_TEST_POSTGRES", "postgresql://u:p@example.org/postgres")
    for demand in Backend:
        assert Servers(demand).described() == f"backend: {demand}"


def test_an_engine_that_does_not_answer_is_no_choice_and_no_demand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMPTOIR_TEST_POSTGRES", "postgresql://u:p@example.org/postgres")
    monkeypatch.delenv("COMPTOIR_TEST_KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert Servers(None).described() == "backend: PostgreSQL external, Kafka local"
    assert Servers(None).lacking() is None
    assert Servers(Backend.DOCKER).lacking() == "no Docker engine answers"


@pytest.mark.parametrize("docker_has", [False, True])
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("demand", [None, *Backend])
def test_a_demand_is_first_then_a_name_then_docker(
    demand: Backend | None, named: bool, docker_has: bool
) -> None:
    found = chosen(demand, named=named, docker_has=lambda: docker_has)
    match demand, named, docker_has:
        case None, True, _:
            assert found == Backend.EXTERNAL
        case None, False, True:
            assert found == Backend.DOCKER
        case None, False, False:
            assert found == Backend.LOCAL
        case _:
            assert found == demand


@pytest.mark.parametrize(("demand", "named"), [(None, True), *((b, False) for b in Backend)])
def test_docker_is_not_asked_where_its_answer_does_not_matter(
    demand: Backend | None, named: bool
) -> None:
    def asked() -> bool:
        raise AssertionError("Docker was asked")

    chosen(demand, named=named, docker_has=asked)


@pytest.mark.parametrize("postgres", Backend)
@pytest.mark.parametrize("kafka", Backend)
def test_the_header_names_both_where_they_differ(postgres: Backend, kafka: Backend) -> None:
    header = described(postgres, kafka)
    assert header.startswith("backend: ")
    assert {str(postgres), str(kafka)} <= set(re.findall(r"\w+", header))
    assert ("PostgreSQL" in header) == (postgres != kafka)


def test_an_engine_that_is_silent_is_given_up(tmp_path: Path) -> None:
    silent = tmp_path / "docker"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o755)
    before = time.monotonic()
    assert images(str(silent), within=0.2) is None
    assert time.monotonic() - before < 10
    assert images(str(tmp_path / "missing")) is None


def test_an_engine_without_the_image_is_no_engine_for_it() -> None:
    assert lacking("postgres:17", frozenset({"postgres:17"})) is None
    assert lacking("postgres:17", frozenset({"postgres:16"})) is not None
    assert lacking("postgres:17", None) == "no Docker engine answers"


def test_the_images_built_for_isolated_networks_have_the_names_that_tests_ask_for() -> None:
    script = (Path(__file__).parents[2] / "deploy" / "images" / "isolated.sh").read_text()
    assert set(re.findall(r"^build (\S+)", script, re.MULTILINE)) == {KAFKA_IMAGE, POSTGRES_IMAGE}
    version = KAFKA_IMAGE.partition(":")[2]
    assert f"kafka_2.13-{version}.jar" in locked_jars()


def test_what_a_killed_session_left_in_memory_is_removed_and_no_other_session_s(
    tmp_path: Path,
) -> None:
    with directory_in(tmp_path) as held:
        dead = tmp_path / "comptoir-tests-dead"
        (dead / "postgres").mkdir(parents=True)
        dead.with_suffix(".lock").touch()
        with directory_in(tmp_path) as own:
            assert {each for each in tmp_path.iterdir() if each.is_dir()} == {held, own}
            assert not dead.with_suffix(".lock").exists()
    assert [*tmp_path.iterdir()] == []
