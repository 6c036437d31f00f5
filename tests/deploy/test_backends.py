"""The fixtures that every test stands on."""

import pytest
from confluent_kafka import KafkaException

from comptoir.kafka import Account
from comptoir.roles import connected
from tests.backends import Servers
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
    monkeypatch.delenv("COMPTOIR_TEST_KAFKA_BOOTSTRAP", raising=False)
    assert Servers("local").described() == "backend: local"
    assert Servers("external").described() == "backend: external"
    assert Servers(None).described() == "backend: PostgreSQL external, Kafka local"
