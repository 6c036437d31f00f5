"""`python -m ledger.signer`. It has no migrations of its own: those are the ledger's."""

from shared.serving import main

main("ledger.signer")
