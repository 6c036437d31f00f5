"""Whose server a session uses: a pure choice, made for PostgreSQL and for Kafka on its own."""

from collections.abc import Callable
from enum import StrEnum


class Backend(StrEnum):
    """Where a server comes from."""

    EXTERNAL = "external"
    DOCKER = "docker"
    LOCAL = "local"


def chosen(demand: Backend | None, *, named: bool, docker_has: Callable[[], bool]) -> Backend:
    """What is demanded; else what the environment names; else Docker's where it has the image.

    Docker is asked only where its answer matters: an engine may take its time not to answer.
    """
    if demand is not None:
        return demand
    if named:
        return Backend.EXTERNAL
    return Backend.DOCKER if docker_has() else Backend.LOCAL


def described(postgres: Backend, kafka: Backend) -> str:
    """What pytest prints."""
    if postgres == kafka:
        return f"backend: {kafka}"
    return f"backend: PostgreSQL {postgres}, Kafka {kafka}"
