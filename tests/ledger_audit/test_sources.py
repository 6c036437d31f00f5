"""Directories and tars that lead elsewhere: what is read is below them, small, and a file."""

import io
import os
import tarfile
from itertools import islice
from pathlib import Path

import pytest

import ledger_audit
from ledger_audit import sources
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


def packed(log: Path, to: Path, format: int) -> Path:
    with tarfile.open(to, "w", format=format) as archive:
        archive.add(log, arcname=".")
        # Whatever lies beside a log is passed over, and not remembered.
        for name in ("x" * 300, "other/" + "y" * 150, "tile/0/other"):
            member = tarfile.TarInfo(name)
            member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))
    return to


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_of_any_kind_is_read(log: Path, tmp_path: Path, format: int) -> None:
    if format == tarfile.USTAR_FORMAT:
        archive = tmp_path / "log.tar"
        with tarfile.open(archive, "w", format=format) as tar:
            tar.add(log, arcname=".")
    else:
        archive = packed(log, tmp_path / "log.tar", format)
    assert ledger_audit.verify(ledger_audit.read(archive), VKEY).size == 300
    assert len(sources.Tar(archive)._members) == len([p for p in log.rglob("*") if p.is_file()])


def header(kind: bytes, size: int) -> bytes:
    member = tarfile.TarInfo("header")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_tar_of_headers_makes_an_auditor_neither_stumble_nor_remember(
    tmp_path: Path, kind: bytes
) -> None:
    record = b"11 path=ab\n" if kind != tarfile.GNUTYPE_LONGNAME else b"x" * 11
    many = (header(kind, 11) + record.ljust(512, b"\0")) * 100_000
    (tmp_path / "many.tar").write_bytes(many + bytes(10_240))
    unreachable(tmp_path / "many.tar", "a header longer than any file of a log needs")
    with (tmp_path / "long.tar").open("wb") as file:
        file.write(header(kind, 1 << 33))
        file.truncate(1 << 34)
    unreachable(tmp_path / "long.tar", "a header longer than any file of a log needs")


@pytest.mark.parametrize(
    "content",
    [b"", b"1", b"0 path=ab\n", b"7 a=b\n\n0", b"99 path=ab", b"9 nothing", "9 ²=b\n".encode()],
)
def test_a_header_that_is_none_is_no_tar(tmp_path: Path, content: bytes) -> None:
    archive = header(tarfile.XHDTYPE, len(content)) + content.ljust(512, b"\0")
    (tmp_path / "log.tar").write_bytes(archive + bytes(10_240))
    unreachable(tmp_path / "log.tar", "is neither a directory nor a tar|no checkpoint")


def test_more_files_than_any_log_has_are_not_remembered(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(log, tmp_path / "log.tar", tarfile.PAX_FORMAT)
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    unreachable(archive, "more than 3 files of a log")
