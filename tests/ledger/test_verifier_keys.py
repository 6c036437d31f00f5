"""Signatures are those that other people's keys make, of each kind."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.notes import Checkpoint, Malformed, Note, Signature, verifier_key
from ledger.verifier_keys import (
    COSIGNATURE,
    ML_DSA_44,
    VerifierKey,
    WrongSignature,
    cosignature,
    cosigned,
)

CHECKPOINT = Checkpoint("example.com/behind-the-sofa", 20852163, bytes(range(32)))
TEXT = CHECKPOINT.text.encode()
TIME = 1679315147
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_the_example_of_signed_note_verifies() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = Note.parse(
        (
            "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6Tf"
            "Xppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
        ).encode()
    )
    assert key.times(note) == [0]
    with pytest.raises(WrongSignature):
        key.times(Note(note.text + b"!", note.signatures))


def test_what_is_cosigned_is_the_message_of_the_specification() -> None:
    assert cosigned(TEXT, TIME) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        + TEXT.splitlines()[2]
        + b"\n"
    )


def test_a_cosignature_says_when() -> None:
    key = VerifierKey("w", COSIGNATURE, KEY.public_key().public_bytes_raw())
    content = cosignature(TIME, KEY.sign(cosigned(TEXT, TIME)))
    assert key.time(TEXT, content) == TIME
    for wrong in (
        cosignature(TIME + 1, content[8:]),
        cosignature(0, KEY.sign(cosigned(TEXT, 0))),
        cosignature(2**63, KEY.sign(cosigned(TEXT, 2**63))),
        content[:-1],
        content[:7],
        b"",
    ):
        with pytest.raises(WrongSignature):
            key.time(TEXT, wrong)


def test_a_post_quantum_cosignature_is_over_the_whole_tree_and_the_name() -> None:
    private = MLDSA44PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = VerifierKey.parse(verifier_key("witness.example/w1", public, ML_DSA_44))
    # struct cosigned_message of tlog-cosignature.
    message = (
        b"subtree/v1\n\0"
        + bytes([18])
        + b"witness.example/w1"
        + struct.pack(">Q", TIME)
        + bytes([27])
        + b"example.com/behind-the-sofa"
        + struct.pack(">QQ", 0, 20852163)
        + bytes(range(32))
    )
    content = cosignature(TIME, private.sign(message))
    assert key.time(TEXT, content) == TIME
    other = VerifierKey("witness.example/w2", ML_DSA_44, public)
    with pytest.raises(WrongSignature):
        other.time(TEXT, content)


def test_a_key_is_written_as_it_is_read() -> None:
    for kind in (1, 4):
        vkey = verifier_key("a.example/b", KEY.public_key().public_bytes_raw(), kind)
        assert str(VerifierKey.parse(vkey)) == vkey


@given(st.text(max_size=200))
def test_any_text_is_no_key_and_no_signature(text: str) -> None:
    for read in (VerifierKey.parse, Signature.parse):
        with pytest.raises(Malformed):
            read(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_refused(content: bytes) -> None:
    try:
        note = Note.parse(content)
    except Malformed:
        return
    lines = "".join(signature.line for signature in note.signatures)
    assert note.text + b"\n" + lines.encode() == content
