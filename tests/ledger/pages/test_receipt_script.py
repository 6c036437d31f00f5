"""Checking a receipt in the browser: the same verdicts as the auditor's, and nothing malformed."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger
from ledger import proofs
from ledger.notes import Checkpoint, receipt, signed, verifier_key
from ledger.tree import EMPTY, TileKey, grow, leaf_hash, root
from ledger.witness.cosigning import Cosigner
from shared.promises import promise_bytes
from tests.node import Ask, answering, module

ROUND = UUID(int=7)
ORIGIN = "ledger.example.org/edition"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
COSIGNERS = [
    Cosigner(f"w{n}.example.org/w", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32))
    for n in (1, 2, 3)
]
LOG = {
    "keys": [verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())],
    "witnesses": [str(each.vkey) for each in COSIGNERS],
}
SCRIPT = Path(ledger.__file__).parent / "static" / "receipt.js"
TELLS = "return receipt.checked(receipt.read(given.receipt), given.entry, given.log)"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with answering("receipt", module(SCRIPT, "receipt")) as ask:
        yield ask


def entry(index: int) -> bytes:
    return f'{{"body":{{"n":{index},"é":"€"}},"id":"{index}","number":1}}'.encode()


def tree(size: int) -> tuple[bytes, dict[TileKey, bytes]]:
    edge, tiles = grow(EMPTY, [leaf_hash(entry(index)) for index in range(size)])
    return root(edge), tiles


def made(index: int, size: int, witnesses: int = 0, key: Ed25519PrivateKey = KEY) -> str:
    top, tiles = tree(size)
    checkpoint = Checkpoint(ORIGIN, size, top)
    note = signed(checkpoint, key)
    note += "".join(
        c.cosign(checkpoint.text.encode(), 1_790_000_000).line for c in COSIGNERS[:witnesses]
    )
    return receipt(index, proofs.hashes(proofs.inclusion(index, size), tiles), note)


def told(ask: Ask, text: str, index: int, log: Any = LOG) -> Any:
    return ask(TELLS, {"receipt": text, "entry": entry(index).decode(), "log": log})


def test_every_proof_of_every_small_tree_holds_and_none_with_a_changed_bit(ask: Ask) -> None:
    given: list[Any] = []
    for size in (*range(1, 20), 255, 256, 257, 600):
        top, tiles = tree(size)
        for index in sorted({0, 1, size // 2, size - 2, size - 1} & {*range(size)}):
            path = proofs.hashes(proofs.inclusion(index, size), tiles)
            leaf = leaf_hash(entry(index))
            parts = [leaf, *path, top]
            given.append([index, size, [part.hex() for part in parts], True])
            for place, part in enumerate(parts):
                bent = bytes([part[0] ^ 1]) + part[1:]
                altered = [*parts[:place], bent, *parts[place + 1 :]]
                given.append([index, size, [part.hex() for part in altered], False])
            given.append([index, size, [p.hex() for p in (leaf, *path, bytes(32), top)], False])
            given.append([index + size, size, [part.hex() for part in parts], False])
            if path:
                given.append([index, size, [p.hex() for p in (leaf, *path[1:], top)], False])
    found = ask(
        "const bytes = (hex) => Uint8Array.from(hex.match(/../g), (b) => parseInt(b, 16));"
        "return Promise.all(given.map(([index, size, parts]) => {"
        " const [leaf, ...rest] = parts.map(bytes), root = rest.pop();"
        " return receipt.includes(index, size, leaf, rest, root); }))",
        given,
    )
    assert found == [holds for *_, holds in given]


def test_a_receipt_is_checked_with_its_signatures(ask: Ask) -> None:
    assert told(ask, made(7, 300, 2), 7) == {
        "included": "good",
        "signed": "good",
        "witnessed": "good",
        "witnesses": 2,
    }


def test_pasted_with_other_line_ends_and_without_the_last_it_is_the_same(ask: Ask) -> None:
    text = made(7, 300, 1)
    for pasted in (text.strip(), f"\n{text}\n\n", text.replace("\n", "\r\n")):
        assert told(ask, pasted, 7)["signed"] == "good"


def test_another_entry_is_not_included(ask: Ask) -> None:
    assert told(ask, made(7, 300), 8)["included"] == "wrong"


def test_who_signed_is_looked_at_by_key(ask: Ask) -> None:
    unsigned = told(ask, made(7, 30, key=OTHER), 7)
    assert (unsigned["signed"], unsigned["included"]) == ("absent", "unsigned")
    assert told(ask, made(7, 30), 7)["witnessed"] == "absent"
    line = made(7, 30).splitlines()[-1]
    name, content = line.split(" ")[1:]
    wrong = content[:-6] + ("AAAA==" if not content.endswith("AAAA==") else "BBBA==")
    assert told(ask, made(7, 30).replace(line, f"— {name} {wrong}"), 7)["signed"] == "wrong"
    text = made(7, 30, 1)
    cosigned = text.splitlines()[-1]
    other = COSIGNERS[0].cosign(b"another text\n", 1_790_000_000).line.strip()
    assert told(ask, text.replace(cosigned, other), 7)["witnessed"] == "wrong"


def test_what_an_earlier_key_signed_is_told_from_what_todays_key_signed(ask: Ask) -> None:
    later = verifier_key(ORIGIN, OTHER.public_key().public_bytes_raw())
    log = {**LOG, "keys": [*LOG["keys"], later]}
    for key, said in ((KEY, "earlier"), (OTHER, "good")):
        found = told(ask, made(3, 9, key=key), 3, log)
        assert (found["signed"], found["included"]) == (said, "good")
    both = made(3, 9) + made(3, 9, key=OTHER).splitlines()[-1] + "\n"
    assert told(ask, both, 3, log)["signed"] == "good"


def test_a_signature_of_a_kind_that_browsers_do_not_know_is_said_to_be_unchecked(ask: Ask) -> None:
    name, public = "w9.example.org/w", bytes(1312)
    identity = sha256(name.encode() + b"\n\x06" + public).digest()[:4]
    vkey = f"{name}+{identity.hex()}+{b64encode(bytes([6]) + public).decode()}"
    text = made(3, 9) + f"— {name} {b64encode(identity + bytes(2428)).decode()}\n"
    assert told(ask, text, 3, {**LOG, "witnesses": [vkey]})["witnessed"] == "unable"


def test_what_is_no_receipt_is_said_to_be_none(ask: Ask) -> None:
    text = made(3, 9)
    many = "\n".join(["A" * 43 + "="] * 64)
    broken = [
        "",
        "a",
        "ab" * 31,
        text.replace("@v1", "@v2"),
        text.replace("index 3", "index 03"),
        text.replace("index 3", "index -3"),
        text.replace("index 3", "index 99999999999999999999"),
        text.replace("\n9\n", "\n09\n"),
        text.replace("\n\n", "\n", 1),
        text.replace("\n", "\n!\n", 2),
        text.partition("—")[0],
        text.replace("\n\n", f"\n{many}\n\n", 1),
        "comptoir-receipt-v1\n{}\n",
        "comptoir-receipt-v1\nnothing\n",
        'comptoir-receipt-v1\n{"ballot":"<b>"}\n',
        f'comptoir-receipt-v1\n{{"ballot":"{"0" * 64}","round_id":"../x"}}\n',
        "comptoir-receipt-v2\n",
    ]
    found = ask(
        "return given.map((text) => { try { receipt.read(text); return 'read'; } catch (error) {"
        " return error instanceof receipt.Malformed ? 'malformed' : `${error}`; } })",
        broken,
    )
    assert found == ["malformed"] * len(broken)


def test_a_promise_and_a_bare_digest_are_both_a_ballots(ask: Ask) -> None:
    digest = sha256(b"ballot").hexdigest()
    said = f'{{"ballot":"{digest}","round_id":"{ROUND}","signature":"AAAA"}}'
    promise = f"comptoir-receipt-v1\n{said}\nbox key: x\n"
    assert ask("return given.map(receipt.read)", [promise, f" {digest}\n"]) == [
        {"kind": "ballot", "digest": digest, "round": str(ROUND), "signature": "AAAA"},
        {"kind": "ballot", "digest": digest},
    ]


def test_a_promise_is_the_boxs_where_one_of_its_keys_signed_the_rule(ask: Ask) -> None:
    digest = sha256(b"ballot").digest()
    signature = b64encode(KEY.sign(promise_bytes(digest, ROUND))).decode()
    of = {"digest": digest.hex(), "round": str(ROUND), "signature": signature}
    flipped = b64encode(bytes([1]) + b64decode(signature)[1:]).decode()
    own, other = (b64encode(k.public_key().public_bytes_raw()).decode() for k in (KEY, OTHER))
    given = [
        [of, [own]],
        [of, [other, own]],
        [of, [other]],
        [of, []],
        [of | {"digest": "0" * 64}, [own]],
        [of | {"round": str(UUID(int=8))}, [own]],
        [of | {"signature": flipped}, [own]],
        [of | {"signature": signature[:-4]}, [own]],
        [{name: value for name, value in of.items() if name != "signature"}, [own]],
    ]
    found = ask("return Promise.all(given.map((each) => receipt.promiseSigned(...each)))", given)
    assert found == ["good", "good", *["wrong"] * 7]


def test_a_ballots_digest_is_that_of_its_entrys_body_and_nothing_else_has_one(ask: Ask) -> None:
    body = '{"n":7,"é":"€"}'

    def said(src: str, kind: str, more: str = "") -> str:
        identity = "00000000-0000-4000-8000-000000000000"
        envelope = f'"number":1,"src":"{src}","t":"2026-11-25T12:00Z","type":"{kind}","v":1}}'
        return f'{{"body":{body},{more}"id":"{identity}",{envelope}'

    cast = "voting.ballot-cast.v1"
    given = [
        said("voting.box", cast),
        said("voting.box", "voting.box-closed.v1"),
        said("voting.count", cast),
        said("votingxbox", cast),
        said("voting.box", cast) + " ",
        entry(7).decode(),
    ]
    found = ask("return Promise.all(given.map(receipt.ballotDigest))", given)
    assert found == [sha256(body.encode()).hexdigest(), *[None] * 5]
    (more,) = ask(
        "return Promise.all(given.map(receipt.ballotDigest))", [said("voting.box", cast, '"x":1,')]
    )
    assert more not in (None, found[0])
