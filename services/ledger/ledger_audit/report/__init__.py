"""A log's audit as one page of HTML that a councillor can read: no script, no other file."""

from ledger_audit.report.gathering import Findings, gathered
from ledger_audit.report.page import page

__all__ = ["Findings", "gathered", "page"]
