"""Verifying what is new in a log, again and again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger_audit.audit import Audit, Progress, unheard
from ledger_audit.errors import Tampered, Unreachable
from ledger_audit.export import Export
from ledger_audit.origins import check_asked
from ledger_audit.policy import Policy, Trusted
from ledger_audit.verify import Verified, verified

# Waits; whether to go on.
type Pause = Callable[[], bool]


@dataclass
class Follower:
    """A log that is followed. `max_age` holds at each look: a log that stands still grows old."""

    export: Export
    policy: Policy
    since: Trusted | None = None
    max_age: int | None = None
    origin: str | None = None

    def follow(
        self, pause: Pause, progress: Progress = unheard
    ) -> Iterator[Verified | Unreachable]:
        """Each checkpoint that was verified, as it comes; until `pause` is no longer true.

        A log that gives no answer is asked again after the pause. Raises `Tampered` and
        `Untrusted`, and then ends.
        """
        audit, seen = Audit(self.since), b""
        try:
            while True:
                try:
                    if (found := self._look(audit, seen, progress)) is not None:
                        seen = found.export.note
                        yield found
                except Unreachable as error:
                    yield error
                if not pause():
                    return
        finally:
            audit.ids.close()

    def _look(self, audit: Audit, seen: bytes, progress: Progress) -> Verified | None:
        if seen:
            self.export.refresh()
        now = int(time.time())
        trusted = self.policy.check(self.export.note, now=now, max_age=self.max_age)
        check_asked(self.policy, self.export.source, trusted.checkpoint.origin, self.origin)
        if trusted.note == seen:
            return None
        self._extend(audit, trusted, progress)
        return verified(self.export, audit, trusted)

    def _extend(self, audit: Audit, trusted: Trusted, progress: Progress) -> None:
        """Where what is new does not fit, look at all of it: altered, or forked by its signer?"""
        before, size = audit.last, audit.size
        try:
            audit.extend(self.export, trusted, progress)
        except Tampered as error:
            if not size or error.step not in (2, 3, 10):
                raise
            again = Audit(before)
            try:
                again.extend(self.export, trusted, progress)
            finally:
                again.ids.close()
            raise
