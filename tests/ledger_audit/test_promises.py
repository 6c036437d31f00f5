"""What the box promised a voter, against the log: a box that drops a ballot is found by her."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger_audit.errors import Untrusted
from ledger_audit.keys import Malformed
from ledger_audit.promises import Judged, Promise, judge
from ledger_audit.verify import Verified
from shared.canonical import canonical
from shared.events import Event
from shared.events.acts import RoundExtended
from shared.events.voting import (
    AllocationPublished,
    BoxClosed,
    BoxKeyAnnounced,
    OptionDecided,
    RoundClosed,
    TokensIssued,
)
from shared.promises import promise_bytes, promised
from tests.ledger_audit.logs import NOW, VKEY, Election, SealedElection, identity, publish
from tests.ledger_audit.test_command import answered, said
from tests.ledger_audit.test_recount import changing

COSTS = [500_00, 300_00, 300_00, 400_00]
VOTES = [[1], [1, 2], [2, 3], [2, 3, 4], [3], [4]]
LAST = len(VOTES) - 1
BOX, OTHER = (Ed25519PrivateKey.from_private_bytes(each * 32) for each in (b"b", b"o"))
ROUND = identity("round")
HOUR = timedelta(hours=1)
KINDS = pytest.mark.parametrize("kind", [Election, SealedElection])


def public(key: Ed25519PrivateKey) -> str:
    return b64encode(key.public_key().public_bytes_raw()).decode()


KNOWN = (BoxKeyAnnounced(service_key=public(BOX)),)


def digest_of(election: Election, voter: int, revision: int = 1) -> bytes:
    """What the box promised to publish of a voter, who cast what she wants."""
    return sha256(election.ballot(voter, VOTES[voter], revision).body()).digest()


def receipt(digest: bytes, key: Ed25519PrivateKey = BOX, of: UUID = ROUND, **changed: Any) -> bytes:
    """As the voting page saves it; what is `changed` is signed too."""
    said = promised(digest, of) | changed
    signature = b64encode(key.sign(canonical(said))).decode()
    written = canonical(said | {"signature": signature}).decode()
    return f"comptoir-receipt-v1\n{written}\nbox key: {public(key)}\n".encode()


def verified(election: Election, directory: Path) -> Verified:
    export = ledger_audit.read(publish(election.log().entries, directory))
    return ledger_audit.verify(export, VKEY)


def judged(election: Election, directory: Path, content: bytes) -> Judged:
    return judge(verified(election, directory), Promise.parse(content))


@KINDS
def test_a_ballot_that_is_there_keeps_the_promise(tmp_path: Path, kind: type[Election]) -> None:
    """Also one that another replaced: both were promised."""
    election = kind(COSTS, VOTES, revised=[(2, VOTES[2])], at_last=KNOWN)
    log = verified(election, tmp_path)
    for voter, revision in ((LAST, 1), (2, 1), (2, 2)):
        digest = digest_of(election, voter, revision)
        found = judge(log, Promise.parse(receipt(digest)))
        assert found.state == "kept" and found.index is not None
        body = json.loads(log.export.entry(found.index))["body"]
        assert sha256(canonical(body)).digest() == digest


@KINDS
def test_a_box_that_drops_a_ballot_and_counts_accordingly_is_found_by_its_voter(
    tmp_path: Path, kind: type[Election]
) -> None:
    """Nobody else can: the record is whole, the counts are right, and the recount agrees."""
    honest = kind(COSTS, VOTES)
    issued = changing(TokensIssued, issued={"A": len(VOTES)})
    dropping = kind(COSTS, VOTES[:-1], change=issued, at_last=KNOWN)
    log = verified(dropping, tmp_path)
    [count] = ledger_audit.recount(log)
    assert (count.agrees, count.differences, count.keys) == (True, (), LAST)
    found = judge(log, Promise.parse(receipt(digest_of(honest, LAST))))
    assert (found.state, found.index) == ("broken", None)
    assert found.box_closed is not None
    assert b"voting.box-closed" in log.export.entry(found.box_closed)


def without(*kinds: type[Event]) -> Callable[[Event], Event | None]:
    """A log that does not have these, as one that goes on has not."""
    return lambda event: None if isinstance(event, kinds) else event


OPEN = without(RoundClosed, BoxClosed, OptionDecided, AllocationPublished)
CLOSED = without(BoxClosed, OptionDecided, AllocationPublished)
# The window of an election here is a day; what closes one does so after an hour.
END, COMMAND = NOW + timedelta(days=1), NOW + HOUR
EXTENDED = RoundExtended.model_validate(
    {
        "round_id": ROUND,
        "closes_at": END + 5 * HOUR,
        "reason": "box-down",
        "officers": (UUID(int=1), UUID(int=2)),
    }
)


@pytest.mark.parametrize(
    ("change", "while_open", "due"),
    [(OPEN, (), END + HOUR), (OPEN, (EXTENDED,), END + 6 * HOUR), (CLOSED, (), COMMAND + HOUR)],
    ids=["by its rules", "extended", "closed by command"],
)
def test_a_promise_is_due_an_hour_after_the_end_of_voting(
    tmp_path: Path,
    change: Callable[[Event], Event | None],
    while_open: tuple[Event, ...],
    due: datetime,
) -> None:
    """A box that never closes breaks it as well, once witnesses saw the log without the ballot."""
    ahead = Election(COSTS, VOTES[:-1], change=change, while_open=while_open, at_last=KNOWN)
    log, promise = verified(ahead, tmp_path), Promise.parse(receipt(digest_of(ahead, LAST)))
    first = judge(log, promise)
    assert (first.state, first.due, first.as_of, first.box_closed) == ("not due", due, NOW, None)
    for after, state in ((-1, "not due"), (0, "not due"), (1, "broken")):
        at = int(due.timestamp()) + after
        seen = judge(replace(log, times={"one": at - 500, "two": at}), promise)
        assert (seen.state, seen.due) == (state, due)


def test_what_the_box_did_not_sign_binds_nobody(tmp_path: Path) -> None:
    election = Election(COSTS, VOTES, at_last=KNOWN)
    digest = digest_of(election, LAST)
    with pytest.raises(Untrusted, match=r"no key of voting\.box that .* signed this promise"):
        judged(election, tmp_path, receipt(digest, OTHER))
    signed = receipt(digest)
    moved = signed.replace(digest.hex().encode(), b"0" * 64)
    with pytest.raises(Untrusted, match="it binds nobody"):
        judged(election, tmp_path, moved)
    with pytest.raises(Untrusted, match="it binds nobody"):
        judged(Election(COSTS, VOTES), tmp_path, signed)
    another = receipt(digest, of=identity("another"))
    with pytest.raises(Untrusted, match="has no round"):
        judged(election, tmp_path, another)


def test_the_key_that_the_box_had_when_it_promised_is_enough(tmp_path: Path) -> None:
    """The box has another one since, for which the first vouches or nobody needs to: here one that
    the log knew before."""
    later = BoxKeyAnnounced(service_key=public(OTHER))
    election = Election(COSTS, VOTES, at_last=(*KNOWN, later))
    log = verified(election, tmp_path)
    assert log.keys["voting.box"] == (public(BOX),), "nobody vouched for the other"
    assert judge(log, Promise.parse(receipt(digest_of(election, 0)))).state == "kept"
    both = replace(log, keys={"voting.box": (public(OTHER), public(BOX))})
    assert judge(both, Promise.parse(receipt(digest_of(election, 0)))).state == "kept"


DIGEST = sha256(b"a ballot").digest()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"comptoir-receipt-v2\n{}\n",
        b"comptoir-receipt-v1\n",
        b"comptoir-receipt-v1\n{}\n",
        b"comptoir-receipt-v1\nnothing\n",
        b"comptoir-receipt-v1\n[1]\n",
        b"comptoir-receipt-v1\n\xff\n",
        receipt(DIGEST).replace(b'"ballot":', b'"ballot": '),
        receipt(DIGEST, v="comptoir-promise-v2"),
        receipt(DIGEST, published_within=7200),
        receipt(DIGEST, published_within="3600"),
        receipt(DIGEST, extensions="excluded"),
        receipt(DIGEST, ballot="ab"),
        receipt(DIGEST, ballot=DIGEST.hex().upper()),
        receipt(DIGEST, round_id=7),
        receipt(DIGEST, more="than that"),
        receipt(DIGEST).replace(b'"signature":"', b'"signature":"!'),
        receipt(DIGEST) + b"x" * 20_000,
    ],
)
def test_what_is_no_promise_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        Promise.parse(content)


def test_a_promise_is_read_as_the_box_signs_it() -> None:
    promise = Promise.parse(receipt(DIGEST))
    assert (promise.digest, promise.round_id) == (DIGEST.hex(), str(ROUND))
    assert canonical(promise.said()) == promise_bytes(DIGEST, ROUND)
    assert promise.is_signed([public(OTHER), "junk", public(BOX)])
    assert not promise.is_signed([public(OTHER)])


def test_the_command_says_kept_broken_or_not_due(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = Election(COSTS, VOTES, at_last=KNOWN)
    dropping = Election(COSTS, VOTES[:-1], at_last=KNOWN)
    ahead = Election(COSTS, VOTES[:-1], change=OPEN, at_last=KNOWN)
    mine, wrong = tmp_path / "receipt.txt", tmp_path / "wrong.txt"
    mine.write_bytes(receipt(digest_of(honest, LAST)))
    wrong.write_bytes(receipt(digest_of(honest, LAST), published_within=9))
    for name, election, code in (
        ("kept", honest, 0),
        ("broken", dropping, 5),
        ("not due", ahead, 6),
    ):
        log = publish(election.log().entries, tmp_path / name)
        asked = ["proof", mine, "--log", log, "--vkey", VKEY]
        found = answered(capsys, code, *asked)
        assert (found["promise"], found["verified"]) == (name, True)
        assert (found["ballot"], found["round_id"]) == (digest_of(honest, LAST).hex(), str(ROUND))
        assert (found["index"] is None) is (name != "kept")
        assert f"the promise is {name}" in said(capsys, code, *asked)
        assert "is not a promise" in said(capsys, 3, "proof", wrong, *asked[2:])
    assert "which --log gives" in said(capsys, 64, "proof", mine, "--vkey", VKEY)


def test_a_log_that_was_tampered_with_says_nothing_of_a_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing in part of a log can be what somebody left out of a copy."""
    election = Election(COSTS, VOTES, at_last=KNOWN)
    log = publish(election.log().entries, tmp_path / "log")
    mine = tmp_path / "receipt.txt"
    mine.write_bytes(receipt(digest_of(election, LAST)))
    [bundle] = [each for each in (log / "tile/entries").rglob("*") if each.is_file()]
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b"voting.box-closed", b"voting.box-clozed"))
    found = answered(capsys, 1, "proof", mine, "--log", log, "--vkey", VKEY)
    assert "promise" not in found
