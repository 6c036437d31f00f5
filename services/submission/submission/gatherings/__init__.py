"""Gatherings: what has a place, a date, a capacity, a waiting list and an attendance. Sessions of
counters are the first."""
