"""Rounds, tallies and decisions: what is asked, how it stands, and what is decided.

Consumes `submission.programmes`, `submission.projects`, `voting.roll`, `voting.ballots` and
`ledger.checkpoints`; publishes `voting.rounds`, `voting.tallies` and `voting.decisions`.
"""
