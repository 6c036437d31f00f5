"""The gateway of SMS: what it is asked, and what its answers mean."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comptoir.mailbox import Mailbox
from comptoir.ports import free_ports
from comptoir.sink import gateway
from notification.mails import Bounced, Doubtful, Mail, PutOff, Unreachable
from notification.sms import ByAddress, Sms

MAIL = Mail("<1@x.example>", datetime.now(UTC), "+33612345678", "fr", "", "Code 12345678\n", "")


@dataclass
class Gateway:
    """A gateway that answers as a test says; None: it hangs up."""

    status: int | None = 202
    asked: list[Any] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append((request.headers["Authorization"], await request.json()))
        if self.status is None:
            assert request.transport is not None
            request.transport.close()
        return web.Response(status=self.status or 500)


@pytest.fixture
async def asked() -> AsyncIterator[tuple[Gateway, Sms]]:
    found, app = Gateway(), web.Application()
    app.router.add_post("/messages", found.take)
    async with TestServer(app) as server:
        sms = Sms(str(server.make_url("/messages")), "key", 2)
        yield found, sms
        await sms.close()


async def test_a_message_is_handed_over_under_its_id(asked: tuple[Gateway, Sms]) -> None:
    found, sms = asked
    await sms.send(MAIL)
    said = {"id": MAIL.message_id, "to": "+33612345678", "text": "Code 12345678"}
    assert found.asked == [("Bearer key", said)]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        *((status, Bounced) for status in (400, 410, 422)),
        *((status, PutOff) for status in (402, 429, 500, 503)),
        *((status, Unreachable) for status in (401, 403, 404)),
        (None, Doubtful),
    ],
)
async def test_what_each_answer_means(
    asked: tuple[Gateway, Sms], status: int | None, meant: type[Exception]
) -> None:
    found, sms = asked
    found.status = status
    with pytest.raises(meant):
        await sms.send(MAIL)


async def test_a_gateway_that_is_away_took_nothing() -> None:
    port = free_ports({"sms": None})["sms"]
    sms = Sms(f"http://127.0.0.1:{port}/messages", "key", 1)
    with pytest.raises(Unreachable):
        await sms.send(MAIL)
    await sms.close()


async def test_without_a_gateway_what_goes_to_a_telephone_bounces() -> None:
    nobody = Sms("http://127.0.0.1:1/", "key", 1)
    with pytest.raises(Bounced) as found:
        await ByAddress(nobody, None).send(MAIL)
    assert found.value.reason == "no_sms"


async def test_the_local_gateway_keeps_what_a_mailbox_reads(tmp_path: Path) -> None:
    async with TestServer(gateway(tmp_path)) as server:
        sms = Sms(str(server.make_url("/messages")), "key", 1)
        await sms.send(MAIL)
        await sms.close()
    [kept] = Mailbox(tmp_path).mails("+33612345678")
    assert (kept.address, kept.subject, kept.text) == ("+33612345678", "SMS", "Code 12345678\n")
