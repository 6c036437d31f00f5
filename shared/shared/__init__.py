"""What every service shares: events and their envelope, outbox, inbox, database, Kafka, telemetry.

Nothing here knows a business rule, a service's tables or another service.
"""
