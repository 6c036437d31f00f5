"""Announcing a counter: where, when, and for how many ideas."""
