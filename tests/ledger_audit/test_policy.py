"""A policy takes a checkpoint that its log signed and its quorum cosigned, lately enough."""

import sys
from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.notes import Checkpoint, signed, verifier_key
from ledger_audit import Policy, Tampered, Untrusted
from ledger_audit.keys import Checkpoint as Said
from ledger_audit.keys import Malformed, VerifierKey, WrongSignature
from ledger_audit.notes import Note, split
from tests.ledger_audit.logs import KEY, ORIGIN, VKEY
from tests.ledger_audit.witnesses import ONE, POLICY, THREE, TWO, Witness

NOTE = signed(Checkpoint(ORIGIN, 7, bytes(32)), KEY).encode()
NOW = 1_800_000_000


def policy(text: str = POLICY) -> Policy:
    return Policy.parse(text.encode())


def test_the_example_of_c2sp_tlog_cosignature_has_the_size_and_names_that_it_shows() -> None:
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Z"
        "hcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrD"
        "JsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    found = Note.parse(note.encode())
    assert (found.checkpoint.origin, found.checkpoint.size) == (
        "example.com/behind-the-sofa",
        20852163,
    )
    names = [name for name, _ in found.signatures]
    assert names == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(found.signatures[1][1][4:12]) == 1679315147


def test_the_example_of_c2sp_signed_note_is_verified() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    text, signatures = split(
        (
            "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfX"
            "ppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
        ).encode()
    )
    ((name, signature),) = signatures
    assert (name, signature[:4]) == (key.name, key.id)
    nothing = Said("x", 0, bytes(32))
    assert key.verify(signature[4:], text, nothing) is None
    with pytest.raises(WrongSignature):
        key.verify(signature[4:], text + b"x", nothing)


def test_a_quorum_of_cosignatures_is_taken() -> None:
    note = TWO.cosigned(ONE.cosigned(NOTE, NOW - 5), NOW - 10)
    found = policy().check(note, now=NOW, max_age=60)
    assert found.checkpoint == Said(ORIGIN, 7, bytes(32))
    assert found.times == {"one": NOW - 5, "two": NOW - 10}


@pytest.mark.parametrize(
    "note",
    [
        NOTE,
        ONE.cosigned(NOTE, NOW),
        ONE.cosigned(ONE.cosigned(NOTE, NOW), NOW - 1),
        Witness("unknown.example.org").cosigned(ONE.cosigned(NOTE, NOW), NOW),
    ],
)
def test_less_than_a_quorum_is_not_taken(note: bytes) -> None:
    with pytest.raises(Untrusted, match="the quorum 'most' is not met"):
        policy().check(note)


def test_a_quorum_that_cosigned_too_long_ago_is_not_taken() -> None:
    note = TWO.cosigned(ONE.cosigned(NOTE, NOW), NOW - 61)
    with pytest.raises(Untrusted, match="'one' cosigned it within 60 s"):
        policy().check(note, now=NOW, max_age=60)
    assert policy().check(THREE.cosigned(note, NOW - 60), now=NOW, max_age=60)
    # A clock that is far ahead shows nothing about an age either.
    ahead = TWO.cosigned(ONE.cosigned(NOTE, NOW), NOW + 3600)
    with pytest.raises(Untrusted):
        policy().check(ahead, now=NOW, max_age=60)


def test_without_a_quorum_nobody_says_how_old_a_checkpoint_is() -> None:
    assert Policy.of_key(VKEY).check(NOTE).times == {}
    with pytest.raises(Untrusted, match="nobody says how old"):
        Policy.of_key(VKEY).check(NOTE, now=NOW, max_age=60)


def test_a_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    note = bytearray(TWO.cosigned(ONE.cosigned(NOTE, NOW), NOW))
    later = signed(Checkpoint(ORIGIN, 8, bytes(32)), KEY).encode()
    replayed = later + ONE.cosigned(NOTE, NOW)[len(NOTE) :] + TWO.cosigned(NOTE, NOW)[len(NOTE) :]
    for wrong in (bytes(note).replace(b"\n7\n", b"\n8\n"), replayed):
        with pytest.raises(Tampered, match=r"the signature of .* is wrong"):
            policy().check(wrong)


def test_an_ml_dsa_cosignature_is_verified() -> None:
    key, name, time = MLDSA44PrivateKey.generate(), "pq.example.org/w", NOW
    public = b"\x06" + key.public_key().public_bytes_raw()
    identity = sha256(name.encode() + b"\n" + public).digest()[:4]
    vkey = f"{name}+{identity.hex()}+{b64encode(public).decode()}"
    message = (
        b"subtree/v1\n\0"
        + bytes([len(name)])
        + name.encode()
        + time.to_bytes(8)
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + bytes(8)
        + (7).to_bytes(8)
        + bytes(32)
    )
    signature = b64encode(identity + time.to_bytes(8) + key.sign(message)).decode()
    note = NOTE + f"— {name} {signature}\n".encode()
    text = f"log {VKEY}\nwitness w {vkey}\nquorum w\n"
    assert policy(text).check(note).times == {"w": NOW}
    with pytest.raises(Tampered):
        policy(text).check(note.replace(b"\n7\n", b"\n8\n"))


def test_groups_of_groups_are_counted_as_c2sp_tlog_policy_says() -> None:
    names = [f"{side}{n}" for side in "XY" for n in (1, 2, 3)]
    witnesses = "\n".join(f"witness {name} {Witness(name).vkey}" for name in names)
    read = policy(
        f"{witnesses}\ngroup X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n"
        "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
    )
    assert read.is_met({"X1", "X3", "Y2"})
    assert not read.is_met({"X1", "Y1", "Y2", "Y3"})
    assert not read.is_met({"X1", "X2", "X3"})


ONLY = f"log {VKEY}\nwitness one {ONE.vkey}\nwitness two {TWO.vkey}\n"
WRONG = {
    "no quorum": (ONLY, "one line with its quorum"),
    "two quorums": (ONLY + "quorum none\nquorum one\n", "line 5: a second quorum"),
    "an unknown name": (ONLY + "quorum three\n", "called 'three'"),
    "a name that comes later": (ONLY + "group g any h\ngroup h any one\nquorum g\n", "called 'h'"),
    "none in a group": (ONLY + "group g any none\nquorum g\n", "called 'none'"),
    "a group of nobody": (ONLY + "group g any\nquorum g\n", "line 4: no line of a policy"),
    "more than there are": (ONLY + "group g 3 one two\nquorum g\n", "'3' of 2 members"),
    "less than one": (ONLY + "group g 0 one two\nquorum g\n", "'0' of 2 members"),
    "a member twice": (ONLY + "group g 1 one one\nquorum g\n", "a member of a group already"),
    "a member of two": (
        ONLY + "group g 1 one\ngroup h 1 one\nquorum g\n",
        "a member of a group already",
    ),
    "a name twice": (ONLY + f"witness one {THREE.vkey}\nquorum one\n", "the name 'one' is taken"),
    "a key twice": (ONLY + f"witness three {ONE.vkey}\nquorum one\n", "this witness's key"),
    "a log twice": (ONLY + f"log {VKEY}\nquorum none\n", "this log's key is there already"),
    "a witness's key of a log": (f"witness w {VKEY}\nquorum w\n", "a key of type 1"),
    "a log's key of a witness": (f"log {ONE.vkey}\nquorum none\n", "a key of type 4"),
    "no key": ("log nonsense\nquorum none\n", "line 1: this is not a verifier key: 'nonsense'"),
    "a control character": (ONLY + "quorum none\r\n", "a control character, b'\\\\r'"),
    "another word": (ONLY + "quorums none\n", "no line of a policy: 'quorums none'"),
    "a wrong id": (f"log {VKEY.replace('+2', '+3', 1)}\nquorum none\n", "not that of its name"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_policy_that_is_none_is_refused_with_its_line(what: str) -> None:
    text, complaint = WRONG[what]
    with pytest.raises(Malformed, match=complaint):
        policy(text)


def test_comments_tabs_and_names_that_are_not_utf_8_are_read() -> None:
    read = Policy.parse(
        b" # \xff\n\n\twitness \xe9t\xe9 " + ONE.vkey.encode() + b"\nquorum \xe9t\xe9"
    )
    assert read.is_met(read.witnesses)
    with pytest.raises(Untrusted, match="quorum") as caught:
        Policy(Policy.of_key(VKEY).logs, read.witnesses, {}, read.quorum).check(NOTE)
    str(caught.value).encode()


def test_a_policy_without_the_log_refuses_it() -> None:
    with pytest.raises(Tampered, match="did not sign this with a key known for no log at all"):
        policy(f"witness one {ONE.vkey}\nquorum one\n").check(ONE.cosigned(NOTE, NOW))


@pytest.mark.parametrize("order", [1, -1])
def test_a_known_key_with_a_wrong_signature_refuses_the_note_beside_any_other(order: int) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))
    other_key = verifier_key(ORIGIN, other.public_key().public_bytes_raw())
    of_another = signed(Checkpoint(ORIGIN, 8, bytes(32)), other).rstrip("\n").split("\n")[-1]
    logs = "".join(f"log {key}\n" for key in (VKEY, other_key)[::order])
    with pytest.raises(Tampered, match="is wrong: not made by this key"):
        policy(f"{logs}quorum none\n").check(NOTE + of_another.encode() + b"\n")
    right = signed(Checkpoint(ORIGIN, 7, bytes(32)), other).rstrip("\n").split("\n")[-1]
    assert policy(f"{logs}quorum none\n").check(NOTE + right.encode() + b"\n")


def test_a_signature_that_cannot_be_checked_here_accuses_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, encoded = "pq.example.org/w", bytes([6]) + bytes(1312)
    identity = sha256(name.encode() + b"\n" + encoded).digest()[:4]
    vkey = f"{name}+{identity.hex()}+{b64encode(encoded).decode()}"
    cosignature = b64encode(identity + NOW.to_bytes(8) + bytes(2420)).decode()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
    with pytest.raises(Untrusted, match="ML-DSA-44 needs a newer cryptography"):
        policy(f"log {VKEY}\nwitness w {vkey}\nquorum w\n").check(
            NOTE + f"— {name} {cosignature}\n".encode()
        )
