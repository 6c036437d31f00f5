"""A witness cosigns what continues its log's last checkpoint, and nothing else."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.consistency import continues
from ledger.notes import Checkpoint, Note, signed
from ledger.proofs import consistency
from ledger.tree import EMPTY_ROOT
from ledger.verifier_keys import VerifierKey
from ledger.witness.judging import (
    Inconsistent,
    NotAsked,
    NotSigned,
    OtherSize,
    UnknownLog,
    judge,
    parsed,
)
from ledger.witness.requests import Addition, written
from tests.ledger.test_proofs import flipped, made_once
from tests.ledger.witness.trees import KEY, ORIGIN, VKEY, checkpoint, note, proof, request, tree

KEYS = [VerifierKey.parse(VKEY)]
LARGEST = 600
SIZES = st.integers(0, LARGEST)


@given(SIZES, SIZES, st.integers(0))
def test_every_larger_tree_is_cosigned_and_none_with_a_changed_bit(
    one: int, other: int, bit: int
) -> None:
    old, new = sorted((one, other))
    check(old, new, bit)


@pytest.mark.slow
def test_every_proof_of_sizes_up_to_600_as_the_signer_makes_them() -> None:
    roots = [checkpoint(size, LARGEST).root for size in range(LARGEST + 1)]
    planned = made_once(tree(LARGEST)[1])
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            found = planned(consistency(old, new)) if 0 < old < new else []
            assert continues(old, new, roots[old], roots[new], found)
            if found:
                changed = flipped(found, old * 7919 + new)
                assert not continues(old, new, roots[old], roots[new], changed)


def check(old: int, new: int, bit: int) -> None:
    addition = made(old, new)
    last = checkpoint(old, LARGEST)
    judge(addition, KEYS, last)
    if old == 0:
        judge(addition, KEYS, None)
    if addition.proof:
        with pytest.raises(Inconsistent):
            judge(replace(addition, proof=tuple(flipped(addition.proof, bit))), KEYS, last)
        with pytest.raises(Inconsistent):
            judge(replace(addition, proof=addition.proof[:-1]), KEYS, last)
    with pytest.raises(Inconsistent):
        judge(replace(addition, proof=(*addition.proof, last.root)), KEYS, last)
    if old:
        with pytest.raises(Inconsistent):
            judge(addition, KEYS, replace(last, root=flipped([last.root], bit)[0]))


def made(old: int, new: int) -> Addition:
    """An addition whose signature is real; read once for each size, since signing is slow."""
    text = _note(new)
    return Addition(old, tuple(proof(old, new, LARGEST)), text, checkpoint(new, LARGEST))


_NOTES: dict[int, Note] = {}


def _note(size: int) -> Note:
    if size not in _NOTES:
        _NOTES[size] = Note.parse(note(size, LARGEST).encode())
    return _NOTES[size]


def test_an_origin_that_nobody_set_up_is_unknown() -> None:
    with pytest.raises(UnknownLog):
        judge(parsed(request(0, 3)), [], None)


def test_a_checkpoint_needs_the_signature_of_a_trusted_key() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(NotSigned, match="no key"):
        judge(parsed(written(0, [], note(3, key=other))), KEYS, None)
    both = signed(checkpoint(3), other, KEY)
    judge(parsed(written(0, [], both)), KEYS, None)


def test_a_wrong_signature_of_a_trusted_key_spoils_the_note() -> None:
    spoilt = note(3) + "— " + note(4).rpartition("— ")[2]
    with pytest.raises(NotSigned, match="is wrong"):
        judge(parsed(written(0, [], spoilt)), KEYS, None)


def test_a_key_that_is_trusted_for_another_log_signs_nothing_here() -> None:
    elsewhere = signed(Checkpoint("ledger.example.org/other", 3, bytes(32)), KEY)
    with pytest.raises(NotSigned):
        judge(parsed(written(0, [], elsewhere)), KEYS, None)


def test_an_old_size_that_is_not_the_last_one_is_told_the_last_one() -> None:
    for last, old, size in ((checkpoint(7), 0, 7), (None, 5, 0), (checkpoint(7), 9, 7)):
        with pytest.raises(OtherSize) as refusal:
            judge(parsed(request(old, 23)), KEYS, last)
        assert refusal.value.size == size


def test_an_old_size_beyond_the_checkpoint_is_malformed() -> None:
    with pytest.raises(NotAsked):
        judge(parsed(written(9, [], note(7))), KEYS, checkpoint(9))


def test_the_same_size_with_another_root_is_a_fork() -> None:
    fork = signed(Checkpoint(ORIGIN, 7, bytes(32)), KEY)
    with pytest.raises(Inconsistent):
        judge(parsed(written(7, [], fork)), KEYS, checkpoint(7))
    judge(parsed(request(7, 7)), KEYS, checkpoint(7))


def test_there_is_one_empty_tree() -> None:
    judge(parsed(written(0, [], signed(Checkpoint(ORIGIN, 0, EMPTY_ROOT), KEY))), KEYS, None)
    with pytest.raises(Inconsistent):
        judge(parsed(written(0, [], signed(Checkpoint(ORIGIN, 0, bytes(32)), KEY))), KEYS, None)
