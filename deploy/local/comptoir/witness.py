"""The witness that runs beside the local ledger, and the files that say who trusts whom.

On this machine one witness stands for those of other départements: it has a key and a directory of
its own, is told of the platform's log alone, and learns of the editions' logs from it. That it runs
beside the ledger proves that the protocol works, and nothing about the ledger's operator.
"""

import asyncio
import sys
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp

from comptoir.addresses import Addresses
from ledger_audit import Policy
from shared.keys import ed25519_key

NAME = "ledger.witness"
KEY_NAME = "witness.localhost/w1"
PLATFORM = "platform"
_KEY_FILE = "witness.key"
_COSIGNATURE = b"\x04"
_ASK_EVERY = 0.5


class LocalWitness:
    """The files of a platform's witness, below its state directory."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        directory = addresses.state.directory
        self.keys = directory / "keys" / NAME
        self.logs = directory / "witness.logs"
        self.policy = directory / "policy"
        self.trust = directory / "trust.policy"

    def prepare(self, port: int) -> None:
        """Write the policy that the signer obeys, and have a file for the witness's logs."""
        self.policy.write_text(f"witness w1 {self.vkey()} http://127.0.0.1:{port}\nquorum w1\n")
        self.logs.touch()

    def vkey(self) -> str:
        """The key by which its cosignatures are verified (C2SP tlog-cosignature)."""
        public = ed25519_key(self.keys / _KEY_FILE).public_key().public_bytes_raw()
        content = _COSIGNATURE + public
        identity = sha256(KEY_NAME.encode() + b"\n" + content).hexdigest()[:8]
        return f"{KEY_NAME}+{identity}+{b64encode(content).decode()}"

    def argv(self) -> list[str]:
        """How it is started."""
        return [sys.executable, "-P", "-m", NAME]

    def environment(self, port: int) -> dict[str, str]:
        """What it is told."""
        return {
            "COMPTOIR_HOST": "127.0.0.1",
            "COMPTOIR_PORT": str(port),
            "COMPTOIR_WITNESS_NAME": KEY_NAME,
            "COMPTOIR_KEYS": str(self.keys),
            "COMPTOIR_LOGS": str(self.logs),
        }

    async def introduce(self) -> None:
        """Tell the witness of the platform's log, as its operator would, once there is one."""
        signer = self._addresses.urls("ledger.signer")[0]
        timeout = aiohttp.ClientTimeout(2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while not (found := await _platform(session, signer)):  # noqa: ASYNC110
                await asyncio.sleep(_ASK_EVERY)
        _replace(self.logs, request_line(found, self._addresses))

    def write_trust(self, vkeys: list[str]) -> Path:
        """The trust file of an auditor (C2SP tlog-policy): these logs, and the signer's policy."""
        _replace(self.trust, self._trust(vkeys))
        return self.trust

    def trusted(self, vkeys: list[str]) -> Policy:
        """The same, as our auditor has it."""
        return Policy.parse(self._trust(vkeys).encode())

    def _trust(self, vkeys: list[str]) -> str:
        return "".join(f"log {vkey}\n" for vkey in vkeys) + self.policy.read_text()


def request_line(log: dict[str, Any], addresses: Addresses) -> str:
    """What the operator of a witness is given: the platform's log is followed at its address."""
    url = f" {addresses.urls('ledger')[0]}/logs/{PLATFORM}" if log["log"] == PLATFORM else ""
    return f"log {log['vkey']}{url}\n"


async def _platform(session: aiohttp.ClientSession, signer: str) -> dict[str, Any] | None:
    with suppress(aiohttp.ClientError, TimeoutError):
        async with session.get(f"{signer}/logs") as response:
            if response.status == 200:
                for log in await response.json():
                    if log["log"] == PLATFORM:
                        return dict(log)
    return None


def _replace(file: Path, content: str) -> None:
    """Write a file whole: somebody may be reading it."""
    fresh = file.with_name(f".{file.name}.fresh")
    fresh.write_text(content)
    fresh.replace(file)
