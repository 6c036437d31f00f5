"""Every page that there is, opened by everybody who may; every form that stands on one of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final
from urllib.parse import quote

from tests.submission.hostile.looking import Walked
from tests.submission.hostile.world import World

# What routes call the parts of their addresses, beside what the town made.
PARTS: Final[Mapping[str, Sequence[str]]] = {
    "step": ("where", "who", "sent"),
    "ending": ("csv", "json", "geojson"),
    "language": ("fr", "en"),
    "ticket": ("none",),
    "digest": ("none",),
    "path": ("none",),
}
_PART: Final = re.compile(r"{([a-z_]+)(?::path)?}")


def addresses(route: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The addresses of a route for all that is known of its parts. Raises `KeyError`."""
    names = _PART.findall(route)
    for values in product(*({**PARTS, **known}[name] for name in names)):
        address = route
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"{{{name}(:path)?}}", quote(value, safe=""), address)
        yield address


async def walked(world: World) -> Walked:
    """All routes that are read, in both languages: those of desks by an officer, the others by
    nobody and by a carrier, everywhere; and by everybody else in some places."""
    found = world.town.noted.walked
    readers = {world.nobody: False, world.ada: False, world.clerk: True}
    for who in (*readers, world.bo, world.dee, world.eve, world.second):
        for route in found.routes.gets:
            here = addresses(route, world.known)
            if readers.get(who) is not route.startswith("/desk"):
                here = islice(here, 2)
            for number, address in enumerate(here):
                language = ("en", "fr")[number % 2]
                await who.get(f"{address}?lang={language}")
    return found
