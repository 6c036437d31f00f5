"""The projects of a programme as files, each with the number of the ledger that it is of."""
