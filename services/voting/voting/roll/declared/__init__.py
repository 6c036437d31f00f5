"""Declared identities: tier B of the roll, beside the posted codes of tier A."""
