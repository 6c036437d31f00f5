"""What a power loss does to a broker's disk: the tail of a log is gone, its topic id is not."""

import struct
from pathlib import Path

# A record batch (Kafka's message format 2): base offset, length of what follows these two, …,
# and at byte 57 the number of records.
_HEAD = struct.Struct(">qi")
_COUNT_AT = 57


def cut_tail(data: Path, topic: str, records: int) -> int:
    """Cut at least so many of the last records off partition 0 of a topic, at a batch's border.

    Its broker must be down. Indexes and snapshots are made anew at the start, as after any unclean
    stop. Returns where the log ends now.
    """
    directory = data / f"{topic}-0"
    segment = max(directory.glob("*.log"))
    content = segment.read_bytes()
    batches: list[tuple[int, int, int]] = []  # where it begins, its base offset, its records
    at = 0
    while at + _HEAD.size <= len(content):
        base, length = _HEAD.unpack_from(content, at)
        if length <= 0 or at + _HEAD.size + length > len(content):
            break
        (count,) = struct.unpack_from(">i", content, at + _COUNT_AT)
        batches.append((at, base, count))
        at += _HEAD.size + length
    lost = 0
    while lost < records:
        at, end, count = batches.pop()
        lost += count
    segment.write_bytes(content[:at])
    for pattern in ("*.index", "*.timeindex", "*.snapshot"):
        for file in directory.glob(pattern):
            file.unlink()
    (data / ".kafka_cleanshutdown").unlink(missing_ok=True)
    for name in ("recovery-point-offset-checkpoint", "replication-offset-checkpoint"):
        _forget(data / name, topic)
    return end


def _forget(checkpoint: Path, topic: str) -> None:
    """Take a topic's line out of a checkpoint file: version, number of lines, lines."""
    if not checkpoint.exists():
        return
    version, _, *lines = checkpoint.read_text().splitlines()
    kept = [line for line in lines if not line.startswith(f"{topic} 0 ")]
    checkpoint.write_text("\n".join([version, str(len(kept)), *kept]) + "\n")
