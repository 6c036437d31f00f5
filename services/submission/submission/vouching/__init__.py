"""Residents for whom an identity provider vouches, beside those who are mailed a link."""
