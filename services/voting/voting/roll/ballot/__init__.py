"""The voting page, and the list of rounds that leads to it."""
