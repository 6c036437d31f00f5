"""Receipts (.tlog-proof): made from tiles, checked offline; no other bit of one holds."""

from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger.notes import receipt as of_the_service
from ledger.notes import verifier_key
from ledger_audit import Policy, Tampered, Untrusted, receipts
from ledger_audit.keys import Malformed
from ledger_audit.receipts import Receipt, made
from ledger_audit.tree import leaf_hash
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import ORIGIN, VKEY, publish
from tests.ledger_audit.witnesses import ONE, POLICY, TWO

ENTRIES = [*islice(ballots(70_000), 1_000)]
TRUST = Policy.of_key(VKEY)


def check(content: bytes, entry: bytes, policy: Policy = TRUST) -> None:
    Receipt.parse(content).check(leaf_hash(entry), policy, now=0, max_age=None)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 513, 1000])
def test_every_entry_has_a_receipt_that_holds(tmp_path: Path, size: int) -> None:
    export = ledger_audit.read(publish(ENTRIES[:size], tmp_path))
    for index in {0, 1, 254, 255, 256, 510, 512, size - 2, size - 1} & {*range(size)}:
        content = made(export, index).content()
        check(content, ENTRIES[index])
        assert Receipt.parse(content).content() == content
        # The same bytes as the service hands out.
        found = Receipt.parse(content)
        note = export.note.decode()
        assert of_the_service(index, [*found.proof], note).encode() == content
        with pytest.raises(Tampered, match="does not lead from this entry") as caught:
            check(content, ENTRIES[index - 1] + b"x")
        assert (caught.value.step, caught.value.index) == (11, index)


def test_no_receipt_with_one_other_bit_holds(tmp_path: Path) -> None:
    plain = made(ledger_audit.read(publish(ENTRIES[:700], tmp_path)), 300)
    policy = Policy.parse(POLICY.encode())
    content = replace(plain, note=TWO.cosigned(ONE.cosigned(plain.note, 5), 7)).content()
    check(content, ENTRIES[300], policy)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << Random(place).randrange(8)
        with pytest.raises((Malformed, Tampered, Untrusted)):
            check(bytes(changed), ENTRIES[300], policy)


def test_a_receipt_without_its_quorum_is_not_taken(tmp_path: Path) -> None:
    content = made(ledger_audit.read(publish(ENTRIES[:9], tmp_path)), 3).content()
    with pytest.raises(Untrusted, match="quorum"):
        check(content, ENTRIES[3], Policy.parse(POLICY.encode()))


def test_extra_data_is_kept_and_not_trusted(tmp_path: Path) -> None:
    export = ledger_audit.read(publish(ENTRIES[:9], tmp_path))
    plain = made(export, 3)
    content = Receipt(3, plain.proof, plain.note, b"anything").content()
    assert content.split(b"\n")[1] == b"extra YW55dGhpbmc="
    assert Receipt.parse(content).extra == b"anything"
    check(content, ENTRIES[3])


MAGIC = b"c2sp.org/tlog-proof@v1\n"
HASH = b"A" * 43 + b"=\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"c2sp.org/tlog-proof@v2\nindex 1\n\nx\n",
        MAGIC + b"\nx\n",
        MAGIC + b"index 01\n\nx\n",
        MAGIC + b"index -1\n\nx\n",
        MAGIC + b"index 9223372036854775808\n\nx\n",
        MAGIC + b"index 1\n" + HASH * 64 + b"\nx\n",
        MAGIC + b"index 1\nAAAA\n\nx\n",
        MAGIC + b"index 1\n" + HASH.replace(b"A=", b"B=") + b"\nx\n",
        MAGIC + b"index 1\nextra AAAA\n\nx\n",
        MAGIC + b"extra A\nindex 1\n\nx\n",
        MAGIC + "index 1\né\n\nx\n".encode(),
        MAGIC + b"index 1\r\n\r\nx\n",
    ],
)
def test_what_is_no_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        Receipt.parse(content)


def test_an_entry_is_found_by_its_hash_and_a_ballot_by_its_digest(tmp_path: Path) -> None:
    export = ledger_audit.read(publish(ENTRIES[:700], tmp_path))
    body = ENTRIES[600][len(b'{"body":') : ENTRIES[600].index(b',"id":')]
    assert receipts.index_of_leaf(export, leaf_hash(ENTRIES[600])) == 600
    assert receipts.index_of_body(export, sha256(body).digest()) == 600
    assert receipts.index_of_leaf(export, bytes(32)) is None
    assert receipts.index_of_body(export, bytes(32)) is None


@pytest.mark.parametrize(
    ("told", "otherwise"),
    [
        (b'"src":"voting.box"', b'"src":"voting.count"'),
        (b'"type":"voting.ballot-cast.v1"', b'"type":"voting.ballot-kept.v1"'),
    ],
)
def test_what_has_the_bytes_of_a_ballot_and_is_none_is_not_found(
    tmp_path: Path, told: bytes, otherwise: bytes
) -> None:
    lie = ENTRIES[7].replace(told, otherwise)
    assert lie != ENTRIES[7]
    export = ledger_audit.read(publish([*ENTRIES[:7], lie, *ENTRIES[8:20]], tmp_path))
    body = lie[len(b'{"body":') : lie.index(b',"id":')]
    assert receipts.index_of_body(export, sha256(body).digest()) is None


def test_a_receipt_by_a_key_that_was_replaced_is_no_tampering(tmp_path: Path) -> None:
    first = Ed25519PrivateKey.from_private_bytes(bytes([5] * 32))
    content = made(ledger_audit.read(publish(ENTRIES[:9], tmp_path, key=first)), 3).content()
    with pytest.raises(Untrusted, match="a log whose key was replaced needs one line"):
        check(content, ENTRIES[3])
    keys = VKEY, verifier_key(ORIGIN, first.public_key().public_bytes_raw())
    both = "".join(f"log {key}\n" for key in keys) + "quorum none\n"
    check(content, ENTRIES[3], Policy.parse(both.encode()))
