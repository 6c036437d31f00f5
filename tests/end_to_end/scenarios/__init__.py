"""Presets held whole on the real stack, and what the record says of each."""
