"""Imports: ideas, organisations and published elections in files, each row of them once."""
