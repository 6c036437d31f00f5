"""Notification: who is told.

Owns: nothing yet (contacts, preferences, templates, deliveries and webhooks come with their story).
Consumes: nothing yet.
Publishes: nothing yet.
"""
