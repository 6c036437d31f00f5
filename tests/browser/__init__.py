"""What is done in a browser. A package: its platform ends with its last test."""
