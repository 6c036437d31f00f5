"""Somebody who votes in the booth, page by page and without a script, as whoever is helped does."""

import re
from collections.abc import Sequence
from uuid import UUID

from comptoir.browser import Browser, NotThere

# The browser asks for pages in English.
LANGUAGE = "en"
_DIGEST = re.compile(r"data-ballot>([0-9a-f]{64})<")


async def vote_in_the_booth(site: str, round_id: UUID, code: str, choices: Sequence[int]) -> bytes:
    """Read the notice, give a code, choose, check and cast; the digest that the box promised.

    Choices are numbers of projects. Raises `NotThere` where a page is not what it should be.
    """
    chosen = {f"option-{number}": "1" for number in choices}
    steps: dict[str, dict[str, str]] = {
        "code": {"agreed": "yes"},
        "choose": {"code": code},
        "check": chosen,
        "cast": {},
    }
    async with Browser(site) as browser:
        seen = (await browser.get(f"/rounds/{round_id}")).done()
        for step, fields in steps.items():
            action = f"/rounds/{round_id}/{step}?lang={LANGUAGE}"
            seen = (await browser.fill(seen, action, **fields)).done()
    found = _DIGEST.search(seen.text)
    if found is None:
        raise NotThere(f"{seen.url} promises nothing: {seen.words()[:600]}")
    return bytes.fromhex(found[1])
