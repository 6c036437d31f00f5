"""Paper ballots: batches that are entered twice, locked, signed, and counted once all are in."""
