"""The recount of a sealed round: every opening checked, and every lie about a ballot named."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger_audit
from ledger_audit import sifting
from shared.events import Event
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.voting import BallotCast, BoxClosed, OptionDecided, RoundOpened, TokensIssued
from shared.sealing import commitment
from tests.ledger_audit.logs import (
    COMMISSION,
    PADDED,
    SALT,
    VKEY,
    SealedElection,
    ballot,
    option_ids,
    publish,
)
from tests.ledger_audit.test_recount import changing, counted

COSTS = [500_00, 300_00, 300_00, 400_00]
VOTES = [[1], [1, 2], [2, 3], [2, 3, 4], [3], []]
# The first voter changed her mind twice, the second once.
REVISED = [(0, [4]), (1, [4]), (0, [3, 4])]
ELECTION = SealedElection(COSTS, VOTES, revised=REVISED)


def test_an_honest_sealed_election_agrees(tmp_path: Path) -> None:
    found = counted(ELECTION.log(), tmp_path)
    assert (found.differences, found.remarks, found.agrees) == ((), (), True)
    assert (found.ballots, found.keys, found.void, found.blank) == (9, 6, {}, 1)
    ids = [str(option) for option in option_ids(4)]
    assert [found.votes[option] for option in ids] == [0, 2, 4, 3]


def test_before_it_is_opened_it_neither_agrees_nor_differs(tmp_path: Path) -> None:
    log = ELECTION.log()
    kept = [e for e in log.entries if b"ballot-opened" not in e and b"decided" not in e]
    log.entries = kept[:-1]
    found = counted(log, tmp_path)
    assert (found.published, found.agrees, found.differences) == (False, None, ())
    assert found.void == {"sealed": 6}
    assert set(found.votes.values()) == {0}


def test_many_are_checked_in_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "MANY", 1)
    found = counted(ELECTION.log(), tmp_path)
    assert (found.differences, found.agrees) == ((), True)


Said = list[BallotOpened]


def with_opening(place: int, **changes: Any) -> Callable[[Said], Said]:
    """What the commission says of one ballot is another thing."""

    def change(said: Said) -> Said:
        return [
            each.model_copy(update=changes) if n == place else each for n, each in enumerate(said)
        ]

    return change


def test_an_opening_that_lies_makes_the_ballot_void_and_is_named(tmp_path: Path) -> None:
    lying = replace(ELECTION, openings=with_opening(2, choices=(1, 4)))
    found = counted(lying.log(), tmp_path)
    assert (found.agrees, found.void) == (True, {"commitment_broken": 1})
    [remark] = found.remarks
    assert "this is not what the ballot of entry" in remark


def test_a_ballot_that_nobody_can_open_is_void_and_named(tmp_path: Path) -> None:
    shut = replace(ELECTION, openings=with_opening(2, choices=None, salt=None))
    found = counted(shut.log(), tmp_path)
    assert (found.agrees, found.void) == (True, {"unopened": 1})
    [remark] = found.remarks
    assert "nobody can open the ballot of entry" in remark


def test_a_ballot_that_breaks_the_format_is_void_by_its_code(tmp_path: Path) -> None:
    votes = [*VOTES, [1, 2, 3, 4], [3, 2]]
    found = counted(SealedElection(COSTS, votes).log(), tmp_path)
    assert (found.differences, found.agrees) == ((), True)
    assert found.void == {"too_many": 1, "malformed": 1}


def test_counting_what_an_opening_lied_about_differs(tmp_path: Path) -> None:
    """The commission lies, and count takes its word for the ballot."""
    honest = ELECTION.log().entries
    lying = [
        _changed(entry, choices=[1, 4])
        if _of(entry, BallotOpened, ELECTION.place(2, 1).key)
        else entry
        for entry in honest
    ]
    log = ELECTION.log()
    log.entries = lying
    found = counted(log, tmp_path)
    assert found.agrees is False and found.void == {"commitment_broken": 1}


def _of(entry: bytes, kind: type[Event], key: str) -> bool:
    leaf = json.loads(entry)
    return bool(leaf["type"] == kind.type and leaf["body"]["key"] == key)


def _changed(entry: bytes, **changes: Any) -> bytes:
    leaf = json.loads(entry)
    leaf["body"] |= changes
    return json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()


def first_but(said: Said) -> Said:
    return said[1:]


def twice(said: Said) -> Said:
    return [*said, said[3]]


def another_twice(said: Said) -> Said:
    return [*said, said[3].model_copy(update={"choices": (1,)})]


def earlier_revision(said: Said) -> Said:
    first = ELECTION.place(0, 1)
    changes = {"revision": 1, "choices": (1,), "salt": SALT.hex()}
    assert said[0].key == first.key
    return [said[0].model_copy(update=changes), *said]


def stranger(said: Said) -> Said:
    key = b64encode(Ed25519PrivateKey.from_private_bytes(b"s" * 32).public_key().public_bytes_raw())
    return [*said, said[3].model_copy(update={"key_": key.decode()})]


@pytest.mark.parametrize(
    ("openings", "difference"),
    [
        (first_but, "it was decided, but 1 ballots were never opened, the first is entry"),
        (twice, "was opened before"),
        (another_twice, "was opened before"),
        (earlier_revision, "it opens revision 1, the last one is that of"),
        (stranger, "it opens a ballot that nobody sealed"),
    ],
)
def test_openings_that_are_not_each_counted_ballot_once_are_named(
    tmp_path: Path, openings: Callable[[Said], Said], difference: str
) -> None:
    found = counted(replace(ELECTION, openings=openings).log(), tmp_path)
    assert found.agrees is False
    assert any(difference in each for each in found.differences), found.differences


def test_an_opening_before_the_box_was_closed_is_named(tmp_path: Path) -> None:
    log = ELECTION.log()
    closing = next(n for n, e in enumerate(log.entries) if BoxClosed.type.encode() in e)
    opening = next(n for n, e in enumerate(log.entries) if BallotOpened.type.encode() in e)
    entries = [*log.entries]
    entries.insert(closing, entries.pop(opening))
    # Numbers of one publisher stay in order: it is the first of count's behind the rules.
    log.entries = _numbered(entries)
    found = counted(log, tmp_path)
    assert any("before the box was closed" in each for each in found.differences)


def _place(entries: list[bytes], kind: type[Event]) -> int:
    """Where the first entry of a kind stands."""
    return next(n for n, entry in enumerate(entries) if kind.type.encode() in entry)


def test_a_key_that_is_tried_once_the_round_is_open_is_named(tmp_path: Path) -> None:
    """Voters had sealed to a key by then that nobody may have held."""
    log = ELECTION.log()
    entries = [*log.entries]
    opened = _place(entries, RoundOpened)
    entries.insert(opened, entries.pop(_place(entries, CommissionPrepared)))
    log.entries = _numbered(entries)
    found = counted(log, tmp_path)
    assert found.agrees is False
    assert any("before its holders had tried this key" in each for each in found.differences)


def test_an_opening_after_the_decision_is_named(tmp_path: Path) -> None:
    """Whatever it says: nobody could have seen by then what was decided."""
    log = ELECTION.log()
    entries = [*log.entries]
    entries.append(entries.pop(_place(entries, BallotOpened)))
    log.entries = _numbered(entries)
    found = counted(log, tmp_path)
    assert found.agrees is False
    assert any("after the round was decided" in each for each in found.differences)


def _numbered(entries: list[bytes]) -> list[bytes]:
    numbers = dict[str, int]()
    found = []
    for entry in entries:
        leaf = json.loads(entry)
        numbers[leaf["src"]] = leaf["number"] = numbers.get(leaf["src"], 0) + 1
        if leaf["type"] == BoxClosed.type:
            leaf["body"]["last_number"] = leaf["number"] - 1
        found.append(json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode())
    return found


def place_of(event: Event, voter: int) -> bool:
    return isinstance(event, BallotCast) and event.key == ELECTION.place(voter, 1).key


def cast_again(event: Event, voter: int, **changes: Any) -> Event:
    """The box altered a ballot: what its voter signed is another thing."""
    return event.model_copy(update=changes) if place_of(event, voter) else event


SHORT = b64encode(bytes(PADDED + 47)).decode()


def _with_token_of_another_key(cast: list[BallotCast]) -> list[BallotCast]:
    """The roll signed for somebody with a key that is not the tier's: she is marked by it."""
    other = cast[2]
    return [
        each
        if n != 1
        else ballot(
            2,
            None,
            round_id=ELECTION.round_id,
            commitment=each.commitment,
            sealed=each.sealed,
            token=other.token,
        )
        for n, each in enumerate(cast)
    ]


LIES: dict[str, tuple[SealedElection, str]] = {
    "a roll that signs with another key": (
        replace(ELECTION, ballots=_with_token_of_another_key),
        "this is no ballot: its token is not the roll's",
    ),
    "a box that alters a commitment": (
        replace(ELECTION, change=lambda e: cast_again(e, 4, commitment="0" * 64)),
        "this is no ballot: it is not signed by its key",
    ),
    "a box that alters what is sealed": (
        replace(
            ELECTION,
            change=lambda e: cast_again(e, 4, sealed=b64encode(b"\1" * (PADDED + 48)).decode()),
        ),
        "this is no ballot: it is not signed by its key",
    ),
    "a box that takes another size": (
        replace(ELECTION, change=lambda e: cast_again(e, 4, sealed=SHORT)),
        "this is no ballot: what is sealed has another size",
    ),
    "a box that takes a ballot in the open": (
        replace(
            ELECTION,
            ballots=lambda cast: [*cast, ballot(9, [1], round_id=ELECTION.round_id)],
        ),
        "this is no ballot: it does not have the fields of a ballot",
    ),
    "a second counted ballot under one key": (
        replace(
            ELECTION,
            ballots=lambda cast: [*cast, SealedElection(COSTS, VOTES).ballot(3, [1], 1)],
        ),
        "revision 1 is at entry",
    ),
    "a box that drops a ballot that it counted": (
        replace(ELECTION, change=lambda e: None if place_of(e, 4) else e),
        "it says ballots 9, not 8",
    ),
    "more ballots than tokens": (
        replace(ELECTION, change=changing(TokensIssued, issued={"A": 5})),
        "5 tokens of tier A were issued, 6 were used",
    ),
    "a commission that never tried its key": (
        replace(ELECTION, change=lambda e: None if isinstance(e, CommissionPrepared) else e),
        "no voting.commission-prepared says that its holders tried this key",
    ),
    "another key than the one that was tried": (
        replace(
            ELECTION,
            change=changing(
                CommissionPrepared,
                commission=COMMISSION.model_copy(update={"threshold": 2}),
            ),
        ),
        "no voting.commission-prepared says that its holders tried this key",
    ),
    "a decision with other votes": (
        replace(
            ELECTION,
            change=lambda e: (
                e.model_copy(update={"votes": 9})
                if isinstance(e, OptionDecided) and e.number == 1
                else e
            ),
        ),
        "it says votes 9, not 0",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_about_ballots_is_named(tmp_path: Path, lie: str) -> None:
    election, difference = LIES[lie]
    log = election.log()
    # What is dropped or altered leaves no gap in the numbers: its publisher lies as well.
    export = ledger_audit.read(publish(_numbered(log.entries), tmp_path))
    (found,) = ledger_audit.recount(export)
    assert found.agrees is False
    assert any(difference in each for each in found.differences), found.differences


def test_what_a_voter_sealed_wrongly_is_told_from_a_box_that_lies(tmp_path: Path) -> None:
    """A commitment to other choices than those that were sealed is signed: it is the voter's."""

    def careless(cast: list[BallotCast]) -> list[BallotCast]:
        other = commitment(ELECTION.place(4, 1), [1], SALT)
        again = ballot(5, None, round_id=ELECTION.round_id, commitment=other, sealed=cast[4].sealed)
        return [again if n == 4 else each for n, each in enumerate(cast)]

    found = counted(replace(ELECTION, ballots=careless).log(), tmp_path)
    assert found.void == {"commitment_broken": 1}
    assert len(found.remarks) == 1


@pytest.mark.parametrize("left", ["commission", "padded"])
def test_a_sealed_round_without_its_commission_is_tampered_with(tmp_path: Path, left: str) -> None:
    broken = replace(ELECTION, change=changing(RoundOpened, **{left: None}))
    export = ledger_audit.read(publish(broken.log().entries, tmp_path))
    with pytest.raises(ledger_audit.Tampered, match="a sealed round has a commission"):
        ledger_audit.recount(ledger_audit.verify(export, VKEY))
