"""`python -m ledger_audit`, the same as `ledger-audit`."""

from ledger_audit.command import run

if __name__ == "__main__":
    run()
