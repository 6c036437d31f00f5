"""Notification: who is told.

Owns: messages, sealed until they are sent, and the words of their templates.
Consumes: `private.contacts`.
Publishes: `notification.deliveries`.
"""
