"""What is due is sent, once where nothing goes wrong, and under one Message-ID whatever does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from notification import queries
from notification.app import application
from notification.patience import GIVEN_UP_AFTER, GIVEN_UP_NOT_BEFORE, expired, pause_after
from shared.contacts import Contact, Message
from shared.events.notification import MessageBounced, MessageDelivered
from tests import telling
from tests.notification.conftest import DOMAIN, IDEA, Arrived, Server, Store
from tests.serving import Client, served
from tests.shared.conftest import eventually


@asynccontextmanager
async def running(store: Store, replicas: int = 1, **settings: float) -> AsyncIterator[Client]:
    """So many replicas of the process; the client of the first."""
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                served(application(store.settings(**settings), kafka=False))
            )
            for _ in range(replicas)
        ]
        yield clients[0]


def message_ids(arrived: Sequence[Arrived]) -> Counter[str]:
    return Counter(mail.message_id for mail in arrived)


def named(message_id: UUID) -> str:
    return f"<{message_id}@{DOMAIN}>"


async def all_ended(store: Store, *, hurried: bool = False) -> None:
    """Return once nothing is left to be sent; `hurried`, nothing waits until it is due."""

    async def states() -> dict[str, int]:
        if hurried:
            await store.fetch("update message set due_at = now() where leased_until is null")
        return await store.states()

    await eventually(states, lambda found: not {"waiting", "attempted"} & found.keys(), within=60)


def to(address: str) -> Message:
    return Message(Contact(address, "en"), IDEA.name, IDEA.values)


async def test_a_mail_arrives_as_it_was_written_and_its_words_are_forgotten(
    store: Store, mail: Server
) -> None:
    [message_id] = await store.accept(IDEA)
    async with running(store):
        await all_ended(store)
    [arrived] = mail.arrived
    assert arrived.address == IDEA.contact.address
    head = arrived.message
    assert head["Message-ID"] == named(message_id)
    assert head["From"] == f"Département du Pas-de-Calais <budget@{DOMAIN}>"
    assert (head["To"], head["Auto-Submitted"]) == (IDEA.contact.address, "auto-generated")
    assert str(head["Subject"]).endswith("Un verger pour l'école")
    body = head.get_body(("plain",))
    assert body is not None and "https://budget.example.org/ideas/1" in body.get_content()
    [row] = await store.fetch("select state, sealed, attempts, ended_at from message")
    assert (row["state"], row["sealed"], row["attempts"]) == ("delivered", None, 1)
    assert await store.announced(MessageDelivered) == [message_id]


async def test_nothing_is_sent_while_the_database_may_be_a_backup(
    store: Store, mail: Server
) -> None:
    """Of what waits in it, much was delivered since."""
    await store.accept(IDEA)
    app = application(store.settings(), kafka=False)
    known: asyncio.Event = app.state.process.stand.known
    known.clear()
    async with served(app):
        with pytest.raises(AssertionError, match="not so within"):
            await eventually(store.states, lambda found: found != {"waiting": 1}, within=1.5)
        known.set()
        await all_ended(store)
    assert len(mail.arrived) == 1


async def test_two_replicas_send_each_message_once(store: Store, mail: Server) -> None:
    async def slowly(_: Arrived) -> str | None:
        await asyncio.sleep(0.01)
        return None

    mail.data = slowly
    wanted = await store.accept(*(to(f"person-{n}@example.org") for n in range(300)))
    async with running(store, replicas=2):
        await all_ended(store)
    assert message_ids(mail.arrived) == Counter(named(message_id) for message_id in wanted)
    assert sorted(await store.announced(MessageDelivered)) == sorted(wanted)
    assert mail.most_under_way > 1


async def test_a_domain_in_another_alphabet_is_reached(store: Store, mail: Server) -> None:
    await store.accept(to("lea@école.example"), to("léa@example.org"))
    async with running(store):
        await all_ended(store)
    assert [arrived.address for arrived in mail.arrived] == ["lea@xn--cole-9oa.example"]
    [row] = await store.fetch("select reason from message where state = 'bounced'")
    assert row["reason"] == "address"


async def test_an_answer_of_five_hundred_bounces_and_the_others_go_on(
    store: Store, mail: Server
) -> None:
    async def refuse(address: str) -> str | None:
        return "550 no such person" if address.startswith("nobody") else None

    async def spam(arrived: Arrived) -> str | None:
        return "554 not liked" if arrived.address.startswith("strict") else None

    mail.rcpt, mail.data = refuse, spam
    nobody, good, strict = await store.accept(
        to("nobody@example.org"), to("good@example.org"), to("strict@example.org")
    )
    async with running(store) as client:
        await all_ended(store)
        metrics = (await client.ask("GET", "/metrics")).raw
        assert b'comptoir_mails_bounced_total{reason="refused"} 2.0' in metrics
    assert [arrived.address for arrived in mail.arrived] == ["good@example.org"]
    assert sorted(await store.announced(MessageBounced)) == sorted([nobody, strict])
    assert await store.announced(MessageDelivered) == [good]
    rows = await store.fetch("select reason, sealed from message where state = 'bounced'")
    assert [tuple(row) for row in rows] == [("refused", None)] * 2


async def test_an_answer_of_four_hundred_is_tried_again_later_and_wakes_nobody(
    store: Store, mail: Server
) -> None:
    answers = iter(["451 greylisted", "421 busy", None])

    async def greylist(address: str) -> str | None:
        return next(answers)

    mail.rcpt = greylist
    await store.accept(IDEA)
    async with running(store, alarm_after=0.5) as client:
        await eventually(
            lambda: store.fetch("select due_at - now() as pause, deferred from message"),
            lambda rows: rows[0]["deferred"],
        )
        [row] = await store.fetch("select due_at - now() as pause, put_offs from message")
        assert timedelta(seconds=5) < row["pause"] <= timedelta(seconds=15)
        await asyncio.sleep(2.5)  # a look at the alarms is every two seconds
        assert "mails" not in (await client.ask("GET", "/health/ready")).body["alarms"]
        await all_ended(store, hurried=True)
    assert len(mail.arrived) == 1


async def test_while_no_server_answers_an_alarm_says_so_and_nothing_bounces(
    store: Store, mail: Server
) -> None:
    await mail.stop()
    await store.accept(*(to(f"person-{n}@example.org") for n in range(20)))
    async with running(store, alarm_after=0.5) as client:
        await eventually(
            lambda: client.ask("GET", "/health/ready"),
            lambda answer: answer.status == 503 and "mails" in answer.body["alarms"],
        )
        assert not {"bounced", "delivered"} & (await store.states()).keys()
        await mail.start()
        await all_ended(store, hurried=True)
        await eventually(
            lambda: client.ask("GET", "/health/ready"), lambda answer: answer.status == 200
        )
    assert set(message_ids(mail.arrived).values()) == {1}


async def test_where_nothing_waits_nothing_has_waited_however_long_ago_the_last_one_ended(
    store: Store, mail: Server
) -> None:
    await store.accept(to("person@example.org"))
    async with running(store):
        await all_ended(store)
    await store.fetch("update message set ended_at = now() - interval '1 hour'")
    connection = await asyncpg.connect(store.dsn)
    try:
        assert await queries.backlog(connection) == queries.Backlog(0, 0.0, 0.0)
    finally:
        await connection.close()


async def test_a_server_that_vanishes_before_the_envelope_holds_up_nobody_else(
    store: Store, mail: Server
) -> None:
    async def hang_up(address: str) -> str | None:
        if address.startswith("poison"):
            raise ConnectionResetError
        return None

    mail.rcpt = hang_up
    await store.accept(to("poison@example.org"), *(to(f"p{n}@example.org") for n in range(12)))
    async with running(store, smtp_connections=1):
        await eventually(store.states, lambda states: states.get("delivered") == 12)


@pytest.mark.parametrize("words", [b"", b"not sealed", bytes(600)])
async def test_what_cannot_be_opened_bounces_and_is_not_tried_again(
    store: Store, mail: Server, words: bytes
) -> None:
    event = telling.event(uuid4(), words or b"x")
    await store.accept_events(event)
    [good] = await store.accept(IDEA)
    async with running(store) as client:
        await all_ended(store)
        assert "mails" not in (await client.ask("GET", "/health/ready")).body["alarms"]
        metrics = (await client.ask("GET", "/metrics")).raw
        assert b'comptoir_mails_bounced_total{reason="unopened"} 1.0' in metrics
    assert await store.announced(MessageBounced) == [event.message_id]
    assert await store.announced(MessageDelivered) == [good]


async def test_a_message_that_no_template_knows_bounces(store: Store, mail: Server) -> None:
    """As a publisher of a later version may send it; `seal` refuses to."""
    event = telling.event_of(
        uuid4(),
        {"address": "a@example.org", "language": "fr", "message": "news", "values": {"x": "y"}},
    )
    await store.accept_events(event)
    async with running(store):
        await all_ended(store)
    [row] = await store.fetch("select state, reason, sealed from message")
    assert tuple(row) == ("bounced", "untellable", None)
    assert not mail.arrived


async def test_postgresql_s_restart_within_a_send_ends_with_one_mail(
    store: Store, mail: Server
) -> None:
    async def cut(_: Arrived) -> str | None:
        await store.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name like 'notification%'"
        )
        return None

    mail.taken = cut
    [message_id] = await store.accept(IDEA)
    async with running(store):
        await all_ended(store)
    assert message_ids(mail.arrived) == Counter([named(message_id)])


async def test_a_lease_that_is_over_is_attempted_by_another(store: Store, mail: Server) -> None:
    """Whoever was silent may have sent it: the second mail has the same id and the same bytes."""
    released = asyncio.Event()

    async def silent(_: Arrived) -> str | None:
        if len(mail.arrived) == 1:
            await released.wait()
        return None

    mail.taken = silent
    [message_id] = await store.accept(IDEA)
    async with running(store, replicas=2, lease=1.0):
        await all_ended(store)
    released.set()
    first, second = mail.arrived
    assert first.message.as_bytes() == second.message.as_bytes()
    assert first.message_id == named(message_id)
    assert await store.announced(MessageDelivered) == [message_id]


def test_pauses_grow_to_an_hour_and_end_after_days() -> None:
    pauses = [pause_after(count) for count in range(GIVEN_UP_NOT_BEFORE + 200)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=15) and pauses[-1] == timedelta(hours=1)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    long_ago = now - GIVEN_UP_AFTER - timedelta(seconds=1)
    assert expired(GIVEN_UP_NOT_BEFORE, long_ago, now)
    assert not expired(GIVEN_UP_NOT_BEFORE - 1, long_ago, now)
    assert not expired(GIVEN_UP_NOT_BEFORE + 900, now - GIVEN_UP_AFTER, now)
