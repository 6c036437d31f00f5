"""The command says what it found, and ends with the code for it."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from functools import partialmethod
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ledger_audit import ids
from ledger_audit.command import main
from ledger_audit.errors import Unreachable
from ledger_audit.export import Export
from shared.events.voting import AllocationPublished, CountKeyAnnounced
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import (
    EDITION,
    EDITION_VKEY,
    KEY,
    ORIGIN,
    VKEY,
    Election,
    ElectionBefore,
    Log,
    publish,
)
from tests.ledger_audit.servers import files_of, serving
from tests.ledger_audit.test_recount import COSTS, VOTES, changing
from tests.ledger_audit.test_services import ONE as ONE_KEY
from tests.ledger_audit.test_services import TWO as ANOTHER_KEY
from tests.ledger_audit.test_services import begun, closes
from tests.ledger_audit.witnesses import ONE, POLICY, TWO

ENTRIES = [*islice(ballots(600), 600)]
BY_KEY = ["--vkey", VKEY]
# The elections here are from before services signed.
UNSIGNED = [*BY_KEY, "--allow-unsigned"]
type Capture = pytest.CaptureFixture[str]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A plain log of 300 entries, cosigned now by two witnesses."""
    directory, now = publish(ENTRIES[:300], tmp_path / "log"), int(time.time())
    cosign(directory, now)
    return directory


def cosign(log: Path, at: int) -> None:
    checkpoint = log / "checkpoint"
    checkpoint.write_bytes(TWO.cosigned(ONE.cosigned(checkpoint.read_bytes(), at), at))


@pytest.fixture
def policy(tmp_path: Path) -> list[str]:
    (tmp_path / "policy").write_text(POLICY)
    return ["--policy", str(tmp_path / "policy")]


def answered(capsys: Capture, code: int, *arguments: object) -> dict[str, Any]:
    """The one JSON object that a command answers with."""
    assert main([*map(str, arguments), "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def said(capsys: Capture, code: int, *arguments: object) -> str:
    """What a command says, on the stream for it."""
    assert main([*map(str, arguments)]) == code
    out, err = capsys.readouterr()
    assert (out == "") is (code != 0), (out, err)
    return out or err


def test_a_good_log_ends_with_0(tmp_path: Path, capsys: Capture) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path)
    (tmp_path / "key").write_text(VKEY + "\n")
    assert "verified" in said(capsys, 0, "verify", log, *UNSIGNED)
    found = answered(capsys, 0, "recount", log, "--vkey", tmp_path / "key", "--allow-unsigned")
    assert found["verified"] is True
    assert [each["agrees"] for each in found["rounds"]] == [True]


def test_a_tampered_log_ends_with_1(tmp_path: Path, capsys: Capture) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path)
    for tile in (log / "tile/0").rglob("*"):
        if tile.is_file():
            tile.write_bytes(bytes(len(tile.read_bytes())))
    found = answered(capsys, 1, "verify", log, *BY_KEY)
    assert (found["verified"], found["step"], found["index"]) == (False, 7, 0)
    assert "step 7 (the hash tiles" in said(capsys, 1, "verify", log, *BY_KEY)


def test_no_log_ends_with_2(tmp_path: Path, capsys: Capture) -> None:
    found = said(capsys, 2, "verify", tmp_path / "nothing", *BY_KEY)
    assert "neither a directory nor a tar" in found
    assert "Connection refused" in said(capsys, 2, "verify", "http://127.0.0.1:9/x", *BY_KEY)
    assert answered(capsys, 2, "verify", tmp_path, *BY_KEY)["verified"] is None


def test_a_lying_result_ends_with_4(tmp_path: Path, capsys: Capture) -> None:
    lie = changing(AllocationPublished, spent=3)
    log = publish(Election(COSTS, VOTES, change=lie).log().entries, tmp_path)
    said(capsys, 0, "verify", log, *UNSIGNED)
    assert "DIFFERS" in said(capsys, 4, "recount", log, *UNSIGNED)
    page = tmp_path / "report.html"
    assert "it says spent 3" in said(capsys, 4, "report", log, *UNSIGNED, "-o", page)
    assert "is not the one that its ballots give" in page.read_text()


def test_a_log_that_its_policy_takes_ends_with_0(
    log: Path, policy: list[str], capsys: Capture
) -> None:
    found = answered(capsys, 0, "verify", log, *policy, "--max-age", 60)
    assert found["cosigned"].keys() == {"one", "two"}
    assert "cosigned by one, two until 20" in said(capsys, 0, "verify", log, *policy)


def test_too_few_or_too_old_cosignatures_end_with_3(
    log: Path, policy: list[str], capsys: Capture
) -> None:
    plain = publish(ENTRIES[:300], log)
    assert "the quorum 'most' is not met" in said(capsys, 3, "verify", plain, *policy)
    cosign(plain, int(time.time()) - 1000)
    said(capsys, 0, "verify", plain, *policy)
    found = answered(capsys, 3, "verify", plain, *policy, "--max-age", 600)
    assert found["trusted"] is False and "cosigned it within 600 s" in found["error"]
    assert "nobody says how old" in said(capsys, 3, "verify", log, *BY_KEY, "--max-age", 600)


def test_a_policy_or_key_that_is_none_ends_with_3(
    log: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "wrong").write_text("quorum most\n")
    found = said(capsys, 3, "verify", log, "--policy", tmp_path / "wrong")
    assert "line 1: no witness or group before this is called 'most'" in found
    (tmp_path / "empty").write_text("quorum none\n")
    assert "names no log" in said(capsys, 3, "verify", log, "--policy", tmp_path / "empty")
    assert "not a verifier key: 'key'" in said(capsys, 3, "verify", log, "--vkey", "key")
    found = said(capsys, 2, "verify", log, "--policy", tmp_path / "missing")
    assert "missing' cannot be read: No such file" in found


def test_what_was_saved_is_remembered(log: Path, policy: list[str], capsys: Capture) -> None:
    note = log.parent / "last.note"
    said(capsys, 0, "verify", log, *policy, "--save", note)
    assert note.read_bytes() == (log / "checkpoint").read_bytes()
    publish(ENTRIES, log)
    cosign(log, int(time.time()))
    said(capsys, 0, "verify", log, *policy, "--since", note, "--save", note)
    publish(ENTRIES[:500], log)
    cosign(log, int(time.time()))
    found = said(capsys, 3, "verify", log, *policy, "--since", note, "--save", note)
    assert "has 500 entries, and one of 600 was seen" in found
    publish([*ENTRIES[:10], *ENTRIES[11:], ENTRIES[10]], log)
    cosign(log, int(time.time()))
    answer = answered(capsys, 1, "verify", log, *policy, "--since", note)
    assert answer["step"] == 10
    assert answer["evidence"] == [note.read_text(), (log / "checkpoint").read_text()]


def test_a_log_is_followed_a_line_for_each_checkpoint(
    log: Path, policy: list[str], capsys: Capture
) -> None:
    note = log.parent / "last.note"
    follow = ["follow", log, *policy, "--interval", 0, "--times", 3, "--save", note]
    assert said(capsys, 0, *follow).count("300 entries") == 1
    assert main([*map(str, follow), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["size"] == 300
    assert note.exists()
    (log / "checkpoint").unlink()
    assert "has no checkpoint" in said(capsys, 2, *follow)


def test_following_ends_with_what_was_found_last(
    log: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, refresh = iter(range(9)), Export.refresh

    def failing_once(export: Export) -> None:
        if next(looks) == 1:
            raise Unreachable("it gave no answer")
        refresh(export)

    monkeypatch.setattr(Export, "refresh", failing_once)
    found = said(capsys, 0, "follow", log, *BY_KEY, "--interval", 0, "--times", 4)
    assert (found.count("300 entries"), found.count("it gave no answer")) == (2, 1)


def test_what_waits_for_a_key_ends_with_3(tmp_path: Path, capsys: Capture) -> None:
    entries = Log()
    entries.append(begun(voting_count=ONE_KEY)[1], "ledger")
    closes(entries, ANOTHER_KEY)
    log = publish(entries.entries, tmp_path / "edition", origin=EDITION)
    page = tmp_path / "report.html"
    for asked in (["verify", log], ["recount", log], ["report", log, "-o", page]):
        assert "a later entry may add" in said(capsys, 3, *asked, "--vkey", EDITION_VKEY)
    assert main(["follow", str(log), "--vkey", EDITION_VKEY, "--times", "1", "--json"]) == 3
    assert "a later entry may add" in json.loads(capsys.readouterr().out)["error"]


def test_a_receipt_is_made_and_checked_offline(
    log: Path, policy: list[str], capsys: Capture
) -> None:
    receipt, entry = log.parent / "mine.tlog-proof", log.parent / "mine.json"
    where = ["--log", log, "-o", receipt, "--entry", entry]
    assert "entry 123 of 300" in said(capsys, 0, "proof", 123, *policy, *where)
    assert entry.read_bytes() == ENTRIES[123]
    check = ["proof", receipt, *policy]
    assert "this is entry 123 of 300" in said(capsys, 0, *check, "--entry", entry)
    assert answered(capsys, 0, *check, "--log", log)["index"] == 123
    entry.write_bytes(ENTRIES[124])
    found = answered(capsys, 1, *check, "--entry", entry)
    assert (found["step"], found["index"]) == (11, 123)
    receipt.write_text("nonsense")
    assert "is not a receipt" in said(capsys, 1, *check, "--entry", entry)


def test_a_receipt_is_found_by_digest(log: Path, policy: list[str], capsys: Capture) -> None:
    body = ENTRIES[200][len(b'{"body":') : ENTRIES[200].index(b',"id":')]
    digests = [sha256(body).hexdigest(), sha256(b"\0" + ENTRIES[200]).hexdigest()]
    for digest in digests:
        found = answered(capsys, 0, "proof", digest, *policy, "--log", log)
        assert found["index"] == 200
        assert found["receipt"].startswith("c2sp.org/tlog-proof@v1\nindex 200\n")
        assert found["entry"] == ENTRIES[200].decode()
    unknown = said(capsys, 64, "proof", "0" * 64, *policy, "--log", log)
    assert f"has the digest {'0' * 64}" in unknown


def test_an_entry_is_explained_and_checked(log: Path, policy: list[str], capsys: Capture) -> None:
    found = said(capsys, 0, "explain", log, 7, *policy, "--language", "en")
    assert "A ballot was cast" in found and "entry 7 of 300" in found and "witnesses: 2" in found
    answer = answered(capsys, 0, "explain", log, 7, *policy, "--language", "fr")
    assert "Un bulletin a été déposé" in answer["says"]
    bundle = log / "tile/entries/000"
    bundle.write_bytes(
        bundle.read_bytes().replace(ENTRIES[7], ENTRIES[7].replace(b"T12:", b"T13:"))
    )
    assert answered(capsys, 1, "explain", log, 7, *policy)["index"] == 7


def test_a_log_is_fetched_verified_and_compared(
    log: Path, policy: list[str], capsys: Capture
) -> None:
    home = log.parent / "home"
    with serving(files_of(log)) as url:
        assert "Nothing is verified yet" in said(capsys, 0, "fetch", url, home)
        found = answered(capsys, 0, "fetch", url, home)
        assert (found["fetched"], found["size"]) == (0, 300)
        said(capsys, 0, "verify", url, *policy)
        assert "the same entries" in said(capsys, 0, "diff", url, home)
    fork = publish([*ENTRIES[:40], *ENTRIES[41:300]], log.parent / "fork")
    answer = answered(capsys, 1, "diff", home, fork, *BY_KEY)
    assert (answer["index"], answer["forked"], len(answer["evidence"])) == (40, True, 2)
    assert "they cannot be one log" in said(capsys, 1, "diff", home, fork, *BY_KEY)


def test_an_election_and_a_report_are_written(tmp_path: Path, capsys: Capture) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path / "log")
    file, page = tmp_path / "out.pb", tmp_path / "report.html"
    found = answered(capsys, 0, "recount", log, *UNSIGNED, "--pb", file)
    assert found["pb"] == [str(file)] and file.read_text().startswith("META\n")
    said(capsys, 0, "report", log, *UNSIGNED, "-o", page, "--language", "fr")
    assert page.read_text().startswith('<!doctype html>\n<html lang="fr">')
    missing = said(capsys, 2, "report", log, *UNSIGNED, "-o", tmp_path / "no/report.html")
    assert "cannot be written: No such file" in missing


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["weigh"], "invalid choice: 'weigh'"),
        (["verify"], "the following arguments are required: log"),
        (["verify", "LOG", "--max-age", "-1"], "--max-age: '-1' is no whole number"),
        (["verify", "LOG", "--max-age", "1.5"], "'1.5' is no whole number"),
        (["verify", "LOG", "--vkey", "a", "--policy", "b"], "not allowed with argument"),
        (["explain", "LOG", "one", "--vkey", VKEY], "'one' is no whole number"),
        (["report", "LOG", "--vkey", VKEY], "required: -o/--output"),
    ],
)
def test_what_cannot_be_asked_ends_with_64(
    arguments: list[str], complaint: str, log: Path, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(log) if each == "LOG" else each for each in arguments])
    assert caught.value.code == 64
    assert complaint in capsys.readouterr().err


def test_what_is_asked_of_no_entry_ends_with_64(log: Path, capsys: Capture) -> None:
    assert "whom to trust" in said(capsys, 64, "verify", log)
    assert "--log says" in said(capsys, 64, "proof", 5, *BY_KEY)
    assert "is not covered" in said(capsys, 64, "proof", 300, *BY_KEY, "--log", log)
    assert "is not covered" in said(capsys, 64, "explain", log, 300, *BY_KEY)
    assert "'five' is no index" in said(capsys, 64, "proof", "five", *BY_KEY, "--log", log)
    receipt = log.parent / "r.tlog-proof"
    said(capsys, 0, "proof", 5, *BY_KEY, "--log", log, "-o", receipt)
    assert "--entry or --log gives" in said(capsys, 64, "proof", receipt, *BY_KEY)


def test_the_key_of_another_log_ends_with_1(log: Path, capsys: Capture) -> None:
    publish(ENTRIES[:300], log, key=KEY, origin=f"{ORIGIN}/other")
    found = answered(capsys, 1, "verify", log, *BY_KEY)
    assert found["step"] == 1 and "did not sign this with a key known" in found["error"]


def test_an_auditor_that_fails_accuses_nobody(
    log: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in (BrokenProcessPool("a process ended"), MemoryError(), RecursionError("deep")):

        def failing(*_: object, error: Exception = wrong, **__: object) -> None:
            raise error

        monkeypatch.setattr("ledger_audit.acts.verify_log", failing)
        assert "this is no verdict on the log" in said(capsys, 70, "verify", log, *BY_KEY)
        assert answered(capsys, 70, "verify", log, *BY_KEY)["verified"] is None


def test_ids_that_find_no_room_are_no_verdict(
    log: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ids.Ids) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(ids.Ids, "__init__", partialmethod(ids.Ids.__init__, 10))
    monkeypatch.setattr(ids.Ids, "_spill", full)
    assert "disk is full" in said(capsys, 2, "verify", log, *BY_KEY)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_an_answer_that_nobody_hears_is_no_verdict(log: Path, as_json: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "ledger_audit", "verify", str(log), *BY_KEY, *as_json]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (70, b"")


def test_what_no_service_signed_ends_with_3_unless_it_is_allowed(
    tmp_path: Path, capsys: Capture
) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path / "log")
    before = publish(ElectionBefore(COSTS, VOTES).log().entries, tmp_path / "before")
    assert "8 decisions or closings are signed by no" in said(capsys, 3, "recount", before, *BY_KEY)
    said(capsys, 0, "recount", before, *UNSIGNED)
    page = tmp_path / "report.html"
    for asked in (["verify", log], ["recount", log], ["report", log, "-o", page]):
        found = said(capsys, 3, *asked, *BY_KEY)
        assert "8 decisions or closings are signed by no service" in found, asked
        said(capsys, 0, *asked, *UNSIGNED)
    assert "no service signed: 8" in page.read_text()
    answer = answered(capsys, 3, "verify", log, *BY_KEY)
    assert (answer["verified"], answer["trusted"], answer["unsigned"]) == (True, False, 8)
    assert main(["follow", str(log), *BY_KEY, "--times", "1"]) == 3
    assert main(["follow", str(log), *UNSIGNED, "--times", "1"]) == 0


EVIL = "x\x1b[2K\rall is well\n\u202e\x9b1A\x7f\u2028"


@pytest.mark.parametrize("asked", ["verify", "recount", "follow", "report"])
def test_nothing_that_a_log_says_moves_the_cursor_or_begins_a_line(
    tmp_path: Path, capsys: Capture, asked: str
) -> None:
    """A key that nobody vouches for has any text, and so has a decision's reason."""
    log = Election(COSTS, VOTES, change=changing(AllocationPublished, rules_digest=EVIL)).log()
    for text in ("first", EVIL):
        log.append(CountKeyAnnounced.model_construct(service_key=text, signature=None))
    directory = publish(log.entries, tmp_path / "log")
    more = {"follow": ["--times", "1"], "report": ["-o", str(tmp_path / "r.html")]}.get(asked, [])
    main([asked, str(directory), *UNSIGNED, *more])
    plain = capsys.readouterr()
    lines = (plain.out + plain.err).removesuffix("\n").split("\n")
    assert all(each.isprintable() for line in lines for each in line)
    assert not any(line.startswith("all is well") for line in lines)
    assert "announced the key x\ufffd[2K\ufffdall is well" in plain.out + plain.err
    main([asked, str(directory), *UNSIGNED, *more, "--json"])
    answer = capsys.readouterr().out.removesuffix("\n")
    assert answer.isprintable() and EVIL in "".join(texts(json.loads(answer)))


def texts(value: Any) -> list[str]:
    """All that a verdict says."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for each in inner for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_french_keeps_its_spaces(log: Path, policy: list[str], capsys: Capture) -> None:
    assert "\N{NO-BREAK SPACE}h" in said(capsys, 0, "explain", log, 7, *policy, "--language", "fr")
