"""Verifying what is new in a log, again and again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ledger_audit.audit import Audit, Progress, unheard
from ledger_audit.errors import Absent, Tampered, Unreachable, Unsigned
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
    _audit: Audit = field(init=False)

    def follow(
        self, pause: Pause, progress: Progress = unheard
    ) -> Iterator[Verified | Unreachable | Unsigned]:
        """Each checkpoint that was verified, as it comes; until `pause` is no longer true.

        A log that gives no answer, or waits for the key of a service, is asked again after the
        pause; when all is well again, its last checkpoint comes once more if it has no other.
        Raises `Tampered` and `Untrusted`, and then ends.
        """
        self._audit, last, fresh, failed = Audit(self.since), None, True, False
        try:
            while True:
                try:
                    # What an answer broke off at may be an old checkpoint by now.
                    if not fresh:
                        self.export.refresh()
                    fresh = False
                    found = self._look(last, progress)
                    if found is not last or failed:
                        yield found
                    last, failed = found, False
                except (Unreachable, Unsigned) as error:
                    failed = True
                    yield error
                if not pause():
                    return
        finally:
            self._audit.ids.close()

    def _look(self, last: Verified | None, progress: Progress) -> Verified:
        trusted = self._trusted()
        if last is not None and trusted.note == last.export.note:
            return last
        try:
            self._extend(trusted, progress)
        except Absent:
            # A mirror that is brought up to date meanwhile has another checkpoint, and other files.
            self.export.refresh()
            if self.export.note == trusted.note:
                raise
            trusted = self._trusted()
            self._begin(Audit(self._audit.last))
            self._extend(trusted, progress)
        return verified(self.export, self._audit, trusted)

    def _trusted(self) -> Trusted:
        now = int(time.time())
        trusted = self.policy.check(self.export.note, now=now, max_age=self.max_age)
        check_asked(self.policy, self.export.source, trusted.checkpoint.origin, self.origin)
        return trusted

    def _extend(self, trusted: Trusted, progress: Progress) -> None:
        """Where what is new does not fit, all of it is looked at afresh, and that is what counts:
        it tells what was altered from a fork by its signer, and accuses nobody of what was only
        read half before."""
        size = self._audit.size
        try:
            self._audit.extend(self.export, trusted, progress)
        except Absent:
            raise
        except Tampered:
            if not size:
                raise
            self._begin(Audit(self._audit.last))
            self._audit.extend(self.export, trusted, progress)

    def _begin(self, audit: Audit) -> None:
        self._audit.ids.close()
        self._audit = audit
