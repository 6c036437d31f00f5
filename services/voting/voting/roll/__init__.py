"""The registrar: knows who may vote, and issues one token a person.

Owns: rounds as far as it must know them, posted codes as keyed hashes, tokens as hashes, tier keys.
Consumes `voting.rounds`; publishes `voting.roll`. It never sees a ballot.
"""
