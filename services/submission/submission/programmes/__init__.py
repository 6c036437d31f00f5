"""Programmes: their charters, the phases of their year, the options of their vote, its results."""
