"""Depositing an idea in three short steps, without an account before the end."""
