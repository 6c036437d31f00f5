"""What an audit can end with, other than well."""

STEPS = {
    1: "the checkpoint is signed by the log's key",
    2: "there are as many entries as it says",
    3: "the entries have the root it says",
    4: "every entry is canonical",
    5: "each publisher's numbers are gapless",
    6: "no event is there twice",
    7: "the hash tiles are those of the entries",
    8: "what was closed is whole",
    9: "every event that decides is its publisher's, with the fields of its kind",
    10: "the log continues the one that was seen before",
    11: "the receipt's proof leads from its entry to its checkpoint",
    12: "decisions and closings are signed by their services",
    13: "the time stamps are over this log's checkpoints",
    14: "its first entry begins the log that its checkpoint names",
}


class AuditError(Exception):
    """The audit did not end well."""


class Unreachable(AuditError):
    """The log, or a file of it, gives no answer. That proves nothing."""


class Untrusted(AuditError):
    """A checkpoint is not one that the policy takes: too few cosignatures, or too old ones.

    A policy or key that cannot be read, and a checkpoint older than one seen before, are this too:
    nothing shows that anybody tampered with the log.
    """


class Unsigned(Untrusted):
    """No key that the log has so far signed a decision or closing; a later entry may add it."""

    def __init__(self, index: int, src: str) -> None:
        super().__init__(
            f"entry {index}: no key of {src} that this log has so far signed it, and a later entry"
            " may add the one that did"
        )
        self.index = index


class Tampered(AuditError):
    """The log is not what its checkpoint says, or not what a log may be.

    `step` is one of `STEPS`; `index` the first entry concerned, where it can be named; `evidence`
    the signed notes that prove it to others, where there are such.
    """

    def __init__(
        self, step: int, what: str, index: int | None = None, evidence: tuple[bytes, ...] = ()
    ) -> None:
        entry = "" if index is None else f"entry {index}: "
        super().__init__(f"step {step} ({STEPS[step]}) fails: {entry}{what}")
        self.step = step
        self.what = what
        self.index = index
        self.evidence = evidence

    def __reduce__(self) -> tuple[type["Tampered"], tuple[object, ...]]:
        return type(self), (self.step, self.what, self.index, self.evidence)


class Absent(Tampered):
    """A file that the checkpoint asks for is not there.

    Where another checkpoint is there by now, that may be because this one is an old one.
    """


class UnknownKey(Tampered):
    """No key that is known signed a checkpoint.

    One of today says so of its log. An old one can be signed by a key that was replaced since:
    whoever reads such a note makes `Untrusted` of it.
    """

    def __init__(self, what: str) -> None:
        super().__init__(1, what)

    def __reduce__(self) -> tuple[type["UnknownKey"], tuple[object, ...]]:
        return type(self), (self.what,)
