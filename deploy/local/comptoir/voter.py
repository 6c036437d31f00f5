"""What a voter's device does: a key, a token for it, a signed ballot, a promise that is checked."""

from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comptoir.client import Client
from comptoir.errors import LauncherError
from shared.pabulib import Choices


class BrokenPromise(LauncherError):
    """The box answered with something that is not its signed promise for this ballot."""


class Voter:
    """A person with a posted code, voting once, or again with a higher revision.

    The ballot key is made when it is first needed: a city's voters wait in memory.
    """

    __slots__ = ("_private", "code", "key", "round_id", "tier", "token")

    def __init__(self, round_id: UUID, code: str) -> None:
        self.round_id = round_id
        self.code = code
        self._private: Ed25519PrivateKey | None = None
        self.key = self.tier = self.token = ""

    def make_key(self) -> None:
        """Have a ballot key, if there is none yet."""
        if self._private is None:
            self._private = Ed25519PrivateKey.generate()
            self.key = b64encode(self._private.public_key().public_bytes_raw()).decode()

    async def fetch_token(self, client: Client) -> None:
        """Have the roll sign the ballot key. Asked again, it gives the same token."""
        self.make_key()
        answer = await client.post(
            "voting.roll",
            f"/rounds/{self.round_id}/tokens",
            {"code": self.code, "key": self.key},
        )
        self.tier, self.token = answer["tier"], answer["token"]

    def ballot(self, choices: Choices, revision: int = 1) -> bytes:
        """A signed ballot, as canonical bytes; `choices` as its format has them. The voter has a
        key and a token."""
        assert self._private is not None
        fields: dict[str, Any] = {
            "v": 1,
            "round": str(self.round_id),
            "tier": self.tier,
            "key": self.key,
            "token": self.token,
            "revision": revision,
            "choices": choices,
        }
        signature = b64encode(self._private.sign(rfc8785.dumps(fields))).decode()
        return rfc8785.dumps(fields | {"sig": signature})

    def forget(self) -> None:
        """Keep neither key nor token: this voter is done."""
        self._private = None
        self.key = self.token = ""


async def cast(client: Client, ballot: bytes) -> dict[str, Any]:
    """Cast a ballot; the box's promise."""
    promise: dict[str, Any] = await client.post("voting.box", "/ballots", ballot)
    return promise


def check_promise(promise: dict[str, Any], digest: bytes, box: Ed25519PublicKey) -> None:
    """Raise `BrokenPromise` unless this is the box's word for the ballot of this digest."""
    promised = {name: promise[name] for name in ("ballot", "round_id", "published_by")}
    if promised["ballot"] != digest.hex():
        raise BrokenPromise(f"the box promises ballot {promised['ballot']}, cast {digest.hex()}")
    try:
        box.verify(b64decode(promise["signature"]), rfc8785.dumps(promised))
    except InvalidSignature:
        raise BrokenPromise(f"the promise for ballot {digest.hex()} is not signed by it") from None
