"""Named rounds: bodies, the seats in them, and what is said under a seat."""
