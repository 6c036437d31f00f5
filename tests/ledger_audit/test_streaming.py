"""A log of any size: ids on disk, bundles on all cores, and the short way to read a ballot."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger_audit
from ledger_audit import audit, ballots, leaves, openings, sifting
from ledger_audit.ballots import Rules
from ledger_audit.ids import Ids
from shared.canonical import canonical
from shared.events.voting import token_bytes
from tests.ledger_audit import large
from tests.ledger_audit.large import ROUND
from tests.ledger_audit.logs import PADDED, VKEY, SealedElection, publish, spki

CHANCE = Random(7)
IDS = [CHANCE.randbytes(16) for _ in range(5_000)]
SEALED = SealedElection([100], [[1]]).log().entries
SHORT = [
    next(large.ballots(1)),
    *(entry for entry in SEALED if entry.endswith((sifting.BALLOT, openings.OPENING))),
]
# Of the first a round in the open, of the others a sealed one: tokens of neither are good, but
# those of the second under its own key.
RULES = {
    ROUND: Rules({"A": "no key"}, {"type": "approval", "min": 0, "max": 4}, None, 80, None),
    str(SealedElection([100], [[1]]).round_id): Rules(
        {"A": spki("A")}, {"type": "approval", "min": 0, "max": 4}, None, 1, None, PADDED
    ),
}


@contextmanager
def added(ids: list[bytes], in_memory: int, together: int = 256) -> Iterator[Ids]:
    found = Ids(in_memory)
    for at in range(0, len(ids), together):
        found.add(b"".join(ids[at : at + together]), at)
    yield found
    found.close()


@pytest.mark.parametrize("in_memory", [10_000, 1_000, 1])
def test_an_id_that_is_there_twice_is_found_with_the_first_entry_that_repeats(
    in_memory: int,
) -> None:
    with added(IDS, in_memory) as found:
        assert found.first_again() is None
    for first, again in ((0, 4_999), (17, 18), (300, 4_000)):
        ids = [*IDS]
        ids[again] = IDS[first]
        if again != 4_999:
            ids[4_999] = IDS[0]
        with added(ids, in_memory) as found:
            assert found.first_again() == (IDS[first], again)


def test_what_is_added_later_is_compared_with_what_was_there() -> None:
    with added(IDS, 1_000) as found:
        assert found.first_again() is None
        found.add(b"".join([bytes(16), IDS[42]]), 5_000)
        assert found.first_again() == (IDS[42], 5_001)


def test_the_size_of_the_temporary_file_is_reported() -> None:
    with added(IDS, 10_000) as found:
        assert found.spilled == 0
    with added(IDS, 1_000) as found:
        assert found.spilled >= 24 * 4_000


def test_a_log_is_verified_on_all_cores_as_it_is_on_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [*islice(large.ballots(9_000), 9_000)]
    export = ledger_audit.read(publish(entries, tmp_path))
    alone = ledger_audit.verify(export, VKEY)
    monkeypatch.setattr(audit, "MANY", 0)
    assert ledger_audit.verify(export, VKEY) == alone
    bundle = tmp_path / "tile/entries/020"
    bundle.write_bytes(bundle.read_bytes()[:-9])
    with pytest.raises(ledger_audit.Tampered) as caught:
        ledger_audit.verify(export, VKEY)
    assert (caught.value.step, caught.value.index) == (2, 20 * 256 + 255)


@pytest.mark.parametrize("entry", SHORT)
def test_what_there_is_most_of_is_read_the_short_way(entry: bytes) -> None:
    found = leaves.numbered(entry)
    assert found.leaf is None
    whole = leaves.read(entry)
    assert found[:5] == (whole.id, whole.src, whole.number, whole.type, whole.round_id)
    assert str(UUID(bytes=found.id)) == json.loads(entry)["id"]


TEXTS = st.sampled_from(
    ['"', "\\", "\\u0041", "é", " ", "0", "-", "-0", "00", "1.0", "1e3", ",", "]"]
)


def long_way(entry: bytes) -> bytes:
    """The same JSON in a form that is not read the short way."""
    return b"{ " + entry[1:]


@given(st.sampled_from(SHORT), st.integers(0, 2_000), st.integers(0, 3), TEXTS)
def test_what_is_read_the_short_way_is_read_the_same_the_long_way(
    entry: bytes, at: int, removed: int, put: str
) -> None:
    at %= len(entry)
    changed = entry[:at] + put.encode() + entry[at + removed :]
    try:
        found = leaves.numbered(changed)
    except (ValueError, RecursionError):
        with pytest.raises((ValueError, RecursionError)):
            leaves.read(changed)
        return
    whole = leaves.read(changed)
    assert found[:5] == (whole.id, whole.src, whole.number, whole.type, whole.round_id)
    # It is canonical: what was signed is there as it stands.
    for each in (changed, long_way(changed)):
        assert ballots.check(7, each, RULES) == ballots.check(7, long_way(changed), RULES)
    if leaves.CAST.fullmatch(changed) is not None:
        number, fields, signed = ballots._read(changed)
        assert ballots._read(long_way(changed)) == (number, fields, None)
        unsigned = {name: each for name, each in fields.items() if name != "sig"}
        assert signed == canonical(unsigned)
        assert ballots._named(fields) == token_bytes(
            UUID(fields["round"]), fields["tier"], fields["key"]
        )
