"""Hostile words in every event of the record: words, on every page that tells of it."""

import json
import re
from typing import Any

import pytest

from ledger.app import LedgerSettings, application
from ledger.sequence import PUBLISHERS
from shared.events import Event
from shared.events.event import PLATFORM_LOG, Ledgered
from tests.contracts.examples import examples
from tests.ledger.conftest import EDITION, Ledger
from tests.ledger.pages.test_explore import BROWSER, content_id, take_words, text
from tests.serving import served, settings
from tests.submission.hostile.said import hostile, marks, wrong_with_page

WORDS = hostile(1)
# What a charter says in both languages, what an act or a level is called.
LABELS = ("fr", "en", "body", "act")


def bent(said: Any, name: str = "") -> Any:
    """The same event with hostile words, wherever it has words or stands for some."""
    if isinstance(said, dict):
        return {key: bent(value, key) for key, value in said.items()}
    if isinstance(said, list):
        return [bent(each, name) for each in said]
    if isinstance(said, str) and re.fullmatch(r"[0-9a-f]{64}", said):
        return content_id(WORDS)
    return WORDS[-80:] if isinstance(said, str) and name in LABELS else said


def bent_event(event: Event) -> Event:
    """Raises nothing: an event whose label has to be something else keeps it."""
    body = json.loads(event.body())
    try:
        return type(event).model_validate_json(json.dumps(bent(body)))
    except ValueError:
        return event


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_event_is_told_in_words(edition: Ledger, language: str) -> None:
    events = [bent_event(event) for event in examples()]
    logs = {Ledgered.PLATFORM: PLATFORM_LOG, Ledgered.EDITION: EDITION}
    for each in events:
        if each.ledgered in logs and each.topic in PUBLISHERS:
            await edition.take(edition.published(each, logs[each.ledgered]))
    await edition.sign()
    await take_words(edition, text(WORDS))
    shown: set[str] = set()
    async with served(
        application(settings(LedgerSettings, edition.made.dsn), kafka=False), BROWSER
    ) as client:
        for log in (EDITION, PLATFORM_LOG):
            entries = await edition.entries(log)
            paths = [f"/explore/{log}", *(f"/explore/{log}/{n}" for n in range(len(entries)))]
            for path in paths:
                answer = await client.ask("GET", f"{path}?lang={language}")
                assert answer.status == 200, path
                assert wrong_with_page(answer.raw.decode()) == [], path
                shown |= marks(answer.raw.decode())
    assert shown == {"001"}
