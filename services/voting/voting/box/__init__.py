"""The urn: takes ballots with valid tokens, answers with a promise, and publishes at each flush.

Consumes `voting.rounds`; publishes `voting.ballots`. It never sees a person: no cookie, no access
log, no address, no trace, no officer's desk beyond the replay of dead letters.
"""
