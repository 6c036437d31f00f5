"""A new edition: its form, the preview of every rule, and the asking for its publication."""
