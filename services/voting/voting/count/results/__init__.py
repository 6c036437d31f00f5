"""Results: what was decided, why, and how many voted; as a page, a table and JSON."""
