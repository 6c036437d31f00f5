"""`python -m ledger.witness`. It has no migrations: its file is made at the first start."""

from shared.starting import main

main("ledger.witness")
