"""The auditor: checks a ledger that it did not write, and counts again what it decided.

It needs the standard library, `cryptography` and `rfc8785`, and imports nothing of the services:
whoever doubts them can read these few hundred lines instead.

    export = ledger_audit.read("export.tar")             # or a directory, or the log's URL
    verified = ledger_audit.verify(export, policy)       # or a vkey; raises Tampered, Untrusted
    for round_ in ledger_audit.recount(verified): ...    # round_.agrees, round_.differences
"""

from ledger_audit.errors import AuditError, Tampered, Unreachable, Untrusted
from ledger_audit.export import Export, read
from ledger_audit.policy import Policy
from ledger_audit.recount import Recount, recount
from ledger_audit.verify import Verified, verify

__all__ = [
    "AuditError",
    "Export",
    "Policy",
    "Recount",
    "Tampered",
    "Unreachable",
    "Untrusted",
    "Verified",
    "read",
    "recount",
    "verify",
]
