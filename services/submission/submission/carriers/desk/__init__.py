"""The desk of carriers: who is in order for an agreement."""
