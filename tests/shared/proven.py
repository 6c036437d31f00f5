"""Entries as a process takes them: with what proves them, by a checkpoint that it heard."""

from collections.abc import Sequence

import asyncpg

from ledger_audit.proofs import inclusion
from ledger_audit.tree import leaf_hash, tree_hash
from shared.proving import Entry, set_aside


def proven(leaves: Sequence[str]) -> tuple[bytes, list[Entry]]:
    """The root of a log of these, and each of them with its path."""
    hashes = [leaf_hash(leaf.encode()) for leaf in leaves]

    def perfect(first: int, height: int) -> bytes:
        return tree_hash(hashes[first : first + (1 << height)])

    entries = [
        Entry(
            index=index,
            entry=leaf,
            path=[each.hex() for each in inclusion(index, len(leaves), perfect)],
        )
        for index, leaf in enumerate(leaves)
    ]
    return tree_hash(hashes), entries


async def heard(connection: asyncpg.Connection, log: str, leaves: Sequence[str]) -> list[Entry]:
    """A process has heard the checkpoint of these, and set it aside: they are proven by it."""
    root, entries = proven(leaves)
    await connection.execute(
        "insert into heard_checkpoint values ($1, $2, $3) on conflict (log) do update"
        " set size = excluded.size, root = excluded.root",
        *(log, len(leaves), root),
    )
    await set_aside(connection)
    return entries
