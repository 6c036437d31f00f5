"""A log is the one that was asked for, and the one that its first entry begins."""

import json
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger.notes import verifier_key
from ledger_audit import Policy, Tampered, Untrusted
from ledger_audit.command import main
from ledger_audit.follow import Follower
from shared.events.ledger import LogBegun
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import EDITION, EDITION_VKEY, KEY, ORIGIN, VKEY, Log, publish
from tests.ledger_audit.servers import files_of, serving
from tests.ledger_audit.test_verify import altered

PLATFORMS = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
PLATFORM_VKEY = verifier_key(ORIGIN, PLATFORMS.public_key().public_bytes_raw())
BOTH = f"log {PLATFORM_VKEY}\nlog {EDITION_VKEY}\nquorum none\n"
BALLOTS = [*islice(ballots(5), 5)]


def begun(**changed: Any) -> bytes:
    log = Log()
    event = LogBegun(
        log="edition",
        origin=EDITION,
        programme_id=UUID(int=1),
        charter="0" * 64,
        rehearsal=changed.pop("rehearsal", False),
    )
    log.append(event, "ledger")
    leaf = json.loads(log.entries[0])
    return altered(log.entries[0], body=leaf["body"] | changed)


def audited(log: Path, vkey: str = EDITION_VKEY) -> ledger_audit.Verified:
    return ledger_audit.verify(ledger_audit.read(log), vkey)


def test_an_editions_log_begins_with_what_names_it(tmp_path: Path) -> None:
    good = publish([begun(), *BALLOTS], tmp_path, origin=EDITION)
    assert audited(good).size == 6
    for number, entries in enumerate(
        [BALLOTS, [begun(origin=f"{EDITION}-2"), *BALLOTS], [begun(log="platform"), *BALLOTS]]
    ):
        log = publish(entries, tmp_path / str(number), origin=EDITION)
        with pytest.raises(Tampered) as caught:
            audited(log)
        assert (caught.value.step, caught.value.index) == (14, 0)


def test_an_editions_entries_are_not_the_platforms(tmp_path: Path) -> None:
    with pytest.raises(Tampered, match="begins another log") as caught:
        audited(publish([begun(), *BALLOTS], tmp_path / "1"), VKEY)
    assert (caught.value.step, caught.value.index) == (14, 0)
    other = "ledger.example.org/edition-2"
    log = publish([begun(), *BALLOTS], tmp_path / "2", origin=other)
    with pytest.raises(Tampered, match=f"{EDITION} begins here"):
        audited(log, verifier_key(other, KEY.public_key().public_bytes_raw()))


def test_a_log_without_entries_begins_nothing_yet(tmp_path: Path) -> None:
    assert audited(publish([], tmp_path, origin=EDITION)).size == 0


def test_a_server_cannot_answer_with_another_log_of_the_policy(tmp_path: Path) -> None:
    log = publish([begun(), *BALLOTS], tmp_path / "log", origin=EDITION)
    policy = Policy.parse(BOTH.encode())
    with serving(files_of(log)) as url:  # which ends as the other log does
        for ask in (
            lambda: ledger_audit.verify(ledger_audit.read(url), policy),
            lambda: [*Follower(ledger_audit.read(url), policy).follow(lambda: False)],
        ):
            with pytest.raises(Untrusted, match="--origin says which"):
                ask()
        # A mirror may have any name, where it is said which log it has, or one alone is taken.
        assert ledger_audit.verify(ledger_audit.read(url), policy, origin=EDITION).size == 6
        assert ledger_audit.verify(ledger_audit.read(url), EDITION_VKEY).size == 6
        with pytest.raises(Untrusted, match=f"{ORIGIN} was asked for, .* a copy of {EDITION}"):
            ledger_audit.verify(ledger_audit.read(url), policy, origin=ORIGIN)


def test_a_directory_that_is_called_as_a_log_is_that_log(tmp_path: Path) -> None:
    policy = Policy.parse(BOTH.encode())
    for name, taken in {"edition": True, "home": True, "platform": False}.items():
        log = publish([begun(), *BALLOTS], tmp_path / name, origin=EDITION)
        if taken:
            assert ledger_audit.verify(ledger_audit.read(log), policy).origin == EDITION
        else:
            with pytest.raises(Untrusted):
                ledger_audit.verify(ledger_audit.read(log), policy)


@pytest.mark.parametrize(
    "asked", ["verify LOG", "recount LOG", "explain LOG 0", "proof 0 --log LOG", "report LOG -o P"]
)
def test_every_command_takes_an_origin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    log = publish([begun(), *BALLOTS], tmp_path / "log", origin=EDITION)
    words = {"LOG": str(log), "P": str(tmp_path / "report.html")}
    arguments = [words.get(word, word) for word in asked.split()]
    (tmp_path / "policy").write_text(BOTH)
    arguments += ["--policy", str(tmp_path / "policy"), "--origin"]
    assert main([*arguments, EDITION]) == 0
    assert main([*arguments, ORIGIN]) == 3
    assert f"{ORIGIN} was asked for" in capsys.readouterr().err


def test_a_rehearsal_is_called_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    for rehearsal in (True, False):
        log = publish([begun(rehearsal=rehearsal), *BALLOTS], tmp_path / "log", origin=EDITION)
        assert main(["verify", str(log), "--vkey", EDITION_VKEY]) == 0
        assert (f"{EDITION} (a rehearsal): 6" in capsys.readouterr().out) is rehearsal
        assert audited(log).summary()["rehearsal"] is rehearsal
        asked = ["report", str(log), "--vkey", EDITION_VKEY, "-o", str(page), "--language", "en"]
        assert main(asked) == 0
        assert ("the record of a rehearsal" in page.read_text()) is rehearsal
