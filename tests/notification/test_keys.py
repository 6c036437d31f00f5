"""A key that was changed opens what was sealed to it until it is destroyed; the record says so."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from notification.keys import PREVIOUS, Keys
from shared.contacts import CONTACTS_KEY_FILE, Unopened, encoded_key, seal
from shared.events.notification import KeyDestroyed
from shared.keys import write_once
from tests import telling
from tests.notification.conftest import IDEA, Store

# All that is sealed was read, and long enough ago.
DUE: Any = {"read": True, "kept_for": 0, "read_for": 0}


@pytest.fixture
def changed(store: Store) -> X25519PrivateKey:
    """The key that messages were sealed to until now is the previous one."""
    (store.keys / CONTACTS_KEY_FILE).rename(store.keys / PREVIOUS)
    fresh = X25519PrivateKey.generate()
    write_once(store.keys / CONTACTS_KEY_FILE, fresh.private_bytes_raw())
    return fresh


async def said(store: Store) -> list[str]:
    """The keys that the record says are destroyed."""
    rows = await store.fetch(
        "select body, log from outbox where type = $1 order by id", KeyDestroyed.type
    )
    assert {row["log"] for row in rows} <= {"platform"}
    return [KeyDestroyed.from_body(row["body"]).public_key for row in rows]


async def test_both_keys_open_what_was_sealed_to_them(
    store: Store, changed: X25519PrivateKey
) -> None:
    keys = Keys(store.keys)
    for key in (telling.PRIVATE_KEY, changed):
        message_id = uuid4()
        assert keys.opened(message_id, seal(key.public_key(), message_id, IDEA)) == IDEA
    other = uuid4()
    with pytest.raises(Unopened):
        keys.opened(other, seal(X25519PrivateKey.generate().public_key(), other, IDEA))


async def test_the_previous_key_is_destroyed_in_time_and_nothing_opens_any_more(
    store: Store, changed: X25519PrivateKey
) -> None:
    keys, message_id = Keys(store.keys), uuid4()
    sealed = seal(telling.PRIVATE_KEY.public_key(), message_id, IDEA)
    replica = Keys(store.keys)
    await keys.destroy_previous(store.database, read=True)
    assert (store.keys / PREVIOUS).exists(), "publishers may still have the old one"
    assert await said(store) == []
    kept = os.open(store.keys / PREVIOUS, os.O_RDONLY)  # as a reader of the disk would
    await keys.destroy_previous(store.database, **DUE)
    assert not (store.keys / PREVIOUS).exists()
    assert os.read(kept, 64) == bytes(32)
    os.close(kept)
    assert await said(store) == [encoded_key(telling.PRIVATE_KEY)]
    with pytest.raises(Unopened):
        keys.opened(message_id, sealed)
    await replica.destroy_previous(store.database, **DUE)
    with pytest.raises(Unopened):
        replica.opened(message_id, sealed)
    assert len(await said(store)) == 1


async def test_a_key_that_something_waits_for_is_not_destroyed(
    store: Store, changed: X25519PrivateKey
) -> None:
    await store.accept(IDEA)
    await Keys(store.keys).destroy_previous(store.database, **DUE)
    assert (store.keys / PREVIOUS).exists()
    assert await said(store) == []


async def test_a_key_is_kept_while_what_is_sealed_to_it_may_still_be_read(
    store: Store, changed: X25519PrivateKey
) -> None:
    """Notification was away while the three days went by, or is behind."""
    past = time.time() - 30 * 24 * 3600
    os.utime(store.keys / CONTACTS_KEY_FILE, (past, past))
    keys = Keys(store.keys)
    await keys.destroy_previous(store.database, read=True, read_for=0)  # it began just now
    assert (store.keys / PREVIOUS).exists()
    await keys.destroy_previous(store.database, read=False, kept_for=0, read_for=0)
    assert (store.keys / PREVIOUS).exists()
    await keys.destroy_previous(store.database, read=True, kept_for=0)  # read, and not for a day
    assert (store.keys / PREVIOUS).exists()
    await keys.destroy_previous(store.database, **DUE)
    assert not (store.keys / PREVIOUS).exists()


async def test_days_are_counted_by_a_clock_that_nobody_sets(
    store: Store, changed: X25519PrivateKey
) -> None:
    """A machine that wakes in another century destroys nothing; and in time it is destroyed."""
    past, hours = time.time() - 30 * 24 * 3600, 0
    os.utime(store.keys / CONTACTS_KEY_FILE, (past, past))
    keys = Keys(store.keys, clock=lambda: hours * 3600.0)
    assert 30 * 24 * 3600 <= keys.previous_kept() < 31 * 24 * 3600
    for hours in range(73):
        assert (store.keys / PREVIOUS).exists(), hours
        await keys.destroy_previous(store.database, read=hours != 40)
    assert not (store.keys / PREVIOUS).exists()
    assert keys.previous_kept() == 0


KILLED = """
import asyncio, sys
from pathlib import Path
from notification.keys import Keys
from shared.database import Database

database = Database(sys.argv[1], name="killed")
asyncio.run(Keys(Path(sys.argv[2])).destroy_previous(database, read=True, kept_for=0, read_for=0))
"""


async def test_killed_after_it_was_said_the_key_goes_at_the_next_turn_and_it_is_said_once(
    store: Store, changed: X25519PrivateKey
) -> None:
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, store.dsn, str(store.keys)),
        env={**os.environ, "COMPTOIR_KILL_AT": "notification.key-said-destroyed"},
    )
    assert await killed.wait() == -signal.SIGKILL
    assert (store.keys / PREVIOUS).exists()
    assert len(await said(store)) == 1
    await Keys(store.keys).destroy_previous(store.database, **DUE)
    assert not (store.keys / PREVIOUS).exists()
    assert len(await said(store)) == 1


def test_without_a_key_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Keys(tmp_path)
