"""What a report is about: the verdict, the rounds, and how the log grew."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger_audit.audit import Progress, unheard
from ledger_audit.ballots import Checked
from ledger_audit.errors import Tampered, Untrusted
from ledger_audit.export import Export
from ledger_audit.keys import Checkpoint
from ledger_audit.policy import Policy
from ledger_audit.recount import Recount, recount
from ledger_audit.rounds import Round
from ledger_audit.verify import Verified, verify

# Canonical JSON ends with these three.
_END = re.compile(rb'"t":"([0-9TZ:-]{17})","type":"([a-z.0-9-]{1,100})","v":[0-9]+\}$')


@dataclass
class Findings:
    """What was found. Without `verified`, `wrong` says why; the log may say anything then."""

    source: str
    claimed: Checkpoint | None
    verified: Verified | None = None
    wrong: Tampered | Untrusted | None = None
    rounds: list[tuple[Round, Recount]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    minutes: Counter[str] = field(default_factory=Counter)
    # Whether what no service signed is taken.
    allow_unsigned: bool = False

    @property
    def lacks_signatures(self) -> bool:
        """Whether something is decided that its service did not sign, which nobody allowed."""
        return self.verified is not None and self.verified.unsigned > 0 and not self.allow_unsigned

    @property
    def differs(self) -> bool:
        """Whether a published result is not the one that its ballots give."""
        return any(found.agrees is False for _, found in self.rounds)


def gathered(
    export: Export,
    policy: Policy,
    *,
    max_age: int | None = None,
    origin: str | None = None,
    progress: Progress = unheard,
) -> Findings:
    """Verify a log and count it again; what is wrong is found, not raised, but `Unreachable`."""
    try:
        claimed = export.claimed
    except Tampered as error:
        return Findings(export.source, None, wrong=error)
    found = Findings(export.source, claimed)

    def heard(round_: Round, _: Mapping[str, Checked], result: Recount) -> None:
        found.rounds.append((round_, result))

    try:
        verified = verify(export, policy, max_age=max_age, origin=origin, progress=progress)
        recount(verified, heard)
        for entry in verified.export.entries():
            if end := _END.search(entry, max(len(entry) - 200, 0)):
                found.minutes[end[1].decode()] += 1
                found.kinds[end[2].decode()] += 1
    except (Tampered, Untrusted) as error:
        return Findings(export.source, claimed, wrong=error)
    found.verified = verified
    return found


def now() -> str:
    """The time of a report."""
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime())
