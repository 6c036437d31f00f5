"""Every page that there is, opened by everybody who may; every form that stands on one of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final
from urllib.parse import quote

from comptoir.browser import Browser, Seen
from tests.submission.hostile.said import MARK, Page, wrong
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
BUTTONS: Final = frozenset({"csrf", "once"})


@dataclass
class Walked:
    """What was seen: what is wrong with it, by address; the marks; the forms, by route."""

    wrong: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    forms: dict[str, list[tuple[Browser, str, str]]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)


def addresses(route: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The addresses of a route for all that is known of its parts. Raises `KeyError`."""
    names = _PART.findall(route)
    for values in product(*({**PARTS, **known}[name] for name in names)):
        address = route
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"{{{name}(:path)?}}", quote(value, safe=""), address)
        yield address


async def walked(world: World) -> Walked:
    """All routes that are read, by nobody, by a carrier and by officers, in both languages."""
    found, routes = Walked(), world.town.noted.routes
    for who in (world.nobody, world.ada, world.bo, world.dee, world.clerk, world.second):
        for route in routes.gets:
            for number, address in enumerate(addresses(route, world.known)):
                language = ("en", "fr")[number % 2]
                seen = await who.get(f"{address}?lang={language}")
                look(found, seen, f"{route} {address}")
                if "text/html" in seen.headers.get("Content-Type", ""):
                    _forms(found, world, who, seen)
    return found


def look(found: Walked, seen: Seen, at: str) -> None:
    """Note what is wrong with an answer."""
    media = seen.headers.get("Content-Type", "text/plain")
    found.kinds.add(media.partition(";")[0])
    said = [f"{seen.status}"] if seen.status >= 500 and "/health/" not in at else []
    said += wrong(media, seen.text)
    said += [f"header {n}" for n, v in seen.headers.items() if MARK.search(v)]
    found.wrong += [f"{at}: {each}" for each in said]
    found.marks |= {*MARK.findall(seen.text)}


def _forms(found: Walked, world: World, who: Browser, seen: Seen) -> None:
    for action, fields in Page(seen.text).forms.items():
        route = world.town.noted.routes.of(action)
        found.forms.setdefault(route, []).append((who, seen.path, action))
        found.fields.setdefault(route, {}).update(
            {name: kind for name, kind in fields.items() if name not in BUTTONS}
        )


def texts(fields: Mapping[str, Any]) -> set[str]:
    """The fields into which one can type."""
    return {name for name, kind in fields.items() if kind not in ("hidden", "file", *_TICKED)}


_TICKED: Final = ("radio", "checkbox", "select")
