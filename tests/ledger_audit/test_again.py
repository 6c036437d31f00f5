"""What is read after a log was verified is what was verified, whoever serves it."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path

import pytest

from ledger_audit import Tampered, read, recount, sifting, verify
from ledger_audit.command import main
from ledger_audit.follow import Follower
from ledger_audit.policy import Policy
from ledger_audit.timestamps import root_of
from ledger_audit.verify import Verified
from tests.ledger_audit import large
from tests.ledger_audit.logs import VKEY, Election, publish
from tests.ledger_audit.servers import Answering, files_of, serving
from tests.ledger_audit.test_recount import COSTS, VOTES

ENTRIES = [*islice(large.ballots(70_000), 700)]
HONEST = Election(COSTS, VOTES).log().entries
# Another election of as many entries, which is counted as well.
OTHER = Election(COSTS, [*VOTES[1:], VOTES[1]]).log().entries


def two_faced(first: Path, later: Path, honest: int = 1) -> Answering:
    """Serve one log as often as that, file by file, and then the files of another one."""
    asked, one, other = Counter[str](), files_of(first), files_of(later)

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked[request.path] += 1
        (one if asked[request.path] <= honest else other)(request)

    return answer


@pytest.mark.parametrize("honest", [1, 2])
def test_a_server_cannot_show_other_ballots_to_the_recount(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], honest: int
) -> None:
    assert len(HONEST) == len(OTHER) and HONEST != OTHER
    first, later = publish(HONEST, tmp_path / "first"), publish(OTHER, tmp_path / "later")
    for asked in (["recount"], ["report", "-o", str(tmp_path / "report.html")]):
        with serving(two_faced(first, later, honest)) as url:
            arguments = [asked[0], url, *asked[1:], "--vkey", VKEY, "--json"]
            assert main(arguments) == 1, asked
        found = json.loads(capsys.readouterr().out)
        assert found["verified"] is False and found["index"] == 0
    assert "is not the one that was verified" in (tmp_path / "report.html").read_text()


def test_a_directory_that_changes_is_found(tmp_path: Path) -> None:
    verified = verify(read(publish(HONEST, tmp_path)), VKEY)
    publish(OTHER, tmp_path)
    with pytest.raises(Tampered, match="verified a moment ago") as caught:
        recount(verified)
    assert (caught.value.step, caught.value.index) == (3, 0)


def test_only_the_bundle_that_changed_is_another_one(tmp_path: Path) -> None:
    verified = verify(read(publish(ENTRIES, tmp_path)), VKEY)
    publish([*ENTRIES[:300], ENTRIES[301], ENTRIES[300], *ENTRIES[302:]], tmp_path)
    assert verified.export.entry(255) == ENTRIES[255]
    assert verified.export.entry(600) == ENTRIES[600]
    with pytest.raises(Tampered) as caught:
        [*verified.export.entries()]
    assert caught.value.index == 256


def test_the_tiles_of_a_verified_log_are_those_of_its_entries(tmp_path: Path) -> None:
    verified = verify(read(publish(ENTRIES, tmp_path)), VKEY)
    root = root_of(verified, 600)
    for tile in ("0/001", "1/000.p/2"):
        publish(ENTRIES, tmp_path)
        path = tmp_path / "tile" / tile
        path.write_bytes(bytes(len(path.read_bytes())))
        with pytest.raises(Tampered, match="not the one verified") as caught:
            [verified.export.tile(level, n, w) for level, n, w in ((0, 1, 256), (1, 0, 2))]
        assert caught.value.step == 7
    publish(ENTRIES, tmp_path)
    assert root_of(verified, 600) == root


def test_a_log_that_grows_meanwhile_is_read_as_it_was_verified(tmp_path: Path) -> None:
    verified = verify(read(publish(ENTRIES[:600], tmp_path)), VKEY)
    publish(ENTRIES, tmp_path)
    verified.export.refresh()
    assert [*verified.export.entries()] == ENTRIES[:600]


def test_what_is_known_to_hold_ballots_alone_is_not_read_for_anything_else(tmp_path: Path) -> None:
    entries, other = [*large.ballots(1_000)], HONEST[0]
    log = [*entries[:300], other, *entries[300:]]
    verified = verify(read(publish(log, tmp_path)), VKEY)
    assert [part.alone for part in verified.export.parts()] == [True, False, True, True]
    assert [*sifting.others(verified.export)] == [(300, other)]
    # Nobody knows that of a log that was not verified.
    unverified = read(tmp_path)
    assert not any(part.alone for part in unverified.parts())
    assert [*sifting.others(unverified)] == [(300, other)]


def test_a_log_that_grows_within_a_bundle_knows_what_the_whole_bundle_holds(
    tmp_path: Path,
) -> None:
    entries = [*large.ballots(200)]
    for first, then, alone in (
        (entries[:100], entries[100:], True),
        (entries[:100], [HONEST[0], *entries[100:]], False),
        ([HONEST[0], *entries[:100]], entries[100:], False),
    ):
        publish(first, tmp_path)
        whole = [*first, *then]

        def grown(whole: list[bytes] = whole) -> bool:
            """Whether it has grown just now."""
            before = read(tmp_path).claimed.size
            publish(whole, tmp_path)
            return before < len(whole)

        *_, found = Follower(read(tmp_path), Policy.of_key(VKEY)).follow(grown)
        assert isinstance(found, Verified) and found.size == len(whole)
        assert [part.alone for part in found.export.parts()] == [alone]
