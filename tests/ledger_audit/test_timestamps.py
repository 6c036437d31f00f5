"""What an auditor makes of time stamps: good ones say since when, others are refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import verifier_key
from ledger.tree import EMPTY, grow, leaf_hash, root
from ledger_audit import verify
from ledger_audit.command import main
from ledger_audit.export import read
from ledger_audit.timestamps import root_of
from tests.authority import Authority
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import ORIGIN, VKEY, publish
from tests.ledger_audit.servers import files_of, serving

ENTRIES = [*islice(ballots(600), 600)]
SIZES = (3, 256, 300, 600)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tsa")


@pytest.fixture
def log(tmp_path: Path, authority: Authority) -> Path:
    """A log whose checkpoints of some sizes were stamped."""
    for size in SIZES:
        stamp(tmp_path, authority, size, note_of(tmp_path, size))
    log = publish(ENTRIES, tmp_path / "log")
    (tmp_path / "stamps").rename(log / "timestamp")
    list_stamps(log, *SIZES)
    return log


def note_of(directory: Path, size: int, entries: list[bytes] = ENTRIES) -> bytes:
    """The note of a log of so many entries."""
    return (publish(entries[:size], directory / f"of-{size}") / "checkpoint").read_bytes()


def stamp(directory: Path, authority: Authority, size: int, note: bytes) -> None:
    stamps = directory / "stamps"
    stamps.mkdir(exist_ok=True)
    (stamps / f"{size}.note").write_bytes(note)
    (stamps / f"{size}.tsr").write_bytes(authority.reply(authority.query(note)))


def list_stamps(log: Path, *sizes: int) -> None:
    listed = [{"authority": "a", "size": size, "time": "2026-11-28T00:00:00Z"} for size in sizes]
    (log / "timestamps").write_text(json.dumps(listed))


def asked(capsys: pytest.CaptureFixture[str], code: int, log: object, ca: Path) -> dict[str, Any]:
    arguments = ["verify", str(log), "--vkey", VKEY, "--timestamps", str(ca), "--json"]
    assert main(arguments) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_each_stamp_says_since_when_a_checkpoint_was_there(
    log: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(capsys, 0, log, authority.ca)["timestamps"]
    assert [each["size"] for each in found] == [*SIZES]
    for each in found:
        age = datetime.now(UTC) - datetime.fromisoformat(each["time"])
        assert timedelta() <= age < timedelta(minutes=2)
        assert each["by"] == "CN=signer"
    arguments = ["verify", str(log), "--vkey", VKEY, "--timestamps", str(authority.ca)]
    assert main(arguments) == 0
    assert "its first 300 entries were there at 20" in capsys.readouterr().out


def test_stamps_are_fetched_with_the_log_and_not_twice(
    log: Path, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked_for: list[str] = []
    with serving(files_of(log, asked_for)) as url:
        assert len(asked(capsys, 0, url, authority.ca)["timestamps"]) == len(SIZES)
        for _ in range(2):
            assert main(["fetch", url, str(tmp_path / "home")]) == 0
    capsys.readouterr()
    assert len(asked(capsys, 0, tmp_path / "home", authority.ca)["timestamps"]) == len(SIZES)
    assert asked_for.count("timestamp/300.tsr") == 2, "once to verify, once to fetch"


def test_stamps_that_are_asked_for_and_not_there_are_no_good_end(
    log: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    (log / "timestamps").unlink()
    assert "took the list" in asked(capsys, 3, log, authority.ca)["error"]
    (log / "timestamps").write_text("[]")
    asked(capsys, 3, log, authority.ca)


@pytest.mark.parametrize("size", ["1e999", "1.0", "true", '"3"', "null", "[]"])
def test_a_list_with_what_is_no_size_cannot_be_read(
    log: Path, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: str
) -> None:
    (log / "timestamps").write_text(f'[{{"size":{size}}}]')
    assert "cannot be read" in asked(capsys, 2, log, authority.ca)["error"]
    assert main(["fetch", str(log), str(tmp_path / "home")]) == 2


def test_a_stamp_from_before_the_logs_key_was_replaced_is_no_tampering(
    tmp_path: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Ed25519PrivateKey.from_private_bytes(bytes([5] * 32))
    note = (publish(ENTRIES[:300], tmp_path / "before", key=first) / "checkpoint").read_bytes()
    stamp(tmp_path, authority, 300, note)
    log = publish(ENTRIES, tmp_path / "log")
    (tmp_path / "stamps").rename(log / "timestamp")
    list_stamps(log, 300)
    assert "a log whose key was replaced" in asked(capsys, 3, log, authority.ca)["error"]
    keys = VKEY, verifier_key(ORIGIN, first.public_key().public_bytes_raw())
    policy = tmp_path / "policy"
    policy.write_text("".join(f"log {key}\n" for key in keys) + "quorum none\n")
    arguments = ["verify", str(log), "--policy", str(policy), "--timestamps", str(authority.ca)]
    assert main(arguments) == 0


def test_the_roots_of_all_smaller_sizes_come_from_the_tiles(tmp_path: Path) -> None:
    verified = verify(read(publish(ENTRIES, tmp_path / "log")), VKEY)
    hashes = [leaf_hash(entry) for entry in ENTRIES]
    for size in (1, 2, 3, 255, 256, 257, 511, 512, 513, 599, 600):
        assert root_of(verified, size) == root(grow(EMPTY, hashes[:size])[0]), size


type Change = Callable[[Path, Path, Authority], None]


def _other_entries(log: Path, scratch: Path, authority: Authority) -> None:
    stamp(scratch, authority, 300, note_of(scratch / "forked", 300, ENTRIES[::-1]))
    (scratch / "stamps").rename(scratch / "moved")
    for kind in ("note", "tsr"):
        (scratch / "moved" / f"300.{kind}").replace(log / "timestamp" / f"300.{kind}")


def _other_size(log: Path, scratch: Path, authority: Authority) -> None:
    for kind in ("note", "tsr"):
        content = (log / "timestamp" / f"256.{kind}").read_bytes()
        (log / "timestamp" / f"300.{kind}").write_bytes(content)


def _other_reply(log: Path, scratch: Path, authority: Authority) -> None:
    content = (log / "timestamp" / "256.tsr").read_bytes()
    (log / "timestamp" / "300.tsr").write_bytes(content)


def _other_hash(log: Path, scratch: Path, authority: Authority) -> None:
    note = (log / "timestamp" / "300.note").read_bytes()
    reply = authority.reply(authority.query(note, digest="sha512"))
    (log / "timestamp" / "300.tsr").write_bytes(reply)


def _other_signature(log: Path, scratch: Path, authority: Authority) -> None:
    reply = bytearray((log / "timestamp" / "300.tsr").read_bytes())
    reply[-1] ^= 1
    (log / "timestamp" / "300.tsr").write_bytes(reply)


def _other_signer(log: Path, scratch: Path, authority: Authority) -> None:
    note = (log / "timestamp" / "300.note").read_bytes()
    other = Authority(scratch / "other")
    (log / "timestamp" / "300.tsr").write_bytes(other.reply(other.query(note)))


def _expired(log: Path, scratch: Path, authority: Authority) -> None:
    note = (log / "timestamp" / "300.note").read_bytes()
    other = Authority(scratch / "other", until=datetime.now(UTC) - timedelta(days=1))
    (log / "timestamp" / "300.tsr").write_bytes(other.reply(other.query(note)))
    authority.ca.write_bytes(other.ca.read_bytes())
    list_stamps(log, 300)


def _garbage(log: Path, scratch: Path, authority: Authority) -> None:
    (log / "timestamp" / "300.tsr").write_bytes(b"0\x80no reply")


def _unsigned(log: Path, scratch: Path, authority: Authority) -> None:
    note = (log / "timestamp" / "300.note").read_bytes()
    (log / "timestamp" / "300.note").write_bytes(note.replace(b"\n300\n", b"\n301\n"))


def _missing(log: Path, scratch: Path, authority: Authority) -> None:
    (log / "timestamp" / "300.tsr").unlink()


def _no_list(log: Path, scratch: Path, authority: Authority) -> None:
    (log / "timestamps").write_text('{"size": [')


def _no_certificate(log: Path, scratch: Path, authority: Authority) -> None:
    authority.ca.write_text("no certificate")


CHANGES: dict[str, tuple[Change, int, int | None]] = {
    "a stamp of a fork": (_other_entries, 1, 10),
    "a stamp of another size": (_other_size, 1, 13),
    "a reply about another note": (_other_reply, 1, 13),
    "a reply over another hash": (_other_hash, 1, 13),
    "a reply that is none": (_garbage, 1, 13),
    "a note that nobody signed": (_unsigned, 1, 1),
    "a stamp that is missing": (_missing, 1, 13),
    "a list that is none": (_no_list, 2, None),
    "a signature with one other bit": (_other_signature, 3, None),
    "a signer below another certificate": (_other_signer, 3, None),
    "a signer whose certificate was over": (_expired, 3, None),
    "no certificate": (_no_certificate, 3, None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_stamp_that_is_not_good_is_refused_with_its_code(
    what: str, log: Path, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, code, step = CHANGES[what]
    (tmp_path / "scratch").mkdir()
    change(log, tmp_path / "scratch", authority)
    found = asked(capsys, code, log, authority.ca)
    assert found.get("step") == step, found["error"]


def test_without_the_extra_the_auditor_says_what_to_install(tmp_path: Path, log: Path) -> None:
    """As a plain `pip install comptoir-ledger` has it: the import finds nothing."""
    program = (
        "import sys; sys.modules['rfc3161_client'] = None\n"
        "from ledger_audit.command import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "verify", str(log), "--vkey", VKEY]
    plain = subprocess.run(command, capture_output=True, text=True)
    assert plain.returncode == 0, plain.stderr
    asking = [*command, "--timestamps", str(tmp_path / "tsa" / "ca.pem")]
    found = subprocess.run(asking, capture_output=True, text=True)
    assert found.returncode == 64
    assert "comptoir-ledger[timestamps]" in found.stderr
