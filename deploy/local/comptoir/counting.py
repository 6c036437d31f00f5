"""The process that counts files: it is voting's, and NumPy is loaded there only."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

from comptoir.supervise import die_with
from shared.events.rules import Rule

# `-P` keeps the working directory out of the import path.
ARGV = (sys.executable, "-P", "-m", "voting.count.worker")


class Counter:
    """Asks a counting process about one file after the other; one that died is started again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._ended()

    def count(
        self, path: str, rule: str | Rule, name: str, within: float | None = None
    ) -> dict[str, Any]:
        """What a rule decides on a file, or `error`, also where the process died of it, or needed
        more than `within` seconds of computing (None: what it has itself)."""
        asked = rule if isinstance(rule, str) else rule.model_dump(mode="json")
        request: dict[str, Any] = {"path": path, "rule": asked, "name": name}
        if within is not None:
            request["within"] = within
        line = self._asked(json.dumps(request))
        if line is not None:
            answer: dict[str, Any] = json.loads(line)
            return answer
        status = self._ended()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return {"file": path, "rule": name, "error": f"{path}: the counting process ended {how}"}

    def _asked(self, request: str) -> str | None:
        """The answer's line; None where the process ended instead."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return None
        line = process.stdout.readline()
        return line if line.endswith("\n") else None

    def _ended(self) -> int:
        """The status of a process that has ended or is about to."""
        assert self._process is not None
        process, self._process = self._process, None
        # What was not written to a dead process is still in the pipe's buffer.
        with suppress(BrokenPipeError), process:
            pass
        return process.wait()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                ARGV,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                preexec_fn=partial(die_with, os.getpid()),
            )
        return self._process
