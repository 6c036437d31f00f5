"""Asking a broker about its topics."""

from unittest.mock import patch

from confluent_kafka.admin import AdminClient

from tests.shared.conftest import StoreFactory


async def test_asking_again_needs_no_new_client(store: StoreFactory) -> None:
    """Each new one is five threads and a handshake, with the password hashed anew."""
    asked = await store()
    kafka = asked.kafka
    with patch("shared.kafka.AdminClient", wraps=AdminClient) as made:
        for _ in range(3):
            assert (await kafka.topics([asked.topic])).keys() == {asked.topic}
    assert made.call_count == 1
