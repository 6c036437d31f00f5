"""The account of a resident: its erasure."""
