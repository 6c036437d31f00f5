"""Who lost her voting code gets a second code at a counter, from two officers; each is counted."""
