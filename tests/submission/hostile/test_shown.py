"""Words of people who mean harm: taken as words, shown as words, on every page and in every file.

The fields are those of the forms that stand on the pages, the pages those of the routes: what is
new is walked through, and a field into which nobody here writes fails.
"""

import email
import email.policy
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest

from notification.smtp import Server, as_bytes
from notification.writing import Office, Writer
from tests.submission.hostile.looking import Walked, texts
from tests.submission.hostile.said import MARK, wrong_with_page
from tests.submission.hostile.world import World

pytestmark = pytest.mark.slow
# Fields of text that take no words: what is no such thing is refused (`test_twisted.py`).
SHAPED: Final = {
    **dict.fromkeys(("begins_at", "ends_at", "opens", "closes", "takes_effect_at"), "a moment"),
    **dict.fromkeys(("granted_on", "founded_on", "sse_until", "contract_on"), "a day"),
    **dict.fromkeys(("amount", "cost", "envelope"), "an amount"),
    **dict.fromkeys(("capacity", "months", "edition"), "a number"),
    **dict.fromkeys(("siret", "rna", "number"), "a number of an organisation"),
    **{"address": "a mail address", "content_ids": "ids", "subject": "an account"},
    "file": "a charter, which is read or refused",
}
SHAPED_BY_BEGINNING: Final = (
    *("cost-amount-", "income-", "ideas-", "counters-", "dossiers-", "labelling-", "vote-"),
)
# What is posted without a form on any page.
NO_FORMS: Final = {
    "/desk/dead-letters": "an operator's key",
    "/programmes": "an operator's key",
    "/programmes/{programme_id}/projects": "an operator's key",
    "/programmes/{programme_id}/freeze": "an operator's key",
    **{
        f"/desk/recovery/{act}": "an operator's key"
        for act in ("checkpoints", "close", "end", "published", "read", "reopen")
    },
    "/sign-in/staff": "there is no provider of identities here",
    "/sign-in/vouched": "there is no provider of identities here",
}
AT: Final = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
OFFICE: Final = Office("Département du Pas-de-Calais", "03 21 00 00 00", "comptoir.example")
SERVER: Final = Server("localhost", 25, "none", None, None, "budget@comptoir.example", OFFICE.name)
HEADERS: Final = {
    *("Message-ID", "Date", "From", "To", "Subject", "Content-Language", "Auto-Submitted"),
    *("Content-Type", "MIME-Version"),
}
FILES: Final = {"text/csv", "text/calendar", "application/json", "application/geo+json"}


async def test_words_are_words_on_every_page_and_in_every_file(seen: Walked) -> None:
    assert not seen.wrong
    assert {"text/html", *FILES} <= seen.kinds
    assert len(seen.marks) > 160, "nearly all that was said is shown somewhere"


async def test_a_field_into_which_nobody_writes_fails(world: World, seen: Walked) -> None:
    took = world.town.noted.took
    untried = [
        (route, name)
        for route, fields in seen.fields.items()
        for name in texts(fields)
        if (route, name) not in took
        and name not in SHAPED
        and not name.startswith(SHAPED_BY_BEGINNING)
    ]
    assert not untried
    assert {*world.town.noted.routes.posts} - {*seen.forms} - {*NO_FORMS} == set()


async def test_words_are_words_in_every_mail(world: World) -> None:
    told = await world.town.told()
    names = {message.name for message in told}
    assert len(names) > 10
    writer = Writer(OFFICE)
    for number, message in enumerate(told):
        mail = writer.write(message, UUID(int=number), AT)
        read = email.message_from_bytes(as_bytes(mail, SERVER), policy=email.policy.default)
        assert {*read.keys()} == HEADERS, message.name
        assert wrong_with_page(mail.html) == [], message.name
        assert "\n" not in mail.subject and "\r" not in mail.text
        for value in message.values.values():
            if isinstance(value, str) and MARK.search(value):
                assert value.splitlines()[0] in mail.text, message.name
