"""What the whole platform does: each module has a platform of its own."""
