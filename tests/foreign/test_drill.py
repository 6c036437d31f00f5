"""The tamper drill of the ledger's design (§7), line by line.

Each alteration is refused by `ledger-audit`, run as the command, with its exit code and the entry
where one can be named, and by at least two programs that we did not write. Every reader knows the
same: the log's key, two witnesses that both have to cosign, and the last checkpoint that it saw.

Two lines are about what a log *says*, and no program that checks logs can know a true ballot from
none. Told later, when a checkpoint was seen, they are rewritten history and refused as such. Told
from the beginning, with every signature in place, log clients accept them, and these tests say so:
the lying decision is then found by counting again, here and by pabutools from the exported file,
and the withheld event by its number, which its publisher's closing states.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import greedy_utilitarian_welfare
from pabutools.tiebreaking import lexico_tie_breaking

import ledger_audit
from ledger.witness.requests import written
from ledger_audit.proofs import consistency
from ledger_audit.tree import leaf_hash, tree_hash
from tests.foreign.clients import Asked, Verdict, fsck, verdicts
from tests.foreign.logs import (
    CHANGES,
    ELECTION,
    PLACE,
    TAMPERINGS,
    Entries,
    last,
    lying,
    resealed,
    seal,
    withheld,
)
from tests.foreign.witness import foreign_witness
from tests.ledger_audit.logs import VKEY
from tests.ledger_audit.witnesses import ONE, TWO

pytestmark = pytest.mark.slow
LEDGER_AUDIT = Path(sys.prefix) / "bin/ledger-audit"
# Every alteration that the design lists, in its words, and the names that begin with it here.
DESIGN = {
    "alter an entry": "alter an entry",
    "remove an entry": "remove an entry",
    "insert an entry": "insert an entry",
    "swap an entry": "swap an entry",
    "truncate an entry": "truncate an entry",
    "duplicate an entry": "duplicate an entry",
    "alter a tile only": "alter a tile only",
    "alter a bundle only": "alter a bundle only",
    "roll back a checkpoint": "roll back a checkpoint",
    "sign a fork": "sign a fork",
    "wrong origin or key": "wrong",
    "an old cosignature replayed": "an old",
    "an unpublished tile": "an unpublished tile",
    "a lying decision": "a lying decision",
    "a publisher's last event withheld": "a publisher's last event withheld",
}


@pytest.fixture(scope="module")
def entries() -> Entries:
    """The honest entries."""
    return ELECTION.log().entries


@pytest.fixture
def log(entries: Entries, tmp_path: Path) -> Path:
    """The honest log."""
    return seal(entries, tmp_path / "log")


@pytest.fixture
def seen(log: Path, tmp_path: Path) -> Path:
    """The checkpoint that its readers saw last."""
    note = tmp_path / "seen.note"
    note.write_bytes((log / "checkpoint").read_bytes())
    return note


def asked(log: Path, seen: Path | None, size: int, max_age: int | None = None) -> Asked:
    indexes = [place for place in (0, PLACE, PLACE + 1, size - 1) if place < size]
    return Asked(str(log), VKEY, (ONE.vkey, TWO.vkey), 2, max_age, seen, indexes)


def audited(code: int, *arguments: object) -> dict[str, Any]:
    """What `ledger-audit` answers in JSON, ending with this code.

    The election of the drill is from before services signed.
    """
    if arguments[0] in ("verify", "recount"):
        arguments += ("--allow-unsigned",)
    found = subprocess.run(
        [LEDGER_AUDIT, *map(str, arguments), "--json"], capture_output=True, text=True
    )
    assert found.returncode == code, found.stdout + found.stderr
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def policy(directory: Path) -> Path:
    file = directory / "policy"
    file.write_text(
        f"log {VKEY}\nwitness one {ONE.vkey}\nwitness two {TWO.vkey}\n"
        "group both all one two\nquorum both\n"
    )
    return file


def test_everybody_accepts_the_honest_log(
    entries: Entries, log: Path, tmp_path: Path, told: dict[str, str]
) -> None:
    before = seal(entries[:300], tmp_path / "before") / "checkpoint"
    found = verdicts(asked(log, before, len(entries), max_age=600), tmp_path)
    assert {name: each.said for name, each in found.items() if not each.accepted} == {}
    trust = ["--policy", policy(tmp_path), "--since", before, "--max-age", 600]
    assert audited(0, "verify", log, *trust)["size"] == len(entries)
    told["(nothing)"] = "accepted by ledger-audit and " + ", ".join(found)


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_somebody_changed_is_refused(
    what: str, entries: Entries, log: Path, seen: Path, tmp_path: Path, told: dict[str, str]
) -> None:
    tampering = TAMPERINGS[what]
    tampering.do(entries, log)
    age = [] if tampering.max_age is None else ["--max-age", tampering.max_age]
    trust = ["--policy", policy(tmp_path), "--since", seen, *age]
    answer = audited(tampering.code, "verify", log, *trust)
    assert answer.get("index") == tampering.index, answer
    assert tampering.says in answer["error"]
    found = verdicts(asked(log, seen, len(entries), tampering.max_age), tmp_path)
    refusing = [name for name, verdict in found.items() if not verdict.accepted]
    index = "" if tampering.index is None else f", entry {tampering.index}"
    told[what] = f"ledger-audit {tampering.code}{index}; {', '.join(refusing)}"
    assert len(refusing) >= 2, found


@pytest.mark.parametrize("what", CHANGES)
def test_a_log_forked_by_its_own_signer_is_shown_with_both_signed_notes(
    what: str, entries: Entries, log: Path, tmp_path: Path
) -> None:
    resealed(CHANGES[what](entries), tmp_path / "fork")
    if what == "truncate":  # the shorter one is a beginning of the other: rolled back, not forked
        assert audited(0, "diff", log, tmp_path / "fork", "--vkey", VKEY)["forked"] is False
        return
    answer = audited(1, "diff", log, tmp_path / "fork", "--vkey", VKEY)
    changed = PLACE + 1 if what == "duplicate" else PLACE
    assert (answer["index"], answer["forked"]) == (changed, True)
    notes = [(each / "checkpoint").read_text() for each in (log, tmp_path / "fork")]
    assert answer["evidence"] == notes


def test_a_fork_is_evidence_for_who_trusts_the_logs_key_alone(
    entries: Entries, log: Path, seen: Path, tmp_path: Path
) -> None:
    TAMPERINGS["sign a fork"].do(entries, log)
    answer = audited(1, "verify", log, "--vkey", VKEY, "--since", seen)
    assert answer["step"] == 10
    assert answer["evidence"] == [seen.read_text(), (log / "checkpoint").read_text()]


def test_fsck_alone_passes_a_fork(entries: Entries, log: Path, tmp_path: Path) -> None:
    TAMPERINGS["sign a fork"].do(entries, log)
    assert fsck(asked(log, None, len(entries)), tmp_path).accepted


async def test_a_witness_of_other_people_refuses_a_fork(
    entries: Entries, log: Path, tmp_path: Path
) -> None:
    before = (seal(entries[:300], tmp_path / "before") / "checkpoint").read_text()
    honest = (log / "checkpoint").read_text()
    TAMPERINGS["sign a fork"].do(entries, tmp_path / "fork")
    forked = (tmp_path / "fork/checkpoint").read_text()
    async with (
        foreign_witness([VKEY], tmp_path) as foreign,
        aiohttp.ClientSession() as session,
    ):

        async def answer(old: int, source: Path, note: str) -> int:
            size = int(note.split("\n")[1])
            tree = [leaf_hash(each) for each in ledger_audit.read(source).entries()]
            proof = consistency(old, size, lambda at, height: tree_hash(tree[at : at + 2**height]))
            body = written(old, proof, note)
            async with session.post(f"{foreign.url}/add-checkpoint", data=body) as response:
                return response.status

        first = written(0, [], before)
        async with session.post(f"{foreign.url}/add-checkpoint", data=first) as response:
            assert response.status == 200
        assert await answer(300, tmp_path / "fork", forked) == 422
        assert await answer(300, log, honest) == 200


def accepted_by_all(log: Path, size: int, scratch: Path) -> None:
    """What a log client cannot know: every signature and every hash is as it should be."""
    found: dict[str, Verdict] = verdicts(asked(log, None, size), scratch)
    assert [name for name, each in found.items() if not each.accepted] == []


def test_a_decision_that_lied_from_the_beginning_is_found_by_counting_again(
    tmp_path: Path, told: dict[str, str]
) -> None:
    false = lying()
    log = seal(false, tmp_path / "log")
    trust = ["--policy", policy(tmp_path)]
    accepted_by_all(log, len(false), tmp_path)
    audited(0, "verify", log, *trust)
    answer = audited(4, "recount", log, *trust, "--pb", tmp_path / "out.pb")
    named = {each.partition(":")[0] for each in answer["rounds"][0]["differences"]}
    decided = next(i for i, entry in enumerate(false) if b"option-decided" in entry)
    assert named == {f"entry {decided}", f"entry {len(false) - 1}"}
    # And by a library that reads the ballots alone, from the file for other programs.
    instance, profile = parse_pabulib(str(tmp_path / "out.pb"))
    funded = greedy_utilitarian_welfare(
        instance, profile, sat_class=Cost_Sat, tie_breaking=lexico_tie_breaking
    )
    votes = {project.name: profile.approval_score(project) for project in instance}
    body = json.loads(false[decided])["body"]
    assert votes[str(body["number"])] != body["votes"]
    winners = json.loads(false[-1])["body"]["winners"]
    order = [project.name for project in funded]
    assert order != [number_of(winner, false) for winner in winners]
    told["a lying decision, told from the beginning"] = (
        f"ledger-audit recount 4, entry {decided}; pabutools (log clients cannot know)"
    )


def number_of(option: str, entries: Entries) -> str:
    """The number of an option, by its entry."""
    listed = (json.loads(each)["body"] for each in entries if b"option-listed" in each)
    return next(str(each["number"]) for each in listed if each["option_id"] == option)


def test_an_event_withheld_from_the_beginning_is_found_by_its_publishers_closing(
    entries: Entries, tmp_path: Path, told: dict[str, str]
) -> None:
    kept = withheld(entries)
    log = seal(kept, tmp_path / "log")
    accepted_by_all(log, len(kept), tmp_path)
    answer = audited(1, "verify", log, "--policy", policy(tmp_path))
    closing = last(kept, "voting.box-closed.v1")
    assert (answer["step"], answer["index"]) == (5, closing)
    told["a publisher's last event withheld from the beginning"] = (
        f"ledger-audit 1, entry {closing} (log clients cannot know)"
    )


def test_the_drill_has_every_line_of_the_design() -> None:
    for line, beginning in DESIGN.items():
        assert [what for what in TAMPERINGS if what.startswith(beginning)], line
    known = tuple(DESIGN.values())
    assert [what for what in TAMPERINGS if not what.startswith((*known, "an unpublished"))] == []
