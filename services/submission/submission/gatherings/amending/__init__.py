"""A session is changed, cancelled, or over: each with what it does to whoever has a place."""
