"""`python -m ledger.signer`. It has no migrations of its own: those are the ledger's."""

from shared.process import main

main("ledger.signer")
