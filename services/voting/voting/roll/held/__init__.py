"""Registrations that wait for two officers: the desk, what their decision does, and the counts."""
