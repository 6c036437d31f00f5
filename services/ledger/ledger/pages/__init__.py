"""The record for people: its logs, its entries in plain words, and how to check each."""
