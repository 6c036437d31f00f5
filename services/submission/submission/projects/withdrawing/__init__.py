"""Withdrawing a project: its carrier's own page."""
