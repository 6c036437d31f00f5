"""Taking a log home: whole files or none, again what is new, and nothing that a server makes up."""

from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path

import pytest

import ledger_audit
from ledger_audit import sources
from ledger_audit.fetch import fetch
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import ORIGIN, VKEY, publish
from tests.ledger_audit.servers import files_of, respond, serving

ENTRIES = [*islice(ballots(700), 700)]


def tree_of(directory: Path) -> dict[str, bytes]:
    """Every file below a directory."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return publish(ENTRIES[:600], tmp_path / "log")


def test_what_was_fetched_is_the_log(log: Path, tmp_path: Path) -> None:
    with serving(files_of(log)) as url:
        found = fetch(ledger_audit.read(url), tmp_path / "home")
    assert (found.origin, found.size, found.kept) == (ORIGIN, 600, 0)
    served = tree_of(log)
    del served["vkey"]  # which is nobody's to trust
    assert tree_of(tmp_path / "home") == served
    assert ledger_audit.verify(ledger_audit.read(tmp_path / "home"), VKEY).size == 600


def test_what_is_there_is_not_fetched_again(log: Path, tmp_path: Path) -> None:
    home, asked = tmp_path / "home", list[str]()
    with serving(files_of(log, asked)) as url:
        fetch(ledger_audit.read(url), home)
        (home / "tile/0/001").unlink()
        (home / "tile/entries/000").write_bytes(b"half of it")
        (home / "checkpoint").unlink()
        asked.clear()
        found = fetch(ledger_audit.read(url), home)
    assert sorted(asked) == ["checkpoint", "tile/0/001", "tile/entries/000", "timestamps"]
    assert found.fetched == 2
    assert ledger_audit.verify(ledger_audit.read(home), VKEY).size == 600


def test_a_log_that_has_grown_is_completed(log: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(files_of(log)) as url:
        fetch(ledger_audit.read(url), home)
        publish(ENTRIES, log)
        fetch(ledger_audit.read(url), home)
    assert ledger_audit.verify(ledger_audit.read(home), VKEY).size == 700
    assert not [path for path in tree_of(home) if path.endswith(".p/88")]


def test_a_checkpoint_is_there_only_when_all_of_it_is(log: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (log / "tile/entries/001").unlink()
    with serving(files_of(log)) as url, pytest.raises(ledger_audit.Tampered, match="is missing"):
        fetch(ledger_audit.read(url), home)
    assert "checkpoint" not in tree_of(home)
    with pytest.raises(ledger_audit.Unreachable, match="no checkpoint"):
        ledger_audit.read(home)


def test_what_is_left_of_a_write_that_was_cut_short_is_no_file(log: Path, tmp_path: Path) -> None:
    half = tmp_path / "home/tile/entries/000.half"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    fetch(ledger_audit.read(log), tmp_path / "home")
    assert not half.exists()
    assert ledger_audit.verify(ledger_audit.read(tmp_path / "home"), VKEY).size == 600


def test_a_bundle_of_another_length_is_not_kept(log: Path, tmp_path: Path) -> None:
    bundle = log / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    with pytest.raises(ledger_audit.Tampered) as caught:
        fetch(ledger_audit.read(log), tmp_path / "home")
    assert caught.value.index == 511
    assert "tile/entries/001" not in tree_of(tmp_path / "home")


def test_a_log_rolled_back_another_log_or_a_fork_does_not_replace_what_is_there(
    log: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    fetch(ledger_audit.read(log), home)
    before = tree_of(home)
    older = publish(ENTRIES[:500], tmp_path / "older")
    with pytest.raises(ledger_audit.Untrusted, match="holds 600 entries, and the log shows 500"):
        fetch(ledger_audit.read(older), home)
    other = publish(ENTRIES[:600], tmp_path / "other", origin="ledger.example.org/other")
    with pytest.raises(ledger_audit.Untrusted, match=r"and this is ledger\.example\.org/other"):
        fetch(ledger_audit.read(other), home)
    fork = publish(ENTRIES[:599] + ENTRIES[650:651], tmp_path / "fork")
    with pytest.raises(ledger_audit.Tampered, match="another root of 600 entries") as caught:
        fetch(ledger_audit.read(fork), home)
    assert len(caught.value.evidence) == 2
    assert tree_of(home) == before


def test_a_place_that_cannot_be_written_is_said(log: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(ledger_audit.Unreachable, match="is not a directory"):
        fetch(ledger_audit.read(log), tmp_path / "home")
    (tmp_path / "tile").write_text("a file")
    with pytest.raises(ledger_audit.Unreachable, match="cannot be written"):
        fetch(ledger_audit.read(log), tmp_path)


# --- servers that mean no good ------------------------------------------------------------------


def moved(request: BaseHTTPRequestHandler) -> None:
    respond(request, b"", status=302, Location="http://127.0.0.1:9/elsewhere")


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    piece = b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n"
    try:
        while True:
            request.wfile.write(piece)
    except OSError:
        request.close_connection = True


def endless_404(request: BaseHTTPRequestHandler) -> None:
    request.send_response(404)
    request.end_headers()
    request.close_connection = True
    try:
        while True:
            request.wfile.write(bytes(1 << 20))
    except OSError:
        pass


def zeros(request: BaseHTTPRequestHandler) -> None:
    """A gigabyte in a megabyte."""
    import zlib

    packing = zlib.compressobj(wbits=31)
    packed = b"".join(packing.compress(bytes(1 << 24)) for _ in range(64)) + packing.flush()
    respond(request, packed, Content_Encoding="gzip")


HOSTILE = {
    "redirects": (moved, "302 Found, to http://127.0.0.1:9/elsewhere, which is not followed"),
    "a body without end": (endless, "the answer has no end within"),
    "a 404 without end": (endless_404, "the answer has no end within"),
    "a body shorter than it says": (lambda r: respond(r, b"short", length=99), "IncompleteRead"),
    "an error": (lambda r: respond(r, b"", status=503), "503 Service Unavailable"),
    "not found": (lambda r: respond(r, b"", status=404), "has no checkpoint: it is not a log"),
    "an unknown encoding": (lambda r: respond(r, b"x", Content_Encoding="br"), "the encoding br"),
    "a false gzip": (lambda r: respond(r, b"not gzip", Content_Encoding="gzip"), "Error -3"),
    "half a gzip": (
        lambda r: respond(r, bytes.fromhex("1f8b08000000000000"), Content_Encoding="gzip"),
        "not one gzip",
    ),
    "a gzip of very much": (zeros, "not one gzip"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_server_gives_no_answer_and_proves_nothing(what: str) -> None:
    answer, complaint = HOSTILE[what]
    with serving(answer) as url, pytest.raises(ledger_audit.Unreachable, match=complaint):
        ledger_audit.read(url)


def test_an_answer_that_takes_too_long_is_left(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST_ANSWER", 0.0)
    with serving(files_of(log)) as url, pytest.raises(ledger_audit.Unreachable, match="no end"):
        ledger_audit.read(url)


def test_a_server_that_closes_each_connection_is_asked_again(log: Path, tmp_path: Path) -> None:
    answer = files_of(log)

    def closing(request: BaseHTTPRequestHandler) -> None:
        answer(request)
        request.close_connection = True

    with serving(closing) as url:
        assert ledger_audit.verify(ledger_audit.read(url), VKEY).size == 600


def test_gzip_is_read(log: Path) -> None:
    import gzip

    def packed(request: BaseHTTPRequestHandler) -> None:
        file = log / request.path.removeprefix("/logs/platform/")
        assert "gzip" in request.headers["Accept-Encoding"]
        respond(request, gzip.compress(file.read_bytes()), Content_Encoding="gzip")

    with serving(packed) as url:
        assert ledger_audit.verify(ledger_audit.read(url), VKEY).size == 600


@pytest.mark.parametrize("url", ["http://", "http:///logs", "http://[::1", "http://x:99999/y"])
def test_a_url_that_is_none_is_unreachable(url: str) -> None:
    with pytest.raises(ledger_audit.Unreachable):
        ledger_audit.read(url)
