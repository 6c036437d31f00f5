"""What a witness cosigns, and what it refuses: the rules of C2SP tlog-witness v1.0.0, alone."""

from collections.abc import Sequence

from ledger.consistency import continues
from ledger.notes import Checkpoint, Malformed
from ledger.tree import EMPTY_ROOT
from ledger.verifier_keys import VerifierKey, WrongSignature
from ledger.witness.requests import Addition
from shared.refusal import Refusal


class NotAsked(Refusal):
    """The request is not in the form that the protocol says."""

    code = "malformed"


class UnknownLog(Refusal):
    """Nobody set up a log of this origin here."""

    code = "unknown_origin"


class NotSigned(Refusal):
    """No key that is trusted for this origin signed the checkpoint, or one did not sign this."""

    code = "not_signed"


class OtherSize(Refusal):
    """The last checkpoint cosigned of this log has another size than the request says."""

    code = "other_size"

    def __init__(self, size: int) -> None:
        super().__init__(f"the last checkpoint cosigned has size {size}")
        self.size = size


class Inconsistent(Refusal):
    """It is not shown that the tree continues the one cosigned last: maybe it does not."""

    code = "inconsistent"


def parsed(body: bytes) -> Addition:
    """Read a request. Raises `NotAsked`."""
    try:
        return Addition.parse(body)
    except Malformed as error:
        raise NotAsked(str(error)) from None


def judge(addition: Addition, keys: Sequence[VerifierKey], last: Checkpoint | None) -> None:
    """Return where the checkpoint may be cosigned. `last` is what was cosigned of its log before.

    1. The origin is known: `keys` are those that are trusted for it.
    2. One of them signed, and none of their signatures is wrong.
    3. The old size is not beyond the checkpoint's, and is that of the last one cosigned.
    4. The proof shows that the tree continues that one; of no entries there is one tree alone.

    Raises the refusal of the first that does not hold.
    """
    checkpoint = addition.checkpoint
    # 1.
    if not keys:
        raise UnknownLog("no log of this origin is set up here")
    # 2.
    try:
        signatures = [time for key in keys for time in key.times(addition.note)]
    except WrongSignature as error:
        raise NotSigned(str(error)) from None
    if not signatures:
        raise NotSigned("no key that is trusted for this origin signed the checkpoint")
    # 3.
    if addition.old > checkpoint.size:
        raise NotAsked(f"the old size {addition.old} is beyond the checkpoint's")
    size, root = (0, EMPTY_ROOT) if last is None else (last.size, last.root)
    if addition.old != size:
        raise OtherSize(size)
    # 4.
    if not continues(size, checkpoint.size, root, checkpoint.root, addition.proof):
        raise Inconsistent(f"nothing shows that this tree continues the one of size {size}")
