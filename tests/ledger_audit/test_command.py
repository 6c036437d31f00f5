"""The command says what it found, and ends with the code for it."""

import json
from pathlib import Path

import pytest

from ledger_audit.command import main
from shared.events.voting import AllocationPublished
from tests.ledger_audit.logs import VKEY, Election, publish
from tests.ledger_audit.test_recount import COSTS, VOTES, changing


def test_a_good_log_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path)
    (tmp_path / "key").write_text(VKEY + "\n")
    assert main(["verify", str(log), "--vkey", VKEY]) == 0
    assert "verified" in capsys.readouterr().out
    assert main(["recount", str(log), "--vkey", str(tmp_path / "key"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verified"] is True
    assert [each["agrees"] for each in found["rounds"]] == [True]


def test_a_tampered_log_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = publish(Election(COSTS, VOTES).log().entries, tmp_path)
    (log / "tile/0/000.p/30").unlink(missing_ok=True)
    for tile in (log / "tile/0").rglob("*"):
        if tile.is_file():
            tile.write_bytes(bytes(len(tile.read_bytes())))
    assert main(["verify", str(log), "--vkey", VKEY, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verified"], found["step"], found["index"]) == (False, 7, 0)
    assert main(["verify", str(log), "--vkey", VKEY]) == 1
    assert "step 7 (the hash tiles" in capsys.readouterr().err


def test_no_log_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "nothing"), "--vkey", VKEY]) == 2
    assert "neither a directory nor a tar" in capsys.readouterr().err


def test_a_lying_result_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lie = changing(AllocationPublished, spent=3)
    log = publish(Election(COSTS, VOTES, change=lie).log().entries, tmp_path)
    assert main(["verify", str(log), "--vkey", VKEY]) == 0
    assert main(["recount", str(log), "--vkey", VKEY]) == 4
    assert "DIFFERS" in capsys.readouterr().err
