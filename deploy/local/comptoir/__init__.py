"""The launcher: PostgreSQL, Kafka and every process of Comptoir on one machine, without Docker.

Its backends (`postgres.Cluster`, `kafka.Broker`) serve the tests as well.
"""
