"""Counters, where ideas are guided, and the handoff of an idea to one of them."""
