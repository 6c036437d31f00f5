"""Submission: what is proposed.

Owns: programmes and their phases, ideas, counters, dossiers, labels, who has which role, and the
words behind every commitment. Consumes: `voting.rounds`, `voting.decisions`,
`notification.deliveries`. Publishes: `submission.*`, `private.contacts`.
"""
