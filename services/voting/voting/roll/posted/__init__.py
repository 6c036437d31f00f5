"""Codes that go by post to people who are known: each letter carries an identity."""
