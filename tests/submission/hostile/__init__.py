"""Hostile words everywhere: the tests of one town share it, and it ends with them."""
