"""Voting: what is decided, by three processes that share no database.

`roll` owns who may vote: codes and tier keys. Consumes `voting.rounds`, publishes `voting.roll`.
`box` owns the ballots. Consumes `voting.rounds`, publishes `voting.ballots`.
`count` owns rounds, tallies and decisions. Consumes `submission.programmes`, `submission.projects`,
`voting.roll` and `voting.ballots`, publishes `voting.rounds`, `voting.tallies`, `voting.decisions`.
"""
