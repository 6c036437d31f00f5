"""Identities that a provider vouches for: tier A of the roll, FranceConnect's profile."""
