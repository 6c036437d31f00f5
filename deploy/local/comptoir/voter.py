"""What a voter's device does: a voting code, a key, a token for it that nobody else can link to
it, a signed ballot, a promise that is checked."""

from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from comptoir.client import Client
from comptoir.errors import LauncherError
from comptoir.sealed import Sealing
from shared import rsabssa, voting_code
from shared.events.voting import token_bytes
from shared.pabulib import Choices
from shared.sealing import Place


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

    __slots__ = ("_private", "code", "key", "round_id", "seed", "tier", "token")

    def __init__(self, round_id: UUID, code: str, seed: bytes = b"") -> None:
        self.round_id = round_id
        self.code = code
        self.seed = seed
        self._private: Ed25519PrivateKey | None = None
        self.key = self.tier = self.token = ""

    @property
    def voting_code(self) -> str:
        """What she keeps: with it, and the posted code, another device goes on with her vote."""
        return voting_code.written(self.seed)

    def make_key(self) -> None:
        """Have the ballot key of the seed in this round, at this tier."""
        self.seed = self.seed or voting_code.new_seed()
        secret = self._derived(voting_code.BALLOT_KEY)
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.key = b64encode(self._private.public_key().public_bytes_raw()).decode()

    async def fetch_token(self, client: Client) -> None:
        """Have the ballot key signed, without showing it. Asked again, it gives the same token.

        Raises `MarkedToken` where what comes back is not signed by the announced tier key.
        """
        path = f"/rounds/{self.round_id}"
        self.tier = (await client.post("voting.roll", f"{path}/tier", {"code": self.code}))["tier"]
        public = await _tier_key(client, self.round_id, self.tier)
        self.make_key()
        r = rsabssa.factor(public, self._derived(voting_code.BLINDING))
        message = token_bytes(self.round_id, self.tier, self.key)
        blinded = b64encode(rsabssa.blind(public, message, r)).decode()
        sent = {"code": self.code, "blinded": blinded}
        answer = await client.post("voting.roll", f"{path}/tokens", sent)
        try:
            token = rsabssa.finalize(public, message, b64decode(answer["signature"]), r)
        except rsabssa.SignatureWrong as error:
            raise MarkedToken(f"no token for round {self.round_id}: {error}") from None
        self.token = b64encode(token).decode()

    def _derived(self, purpose: str) -> bytes:
        return voting_code.derive(self.seed, self.round_id, self.tier, purpose)

    def ballot(self, choices: Choices, revision: int = 1, sealing: Sealing | None = None) -> bytes:
        """A signed ballot, as canonical bytes; `choices` as its format has them, sealed where the
        round asks for it. The voter has a key and a token."""
        assert self._private is not None
        fields: dict[str, Any] = {
            "v": 1,
            "round": str(self.round_id),
            "tier": self.tier,
            "key": self.key,
            "token": self.token,
            "revision": revision,
        }
        if sealing is None:
            fields["choices"] = choices
        else:
            place = Place(str(self.round_id), self.tier, self.key, revision)
            fields |= sealing.fields(place, choices)
        signature = b64encode(self._private.sign(rfc8785.dumps(fields))).decode()
        return rfc8785.dumps(fields | {"sig": signature})

    def question(self, nonce: str) -> dict[str, str]:
        """The question after the highest revision under her key, signed with it."""
        assert self._private is not None
        said = {
            "round": str(self.round_id),
            "key": self.key,
            "purpose": "highest-revision",
            "nonce": nonce,
        }
        return said | {"sig": b64encode(self._private.sign(rfc8785.dumps(said))).decode()}

    def forget(self) -> None:
        """Keep neither seed, key nor token: this voter is done."""
        self._private = None
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


def check_promise(promise: dict[str, Any], digest: bytes, box: Ed25519PublicKey) -> None:
    """Raise `BrokenPromise` unless this is the box's word for the ballot of this digest."""
    promised = {name: promise[name] for name in ("ballot", "round_id", "published_by")}
    if promised["ballot"] != digest.hex():
        raise BrokenPromise(f"the box promises ballot {promised['ballot']}, cast {digest.hex()}")
    try:
        box.verify(b64decode(promise["signature"]), rfc8785.dumps(promised))
    except InvalidSignature:
        raise BrokenPromise(f"the promise for ballot {digest.hex()} is not signed by it") from None


async def _tier_key(client: Client, round_id: UUID, tier: str) -> RSAPublicKey:
    """The key that the round's opening states for a tier: count's word, and not that of the roll,
    which could tell each voter another."""
    if round_id not in client.opened:
        client.opened[round_id] = await client.get("voting.count", f"/rounds/{round_id}")
    try:
        public = load_der_public_key(b64decode(client.opened[round_id]["tiers"][tier]))
    except KeyError:
        raise MarkedToken(f"the roll says tier {tier}, which round {round_id} has not") from None
    assert isinstance(public, RSAPublicKey)
    return public
