"""Taking a log home: whole files or none, again what is new, and nothing that a server makes up."""

import tarfile
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger.notes import Checkpoint, signed
from ledger_audit import Policy, sources
from ledger_audit.command import main
from ledger_audit.fetch import fetch
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import ORIGIN, VKEY, publish
from tests.ledger_audit.servers import Answering, files_of, respond, serving

ENTRIES = [*islice(ballots(700), 700)]
TRUST = Policy.of_key(VKEY)


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


def of_size(directory: Path, width: int) -> list[str]:
    return [path for path in tree_of(directory) if path.endswith(f".p/{width}")]


def test_the_checkpoint_before_is_kept_and_nothing_of_it_goes_for_an_unsigned_one(
    log: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    fetch(ledger_audit.read(log), home)
    before = (home / "checkpoint").read_bytes()
    lie = publish(ENTRIES, tmp_path / "lie", key=Ed25519PrivateKey.generate())
    with pytest.raises(ledger_audit.Tampered, match="did not sign this"):
        fetch(ledger_audit.read(lie), home, policy=TRUST)
    assert (home / "checkpoint").read_bytes() == before
    for size in (650, 700):
        publish(ENTRIES[:size], lie, key=Ed25519PrivateKey.generate())
        fetch(ledger_audit.read(lie), home)
    assert (home / "checkpoint.600").read_bytes() == before
    assert len(of_size(home, 88)) == 2
    (home / "checkpoint").write_bytes(before)
    assert ledger_audit.verify(ledger_audit.read(home), VKEY).size == 600


def test_partial_tiles_stay_for_one_checkpoint_more(log: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for size, widths in {600: [2, 0, 0], 650: [2, 2, 0], 700: [0, 2, 2]}.items():
        fetch(ledger_audit.read(publish(ENTRIES[:size], log)), home, policy=TRUST)
        assert [len(of_size(home, width)) for width in (88, 138, 188)] == widths
    assert ledger_audit.verify(ledger_audit.read(home), VKEY).size == 700


def test_another_log_than_the_one_asked_for_is_not_fetched(log: Path, tmp_path: Path) -> None:
    for policy in (None, TRUST):
        with pytest.raises(ledger_audit.Untrusted, match="was asked for"):
            fetch(ledger_audit.read(log), tmp_path / "home", policy=policy, origin="x/y")
    assert not (tmp_path / "home").exists()


def test_a_size_beyond_all_ends_with_the_first_file_that_is_missing(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = signed(Checkpoint(ORIGIN, 2**62, bytes(32)), Ed25519PrivateKey.generate())
    (log / "checkpoint").write_text(note)
    with pytest.raises(ledger_audit.Tampered, match="is missing"):
        fetch(ledger_audit.read(log), tmp_path / "home")
    for what in ("0" * 64, "5"):
        # Nobody signed this: it is not looked for.
        assert main(["proof", what, "--log", str(log), "--vkey", VKEY]) == 1
        assert "did not sign this" in capsys.readouterr().err


def test_where_a_partial_tile_is_gone_the_full_one_is_read(tmp_path: Path) -> None:
    log = publish(ENTRIES[:600], tmp_path / "log")
    note = (log / "checkpoint").read_bytes()
    more = publish([*ENTRIES, *islice(ballots(70), 70)], tmp_path / "more")  # its bundle 2 is full
    assert "tile/entries/002" in tree_of(more)
    (more / "checkpoint").write_bytes(note)
    with tarfile.open(tmp_path / "more.tar", "w") as archive:
        archive.add(more, arcname="")
    with serving(files_of(more)) as url:
        for source in (more, tmp_path / "more.tar", url):
            # Above the leaves there is no full tile to fall back to.
            with pytest.raises(ledger_audit.Tampered, match=r"tile/1/000\.p/2 is missing"):
                ledger_audit.verify(ledger_audit.read(source), VKEY)
        (more / "tile/1/000.p/2").write_bytes((log / "tile/1/000.p/2").read_bytes())
        for source in (more, url):
            verified = ledger_audit.verify(ledger_audit.read(source), VKEY)
            assert [*verified.export.entries()] == ENTRIES[:600]


def test_a_mirror_that_is_brought_up_to_date_meanwhile_is_read_by_its_new_checkpoint(
    tmp_path: Path,
) -> None:
    log = publish(ENTRIES[:600], tmp_path / "log")
    old = (log / "checkpoint").read_bytes()
    publish(ENTRIES, log)
    for path in of_size(log, 88):
        (log / path).unlink()
    new = (log / "checkpoint").read_bytes()
    for shown in ([old, new], [old, old]):
        notes, answer = iter(shown), files_of(log)

        def mirrored(request: BaseHTTPRequestHandler) -> None:
            if request.path.endswith("/checkpoint"):
                respond(request, next(notes))  # noqa: B023
            else:
                answer(request)  # noqa: B023

        with serving(mirrored) as url:
            if shown == [old, new]:
                assert ledger_audit.verify(ledger_audit.read(url), VKEY).size == 700
            else:
                with pytest.raises(ledger_audit.Tampered, match="is missing"):
                    ledger_audit.verify(ledger_audit.read(url), VKEY)


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


def continues(request: BaseHTTPRequestHandler) -> None:
    drip(request, b"HTTP/1.1 100 Continue\r\n\r\n")


def trails(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"1\r\nx\r\n0\r\n")
    drip(request, b"X-More: and more\r\n")


def drips(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    drip(request, b"x")


def drip(request: BaseHTTPRequestHandler, piece: bytes) -> None:
    """The same again and again, slower than any timeout of one read."""
    request.close_connection = True
    try:
        while not GONE.wait(0.02):
            request.wfile.write(piece)
    except OSError:
        pass


GONE = Event()


@pytest.mark.parametrize("answer", [continues, trails, drips])
def test_a_server_holds_nobody_for_longer_than_a_request_may_take(
    answer: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LONGEST_ANSWER", 0.5)
    began = monotonic()
    with serving(answer) as url, pytest.raises(ledger_audit.Unreachable, match="no end within"):
        ledger_audit.read(url)
    assert monotonic() - began < 5


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
