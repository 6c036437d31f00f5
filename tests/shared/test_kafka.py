"""Asking a broker about its topics."""

from unittest.mock import patch

import pytest
from confluent_kafka.admin import AdminClient

from shared.kafka import Unavailable
from tests.shared.conftest import StoreFactory


async def test_asking_again_needs_no_new_client(store: StoreFactory) -> None:
    """Each new one is five threads and a handshake, with the password hashed anew."""
    asked = await store()
    kafka = asked.kafka
    with patch("shared.kafka.AdminClient", wraps=AdminClient) as made:
        for _ in range(3):
            assert (await kafka.topics([asked.topic])).keys() == {asked.topic}
    assert made.call_count == 1


async def test_one_that_gave_no_answer_is_not_asked_again(store: StoreFactory) -> None:
    """A platform that began while its broker was fenced stood still for good: two of its processes
    asked a client that waits for a controller, all others had theirs."""
    asked = await store()
    kafka = asked.kafka
    kafka._admin = AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    with pytest.raises(Unavailable):
        await kafka.topics([asked.topic])
    assert (await kafka.topics([asked.topic])).keys() == {asked.topic}
