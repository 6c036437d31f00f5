"""Notes signed here open there, and only under the right key."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.notes import Checkpoint, receipt, signed, verifier_key
from ledger_audit import notes

ORIGIN = "ledger.example.org/edition"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
NOTE = signed(Checkpoint(ORIGIN, 17, bytes(range(32))), KEY)


def test_a_note_is_written_as_c2sp_says() -> None:
    assert NOTE.split("\n")[:4] == [ORIGIN, "17", b64encode(bytes(range(32))).decode(), ""]
    assert NOTE.split("\n")[4].startswith(f"— {ORIGIN} ") and NOTE.endswith("\n")


def test_the_published_vector_of_a_verifier_key_is_read() -> None:
    # golang.org/x/mod/sumdb/note, its example.
    key = notes.VerifierKey.parse(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
        "qdngotpRZb6KE6RyyBwJnAM=\n"
    )
    text, ((name, signature),) = notes.split(note.encode())
    assert (name, signature[:4]) == (key.name, key.id)
    with pytest.raises(notes.Malformed, match="three lines"):
        notes.opened(note.encode(), key)
    assert text.endswith(b"problem is.\n")


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_the_auditor_opens_what_was_signed(size: int, root: bytes) -> None:
    note = signed(Checkpoint(ORIGIN, size, root), KEY).encode()
    found = notes.opened(note, notes.VerifierKey.parse(VKEY))
    assert (found.origin, found.size, found.root) == (ORIGIN, size, root)


@given(st.integers(0), st.integers(1, 255))
def test_a_note_with_a_changed_byte_is_refused(at: int, change: int) -> None:
    note = bytearray(NOTE.encode())
    note[at % len(note)] ^= change
    with pytest.raises(notes.Malformed):
        notes.opened(bytes(note), notes.VerifierKey.parse(VKEY))


@given(st.binary(max_size=300))
def test_anything_else_is_refused_and_never_crashes(note: bytes) -> None:
    with pytest.raises(notes.Malformed):
        notes.opened(note, notes.VerifierKey.parse(VKEY))


@given(st.text(max_size=100))
def test_any_text_is_no_verifier_key(text: str) -> None:
    with pytest.raises(notes.Malformed):
        notes.VerifierKey.parse(text)


def test_signatures_of_others_are_passed_over() -> None:
    other = Ed25519PrivateKey.generate()
    line = signed(Checkpoint(ORIGIN, 17, bytes(range(32))), other).split("\n")[4]
    unknown = f"— witness.example.org {b64encode(bytes(80)).decode()}"
    note = f"{NOTE}{line}\n{unknown}\n".encode()
    assert notes.opened(note, notes.VerifierKey.parse(VKEY)).size == 17
    with pytest.raises(notes.Malformed, match="no signature"):
        notes.opened(
            f"{NOTE.rpartition('— ')[0]}{unknown}\n".encode(), notes.VerifierKey.parse(VKEY)
        )


def test_a_note_of_another_log_is_refused_even_under_this_key() -> None:
    text = Checkpoint("ledger.example.org/other", 17, bytes(32)).text
    mine = signed(Checkpoint(ORIGIN, 1, bytes(32)), KEY)
    identity = notes.VerifierKey.parse(VKEY).id
    signature = b64encode(identity + KEY.sign(text.encode())).decode()
    note = f"{text}\n— {ORIGIN} {signature}\n"
    assert mine != note
    with pytest.raises(notes.Malformed, match="a checkpoint of ledger"):
        notes.opened(note.encode(), notes.VerifierKey.parse(VKEY))


def test_a_receipt_ends_with_the_checkpoint_verbatim() -> None:
    found = receipt(3, [b"\x01" * 32], NOTE)
    head, _, tail = found.partition("\n\n")
    assert head.split("\n") == [
        "c2sp.org/tlog-proof@v1",
        "index 3",
        b64encode(b"\x01" * 32).decode(),
    ]
    assert tail == NOTE
