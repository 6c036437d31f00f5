"""`python -m ledger`: the sequencer and the readers' side; `python -m ledger migrate`."""

from shared.starting import main

main("ledger")
