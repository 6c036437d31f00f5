"""Named points at which a test kills a process: what a crash there leaves is a story to be tested.

Nothing happens unless the environment names one: `COMPTOIR_KILL_AT=sequencer.entries` ends the
process with SIGKILL as soon as it comes there, the second time with `sequencer.entries/2`.
"""

import os
import signal
from collections import Counter

KILL_AT = "COMPTOIR_KILL_AT"
_WANTED, _, _TURN = os.environ.get(KILL_AT, "").partition("/")
_reached: Counter[str] = Counter()


def failure_point(name: str) -> None:
    """Die here, if that was asked for. No handler runs, nothing is flushed."""
    if name == _WANTED:
        _reached[name] += 1
        if _reached[name] == int(_TURN or 1):
            os.kill(os.getpid(), signal.SIGKILL)
