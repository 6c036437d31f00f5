"""Organisations: declared by whoever carries something with them, imported, amended, erased."""
