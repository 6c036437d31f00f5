"""SMS over an operator's gateway: one POST of JSON a message, and what each answer means."""

import httpx

from notification.mails import Bounced, Doubtful, Mail, Provider, PutOff, Unreachable
from shared.contacts import is_telephone
from shared.trust import authorities

ANSWER_WITHIN = 20.0


class Sms:
    """The provider of SMS. The gateway is asked `{"id", "to", "text"}` with a bearer's key; `id` is
    the same at every attempt, so that it can send each message once."""

    def __init__(self, url: str, key: str, connections: int) -> None:
        self._url, self._key = url, key
        self._limits = httpx.Limits(max_connections=connections)
        self._client: httpx.AsyncClient | None = None

    async def send(self, mail: Mail) -> None:
        """Hand one SMS over. See `Provider.send`."""
        sent = {"id": mail.message_id, "to": mail.address, "text": mail.text.strip()}
        try:
            answer = await self._connected().post(self._url, json=sent)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Doubtful(type(error).__name__) from None
        _check(answer.status_code)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            headers = {"Authorization": f"Bearer {self._key}"}
            self._client = httpx.AsyncClient(
                headers=headers,
                timeout=ANSWER_WITHIN,
                limits=self._limits,
                trust_env=False,
                verify=authorities(trust_env=False),
            )
        return self._client

    async def close(self) -> None:
        """End what is idle."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


class ByAddress:
    """A provider for each kind of address. Without one for SMS, what is for a telephone bounces."""

    def __init__(self, mails: Provider, sms: Provider | None) -> None:
        self._mails, self._sms = mails, sms

    async def send(self, mail: Mail) -> None:
        """Hand a message to the provider of its address. See `Provider.send`."""
        if not is_telephone(mail.address):
            await self._mails.send(mail)
        elif self._sms is None:
            raise Bounced("no_sms")
        else:
            await self._sms.send(mail)

    async def close(self) -> None:
        """End what is idle at both."""
        await self._mails.close()
        if self._sms is not None:
            await self._sms.close()


def _check(status: int) -> None:
    """What a gateway's status means for this message: only what it says of the message itself, or
    of its telephone, is final."""
    if status in (401, 403, 404, 405):
        # A key or an address of ours that is wrong is our mistake, not the recipient's.
        raise Unreachable(str(status))
    if status in (400, 410, 413, 422):
        raise Bounced("refused")
    if not 200 <= status < 300:
        raise PutOff(str(status))
