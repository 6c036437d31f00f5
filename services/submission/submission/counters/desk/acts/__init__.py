"""What a desk does with a handoff, each with its form."""
