"""What the booth asks roll, box and count, as a voter's device does; the roll knows it by a key."""

import json
from base64 import b64decode
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.device import Device
from shared.trust import authorities
from voting.booth.trouble import Trouble, silent

WITHIN = 20.0
BOOTH = "Comptoir-Booth"


class Others:
    """The three processes that the booth speaks with. Each method raises `Trouble`."""

    def __init__(self, roll: str, box: str, count: str, booth_key: str) -> None:
        self._addresses = {"roll": roll, "box": box, "count": count}
        self._as_booth = {BOOTH: booth_key}
        # No proxy of the environment, which would see both; no cookie is kept, since none comes.
        self._client = httpx.AsyncClient(
            timeout=WITHIN,
            trust_env=False,
            verify=authorities(trust_env=False),
            headers={"Accept": "application/json"},
        )

    async def ballot(self, round_id: UUID) -> dict[str, Any]:
        """What a ballot can say, in words, and where the round stands: of the roll."""
        found: dict[str, Any] = await self._ask("GET", "roll", f"/rounds/{round_id}/ballot")
        return found

    async def opened(self, round_id: UUID) -> dict[str, Any]:
        """Tier keys, and what ballots are sealed to: count's word, and not the roll's."""
        found: dict[str, Any] = await self._ask("GET", "count", f"/rounds/{round_id}")
        return found

    async def check_code(self, round_id: UUID, code: str) -> None:
        """Return where a code can be used in the booth now."""
        path = f"/rounds/{round_id}/tier"
        await self._ask("POST", "roll", path, {"code": code}, self._as_booth)

    async def signature(self, round_id: UUID, code: str, blinded: str) -> str:
        """The blind signature for a code's token, in base64."""
        sent = {"code": code, "blinded": blinded}
        path = f"/rounds/{round_id}/tokens"
        return str((await self._ask("POST", "roll", path, sent, self._as_booth))["signature"])

    async def highest(self, device: Device) -> int:
        """The highest revision that the box has under a key; 0 where it has none."""
        nonce = (await self._ask("GET", "box", "/nonce"))["nonce"]
        return int((await self._ask("POST", "box", "/highest", device.question(nonce)))["revision"])

    async def cast(self, ballot: bytes) -> dict[str, Any]:
        """The box's promise for a ballot."""
        promise: dict[str, Any] = await self._ask("POST", "box", "/ballots", ballot)
        return promise

    async def promise_key(self) -> Ed25519PublicKey:
        """What the box signs its promises with."""
        found = (await self._ask("GET", "box", "/keys"))["promise"]
        return Ed25519PublicKey.from_public_bytes(b64decode(found))

    async def answers(self) -> bool:
        """The booth keeps nothing: there is nothing that could fail to answer."""
        return True

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _ask(
        self,
        method: str,
        process: str,
        path: str,
        sent: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        content = sent if isinstance(sent, bytes) or sent is None else json.dumps(sent).encode()
        named = {"Content-Type": "application/json", **(headers or {})}
        url = self._addresses[process].rstrip("/") + path
        try:
            answer = await self._client.request(method, url, content=content, headers=named)
            found = answer.json()
        except (httpx.HTTPError, ValueError):
            raise silent(f"voting.{process}") from None
        if answer.is_success:
            return found
        code = found.get("code") if isinstance(found, dict) else None
        if not isinstance(code, str):
            raise silent(f"voting.{process}")
        raise Trouble(code, answer.status_code, f"voting.{process} refused: {code}")
