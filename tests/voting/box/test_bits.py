"""A ballot of which one bit is another: whichever it is, the box refuses it and keeps nothing."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import batched, chain
from typing import Any
from uuid import UUID

import pytest

from shared.canonical import canonical
from shared.refusal import Refusal
from tests.voting.box.conftest import ServedBox, listed, opened
from tests.voting.box.test_rules import RULES
from tests.voting.box.test_sealed import PADDED, sealed, sealed_round
from tests.voting.box.voters import Voter
from voting.box.ballots import Rules, check_ballot
from voting.box.routes import read_ballot

# Of digits alone: with one bit less a letter is a capital, and an id in capitals is the same id.
ROUND = UUID("00000000-0000-4000-8000-000000000001")
VOTER = Voter(ROUND)
UNDER_SEAL = Rules(RULES.tiers, RULES.format, RULES.costs, RULES.territories, PADDED)
# A ballot of each kind, with the rules of its round.
BALLOTS = {"live": (VOTER.ballot([1, 3]), RULES), "sealed": (sealed(VOTER, [1, 3]), UNDER_SEAL)}
# How what is signed stands in a ballot, and what is said of one that has another bit there.
BYTES: dict[str, set[str]] = {
    "key": {"token_invalid", "key_refused"},
    "token": {"token_invalid"},
    "sig": {"signature_invalid"},
    "commitment": {"signature_invalid"},
    "sealed": {"signature_invalid"},
}


def turned(content: bytes, place: int) -> bytes:
    """The same with one bit turned, counted from the first byte's lowest."""
    other = bytearray(content)
    other[place // 8] ^= 1 << place % 8
    return bytes(other)


def on_the_way(sent: bytes, every: int = 1) -> Iterator[bytes]:
    """A ballot with a bit turned as it travels: in names, values and punctuation."""
    return (turned(sent, place) for place in range(0, 8 * len(sent), every))


def in_a_field(sent: bytes, name: str, every: int = 1) -> Iterator[bytes]:
    """A well-formed ballot with a bit turned in the bytes that a field stands for."""
    fields = json.loads(sent)
    hexadecimal = name == "commitment"
    content = bytes.fromhex(fields[name]) if hexadecimal else b64decode(fields[name])
    for place in range(0, 8 * len(content), every):
        other = turned(content, place)
        value = other.hex() if hexadecimal else b64encode(other).decode()
        yield canonical(fields | {name: value})


def refused(sent: bytes, rules: Rules) -> str:
    """The code with which a ballot is refused."""
    with pytest.raises(Refusal) as refusal:
        check_ballot(read_ballot(sent), rules)
    return refusal.value.code


@pytest.mark.parametrize("kind", BALLOTS)
def test_no_bit_on_the_way_can_be_another(kind: str) -> None:
    sent, rules = BALLOTS[kind]
    check_ballot(read_ballot(sent), rules)  # as it was sent it is taken
    codes = {refused(each, rules) for each in on_the_way(sent)}
    assert {"ballot_malformed", "tier_unknown", "token_invalid", "signature_invalid"} <= codes


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in BALLOTS for name in BYTES if name in json.loads(BALLOTS[kind][0])],
)
def test_no_bit_of_a_field_can_be_another(kind: str, name: str) -> None:
    """The ballot is well formed, so that nothing but what was signed stands against it."""
    sent, rules = BALLOTS[kind]
    codes = {refused(each, rules) for each in in_a_field(sent, name)}
    assert codes and codes <= BYTES[name]


@pytest.mark.parametrize("bit", range(5))
def test_no_bit_of_the_revision_can_be_another(bit: int) -> None:
    for sent, rules in BALLOTS.values():
        fields = json.loads(sent)
        other: dict[str, Any] = fields | {"revision": fields["revision"] ^ 1 << bit}
        wanted = "signature_invalid" if other["revision"] else "ballot_malformed"
        assert refused(canonical(other), rules) == wanted


@pytest.mark.parametrize("kind", BALLOTS)
async def test_a_turned_bit_is_refused_with_a_reason_and_nothing_is_kept(
    served_box: ServedBox, kind: str
) -> None:
    """Over HTTP, a bit of every byte: as it travels, and of what each field stands for."""
    if kind == "sealed":
        await sealed_round(served_box, ROUND)
    else:
        await served_box.handle(*listed(ROUND), opened(ROUND, -60, 3600, "A"))
    sent, _ = BALLOTS[kind]
    # Not a multiple of eight: it is another bit from byte to byte, and each byte has one.
    fields = (in_a_field(sent, name, 7) for name in BYTES if name in json.loads(sent))
    codes = set[tuple[int, str]]()
    for some in batched(chain(on_the_way(sent, 7), *fields), 40, strict=False):
        answers = await asyncio.gather(*(served_box.post(each) for each in some))
        codes |= {answer.refusal for answer in answers}
    assert {status for status, _ in codes} == {403, 404, 422}
    assert await served_box.count("waiting") == await served_box.count("published") == 0
    assert (await served_box.post(sent)).status == 201
