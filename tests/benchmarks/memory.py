"""How much memory processes have, as the kernel says, in MB of a million bytes.

Not `getrusage`: a process that was forked from a large one begins with that one's peak.
"""

from collections.abc import Iterable
from pathlib import Path


def resident(pids: Iterable[int]) -> list[float]:
    """What these have now (`VmRSS`)."""
    return [_status(pid, "VmRSS") for pid in pids]


def peak(pids: Iterable[int]) -> list[float]:
    """The most that these ever had since their program began (`VmHWM`)."""
    return [_status(pid, "VmHWM") for pid in pids]


def forget_own_peak() -> None:
    """This process's peak counts from now (proc_pid_clear_refs(5): 5)."""
    Path("/proc/self/clear_refs").write_text("5")


def _status(pid: int, field: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise RuntimeError(f"/proc/{pid}/status has no {field}")
