"""What a voter's device does: a voting code, a key, a token for it that nobody else can link to
it, a signed ballot, a promise that is checked."""

from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from comptoir.client import Client
from comptoir.errors import LauncherError
from comptoir.sealed import Sealing
from shared import device, rsabssa, voting_code
from shared.device import Device, PromiseBroken
from shared.pabulib import Choices


class BrokenPromise(LauncherError):
    """The box answered with something that is not its signed promise for this ballot."""


class MarkedToken(LauncherError):
    """The roll answered with something that the announced tier key did not sign: a token that it
    could tell from others, or none."""


class Voter:
    """A person with a posted code, voting once, or again with a higher revision.

    Everything follows from the seed behind her voting code, which is drawn when it is first needed:
    a city's voters wait in memory.
    """

    __slots__ = ("_device", "code", "key", "round_id", "seed", "tier", "token")

    def __init__(self, round_id: UUID, code: str, seed: bytes = b"") -> None:
        self.round_id = round_id
        self.code = code
        self.seed = seed
        self._device: Device | None = None
        self.key = self.tier = self.token = ""

    @property
    def voting_code(self) -> str:
        """What she keeps: with it, and the posted code, another device goes on with her vote."""
        return voting_code.written(self.seed)

    def make_key(self) -> None:
        """Have the ballot key of the seed in this round, at this tier."""
        self.seed = self.seed or voting_code.new_seed()
        self._device = Device(self.seed, self.round_id, self.tier)
        self.key = self._device.key

    async def fetch_token(self, client: Client) -> None:
        """Have the ballot key signed, without showing it. Asked again, it gives the same token.

        Raises `MarkedToken` where what comes back is not signed by the announced tier key.
        """
        path = f"/rounds/{self.round_id}"
        self.tier = (await client.post("voting.roll", f"{path}/tier", {"code": self.code}))["tier"]
        public = await _tier_key(client, self.round_id, self.tier)
        self.make_key()
        assert self._device is not None
        sent = {"code": self.code, "blinded": self._device.blinded(public)}
        answer = await client.post("voting.roll", f"{path}/tokens", sent)
        try:
            self.token = self._device.token(public, answer["signature"])
        except rsabssa.SignatureWrong as error:
            raise MarkedToken(f"no token for round {self.round_id}: {error}") from None

    def ballot(self, choices: Choices, revision: int = 1, sealing: Sealing | None = None) -> bytes:
        """A signed ballot, as canonical bytes; `choices` as its format has them, sealed where the
        round asks for it. The voter has a key and a token."""
        assert self._device is not None
        said: dict[str, Any] = {"choices": choices}
        if sealing is not None:
            said = sealing.fields(self._device.place(revision), choices)
        return self._device.ballot(self.token, revision, said)

    def question(self, nonce: str) -> dict[str, str]:
        """The question after the highest revision under her key, signed with it."""
        assert self._device is not None
        return self._device.question(nonce)

    def forget(self) -> None:
        """Keep neither seed, key nor token: this voter is done."""
        self._device = None
        self.seed = b""
        self.key = self.token = ""


async def cast(client: Client, ballot: bytes) -> dict[str, Any]:
    """Cast a ballot; the box's promise."""
    promise: dict[str, Any] = await client.post("voting.box", "/ballots", ballot)
    return promise


async def highest(client: Client, voter: Voter) -> int:
    """The highest revision that the box has under a voter's key; 0 where it has none."""
    nonce = (await client.get("voting.box", "/nonce"))["nonce"]
    answer = await client.post("voting.box", "/highest", voter.question(nonce))
    return int(answer["revision"])


def check_promise(
    promise: dict[str, Any], digest: bytes, round_id: UUID, box: Ed25519PublicKey
) -> None:
    """Raise `BrokenPromise` unless this is the box's word for the ballot of this digest."""
    try:
        device.check_promise(promise, digest, round_id, box)
    except PromiseBroken as broken:
        raise BrokenPromise(str(broken)) from None


async def _tier_key(client: Client, round_id: UUID, tier: str) -> RSAPublicKey:
    """The key that the round's opening states for a tier: count's word, and not that of the roll,
    which could tell each voter another."""
    if round_id not in client.opened:
        client.opened[round_id] = await client.get("voting.count", f"/rounds/{round_id}")
    try:
        return device.tier_key(client.opened[round_id]["tiers"][tier])
    except KeyError:
        raise MarkedToken(f"the roll says tier {tier}, which round {round_id} has not") from None
