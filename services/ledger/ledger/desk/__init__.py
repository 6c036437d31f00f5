"""The ledger's desk: gaps, what cannot be read, what contradicts, and the end of a log."""
