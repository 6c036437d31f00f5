"""RFC 9180's key schedule once more, of HMAC and HKDF-Expand alone, checked with appendix A.2.1.

The one-shot interface takes no additional data, which the appendix has in every encryption.
"""

import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

_OF_KEM = b"KEM" + (0x0020).to_bytes(2)
_OF_HPKE = b"HPKE" + (0x0020).to_bytes(2) + (0x0001).to_bytes(2) + (0x0003).to_bytes(2)


def extracted(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    """LabeledExtract (§4)."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")


def expanded(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand (§4)."""
    labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, labelled).derive(key)


def schedule(shared_point: bytes, enc: bytes, recipient: bytes, info: bytes) -> dict[str, bytes]:
    """§4.1 and §5.1, base mode: the shared secret, the key and the base nonce."""
    prk = extracted(_OF_KEM, b"", b"eae_prk", shared_point)
    shared = expanded(_OF_KEM, prk, b"shared_secret", enc + recipient, 32)
    context = (
        b"\x00"
        + extracted(_OF_HPKE, b"", b"psk_id_hash", b"")
        + extracted(_OF_HPKE, b"", b"info_hash", info)
    )
    secret = extracted(_OF_HPKE, shared, b"secret", b"")
    return {
        "shared_secret": shared,
        "key_schedule_context": context,
        "key": expanded(_OF_HPKE, secret, b"key", context, 32),
        "base_nonce": expanded(_OF_HPKE, secret, b"base_nonce", context, 12),
    }


# RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base.
VECTOR = {
    name: bytes.fromhex(value)
    for name, value in {
        "info": "4f6465206f6e2061204772656369616e2055726e",
        "enc": "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
        "skEm": "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
        "pkRm": "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
        "skRm": "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
        "shared_secret": "0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7",
        "key_schedule_context": "00431df6cd95e11ff49d7013563baf7f11588c75a6611ee2a4404a49306ae4cf"
        "c5b69c5718a60cc5876c358d3f7fc31ddb598503f67be58ea1e798c0bb19eb9796",
        "key": "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91",
        "base_nonce": "5c4d98150661b848853b547f",
        "pt": "4265617574792069732074727574682c20747275746820626561757479",
        "aad": "436f756e742d30",
        "ct": "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db"
        "21993c62ce81883d2dd1b51a28",
    }.items()
}


def the_appendix() -> dict[str, bytes]:
    """The key schedule of the appendix, made again of its two keys."""
    sender = X25519PrivateKey.from_private_bytes(VECTOR["skEm"])
    point = sender.exchange(X25519PublicKey.from_public_bytes(VECTOR["pkRm"]))
    return schedule(point, VECTOR["enc"], VECTOR["pkRm"], VECTOR["info"])
