"""A charter is published: an administrator looks at every rule and asks, another one confirms."""

import re
from uuid import UUID

from comptoir.browser import Browser
from comptoir.desks import Desks
from comptoir.waiting import until

ADMINISTRATORS = ("alix", "basile")
_PROGRAMME = re.compile(r'href="/programmes/([0-9a-f-]{36})"')


async def publish_charter(desks: Desks, **fields: str) -> UUID:
    """Publish what the form for a new edition says; the programme's id."""
    site = desks.sites["submission"]
    alix, basile = [await desks.at(subject, "submission") for subject in ADMINISTRATORS]

    async def programmes() -> set[str]:
        return set(_PROGRAMME.findall((await alix.get(f"{site}/")).text))

    before = await programmes()
    form = "/desk/programmes/new"
    preview = (await alix.fill(f"{site}{form}", form, **fields)).done()
    (await alix.fill(preview, "/desk/programmes", reason="L'assemblée l'a adoptée.")).done()
    waiting = await basile.get(f"{site}/desk/acts")
    for action in [action for action in waiting.forms() if action.endswith("/confirm")]:
        (await basile.fill(waiting, action)).done()
    made = await until("the programme", programmes, lambda now: now - before)
    [found] = made - before
    return UUID(found)


async def ideas_open(site: str, programme_id: UUID) -> None:
    """Wait until a draft is taken: the clock that opens phases turns every second."""

    async def taken() -> bool:
        start = f"/programmes/{programme_id}/deposit"
        async with Browser(site) as anybody:
            seen = await anybody.fill(start, start, title="Une idée", summary="Un essai.")
        return seen.status == 200

    await until("the phases to open", taken, bool)
