"""A log over time: remembered checkpoints, following, forks by the log's own signer."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path

import pytest

import ledger_audit
from ledger_audit import Export, Policy, Tampered, Untrusted, Verified
from ledger_audit.diff import diff
from ledger_audit.errors import Unsigned
from ledger_audit.follow import Follower
from ledger_audit.verify import remembered
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import VKEY, publish
from tests.ledger_audit.servers import files_of, respond, serving

ENTRIES = [*islice(ballots(900), 900)]
FORKED = [*ENTRIES[:100], ENTRIES[100].replace(b'"choices":[', b'"choices":[1,', 1), *ENTRIES[101:]]
TRUST = Policy.of_key(VKEY)


def at(path: Path, entries: list[bytes]) -> Export:
    return ledger_audit.read(publish(entries, path))


def test_a_log_that_continues_the_remembered_one_is_verified(tmp_path: Path) -> None:
    for size in (1, 255, 256, 257, 600, 899, 900):
        note = at(tmp_path / str(size), ENTRIES[:size]).note
        found = ledger_audit.verify(at(tmp_path / "now", ENTRIES), VKEY, since=note)
        assert found.size == 900


@pytest.mark.parametrize("size", [101, 255, 256, 512, 600, 900])
def test_a_fork_is_shown_with_both_notes(tmp_path: Path, size: int) -> None:
    before = at(tmp_path / "before", ENTRIES[:size])
    with pytest.raises(Tampered, match=f"its first {size} entries are not those") as caught:
        ledger_audit.verify(at(tmp_path / "now", FORKED), VKEY, since=before.note)
    assert caught.value.step == 10
    assert caught.value.evidence == (before.note, ledger_audit.read(tmp_path / "now").note)


def test_a_fork_after_what_is_remembered_cannot_be_seen_yet(tmp_path: Path) -> None:
    note = at(tmp_path / "before", ENTRIES[:100]).note
    assert ledger_audit.verify(at(tmp_path / "now", FORKED), VKEY, since=note).size == 900


def test_a_checkpoint_older_than_the_remembered_one_is_not_taken(tmp_path: Path) -> None:
    note = at(tmp_path / "before", ENTRIES).note
    with pytest.raises(Untrusted, match="has 300 entries, and one of 900 was seen"):
        ledger_audit.verify(at(tmp_path / "now", ENTRIES[:300]), VKEY, since=note)


def test_what_was_saved_must_be_a_checkpoint_of_this_log(tmp_path: Path) -> None:
    export = at(tmp_path / "now", ENTRIES[:5])
    for wrong in (b"", b"nonsense", export.note.replace(b"\n5\n", b"\n4\n")):
        with pytest.raises(Untrusted, match="saved is not one"):
            ledger_audit.verify(export, VKEY, since=wrong)


def followed(
    log: Path, *changes: Callable[[], object], since: bytes | None = None
) -> list[Verified | ledger_audit.Unreachable | Unsigned]:
    """What a follower says of a log that changes so between its looks."""
    waiting = iter(changes)

    def pause() -> bool:
        change = next(waiting, None)
        if change is not None:
            change()
        return change is not None

    seen = None if since is None else remembered(TRUST, since)
    return [*Follower(ledger_audit.read(log), TRUST, seen).follow(pause)]


def sizes(found: list[Verified | ledger_audit.Unreachable | Unsigned]) -> list[int | None]:
    return [each.size if isinstance(each, Verified) else None for each in found]


def test_a_follower_verifies_what_is_new(tmp_path: Path) -> None:
    log = publish(ENTRIES[:10], tmp_path)
    steps = [10, 11, 255, 256, 256, 300, 512, 700, 900]
    grow = [lambda size=size: publish(ENTRIES[:size], log) for size in steps[1:]]
    found = followed(log, *grow)
    assert sizes(found) == [10, 11, 255, 256, 300, 512, 700, 900]
    last = found[-1]
    assert isinstance(last, Verified)
    assert last == ledger_audit.verify(last.export, VKEY)


def test_a_follower_does_not_read_again_what_it_has_seen(tmp_path: Path) -> None:
    log = publish(ENTRIES[:600], tmp_path)

    def grow() -> None:
        publish(ENTRIES, log)
        (log / "tile/entries/000").unlink()

    assert sizes(followed(log, grow)) == [600, 900]


@pytest.mark.parametrize("size", [120, 256, 600])
def test_a_follower_finds_a_fork(tmp_path: Path, size: int) -> None:
    log = publish(ENTRIES[:size], tmp_path)
    before = (log / "checkpoint").read_bytes()
    with pytest.raises(Tampered) as caught:
        followed(log, lambda: publish(FORKED[: size + 100], log))
    assert caught.value.step == 10
    assert caught.value.evidence == (before, (log / "checkpoint").read_bytes())


def test_a_follower_finds_a_number_repeated_and_an_event_twice(tmp_path: Path) -> None:
    log = publish(ENTRIES[:300], tmp_path)
    with pytest.raises(Tampered, match=r"number 300 of voting\.box follows 300") as caught:
        followed(log, lambda: publish([*ENTRIES[:300], ENTRIES[299]], log))
    assert (caught.value.step, caught.value.index) == (5, 300)
    again = ENTRIES[7].replace(b'"number":8,', b'"number":301,')
    log = publish(ENTRIES[:300], tmp_path / "2")
    with pytest.raises(Tampered, match="is there already") as caught:
        followed(log, lambda: publish([*ENTRIES[:300], again], log))
    assert (caught.value.step, caught.value.index) == (6, 300)


def test_a_follower_goes_on_when_the_log_answers_again(tmp_path: Path) -> None:
    log = publish(ENTRIES[:300], tmp_path / "log")
    found = followed(
        log,
        lambda: (log / "checkpoint").unlink(),
        lambda: publish(ENTRIES[:400], log),
    )
    assert sizes(found) == [300, None, 400]


def test_a_follower_says_that_a_log_answers_again_as_it_was(tmp_path: Path) -> None:
    log = publish(ENTRIES[:300], tmp_path / "log")
    found = followed(
        log,
        lambda: (log / "checkpoint").unlink(),
        lambda: publish(ENTRIES[:300], log),
        lambda: publish(ENTRIES[:300], log),
    )
    assert sizes(found) == [300, None, 300]


def test_a_connection_lost_anywhere_accuses_nobody(tmp_path: Path) -> None:
    small, log = ENTRIES[:300], tmp_path / "log"
    asked = list[str]()
    with serving(files_of(publish(small, tmp_path / "count"), asked)) as url:
        ledger_audit.verify(ledger_audit.read(url), VKEY)
    for lost in range(1, len(asked)):
        publish(small, log)
        looks, served = iter(range(10**6)), files_of(log)

        def answer(request: BaseHTTPRequestHandler, lost: int = lost) -> None:
            (lost_once if next(looks) == lost else served)(request)  # noqa: B023

        with serving(answer) as url:
            follower = Follower(ledger_audit.read(url), TRUST)
            grown = [ENTRIES[:700]]
            found = [*follower.follow(lambda: bool(grown and publish(grown.pop(), log)))]  # noqa: B023
        assert sizes(found) == [None, 700], lost


def lost_once(request: BaseHTTPRequestHandler) -> None:
    respond(request, b"", status=503)


def test_what_does_not_fit_is_looked_at_afresh_before_anybody_is_accused(tmp_path: Path) -> None:
    log, asked = publish(ENTRIES[:300], tmp_path / "log"), list[str]()
    good = files_of(log, asked)

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.path.endswith("/tile/entries/001") and "tile/entries/001" not in asked:
            asked.append("tile/entries/001")
            whole = (log / "tile/entries/001").read_bytes()
            respond(request, whole.replace(b"T12:", b"T13:", 1))
        else:
            good(request)

    with serving(answer) as url:
        follower = Follower(ledger_audit.read(url), TRUST)
        grown = [ENTRIES[:600]]
        found = [*follower.follow(lambda: bool(grown and publish(grown.pop(), log)))]
    assert sizes(found) == [300, 600]
    assert asked.count("tile/entries/001") == 2


def test_a_follower_that_remembers_refuses_a_log_rolled_back(tmp_path: Path) -> None:
    note = at(tmp_path / "before", ENTRIES[:300]).note
    with pytest.raises(Untrusted, match="was rolled back"):
        followed(publish(ENTRIES[:200], tmp_path / "log"), since=note)
    log = publish(ENTRIES[:300], tmp_path / "log")
    with pytest.raises(Untrusted, match="was rolled back"):
        followed(log, lambda: publish(ENTRIES[:200], log))


def test_two_copies_of_one_log_do_not_differ(tmp_path: Path) -> None:
    found = diff(at(tmp_path / "a", ENTRIES[:300]), at(tmp_path / "b", ENTRIES), TRUST)
    assert (found.differs, found.forked, found.index) == (False, False, None)


def test_a_fork_is_told_from_a_copy_that_was_altered(tmp_path: Path) -> None:
    good, fork = at(tmp_path / "a", ENTRIES[:700]), at(tmp_path / "b", FORKED)
    found = diff(good, fork, TRUST)
    assert (found.differs, found.forked, found.index) == (True, True, 100)
    assert found.summary()["evidence"] == [good.note.decode(), fork.note.decode()]
    assert found.entries == (ENTRIES[100], FORKED[100])
    # Without a key, nobody says who signed.
    assert not diff(good, fork, None).forked
    (tmp_path / "b/checkpoint").write_bytes(at(tmp_path / "c", ENTRIES).note)
    altered = diff(good, ledger_audit.read(tmp_path / "b"), TRUST)
    assert (altered.differs, altered.forked, altered.index) == (True, False, 100)
    assert not altered.b.is_whole and altered.a.is_whole


def test_a_copy_that_ends_early_differs(tmp_path: Path) -> None:
    good, cut = at(tmp_path / "a", ENTRIES[:700]), at(tmp_path / "b", ENTRIES[:700])
    (tmp_path / "b/tile/entries/001").unlink()
    found = diff(good, cut, TRUST)
    assert (found.differs, found.index, found.b.is_whole) == (True, None, False)
