"""Directories and tars that lead elsewhere: what is read is below them, small, and a file."""

import io
import os
import tarfile
from itertools import islice
from pathlib import Path

import pytest

import ledger_audit
from ledger_audit.sources import LARGEST_FILE
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import VKEY, publish

ENTRIES = [*islice(ballots(300), 300)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return publish(ENTRIES, tmp_path / "log")


def unreachable(source: Path, why: str) -> None:
    with pytest.raises(ledger_audit.Unreachable, match=why):
        ledger_audit.verify(ledger_audit.read(source), VKEY)


def test_a_symbolic_link_is_not_followed(log: Path, tmp_path: Path) -> None:
    moved = tmp_path / "000"
    (log / "tile/entries/000").rename(moved)
    (log / "tile/entries/000").symlink_to(moved)
    unreachable(log, "entries/000 is a symbolic link, which is not followed")


def test_a_directory_that_is_a_symbolic_link_is_not_followed(log: Path, tmp_path: Path) -> None:
    (log / "tile").rename(tmp_path / "tile")
    (log / "tile").symlink_to(tmp_path / "tile")
    unreachable(log, "tile is a symbolic link")


def test_a_log_may_stand_behind_a_link_of_the_asker(log: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(log)
    assert ledger_audit.verify(ledger_audit.read(tmp_path / "link"), VKEY).size == 300


def test_devices_pipes_and_directories_are_no_files(log: Path) -> None:
    checkpoint = log / "checkpoint"
    checkpoint.unlink()
    checkpoint.symlink_to("/dev/zero")
    unreachable(log, "symbolic link")
    checkpoint.unlink()
    os.mkfifo(checkpoint)
    unreachable(log, "checkpoint is not a file")
    checkpoint.unlink()
    checkpoint.mkdir()
    unreachable(log, "checkpoint is not a file")


def test_a_file_larger_than_any_of_a_log_is_not_read(log: Path) -> None:
    with (log / "checkpoint").open("wb") as file:
        file.truncate(1 << 40)
    unreachable(log, f"{1 << 40} bytes, and no file of a log has more .* {LARGEST_FILE}")


def test_a_tar_that_leads_out_is_refused(tmp_path: Path) -> None:
    for name in ("../checkpoint", "tile/../../checkpoint", "/checkpoint"):
        with tarfile.open(tmp_path / "log.tar", "w") as archive:
            member = tarfile.TarInfo("checkpoint")
            member.name, member.size = name, 1
            archive.addfile(member, io.BytesIO(b"x"))
        unreachable(tmp_path / "log.tar", "leads out of it")


def test_links_in_a_tar_are_no_files(log: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "log.tar", "w") as archive:
        member = tarfile.TarInfo("checkpoint")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    unreachable(tmp_path / "log.tar", "no checkpoint")


def test_a_tar_cut_short_is_no_tar_or_no_log(log: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.tar"
    with tarfile.open(whole, "w") as archive:
        archive.add(log, arcname=".")
    assert ledger_audit.verify(ledger_audit.read(whole), VKEY).size == 300
    content = whole.read_bytes()
    for length in range(0, len(content) - 10_240, len(content) // 40):
        (tmp_path / "cut.tar").write_bytes(content[:length])
        with pytest.raises(ledger_audit.AuditError):
            ledger_audit.verify(ledger_audit.read(tmp_path / "cut.tar"), VKEY)
