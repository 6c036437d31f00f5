"""`comptoir dead`: what a process could not read is listed, shown and handed back to it."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.errors import LauncherError
from comptoir.kafka import Account
from shared.envelope import Envelope
from shared.events.dead import DeadLetter
from shared.kafka import Kafka
from shared.settings import KafkaSettings
from tests.deploy.desks import desk, invoked

As = Callable[[str], Account]
ORIGIN = "notification.deliveries"


class Broker:
    """What the commands need to meet the tests' broker as its operator."""

    def __init__(self, as_principal: As) -> None:
        self._as = as_principal
        operator = as_principal("operator")
        self.options = [
            *("--bootstrap", operator.bootstrap, "--username", "operator"),
            *("--password-env", "SECRET"),
        ]
        self.env = {"SECRET": operator.password}

    async def bury(self, process: str, reason: str, value: bytes = b"{") -> UUID:
        """Publish a dead letter as the process's relay would."""
        letter = DeadLetter(
            process=process,
            origin=ORIGIN,
            partition=0,
            offset=7,
            reason=reason,
            value=base64.b64encode(value).decode(),
        )
        envelope = Envelope(uuid4(), letter.type, process, letter.subject, datetime.now(UTC))
        account = self._as(process)
        settings = KafkaSettings(
            bootstrap=account.bootstrap, username=account.username, password=account.password
        )
        producer = Kafka(settings).producer()
        await producer.start()
        await producer.send_and_wait(
            f"{ORIGIN}.dead",
            letter.body(),
            key=letter.key.encode(),
            headers=envelope.headers(),
        )
        await producer.stop()
        return envelope.id

    async def litter(self) -> str:
        """Write what is no dead letter where dead letters are; where it stands now."""
        account = self._as("admin")
        settings = KafkaSettings(
            bootstrap=account.bootstrap, username=account.username, password=account.password
        )
        producer = Kafka(settings).producer()
        await producer.start()
        sent = await producer.send_and_wait(f"{ORIGIN}.dead", b"litter")
        await producer.stop()
        return f"{sent.topic}/{sent.partition}@{sent.offset}"

    async def invoked(self, *arguments: str) -> Any:
        return await invoked("dead", *arguments, *self.options, env=self.env)


@pytest.fixture
def broker(as_principal: As) -> Broker:
    return Broker(as_principal)


async def test_a_list_has_a_line_for_each_letter_that_the_options_leave(broker: Broker) -> None:
    ours = await broker.bury("voting.roll", "not JSON: a list")
    other = await broker.bury("submission", "not JSON: another")
    result = await broker.invoked("list", "--process", "voting.roll", "--topic", ORIGIN)
    lines = result.output.splitlines()
    assert f"{ours}  voting.roll  {ORIGIN}/0@7  not JSON: a list" in lines
    everything = (await broker.invoked("list")).output
    assert str(ours) in everything
    assert str(other) in everything
    assert str(other) not in result.output


async def test_a_letter_is_shown_whole_and_as_text_where_it_is_text(broker: Broker) -> None:
    buried = await broker.bury("voting.roll", "not JSON: shown", b"{oh")
    shown = json.loads((await broker.invoked("show", str(buried)[:13])).stdout)
    assert (shown["id"], shown["reason"], shown["text"]) == (str(buried), "not JSON: shown", "{oh")
    binary = await broker.bury("voting.roll", "not UTF-8", b"\xff")
    assert json.loads((await broker.invoked("show", str(binary))).stdout)["text"] is None


async def test_what_is_no_dead_letter_does_not_hide_the_others(broker: Broker) -> None:
    where = await broker.litter()
    buried = await broker.bury("voting.roll", "behind the litter")
    result = await broker.invoked("list", "--topic", ORIGIN)
    assert f"{where} is no dead letter: ce_specversion is missing" in result.stderr
    assert str(buried) in result.stdout


async def test_a_replay_hands_the_letter_to_the_process_that_could_not_read_it(
    broker: Broker, place: Path
) -> None:
    buried = await broker.bury("voting.roll", "to be replayed")
    await broker.bury("voting.roll", "to be left")
    async with desk(place / "state", "voting.roll", lambda _: (200, {})) as roll:
        result = await broker.invoked("replay", str(buried), "--state", str(place / "state"))
    assert (result.exit_code, result.stdout) == (0, f"{buried} replayed to voting.roll\n")
    [(path, body)] = roll.posted
    assert path == "/desk/dead-letters"
    assert DeadLetter.model_validate(body).reason == "to be replayed"


async def test_a_letter_that_still_cannot_be_read_ends_with_status_1(
    broker: Broker, place: Path
) -> None:
    buried = await broker.bury("voting.roll", "still wrong")
    problem = {"code": "still_dead", "detail": "not JSON"}
    async with desk(place / "state", "voting.roll", lambda _: (422, problem)):
        result = await broker.invoked("replay", str(buried), "--state", str(place / "state"))
    assert result.exit_code == 1
    assert f"{buried} refused: " in result.output
    assert "not JSON (422 still_dead)" in result.output


async def test_an_unknown_letter_or_topic_is_refused_by_name(broker: Broker) -> None:
    shown = await broker.invoked("show", "ffffffff-ffff")
    assert isinstance(shown.exception, LauncherError)
    assert str(shown.exception) == "0 dead letters have an id like ffffffff-ffff"
    listed = await broker.invoked("list", "--topic", "voting.nothing")
    assert str(listed.exception) == "there is no topic voting.nothing.dead"


async def test_replay_wants_names_or_everything(broker: Broker) -> None:
    assert (await broker.invoked("replay")).exit_code == 2
