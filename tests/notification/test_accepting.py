"""What is sealed is kept once, as it came, and each arrival is answered."""

from uuid import uuid4

import asyncpg
import pytest

from notification.app import application
from shared.contacts import Contact, Message, open_sealed
from shared.events.notification import MessageAccepted
from tests import telling
from tests.conftest import DatabaseFactory
from tests.notification.conftest import IDEA, Store, sealed
from tests.serving import served


async def test_it_starts_on_its_own_database_and_is_ready(store: Store) -> None:
    async with served(application(store.settings(), kafka=False)) as client:
        assert (await client.ask("GET", "/health/live")).body == {"status": "live"}
        assert (await client.ask("GET", "/health/ready")).status == 200
        assert b"comptoir_mails_unsent" in (await client.ask("GET", "/metrics")).raw


async def test_its_role_makes_no_table(database: DatabaseFactory) -> None:
    made = await database("notification")
    connection = await asyncpg.connect(made.dsn, ssl=False)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create table its_own (one integer)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("delete from message")
    await connection.close()


async def test_a_message_is_kept_sealed_and_announced_as_accepted(store: Store) -> None:
    [message_id] = await store.accept(IDEA)
    [row] = await store.fetch("select message_id, sealed, state from message")
    assert (row["message_id"], row["state"]) == (message_id, "waiting")
    assert open_sealed(telling.PRIVATE_KEY, message_id, row["sealed"]) == IDEA
    assert await store.announced(MessageAccepted) == [message_id]


async def test_one_that_comes_again_is_kept_once_and_answered_again(store: Store) -> None:
    event = sealed(IDEA)
    await store.accept_events(event, event)
    await store.accept_events(event, sealed(IDEA))
    assert await store.states() == {"waiting": 2}
    accepted = await store.announced(MessageAccepted)
    assert accepted.count(event.message_id) == 2 and len(accepted) == 3


async def test_one_that_was_sent_long_ago_is_answered_and_not_sent_again(store: Store) -> None:
    event = sealed(IDEA)
    await store.accept_events(event)
    await store.fetch(
        "update message set state = 'delivered', sealed = null, attempts = 1, ended_at = now()"
    )
    await store.accept_events(event)
    assert await store.states() == {"delivered": 1}


async def test_no_table_holds_an_address_or_a_word(store: Store) -> None:
    secret = Message(Contact("unmistakable@example.org", "fr"), IDEA.name, IDEA.values)
    await store.accept(secret, IDEA)
    assert not await words_at_rest(store, "unmistakable", "example.org", "verger", "école")


async def words_at_rest(store: Store, *words: str) -> list[str]:
    """Every column of every table that holds one of these, as text or as bytes."""
    found = []
    for table in await store.fetch(
        "select table_name as name from information_schema.tables where table_schema = 'public'"
    ):
        for row in await store.fetch(f'select * from "{table["name"]}"'):
            for column, value in row.items():
                held = value if isinstance(value, bytes) else str(value).encode()
                found += [
                    f"{table['name']}.{column}: {word}"
                    for word in words
                    if word.lower().encode() in held.lower()
                    or word.encode().hex().encode() in held.lower()
                ]
    return found


async def test_the_look_for_words_does_find_them(store: Store) -> None:
    await store.fetch(
        "insert into message (message_id, sealed) values ($1, $2)", uuid4(), b"to lea@example.org"
    )
    assert await words_at_rest(store, "example.org") == ["message.sealed: example.org"]
