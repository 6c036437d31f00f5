"""Every ballot format and every rule, written to be read beside the charter: exact, nothing else.

It shares no code with the engine that the services count with. Formats, rules, options and ballots
are plain JSON; money is integer cents, everything else a `Fraction`. What a field means stands in
the events' schemas; this says it a second time, as a program.
"""

from ledger_audit.reference.count import Count, Suspended, count
from ledger_audit.reference.formats import void
from ledger_audit.reference.plain import Looked, greedy
from ledger_audit.reference.questions import Question, merge
from ledger_audit.reference.result import Decided, Result
from ledger_audit.reference.work import TooMuch, Work

__all__ = [
    "Count",
    "Decided",
    "Looked",
    "Question",
    "Result",
    "Suspended",
    "TooMuch",
    "Work",
    "count",
    "greedy",
    "merge",
    "void",
]
