"""What a page costs whoever opens it for the first time: requests after it, and bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page


@dataclass
class Weight:
    """`requests` are those after the page itself, `size` is what went over the wire, in bytes."""

    requests: int = 0
    size: int = 0


@asynccontextmanager
async def weighed(page: Page) -> AsyncIterator[Weight]:
    """Weigh what is loaded in this block, nothing of it from a cache."""
    weight, documents = Weight(), set[str]()
    session = await page.context.new_cdp_session(page)

    def asked(event: dict[str, object]) -> None:
        request = event["request"]
        assert isinstance(request, dict)
        if event.get("type") == "Document":
            documents.add(str(event["requestId"]))
            weight.requests = weight.size = 0  # another page
        elif not request["url"].startswith("data:"):
            weight.requests += 1

    def loaded(event: dict[str, float]) -> None:
        weight.size += int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", loaded)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    yield weight
    await session.detach()
