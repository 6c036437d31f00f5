"""What the whole platform does. A package: its platform ends with its last test."""
