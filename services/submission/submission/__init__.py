"""Submission: what is proposed.

Owns: programmes, their projects, and the words behind every commitment.
Consumes: nothing yet.
Publishes: `submission.programmes`, `submission.projects`, `submission.texts`.
"""
