"""What everybody sees of what follows a decision: a page, and files for programs."""
