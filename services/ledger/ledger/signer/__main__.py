"""`python -m ledger.signer`. It has no migrations of its own: those are the ledger's."""

from shared.starting import main

main("ledger.signer")
