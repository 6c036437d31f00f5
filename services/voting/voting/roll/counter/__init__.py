"""Who comes to a counter with her identity document is put on the roll there, by two officers."""
