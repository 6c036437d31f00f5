"""What two Python libraries of other people say of a log: run by the Python that has them.

    oracle.py scales LOG VKEY [--witness VKEY]… [--quorum N] [--old NOTE]
    oracle.py metamorphic LOG VKEY [--old NOTE]
    oracle.py metamorphic RECEIPT VKEY --entry FILE

`scales` is tlog-scales, which reads tiles and checks proofs. `metamorphic` is metamorphic-log,
which checks checkpoints and proofs and reads no tiles: tlog-scales makes the proofs that it checks.
Every entry is proven. It ends with 0, or with 1 and the reason.
"""

import argparse
import base64
import sys
from pathlib import Path

import metamorphic_log
from tlog_scales import tiles
from tlog_scales.backend import make_backend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint


class Refused(Exception):
    """The log is not accepted."""


def scales(asked: argparse.Namespace) -> str:
    """tlog-scales alone."""
    reader = TilesReader(make_backend(asked.log))
    checkpoint = signed(reader.get_checkpoint(), asked)
    root = reader.calculate_root_hash()
    if root != checkpoint.root_hash:
        raise Refused("the tiles have another root")
    for index in range(checkpoint.size):
        leaf = tiles.leaf_hash(reader.get_entry(index))
        reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)
    if asked.old is not None:
        old = signed(Checkpoint.from_text(asked.old.read_text()), asked)
        if old.size > checkpoint.size:
            raise Refused(f"{old.size} entries were seen before, there are {checkpoint.size}")
        proof = reader.get_consistency_proof(old.size, checkpoint.size)
        proof.check(old.root_hash, checkpoint.root_hash)
    return f"{checkpoint.size} entries"


def signed(checkpoint: Checkpoint, asked: argparse.Namespace) -> Checkpoint:
    key = Vkey.from_string(asked.vkey)
    if checkpoint.origin != key.name:
        raise Refused(f"the checkpoint is of {checkpoint.origin}")
    checkpoint.verify(key)
    known = VkeySet(*(Vkey.from_string(each) for each in asked.witness))
    found = {vkey.name for vkey, _ in known.verify(checkpoint.signatures, checkpoint)}
    if len(found) < asked.quorum:
        raise Refused(f"{len(found)} witnesses of {asked.quorum} cosigned")
    return checkpoint


def metamorphic(asked: argparse.Namespace) -> str:
    """metamorphic-log, by the proofs that tlog-scales makes."""
    backend = make_backend(asked.log)
    content = backend.get("checkpoint")
    if content is None:
        raise Refused("there is no checkpoint")
    note, keys = content.decode(), [asked.vkey]
    head = metamorphic_log.checkpoint_verify(note, keys)
    if head.origin != asked.vkey.split("+")[0]:
        raise Refused(f"the checkpoint is of {head.origin}")
    reader = TilesReader(backend)
    reader.set_size(head.size)
    for index in range(head.size):
        leaf = tiles.leaf_hash(reader.get_entry(index))
        proof = reader.get_inclusion_proof(index, head.size).node_hashes
        metamorphic_log.checkpoint_verify_inclusion(note, keys, index, leaf, proof)
    if asked.old is not None:
        old = asked.old.read_text()
        size = metamorphic_log.checkpoint_verify(old, keys).size
        if size > head.size:
            raise Refused(f"{size} entries were seen before, there are {head.size}")
        between = reader.get_consistency_proof(size, head.size).node_hashes
        metamorphic_log.checkpoint_verify_consistency(old, note, keys, between)
    return f"{head.size} entries"


def receipt(asked: argparse.Namespace) -> str:
    """metamorphic-log, by the proof that a `.tlog-proof` has."""
    head, _, note = Path(asked.log).read_text().partition("\n\n")
    magic, index, *proof = head.split("\n")
    if magic != "c2sp.org/tlog-proof@v1":
        raise Refused(f"a receipt does not begin with {magic}")
    leaf = tiles.leaf_hash(asked.entry.read_bytes())
    metamorphic_log.checkpoint_verify_inclusion(
        note,
        [asked.vkey],
        int(index.removeprefix("index ")),
        leaf,
        [base64.b64decode(each, validate=True) for each in proof],
    )
    return "the receipt"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["scales", "metamorphic"])
    parser.add_argument("log")
    parser.add_argument("vkey")
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--quorum", type=int, default=0)
    parser.add_argument("--old", type=Path)
    parser.add_argument("--entry", type=Path)
    asked = parser.parse_args()
    try:
        if asked.library == "scales":
            said = scales(asked)
        else:
            said = metamorphic(asked) if asked.entry is None else receipt(asked)
    except Exception as error:  # each library has errors of its own, and all of them refuse
        print(f"refused: {type(error).__name__}: {error}")
        sys.exit(1)
    print(f"accepted: {said}")


if __name__ == "__main__":
    main()
