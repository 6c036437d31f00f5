"""Mail over SMTP: a pool of connections, and what each answer of a server means."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from notification.mails import Bounced, Doubtful, Mail, PutOff, Unreachable

ANSWER_WITHIN = 20.0
CLOSING = 421
_QUOTED = Charset("utf-8")
_QUOTED.header_encoding = _QUOTED.body_encoding = QP
_LINES = compat32.clone(linesep="\r\n")
Tls = Literal["none", "starttls", "tls"]


@dataclass(frozen=True)
class Server:
    """Where mails are handed over, and from whom they come."""

    host: str
    port: int
    tls: Tls
    username: str | None
    password: str | None
    sender: str
    sender_name: str
    reply_to: str | None = None


class Smtp:
    """The provider of mail."""

    def __init__(self, server: Server, connections: int) -> None:
        self._server = server
        self._idle: list[SMTP] = []
        self._room = asyncio.Semaphore(connections)

    async def send(self, mail: Mail) -> None:
        """Hand a mail over in one SMTP transaction. See `Provider.send`."""
        content, address = as_bytes(mail, self._server), envelope_address(mail.address)
        async with self._connection() as connection:
            await self._envelope(connection, address)
            try:
                await connection.data(content)
            except SMTPDataError as error:
                raise _refusal(error) from None
            except (SMTPException, OSError) as error:
                raise Doubtful(type(error).__name__) from None

    async def _envelope(self, connection: SMTP, address: str) -> None:
        """From whom and to whom. Until all of it is accepted, nothing was handed over."""
        try:
            await connection.mail(self._server.sender)
            await connection.rcpt(address)
        except SMTPRecipientRefused as error:
            raise _refusal(error) from None
        except (SMTPException, OSError) as error:
            # A sender that is refused is our mistake, not the recipient's.
            raise Unreachable(type(error).__name__) from None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        """A connection for one transaction. After any trouble it is not used again."""
        async with self._room:
            connection = await self._connected()
            try:
                yield connection
            except BaseException as error:
                if isinstance(error, PutOff | Bounced) and await _reset(connection):
                    self._idle.append(connection)
                else:
                    connection.close()
                raise
            self._idle.append(connection)

    async def _connected(self) -> SMTP:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_connected:
                return connection
        server = self._server
        fresh = SMTP(
            hostname=server.host,
            port=server.port,
            timeout=ANSWER_WITHIN,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.username,
            password=server.password,
            local_hostname=server.sender.rpartition("@")[2],
        )
        try:
            await fresh.connect()
            await fresh.ehlo()
        except (SMTPException, OSError, ValueError) as error:
            fresh.close()
            raise Unreachable(type(error).__name__) from None
        return fresh

    async def close(self) -> None:
        """End the idle connections: a server would end them some day, in the middle of a mail."""
        idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(SMTPException, OSError):
                await connection.quit(timeout=2)
            connection.close()


async def _reset(connection: SMTP) -> bool:
    """Whether the connection takes another mail."""
    try:
        await connection.rset()
    except (SMTPException, OSError):
        return False
    return connection.is_connected


def _refusal(error: SMTPResponseException) -> Exception:
    """What a server's code means for this mail (RFC 5321 §4.2.1)."""
    if error.code == CLOSING:
        return Unreachable(str(error.code))
    if 500 <= error.code < 600:
        return Bounced("refused")
    return PutOff(str(error.code))


def envelope_address(address: str) -> str:
    """An address as every server takes it: in ASCII, the domain by IDNA. Raises `Bounced`."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Bounced("address") from None


def as_bytes(mail: Mail, server: Server) -> bytes:
    """A mail as it travels, byte for byte the same at every attempt. Raises `Bounced`.

    Quoted-printable passes every server, and nothing in it depends on chance. These are the older
    classes of `email`: the newer ones take three times as long.
    """
    boundary = f"=_{mail.message_id.strip('<>').partition('@')[0]}"
    message = MIMEMultipart("alternative", boundary)
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.at)
    message["From"] = formataddr((server.sender_name, server.sender), _QUOTED)
    message["To"] = envelope_address(mail.address)
    if server.reply_to is not None:
        message["Reply-To"] = server.reply_to
    subject = Header(mail.subject, _QUOTED, header_name="Subject")
    message["Subject"] = subject  # type: ignore[assignment]  # typeshed knows strings only
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    for words, kind in ((mail.text, "plain"), (mail.html, "html")):
        message.attach(MIMEText(words, kind, _QUOTED))  # type: ignore[arg-type]  # here too
    return message.as_bytes(policy=_LINES)
