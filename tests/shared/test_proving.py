"""A path from an entry to the root proves that entry, and no other."""

from hashlib import sha256
from pathlib import Path

import pytest

import ledger_audit
from comptoir.proving import Paths
from ledger_audit.tree import leaf_hash, tree_hash
from shared.proving import Entry, includes
from tests.ledger_audit.logs import publish
from tests.shared.proven import proven


def holds(each: Entry, size: int, root: bytes) -> bool:
    path = [bytes.fromhex(found) for found in each.path]
    return includes(each.index, size, leaf_hash(each.entry.encode()), path, root)


@pytest.mark.parametrize("size", [*range(1, 20), 63, 64, 65, 200])
def test_every_entry_of_a_log_is_proven_where_it_stands_and_nowhere_else(size: int) -> None:
    root, entries = proven([f"entry {number}" for number in range(size)])
    other = sha256(b"another root").digest()
    for each in entries:
        assert holds(each, size, root)
        assert not holds(each, size, other)
        assert not holds(each.model_copy(update={"entry": "made up"}), size, root)
        for elsewhere in (each.index + 1, each.index ^ 1, size, -1):
            if elsewhere != each.index:
                assert not holds(each.model_copy(update={"index": elsewhere}), size, root)
        if each.path:
            assert not holds(each.model_copy(update={"path": each.path[:-1]}), size, root)
        assert not holds(each.model_copy(update={"path": [*each.path, other.hex()]}), size, root)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 600, 700])
def test_paths_are_made_for_what_a_process_heard_though_the_log_grew_since(
    tmp_path: Path, size: int
) -> None:
    leaves = [f"entry {number}".encode() for number in range(700)]
    paths = Paths(ledger_audit.read(publish(leaves, tmp_path)), size)
    root = tree_hash([leaf_hash(leaf) for leaf in leaves[:size]])
    found = [Entry(**each) for each in paths.proven(paths.entries())]
    assert [each.entry.encode() for each in found] == leaves[:size]
    assert all(holds(each, size, root) for each in found)
