"""What nobody types by chance, in every field of every form, in every address and every query:
refused, or taken as words; never an error of ours, never in a header, never kept unseen.
"""

from urllib.parse import quote, urlencode

import pytest
from yarl import URL

from comptoir.browser import Browser, Seen
from shared.words import unseen
from tests.submission.hostile.looking import Walked, typed
from tests.submission.hostile.said import BENT, FEW
from tests.submission.hostile.walking import PARTS, addresses
from tests.submission.hostile.world import World

pytestmark = pytest.mark.slow


async def test_no_part_of_an_address_is_an_error_of_ours(world: World, seen: Walked) -> None:
    found = Walked(seen.routes)
    nothing = {part: ["\0"] for part in (*world.known, *PARTS)}
    for route in found.routes.gets:
        who = world.clerk if route.startswith("/desk") else world.ada
        for what, bent in BENT.items():
            if len(bent) > 3_000:
                continue
            raw = bent.encode("utf-8", "surrogatepass")
            [address, *_] = addresses(route, world.known)
            if "{" in route:
                bare = next(addresses(route, nothing)).replace("%00", quote(raw, safe=""))
                found.look(who, await get(who, bare), f"{route} as {what}")
            if asked := found.routes.asked[route]:
                query = urlencode(dict.fromkeys(asked, raw))
                found.look(who, await get(who, f"{address}?{query}"), f"{route} asked {what}")
    assert not found.wrong


async def test_no_field_of_any_form_is_an_error_of_ours(world: World, seen: Walked) -> None:
    found, sent, forms = Walked(seen.routes), 0, dict(seen.forms)
    for what, bent in BENT.items():  # those that are words come last: they change what is there
        for route, places in forms.items():
            (who, page, action), given = places[-1], None
            for name, kind in [*seen.fields[route].items()]:  # a form carries what was shown
                if what not in FEW and not typed(kind):
                    continue
                if (given := given or await _form(who, page, action)) is None:
                    break
                answer = await send(who, action, given | {name: bent})
                found.look(who, answer, f"{route} {name} {what}")
                given = given if answer.status >= 400 else None
                sent += 1
    assert not found.wrong
    assert sent > 500
    rows = await world.town.connection.fetch("select value from text")
    assert not [row["value"] for row in rows if row["value"] and unseen(row["value"], "\n")]


async def test_a_million_characters_are_not_read(world: World, seen: Walked) -> None:
    for route, places in dict(seen.forms).items():
        who, page, action = places[-1]
        if (given := await _form(who, page, action)) is None:
            continue
        for name in list(seen.fields[route])[:1]:
            answer = await send(who, action, given | {name: "x" * 1_000_000})
            assert 400 <= answer.status < 500, (route, name)


async def _form(who: Browser, page: str, action: str) -> dict[str, str] | None:
    return (await who.get(page)).forms().get(action)


async def get(who: Browser, address: str) -> Seen:
    """An address as it is: nothing of it is encoded once more."""
    url = URL(f"{who.url}{address}", encoded=True)
    async with who.session.get(url, allow_redirects=False) as answer:
        text = await answer.text(errors="replace")
        return Seen(answer.status, str(answer.url), text, dict(answer.headers))


async def send(who: Browser, action: str, fields: dict[str, str]) -> Seen:
    """A form as no browser sends one: half characters are sent as they are."""
    pairs = {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with who.session.post(
        f"{who.url}{action}", data=urlencode(pairs), headers=kind, allow_redirects=False
    ) as answer:
        text = await answer.text(errors="replace")
        return Seen(answer.status, str(answer.url), text, dict(answer.headers))
