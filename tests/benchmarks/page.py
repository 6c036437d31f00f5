"""`page-size`, `page-ready`: what the voting page of a sealed round with 50 projects costs a phone.

Bytes are those on the wire, headers included, nothing in a cache: the page, stylesheet, fonts
and script. The line has 1.6 Mbit/s down, 0.75 up and 150 ms there and back, and the processor is
slowed four times, as Chromium does it for developers. Ready is when the voter can type her code
and the script answers: it takes its notice away when it listens.
"""

import statistics
from collections.abc import AsyncIterator
from datetime import timedelta

from playwright.async_api import Browser, expect

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.pabulib import held
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, say
from tests.browser.weighing import weighed
from tests.chromium import launched

PROJECTS, TIMES = 50, 7
DOWN, UP, ROUND_TRIP = 1_600_000 // 8, 750_000 // 8, 150  # bytes a second, milliseconds
SLOWED = 4
PATIENCE = timedelta(minutes=1) / timedelta(milliseconds=1)


async def voting_page() -> AsyncIterator[Figure]:
    """The page's size in bytes, and the median until it is ready, in seconds."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack, Client(stack.addresses) as client:
            election = held(generated_election(projects=PROJECTS, voters=2))
            found = Rehearsal(client, election, lambda what, done, all_: None, secrecy="sealed")
            await found.propose()
            await found.open_round()
            url = f"{stack.addresses.sites()['roll']}/rounds/{found.round_id}/vote"
            async with launched() as chromium:
                yield Figure("page-size", await size(chromium, url), "bytes", target="<= 150000")
                seconds = [await until_ready(chromium, url) for _ in range(TIMES)]
    say(f"page-ready: {', '.join(f'{each:.2f}' for each in seconds)}")
    yield Figure("page-ready", statistics.median(seconds), "s", target="<= 2")


async def size(chromium: Browser, url: str) -> int:
    """What comes over the wire."""
    context = await chromium.new_context(locale="fr-FR", viewport={"width": 320, "height": 640})
    page = await context.new_page()
    async with weighed(page) as weight:
        await page.goto(url, wait_until="load")
        await page.evaluate("document.fonts.ready.then(() => true)")
    await context.close()
    return weight.size


async def until_ready(chromium: Browser, url: str) -> float:
    """Seconds by the browser's clock, from the request."""
    context = await chromium.new_context(locale="fr-FR", viewport={"width": 320, "height": 640})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line = {"offline": False, "latency": ROUND_TRIP}
    line |= {"downloadThroughput": DOWN, "uploadThroughput": UP}
    await session.send("Network.emulateNetworkConditions", line)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    await page.add_init_script(
        "new MutationObserver((_, observer) => {"
        "  if (!document.querySelector('[data-unscripted][hidden]')) return;"
        "  observer.disconnect();"
        "  requestAnimationFrame(() => { window.ready = performance.now(); });"
        "}).observe(document, { subtree: true, childList: true, attributes: true });"
    )
    await page.goto(url, wait_until="commit")
    await expect(page.locator("#code")).to_be_visible(timeout=PATIENCE)
    # A frame later it is drawn; the page's policy lets nobody wait for a function of its own.
    ready: float = await page.evaluate(
        "new Promise((done) => {"
        "  const look = () => (window.ready ? done(window.ready) : requestAnimationFrame(look));"
        "  look();"
        "})"
    )
    await context.close()
    return ready / 1000
