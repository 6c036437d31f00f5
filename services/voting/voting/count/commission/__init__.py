"""The commission of a sealed round: its key is tried before the round opens, and opens ballots."""
