"""Sealed ballots as the box takes them, and the question after one's own highest revision."""

import hashlib
import json
from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared import sealing
from shared.canonical import canonical
from shared.events.voting import BallotCast, Commission
from shared.sealing import Place
from shared.unsealing import Sealed, openings
from tests.opening import round_opened
from tests.serving import Answer
from tests.voting.box.conftest import OPTIONS, ServedBox, listed
from tests.voting.box.voters import Voter, public_keys
from voting.box.highest import LASTS, Nonces, NonceStale

PRIVATE = X25519PrivateKey.generate()
KEY = b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
PADDED = 128


async def sealed_round(box: ServedBox, round_id: UUID | None = None) -> UUID:
    """A sealed round that is open; a new one where none is named."""
    opened = round_opened(
        round_id or uuid4(),
        tiers=public_keys("A"),
        options=OPTIONS,
        secrecy="sealed",
        commission=Commission(key=KEY, threshold=3, shares=7),
        padded=PADDED,
    )
    await box.handle(*listed(opened.round_id), opened)
    return opened.round_id


def sealed(voter: Voter, chosen: list[int], revision: int = 1, **others: Any) -> bytes:
    """A sealed ballot; signed after `others` are put into it."""
    place = Place(str(voter.round_id), voter.tier, voter.key, revision)
    salt = sealing.new_salt()
    fields = {
        "commitment": sealing.commitment(place, chosen, salt),
        "sealed": sealing.seal(KEY, place, chosen, salt, PADDED),
    }
    said, revision = others.pop("choices", None), others.pop("revision", revision)
    return voter.ballot(said, revision, **(fields | others))


async def test_a_sealed_ballot_is_taken_and_published_byte_for_byte(served_box: ServedBox) -> None:
    voter = Voter(await sealed_round(served_box))
    sent = sealed(voter, [2, 4])
    answer = await served_box.post(sent)
    assert answer.status == 201
    assert answer.body["ballot"] == hashlib.sha256(sent).hexdigest()
    await served_box.close(voter.round_id)
    [row] = await served_box.rows()
    assert row["body"] == sent


async def test_the_box_cannot_tell_a_copy_and_the_commission_can(served_box: ServedBox) -> None:
    """Somebody casts what another voter sealed. It is signed by its own key, and a token is for
    that: the box has no key that could look inside. Who has one finds that it opens for nobody."""
    victim = Voter(await sealed_round(served_box))
    thief = Voter(victim.round_id)
    own = sealed(victim, [2, 4])
    taken = {name: json.loads(own)[name] for name in ("commitment", "sealed")}
    for sent in (own, thief.ballot(None, **taken)):
        assert (await served_box.post(sent)).status == 201
    await served_box.close(victim.round_id)
    cast = [BallotCast.from_body(row["body"]) for row in await served_box.rows()]
    found = {each.key: Sealed(each.tier, each.revision, each.sealed or "") for each in cast}
    said = {each["key"]: each for each in openings(PRIVATE, str(victim.round_id), found)}
    assert said[thief.key] == {"key": thief.key, "revision": 1}
    assert said[victim.key]["choices"] == [2, 4]


REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "says its choices": (
        {"choices": [1], "commitment": None, "sealed": None},
        (422, "sealing_refused"),
    ),
    "says its choices beside": ({"choices": [1]}, (422, "sealing_refused")),
    "no commitment": ({"commitment": None}, (422, "sealing_refused")),
    "nothing sealed": ({"sealed": None}, (422, "sealing_refused")),
    "a commitment that is no hash": ({"commitment": "ab"}, (422, "ballot_malformed")),
    "too short": ({"sealed": b64encode(bytes(PADDED + 47)).decode()}, (422, "sealed_malformed")),
    "too long": ({"sealed": b64encode(bytes(PADDED + 49)).decode()}, (422, "sealed_malformed")),
    "no base64": ({"sealed": "A" * 233}, (422, "sealed_malformed")),
    # 176 bytes end in four spare bits.
    "base64 of another form": (
        {"sealed": b64encode(bytes(PADDED + 48)).decode()[:-2] + "B="},
        (422, "sealed_malformed"),
    ),
    "a revision beyond the last": ({"revision": 21}, (422, "ballot_malformed")),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_would_tell_a_ballot_apart_is_refused_and_leaves_nothing(
    served_box: ServedBox, what: str
) -> None:
    voter = Voter(await sealed_round(served_box))
    others, refusal = REFUSED[what]
    assert (await served_box.post(sealed(voter, [1], **others))).refusal == refusal
    assert await served_box.count("waiting") == await served_box.count("published") == 0


async def test_a_round_in_the_open_takes_nothing_sealed(served_box: ServedBox) -> None:
    voter = Voter(await served_box.opened())
    for sent in (sealed(voter, [1]), sealed(voter, [1], choices=[1])):
        refused = await served_box.post(sent)
        assert refused.refusal == (422, "sealing_refused")


async def ask(box: ServedBox, voter: Voter, **others: Any) -> Answer:
    """The signed question after the highest revision; `others` are changed before signing."""
    nonce = (await box.client.ask("GET", "/nonce")).body["nonce"]
    said = {
        "round": str(voter.round_id),
        "key": voter.key,
        "purpose": "highest-revision",
        "nonce": nonce,
    } | others
    signature = b64encode(voter.private.sign(canonical(said))).decode()
    return await box.client.ask("POST", "/highest", said | {"sig": signature})


async def test_who_has_the_key_is_told_its_highest_revision(served_box: ServedBox) -> None:
    voter = Voter(await sealed_round(served_box))
    assert (await ask(served_box, voter)).body == {"revision": 0}
    for revision in (1, 2):
        await served_box.post(sealed(voter, [revision], revision))
        assert (await ask(served_box, voter)).body == {"revision": revision}
    await served_box.close(voter.round_id)  # published, and asked for as before
    assert (await ask(served_box, voter)).body == {"revision": 2}


async def test_nobody_else_is_told(served_box: ServedBox) -> None:
    voter, other = [Voter(await sealed_round(served_box)) for _ in range(2)]
    await served_box.post(sealed(voter, [1]))
    refusals = {
        "signed by another": await ask(served_box, other, key=voter.key),
        "another nonce": await ask(served_box, voter, nonce=b64encode(bytes(56)).decode()),
        "no nonce": await ask(served_box, voter, nonce=""),
        "a round that never was": await ask(served_box, voter, round=str(uuid4())),
        "a key of small order": await ask(served_box, voter, key=b64encode(bytes(32)).decode()),
        "another purpose": await ask(served_box, voter, purpose="revision"),
    }
    assert {what: answer.refusal for what, answer in refusals.items()} == {
        "signed by another": (403, "signature_invalid"),
        "another nonce": (403, "nonce_stale"),
        "no nonce": (403, "nonce_stale"),
        "a round that never was": (404, "round_unknown"),
        "a key of small order": (422, "key_refused"),
        "another purpose": (422, "question_malformed"),
    }


def test_a_nonce_is_good_for_minutes_and_in_every_replica_of_one_box() -> None:
    key = Ed25519PrivateKey.generate()
    nonce = Nonces(key).new(now=1000.0)
    Nonces(key).check(nonce, now=1000.0 + LASTS)
    with pytest.raises(NonceStale):
        Nonces(key).check(nonce, now=1001.0 + LASTS)
    with pytest.raises(NonceStale):
        Nonces(Ed25519PrivateKey.generate()).check(nonce, now=1000.0)
