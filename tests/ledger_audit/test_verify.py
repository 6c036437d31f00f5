"""The tamper drill: whatever is done to a log, the step that finds it and the entry are named."""

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger.notes import verifier_key
from ledger.tiles import bundle
from ledger_audit.errors import STEPS
from tests.ledger_audit.logs import KEY, ORIGIN, VKEY, Election, publish

ELECTION = Election(costs=[300_00] * 6, votes=[[1 + n % 6] for n in range(320)])


@pytest.fixture(scope="module")
def entries() -> list[bytes]:
    """A good log of some 350 entries."""
    return ELECTION.log().entries


def refused(source: Path, step: int, index: int | None, vkey: str = VKEY) -> ledger_audit.Tampered:
    """The refusal, which names step and entry."""
    with pytest.raises(ledger_audit.Tampered) as caught:
        ledger_audit.verify(ledger_audit.read(source), vkey)
    assert (caught.value.step, caught.value.index) == (step, index), str(caught.value)
    assert STEPS[step] in str(caught.value)
    return caught.value


def rebundle(
    directory: Path, number: int, change: Callable[[list[bytes]], Sequence[bytes]]
) -> None:
    """Change the entries of a bundle, and nothing else of the log."""
    export = ledger_audit.read(directory)
    entries = [*export.entries()][number * 256 :][:256]
    width = "" if len(entries) == 256 else f".p/{len(entries)}"
    path = directory / f"tile/entries/{number:03d}{width}"
    path.write_bytes(bundle(change(entries)))


def altered(entry: bytes, **changes: Any) -> bytes:
    """An entry with other fields, canonical still."""
    leaf = json.loads(entry) | changes
    return json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()


def test_a_good_log_is_verified(entries: list[bytes], tmp_path: Path) -> None:
    verified = ledger_audit.verify(ledger_audit.read(publish(entries, tmp_path)), VKEY)
    assert (verified.origin, verified.size) == (ORIGIN, len(entries))
    assert verified.numbers["voting.box"] == 321
    assert verified.summary()["size"] == len(entries)


def test_a_tar_is_as_good_as_a_directory(entries: list[bytes], tmp_path: Path) -> None:
    directory = publish(entries, tmp_path / "log")
    with tarfile.open(tmp_path / "log.tar", "w") as archive:
        archive.add(directory, arcname="")
    found = ledger_audit.verify(ledger_audit.read(tmp_path / "log.tar"), VKEY)
    assert found.size == len(entries)


def test_a_tar_with_a_file_twice_is_refused(entries: list[bytes], tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "log.tar", "w") as archive:
        for content in (b"one", b"two"):
            member = tarfile.TarInfo("checkpoint")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with pytest.raises(ledger_audit.Tampered, match="a file twice"):
        ledger_audit.read(tmp_path / "log.tar")


DRILL: dict[str, tuple[Callable[[list[bytes]], Sequence[bytes]], int, int | None]] = {
    "alter": (lambda e: [*e[:40], e[40].replace(b"ballot-cast", b"ballot-kast"), *e[41:]], 3, 40),
    "alter a byte": (lambda e: [*e[:40], e[40][:-2] + b"2}", *e[41:]], 3, 40),
    "remove": (lambda e: [*e[:40], *e[41:]], 2, 255),
    "insert": (lambda e: [*e[:40], e[40], *e[40:]], 2, 256),
    "swap": (lambda e: [*e[:40], e[41], e[40], *e[42:]], 3, 40),
    "truncate": (lambda e: e[:200], 2, 200),
    "duplicate": (lambda e: [*e[:40], e[39], *e[41:]], 3, 40),
}


@pytest.mark.parametrize("what", DRILL)
def test_entries_changed_under_a_signed_root_are_found(
    entries: list[bytes], tmp_path: Path, what: str
) -> None:
    change, step, index = DRILL[what]
    rebundle(publish(entries, tmp_path), 0, change)
    refused(tmp_path, step, index)


def test_a_bundle_cut_short_or_gone_is_found(entries: list[bytes], tmp_path: Path) -> None:
    path = publish(entries, tmp_path) / "tile/entries/000"
    path.write_bytes(path.read_bytes()[:-1])
    refused(tmp_path, 2, 255)
    path.unlink()
    refused(tmp_path, 2, 0)


def test_an_entry_and_its_tile_changed_together_are_found(
    entries: list[bytes], tmp_path: Path
) -> None:
    publish(entries, tmp_path)
    note = (tmp_path / "checkpoint").read_bytes()
    publish([*entries[:40], altered(entries[40], t="2026-11-25T12:01Z"), *entries[41:]], tmp_path)
    (tmp_path / "checkpoint").write_bytes(note)
    error = refused(tmp_path, 3, None)
    assert "neither the entries nor the hash tiles" in str(error)


@pytest.mark.parametrize(
    ("path", "at", "index"), [("tile/0/000", 100, 100), ("tile/1/000.p/1", 0, 0)]
)
def test_a_changed_tile_is_found(
    entries: list[bytes], tmp_path: Path, path: str, at: int, index: int
) -> None:
    file = publish(entries, tmp_path) / path
    tile = bytearray(file.read_bytes())
    tile[32 * at] ^= 1
    file.write_bytes(tile)
    refused(tmp_path, 7, index)


def test_a_missing_tile_is_found(entries: list[bytes], tmp_path: Path) -> None:
    (publish(entries, tmp_path) / "tile/0/000").unlink()
    assert "missing" in str(refused(tmp_path, 7, 0))


def test_another_key_or_origin_is_refused(entries: list[bytes], tmp_path: Path) -> None:
    other = Ed25519PrivateKey.generate()
    refused(publish(entries, tmp_path / "1", key=other), 1, None)
    refused(publish(entries, tmp_path / "2", origin="ledger.example.org/other"), 1, None)
    public = other.public_key().public_bytes_raw()
    refused(publish(entries, tmp_path / "3"), 1, None, verifier_key(ORIGIN, public))
    refused(tmp_path / "3", 1, None, verifier_key("x", KEY.public_key().public_bytes_raw()))
    with pytest.raises(ledger_audit.Untrusted, match="not a key"):
        ledger_audit.verify(ledger_audit.read(tmp_path / "3"), "not a key")


def test_a_checkpoint_changed_by_hand_is_refused(entries: list[bytes], tmp_path: Path) -> None:
    file = publish(entries, tmp_path) / "checkpoint"
    file.write_text(file.read_text().replace(f"\n{len(entries)}\n", f"\n{len(entries) - 1}\n"))
    refused(tmp_path, 1, None)


# From here on the log's own operator lies: the tree is signed over what it should not hold.
SIGNED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int, int | None]] = {
    "an entry removed": (lambda e: [*e[:60], *e[61:]], 5, 60),
    "an entry twice": (lambda e: [*e[:60], e[59], *e[60:]], 5, 60),
    "two entries swapped": (lambda e: [*e[:60], e[61], e[60], *e[62:]], 5, 60),
    "the same id twice": (lambda e: [*e, altered(e[0], number=8)], 6, -1),
    "not JSON": (lambda e: [*e[:60], b"{", *e[61:]], 4, 60),
    "not an object": (lambda e: [*e[:60], b"[]", *e[61:]], 4, 60),
    "empty": (lambda e: [*e[:60], b"", *e[61:]], 4, 60),
    "not canonical": (lambda e: [*e[:60], e[60].replace(b":", b": ", 1), *e[61:]], 4, 60),
    "a float": (lambda e: [*e[:60], altered(e[60], number=1.5), *e[61:]], 4, 60),
    "a large number": (lambda e: [*e[:60], altered(e[60], number=2**53), *e[61:]], 4, 60),
    "deeply nested": (lambda e: [*e[:60], b"[" * 60_000, *e[61:]], 4, 60),
    "another field": (lambda e: [*e[:60], altered(e[60], x=1), *e[61:]], 4, 60),
    "a bad time": (lambda e: [*e[:60], altered(e[60], t="2026-11-25T12:00:01Z"), *e[61:]], 4, 60),
    "a bad version": (lambda e: [*e[:60], altered(e[60], v=2), *e[61:]], 4, 60),
    "a bad id": (lambda e: [*e[:60], altered(e[60], id="1"), *e[61:]], 4, 60),
    "a body of text": (lambda e: [*e[:60], altered(e[60], body="x"), *e[61:]], 4, 60),
}


@pytest.mark.parametrize("what", SIGNED)
def test_a_lie_of_the_logs_own_operator_is_found(
    entries: list[bytes], tmp_path: Path, what: str
) -> None:
    change, step, index = SIGNED[what]
    lying = change(entries)
    refused(publish(lying, tmp_path), step, len(lying) - 1 if index == -1 else index)


def place(entries: Sequence[bytes], kind: str) -> int:
    """Where the last event of a type stands."""
    return max(i for i, entry in enumerate(entries) if f'"type":"{kind}"'.encode() in entry)


def test_a_publishers_last_ballot_withheld_is_found(entries: list[bytes], tmp_path: Path) -> None:
    last = place(entries, "voting.ballot-cast.v1")
    closing = place(entries, "voting.box-closed.v1")
    withheld = [*entries[:last], *entries[last + 1 :]]
    refused(publish(withheld, tmp_path / "1"), 5, closing - 1)
    # Renumbered, the closing still counts one ballot more than there are.
    said = json.loads(entries[closing])
    body = said["body"] | {"last_number": said["body"]["last_number"] - 1}
    withheld[closing - 1] = altered(withheld[closing - 1], number=said["number"] - 1, body=body)
    refused(publish(withheld, tmp_path / "2"), 8, closing - 1)


def test_a_closing_withheld_before_a_decision_is_found(
    entries: list[bytes], tmp_path: Path
) -> None:
    closing = place(entries, "voting.box-closed.v1")
    withheld = [*entries[:closing], *entries[closing + 1 :]]
    decided = (
        i for i, entry in enumerate(withheld) if b'"type":"voting.option-decided.v2"' in entry
    )
    refused(publish(withheld, tmp_path), 8, next(decided))


def test_a_ballot_after_the_closing_is_found(entries: list[bytes], tmp_path: Path) -> None:
    late = place(entries, "voting.ballot-cast.v1")
    number = json.loads(entries[place(entries, "voting.box-closed.v1")])["number"] + 1
    added = altered(entries[late], number=number, id="00000000-0000-4000-8000-000000000000")
    refused(publish([*entries, added], tmp_path), 8, len(entries))


def test_a_last_number_that_the_box_never_reached_is_found(
    entries: list[bytes], tmp_path: Path
) -> None:
    closing = place(entries, "voting.box-closed.v1")
    body = json.loads(entries[closing])["body"] | {"last_number": 999}
    lying = [*entries[:closing], altered(entries[closing], body=body), *entries[closing + 1 :]]
    refused(publish(lying, tmp_path), 8, closing)


def test_what_is_not_a_log_is_unreachable_and_not_tampered(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a tar")
    for source in (tmp_path, tmp_path / "nothing", tmp_path / "text", "http://127.0.0.1:9/logs/x"):
        with pytest.raises(ledger_audit.Unreachable):
            ledger_audit.read(source)


def test_an_empty_log_is_verified(tmp_path: Path) -> None:
    assert ledger_audit.verify(ledger_audit.read(publish([], tmp_path)), VKEY).size == 0


@pytest.mark.parametrize(
    "kind",
    [
        "submission.options-frozen.v1",
        "voting.option-listed.v1",
        "voting.round-opened.v2",
        "voting.tier-keys-prepared.v1",
        "voting.ballot-cast.v1",
        "voting.box-closed.v1",
        "voting.allocation-published.v2",
    ],
)
def test_what_counts_is_said_by_its_publisher_alone(
    entries: list[bytes], tmp_path: Path, kind: str
) -> None:
    index = place(entries, kind)
    # Said once more by somebody else, no number is missing.
    again = altered(
        entries[index], src="notification", number=1, id="00000000-0000-4000-8000-000000000000"
    )
    error = refused(publish([*entries, again], tmp_path), 9, len(entries))
    assert f"{kind} is said by notification" in str(error)
