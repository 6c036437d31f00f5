"""Voting: what is decided, by processes that share no database.

`roll` owns who may vote: codes and tier keys. Consumes `voting.rounds`, publishes `voting.roll`.
`box` owns the ballots. Consumes `voting.rounds`, publishes `voting.ballots`.
`booth` owns nothing: it votes at roll and box for whoever needs help. `signer` signs for the roll.
`count` owns rounds, tallies and decisions. Consumes `submission.programmes`, `submission.projects`,
`voting.roll` and `voting.ballots`, publishes `voting.rounds`, `voting.tallies`, `voting.decisions`.
"""
