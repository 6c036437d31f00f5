"""The process: health and metrics, a relay, no routes and no subscriptions yet."""

from fastapi import FastAPI

from shared.events import Event, notification
from shared.process import Process
from shared.settings import Settings

PUBLISHES: tuple[type[Event], ...] = notification.ALL


def create() -> FastAPI:
    """The application, from the environment."""
    return application(Settings())


def application(settings: Settings, *, kafka: bool = True) -> FastAPI:
    """The application; without `kafka`, nothing is relayed."""
    return Process("notification", settings, publishes=PUBLISHES, kafka=kafka).app()
