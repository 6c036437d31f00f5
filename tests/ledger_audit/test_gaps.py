"""Numbers without an event are no gap where the ledger says so in their place, and only there."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger.signer.filled import filled as signer_filled
from ledger_audit import read, verify
from ledger_audit.audit import MOST_FILLED
from ledger_audit.command import main
from ledger_audit.errors import Tampered
from ledger_audit.gaps import filled
from ledger_audit.remarks import remarks
from shared.events.ledger import GapAccepted, IngestRejected, Refused
from shared.events.projects import DossierFiled
from tests.contracts.examples import examples
from tests.ledger_audit.logs import VKEY, Log, identity, publish

SUBMISSION = "submission"
OFFICERS = (UUID(int=1), UUID(int=2))


def dossier(log: Log) -> None:
    number = log.numbers[SUBMISSION] + 1
    ids = identity("project", number), identity("programme")
    log.append(DossierFiled(project_id=ids[0], programme_id=ids[1], title="c" * 64, cost=1))


def accepted(first: int, final: int) -> GapAccepted:
    return GapAccepted(src=SUBMISSION, from_=first, to=final, reason="0" * 64, officers=OFFICERS)


def rejected(number: int, reason: Refused) -> IngestRejected:
    return IngestRejected(src=SUBMISSION, number=number, digest="0" * 64, reason=reason)


def skipping(log: Log, to: int) -> None:
    """The publisher goes on behind this number."""
    log.numbers[SUBMISSION] = to


def audited(log: Log, directory: Path) -> None:
    """Raises `Tampered`."""
    verify(read(str(publish(log.entries, directory))), VKEY)


def test_what_officers_gave_up_and_what_was_rejected_is_not_missing(tmp_path: Path) -> None:
    log = Log()
    dossier(log)
    log.append(accepted(2, 4), "ledger")
    log.append(rejected(5, "not_canonical"), "ledger")
    skipping(log, 5)
    dossier(log)
    log.append(rejected(6, "number_taken"), "ledger")
    dossier(log)
    audited(log, tmp_path)


@pytest.mark.parametrize(
    ("first", "final", "goes_on", "index"),
    [(3, 4, 4, 1), (1, 4, 4, 1), (2, 3, 4, 2), (2, 4, 3, 2)],
    ids=["far ahead", "over what is there", "too little", "too much"],
)
def test_a_gap_is_filled_exactly(
    tmp_path: Path, first: int, final: int, goes_on: int, index: int
) -> None:
    log = Log()
    dossier(log)
    log.append(accepted(first, final), "ledger")
    skipping(log, goes_on)
    dossier(log)
    with pytest.raises(Tampered) as found:
        audited(log, tmp_path)
    assert (found.value.step, found.value.index) == (5, index)


@pytest.mark.parametrize("before", [253, 254, 255])
def test_a_gap_at_the_end_of_a_bundle_is_filled_in_the_next(tmp_path: Path, before: int) -> None:
    log = Log()
    for _ in range(before):
        dossier(log)
    log.append(accepted(before + 1, before + 9), "ledger")
    skipping(log, before + 9)
    dossier(log)
    audited(log, tmp_path / "1")
    dossier(log)
    log.append(accepted(before + 10, before + 11), "ledger")
    with pytest.raises(Tampered) as found:
        audited(log, tmp_path / "2")
    assert (found.value.step, found.value.index) == (5, before + 3)


def test_a_publisher_cannot_fill_numbers_itself(tmp_path: Path) -> None:
    log = Log()
    dossier(log)
    log.append(accepted(3, 4), SUBMISSION)
    skipping(log, 4)
    dossier(log)
    with pytest.raises(Tampered) as found:
        audited(log, tmp_path)
    assert found.value.step == 5


def test_signer_and_auditor_read_the_same_numbers_each_with_code_of_its_own() -> None:
    found = {}
    for event in examples():
        body = json.loads(event.body())
        said = filled(event.type, body)
        assert signer_filled({"type": event.type, "body": body}) == said
        if said is not None:
            found[event.type] = said
    assert found == {
        IngestRejected.type: ("voting.count", 17, 17),
        GapAccepted.type: ("voting.count", 18, 20),
    }


@pytest.mark.parametrize(
    "body", [{}, {"src": "a", "from": 3, "to": 2}, {"src": 1, "from": 1, "to": 2}]
)
def test_an_entry_that_names_no_numbers_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="names no numbers"):
        filled(GapAccepted.type, body)


def test_what_is_filled_is_said_with_who_why_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log()
    dossier(log)
    log.append(accepted(2, 1_004), "ledger")
    log.append(rejected(1_005, "not_canonical"), "ledger")
    log.append(rejected(1_005, "number_taken"), "ledger")
    directory, page = publish(log.entries, tmp_path / "log"), tmp_path / "report.html"
    found = verify(read(directory), VKEY)
    assert found.summary()["filled"] == [
        {"src": SUBMISSION, "from": 2, "to": 1_004, "reason": "gap-accepted", "index": 1},
        {"src": SUBMISSION, "from": 1_005, "to": 1_005, "reason": "not_canonical", "index": 2},
    ]
    assert main(["verify", str(directory), "--vkey", VKEY]) == 0
    said = capsys.readouterr().out
    assert "entry 1: no event has number 2 to 1004 of submission (gap-accepted)" in said
    asked = ["report", str(directory), "--vkey", VKEY, "-o", str(page), "--language", "en"]
    assert main(asked) == 0
    assert "Numbers 2 to 1,004 of submission have no event: gap-accepted (entry 1)" in (
        page.read_text()
    )


@pytest.mark.parametrize("officers", [None, [], ["a"], ["a", "a"], ["a", ""], ["a", 1], "ab"])
@pytest.mark.parametrize("kind", ["gap-accepted", "ingest-rejected"])
def test_two_officers_give_numbers_up_and_nobody_less(kind: str, officers: Any) -> None:
    body = {"src": "a", "from": 1, "to": 2, "number": 1, "reason": "not_readable"}
    assert filled(f"ledger.{kind}.v1", {**body, "officers": ["a", "b"]}) is not None
    with pytest.raises(ValueError, match="does not name two officers"):
        filled(f"ledger.{kind}.v1", {**body, "officers": officers})


def test_the_ledger_fills_no_number_of_its_own(tmp_path: Path) -> None:
    log = Log()
    gap = GapAccepted(src="ledger", from_=2, to=3, reason="0" * 64, officers=OFFICERS)
    log.append(gap, "ledger")
    with pytest.raises(Tampered, match="which gives them itself") as found:
        audited(log, tmp_path)
    assert (found.value.step, found.value.index) == (5, 0)


def test_entries_about_gaps_are_counted_and_not_all_remembered(tmp_path: Path) -> None:
    log = Log()
    for number in range(1, MOST_FILLED + 302):
        log.append(rejected(number, "too_large"), "ledger")
    found = verify(read(publish(log.entries, tmp_path)), VKEY)
    assert (len(found.filled), found.fillings) == (MOST_FILLED, MOST_FILLED + 301)
    assert remarks(found)[-1].startswith(f"{MOST_FILLED + 291} further entries")
