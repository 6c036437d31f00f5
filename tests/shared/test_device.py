"""What a device makes of a voting code: whoever checks it can, and it is always the same."""

import hashlib
import json
from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared import rsabssa
from shared.canonical import canonical
from shared.device import Device, PromiseBroken, check_promise, tier_key
from shared.events.voting import BallotCast, token_bytes
from shared.promises import promise_bytes, promised

ROUND = UUID(int=7)
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=3072)
PUBLIC = PRIVATE.public_key()


def signed(blinded: str) -> str:
    """What a signer answers: the value to the private exponent."""
    numbers = PRIVATE.private_numbers()
    value = int.from_bytes(b64decode(blinded))
    return b64encode(pow(value, numbers.d, numbers.public_numbers.n).to_bytes(384)).decode()


@pytest.fixture
def device() -> Device:
    return Device(bytes(range(16)), ROUND, "S")


def test_the_token_is_a_plain_signature_over_the_key(device: Device) -> None:
    token = b64decode(device.token(PUBLIC, signed(device.blinded(PUBLIC))))
    message = token_bytes(ROUND, "S", device.key)
    PUBLIC.verify(token, message, rsabssa.PADDING, rsabssa.HASH)
    assert message.decode() not in device.blinded(PUBLIC)


def test_another_signers_answer_is_found(device: Device) -> None:
    wrong = b64encode((2).to_bytes(384)).decode()
    with pytest.raises(rsabssa.SignatureWrong):
        device.token(PUBLIC, wrong)


def test_the_same_seed_gives_the_same_bytes_and_another_tier_others(device: Device) -> None:
    again = Device(bytes(range(16)), ROUND, "S")
    assert (again.key, again.blinded(PUBLIC)) == (device.key, device.blinded(PUBLIC))
    said = {"choices": [1]}
    assert again.ballot("AAAA", 1, said) == device.ballot("AAAA", 1, said)
    others = [Device(bytes(range(16)), ROUND, "A"), Device(bytes(range(16)), UUID(int=8), "S")]
    assert len({device.key, *(other.key for other in others)}) == 3


def test_a_ballot_is_signed_and_names_its_place(device: Device) -> None:
    ballot = json.loads(device.ballot("A" * 512, 2, {"choices": [1, 3]}))
    BallotCast.model_validate(ballot)
    signature = b64decode(ballot.pop("sig"))
    key = Ed25519PublicKey.from_public_bytes(b64decode(device.key))
    key.verify(signature, canonical(ballot))
    with pytest.raises(InvalidSignature):
        key.verify(signature, canonical(ballot | {"revision": 3}))


def test_a_question_is_signed_by_the_key_that_it_asks_about(device: Device) -> None:
    question: dict[str, str] = device.question("a nonce")
    signature = b64decode(question.pop("sig"))
    Ed25519PublicKey.from_public_bytes(b64decode(device.key)).verify(signature, canonical(question))
    assert question["purpose"] == "highest-revision"


def test_a_promise_is_for_this_ballot_and_of_this_box() -> None:
    box, digest = Ed25519PrivateKey.generate(), hashlib.sha256(b"a ballot").digest()

    def given(**changed: Any) -> dict[str, Any]:
        said = promised(digest, ROUND) | changed
        return said | {"signature": b64encode(box.sign(canonical(said))).decode()}

    promise = given()
    assert box.sign(promise_bytes(digest, ROUND)) == b64decode(promise["signature"])
    check_promise(promise, digest, ROUND, box.public_key())
    for broken in (
        given(ballot="0" * 64),
        given(published_within=7200),
        given(extensions="excluded"),
        given(round_id=str(UUID(int=9))),
        given(more="than that"),
        promise | {"signature": given(v="comptoir-promise-v2")["signature"]},
    ):
        with pytest.raises(PromiseBroken):
            check_promise(broken, digest, ROUND, box.public_key())
    with pytest.raises(PromiseBroken):
        check_promise(promise, digest, ROUND, Ed25519PrivateKey.generate().public_key())


def test_a_tier_key_is_read_as_the_opening_states_it() -> None:
    spki = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert tier_key(b64encode(spki).decode()).public_numbers() == PUBLIC.public_numbers()
