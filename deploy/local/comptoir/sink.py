"""Where mails and SMS end on this machine: servers that take everything and send nothing on.

`python -m comptoir.sink PORT SMS_PORT DIRECTORY` keeps each mail as `DIRECTORY/ADDRESS/TIME.eml`,
byte for byte behind two lines that say from whom and to whom it was handed over, and each SMS so
under its telephone; `mailbox.py` reads them.
"""

import asyncio
import contextlib
import hashlib
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

NAME, SMS = "mail", "sms"
HOST = "127.0.0.1"
DOMAIN = "comptoir.example"
LARGEST = 32 * 1024 * 1024
LONGEST_NAME = 200


def argv(port: int, sms_port: int, directory: Path) -> list[str]:
    """How it is started."""
    ports = (str(port), str(sms_port))
    return [sys.executable, "-P", "-m", "comptoir.sink", *ports, str(directory)]


def environment(port: int, sms_port: int) -> dict[str, str]:
    """What whoever sends mails and SMS is told."""
    return {
        "COMPTOIR_SMS_URL": f"http://{HOST}:{sms_port}/messages",
        "COMPTOIR_SMS_KEY": "of this machine alone",
        "COMPTOIR_SMTP_HOST": HOST,
        "COMPTOIR_SMTP_PORT": str(port),
        "COMPTOIR_SMTP_TLS": "none",
        "COMPTOIR_MAIL_SENDER": f"budget-citoyen@{DOMAIN}",
        "COMPTOIR_MAIL_DOMAIN": DOMAIN,
    }


def folder(directory: Path, address: str) -> Path:
    """The directory of an address, whatever characters it has. Case does not matter."""
    name = quote(address.lower(), safe="@+")
    if len(name) > LONGEST_NAME:
        name = name[:100] + hashlib.sha256(name.encode()).hexdigest()
    return directory / (f"%2E{name[1:]}" if name.startswith(".") else name)


class Keeper:
    """What aiosmtpd calls with a whole mail."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep it for each recipient. It is acknowledged when its files have their names."""
        content = envelope.content
        assert isinstance(content, bytes)
        for address in envelope.rcpt_tos:
            handed_over = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {address}\r\n"
            keep(folder(self._directory, address), handed_over.encode() + content)
        return "250 kept"


def gateway(directory: Path) -> web.Application:
    """The gateway of SMS: it keeps each message, and answers when its file has its name."""

    async def take(request: web.Request) -> web.Response:
        sent = await request.json()
        head = f"X-RcptTo: {sent['to']}\r\nSubject: SMS\r\nMessage-ID: {sent['id']}\r\n"
        kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        keep(folder(directory, sent["to"]), f"{head}{kind}\r\n{sent['text']}\r\n".encode())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/messages", take)
    return app


def keep(place: Path, content: bytes) -> None:
    """Write a mail beside its place and give it its name: whoever looks sees all of it or none."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place / f".{secrets.token_hex(8)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.rename(place / f"{time.time_ns():020d}-{secrets.token_hex(4)}.eml")


def server(handler: Any) -> SMTP:
    """One connection's protocol, with who is told of its commands."""
    return SMTP(
        handler,
        hostname="localhost",
        ident="Comptoir sink",
        enable_SMTPUTF8=True,
        data_size_limit=LARGEST,
        loop=asyncio.get_running_loop(),
    )


async def serve(port: int, sms_port: int, directory: Path) -> None:
    """Take mails and SMS until SIGTERM."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    runner = web.AppRunner(gateway(directory), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, sms_port).start()
    keeper = Keeper(directory)
    listening = await loop.create_server(lambda: server(keeper), HOST, port)
    print(f"mails and SMS end in {directory}", flush=True)
    await told.wait()
    listening.close()
    await runner.cleanup()


async def answers(port: int) -> bool:
    """Whether a sink greets here."""
    writer = None
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(HOST, port)
            return (await reader.readline()).startswith(b"220")
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


if __name__ == "__main__":
    mails = Path(sys.argv[3])
    mails.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), mails))
