"""The booth, put together."""

import secrets
from pathlib import Path

from fastapi import FastAPI
from pydantic import Field

from shared.process import Process
from shared.settings import Settings
from shared.web.kit import Pages
from voting.booth import routes
from voting.booth.asking import Others
from voting.booth.trouble import Trouble

NAME = "voting.booth"
# What each format of ballots says to a voter is said once, on the roll's voting page.
ROLL_PAGES = Path(__file__).parents[1] / "roll"


class BoothSettings(Settings):
    """Where roll, box and count are, and the key by which the roll knows the booth: it has no other
    secret, and neither database, broker, file nor officers."""

    roll: str
    box: str
    count: str
    booth_key: str = Field(min_length=16)
    database: str = ""
    desk_key: str = Field(default_factory=lambda: secrets.token_hex(32), min_length=16)


def create() -> FastAPI:
    """The booth of this environment."""
    return application(BoothSettings())


def application(settings: BoothSettings) -> FastAPI:
    """The booth as uvicorn serves it."""
    others = Others(settings.roll, settings.box, settings.count, settings.booth_key)
    process = Process(NAME, settings, kafka=False, traced=False, store=others)
    pages = Pages(NAME, settings, translations=[ROLL_PAGES], keeps_nothing=True)
    return process.app([routes.create_router(others)], {Trouble: 422}, pages=pages)
