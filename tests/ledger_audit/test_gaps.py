"""Numbers without an event are no gap where the ledger says so in their place, and only there."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from ledger.signer.filled import filled as signer_filled
from ledger_audit import read, verify
from ledger_audit.errors import Tampered
from ledger_audit.gaps import filled
from shared.events.ledger import GapAccepted, IngestRejected, Refused
from shared.events.submission import DossierFiled
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
