"""Every form that records something, sent twice: one record, and both are led to the same page.

What `POST` takes is read off the routers. A route is a form in `forms.py`, or stands here with what
makes its second request harmless; one that is neither fails.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from yarl import URL

from comptoir.browser import Seen
from submission.app import SubmissionSettings, application
from submission.repeats import asked, asked_by_form
from tests.serving import settings
from tests.submission.forms import FORMS, Form
from tests.submission.proposing import Town

BY_THE_OPERATOR = "a program's, under its operator's key; the same again changes nothing"
BY_ITS_KEY = "a program's, under the Idempotency-Key that it sends"
BEFORE_ANYTHING = "nothing is recorded by it: what it shows is asked for by the next form"
SIGNS_IN = "a session of one's own, and nothing else"
OTHERS = {
    "/programmes": BY_ITS_KEY,
    "/programmes/{programme_id}/freeze": BY_ITS_KEY,
    "/programmes/{programme_id}/projects": BY_ITS_KEY,
    "/desk/dead-letters": BY_THE_OPERATOR,
    "/desk/recovery/checkpoints": BY_THE_OPERATOR,
    "/desk/recovery/close": BY_THE_OPERATOR,
    "/desk/recovery/end": BY_THE_OPERATOR,
    "/desk/recovery/published": BY_THE_OPERATOR,
    "/desk/recovery/read": BY_THE_OPERATOR,
    "/desk/recovery/reopen": BY_THE_OPERATOR,
    "/desk/programmes/new": BEFORE_ANYTHING,
    "/desk/programmes/imports/election": BEFORE_ANYTHING,
    "/desk/programmes/{programme_id}/charter": BEFORE_ANYTHING,
    "/programmes/{programme_id}/deposit": "a draft, which the cookie of the first answer opens",
    "/programmes/{programme_id}/deposit/where": "the draft says what it said",
    "/deposits/{token}": "the link of an idea leads to it (`test_proposing.py`)",
    "/sign-in/mail": "a link each, and so many an hour at most",
    "/sign-in/link/{token}": SIGNS_IN,
    "/sign-in/staff": SIGNS_IN,
    "/sign-in/vouched": SIGNS_IN,
    "/sign-out": SIGNS_IN,
}
# Answered by whoever answers them: the row of the act remembers who it was.
BY_ITSELF = {"/desk/acts/{act_id}/confirm", "/desk/acts/{act_id}/decline"}


def posts() -> dict[str, Any]:
    """Every route that takes a form, by its path."""
    wanted = settings(SubmissionSettings, "postgresql://nobody@127.0.0.1/nothing")
    app = application(wanted, kafka=False)
    return {
        str(route.path): route
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ())
    }


def calls(dependant: Dependant) -> Iterator[object]:
    """What a route asks for before it is called."""
    for each in dependant.dependencies:
        yield each.call
        yield from calls(each)


def test_every_route_that_takes_a_form_is_in_the_table() -> None:
    found = posts()
    assert set(found) == set(FORMS) | set(OTHERS)
    assert not set(FORMS) & set(OTHERS)


def test_a_form_is_known_by_what_its_page_wrote_into_it() -> None:
    """The others are not: what they say in the table is all that holds."""
    found = posts()
    by_form = {path for path, route in found.items() if asked_by_form in calls(route.dependant)}
    with_file = "/projects/{project_id}/documents"  # its file is a part of it
    assert by_form | {with_file} == set(FORMS) - BY_ITSELF
    by_key = {path for path, route in found.items() if asked in calls(route.dependant)}
    assert by_key == {path for path, why in OTHERS.items() if why == BY_ITS_KEY}


async def records(town: Town) -> dict[str, int]:
    """How many rows there are of everything but deadlines and marks, which the clock makes."""
    tables = await town.connection.fetch(
        "select tablename as name from pg_tables where schemaname = 'public'"
        " and tablename not in ('deadline', 'database_mark', 'import_row', 'position')"
    )
    return {
        each["name"]: await town.connection.fetchval(f'select count(*) from "{each["name"]}"')
        for each in tables
    }


async def pressed(town: Town, form: Form, fields: dict[str, str]) -> Seen:
    """Send a form as it stands, with the cookies of before: a browser that is pressed twice sends
    it a second time before it has an answer."""
    kept = form.sender.session.cookie_jar.filter_cookies(URL(town.url))
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in kept.values())
    data = aiohttp.FormData(fields)
    if form.file is not None:
        data = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            data.add_field(name, value)
        data.add_field("file", form.file, filename="file.csv")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        headers = {"Accept": "application/json", "Cookie": cookies}
        async with session.post(
            town.url + form.path, data=data, headers=headers, allow_redirects=False
        ) as answer:
            to = str(answer.headers.get("Location"))
            return Seen(answer.status, to, await answer.text(), {})


@pytest.mark.parametrize("route", sorted(FORMS))
async def test_a_form_that_is_sent_twice_is_recorded_once_and_answered_the_same(
    town: Town, route: str
) -> None:
    form = await FORMS[route](town)
    csrf = (await form.sender.get("/sign-in")).fields("/sign-in/mail")["csrf"]
    fields = {"csrf": csrf, "once": str(uuid4()), **form.said}
    before = await records(town)
    first = await pressed(town, form, fields)
    between = await records(town)
    second = await pressed(town, form, fields)
    assert (first.status, second.status) == (303, 303), (first.text, second.text)
    assert first.url == second.url
    assert await records(town) == between
    if route not in BY_ITSELF:
        assert between["answered"] == before["answered"] + 1
