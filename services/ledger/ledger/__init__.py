"""The ledger: what is provable.

Owns: the logs (entries, tiles, heads), what is held back or put in quarantine, signed checkpoints.
Consumes: every ledgered topic (`ledger.sequence.PUBLISHERS`).
Publishes: `ledger.checkpoints`, and entries of its own in its logs, which are on no topic.
"""
