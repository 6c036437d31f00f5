"""The roll's way to the signer: what makes tier keys and signs blinded values, behind a socket.

The roll itself has no private tier key (`voting.signer`).
"""

import asyncio
import json
import logging
from base64 import b64decode, b64encode
from collections import deque
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from shared.refusal import Refusal

log = logging.getLogger("comptoir.signer")

# In seconds: a signature that takes as long never comes. Primes are found by trying, which takes a
# second or two for a key, and many on a machine that is busy.
WITHIN = 10.0
MADE_WITHIN = 60.0
LONGEST_LINE = 4096


class SignerUnavailable(Refusal):
    """The signer gives no answer, or has no such key. What was asked can be asked again."""

    code = "signer_unavailable"
    headers: ClassVar = {"Retry-After": "1"}


class Signer:
    """The signer at a socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._signing: _Conversation | None = None

    async def make(self, round_id: UUID, tier: str) -> bytes:
        """The public key (SPKI, DER) of a round's tier, made where there is none.

        Raises `SignerUnavailable`, as all here.
        """
        return await self._aside("make", round_id, tier)

    async def destroy(self, round_id: UUID, tier: str) -> bytes:
        """The public key of a round's tier, whose private key is gone for good. Asked again, the
        same."""
        return await self._aside("destroy", round_id, tier)

    async def _aside(self, do: str, round_id: UUID, tier: str) -> bytes:
        """Ask for a key beside the signatures, which would wait for it."""
        conversation = _Conversation(self._socket, MADE_WITHIN)
        try:
            answer = await conversation.ask({"do": do, "round": str(round_id), "tier": tier})
        finally:
            conversation.close()
        return _bytes(answer, "public")

    async def sign(self, round_id: UUID, tier: str, blinded: bytes) -> bytes:
        """What the signer says is the blind signature of a value."""
        question = {
            "do": "sign",
            "round": str(round_id),
            "tier": tier,
            "blinded": b64encode(blinded).decode(),
        }
        return _bytes(await self._ask(question), "signature")

    async def answers(self) -> None:
        """Return where it is well."""
        await self._ask({"do": "health"})

    async def _ask(self, question: dict[str, str]) -> dict[str, Any]:
        if self._signing is None or self._signing.ended:
            self._signing = _Conversation(self._socket, WITHIN)
        return await self._signing.ask(question)

    async def run(self, stopping: asyncio.Event) -> None:
        """Let go of the socket when the process stops."""
        await stopping.wait()
        if self._signing is not None:
            self._signing.close()


class _Conversation:
    """One connection: questions are sent as they come, and answered in their order."""

    def __init__(self, socket: Path, within: float) -> None:
        self._socket = socket
        self._within = within
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self.ended = False

    async def ask(self, question: dict[str, str]) -> dict[str, Any]:
        """The answer to a question. Raises `SignerUnavailable`, also for what it refuses."""
        try:
            async with asyncio.timeout(self._within):
                line = await self._answer(json.dumps(question).encode() + b"\n")
        except (OSError, TimeoutError) as error:
            self.close()  # the answers that are still to come are to others' questions
            # A lost connection, also where there is no socket: an inbox waits and tries again.
            lost = ConnectionError(f"{self._socket}: {error}")
            raise SignerUnavailable("the signer gives no answer; ask again") from lost
        answer: dict[str, Any] = json.loads(line)
        if "code" in answer:
            log.error("the signer refuses to %s: %s", question["do"], answer["code"])
            raise SignerUnavailable(f"the signer refuses: {answer['code']}")
        return answer

    async def _answer(self, line: bytes) -> bytes:
        async with self._connecting:
            if self.ended:
                raise ConnectionError("the signer has hung up")
            if self._writer is None:
                reader, self._writer = await asyncio.open_unix_connection(
                    self._socket, limit=LONGEST_LINE
                )
                self._reading = asyncio.create_task(self._read(reader), name="signer")
            if self._writer.is_closing():
                # It is gone, and nobody has read that yet. uvloop writes nothing then, and raises
                # what is no OSError.
                raise ConnectionError("the signer has hung up")
            answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._waiting.append(answer)
            self._writer.write(line)
        await self._writer.drain()
        return await answer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while (line := await reader.readline()).endswith(b"\n"):
                answer = self._waiting.popleft()
                if not answer.done():  # who asked may have gone
                    answer.set_result(line)
        except (OSError, ValueError, IndexError):
            log.warning("the conversation with the signer broke off")
        finally:
            self.close()

    def close(self) -> None:
        """End it; whoever waits for an answer is told that none comes."""
        self.ended = True
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(ConnectionError("the signer has hung up"))


def _bytes(answer: dict[str, Any], name: str) -> bytes:
    try:
        return b64decode(answer[name], validate=True)
    except (KeyError, TypeError, ValueError):
        raise SignerUnavailable("the signer's answer is none") from None
