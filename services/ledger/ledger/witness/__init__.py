"""The ledger's witness: cosigns the checkpoints of other people's logs, never two that differ.

Owns: a directory with one key and one SQLite file. It needs no PostgreSQL and no Kafka.
"""
