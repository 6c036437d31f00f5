"""The map of a programme: its territories, drawn here, and how many projects each has."""
