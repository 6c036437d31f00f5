"""What is said beside a page: the policy, how long it is kept; and what stays out of JSON's way."""

import gzip
import re

import httpx

from shared.web.headers import policy
from tests.shared.web.conftest import Look, application


async def test_a_page_may_load_nothing_from_elsewhere(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/page")).headers
    said = headers["content-security-policy"]
    assert said == policy()
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "Accept-Language" in headers["vary"]


async def test_a_page_can_ask_one_origin_more(browser: httpx.AsyncClient) -> None:
    said = (await browser.get("/open-page")).headers.get_list("content-security-policy")
    assert said == [policy(connect=("https://box.test",))]
    assert "connect-src 'self' https://box.test;" in said[0]


async def test_json_has_none_of_this(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/json")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in headers


async def test_pages_say_nothing_inline(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/components")).text
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page)
    assert not re.search(r"""(src|href)=["']?(https?:)?//(?!ledger\.test)""", page)


async def test_an_asset_is_kept_for_ever_under_its_own_address(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/page")).text
    address = re.findall(r'href="(/static/[0-9a-f]{12}/comptoir.css)"', page)[0]
    sheet = await browser.get(address)
    assert sheet.headers["cache-control"].endswith("immutable")
    assert sheet.headers["content-encoding"] == "gzip"
    assert "--accent:#0B5D56" in sheet.text
    other = await browser.get("/static/000000000000/comptoir.css")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")
    assert (await browser.get("/static/0/../../kit.py")).status_code == 404
    assert (await browser.get("/static/0/none.css")).status_code == 404


async def test_a_page_with_its_sheet_and_fonts_is_light(browser: httpx.AsyncClient) -> None:
    """Three requests after the first, 150 kB in all, for the page with everything on it."""
    page = await browser.get("/components")
    sheet = (await browser.get(re.findall(r'href="(/static/[^"]+)"', page.text)[0])).text
    wanted = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    wanted += re.findall(r"url\((/[^)]+)\)", sheet)
    assert len(wanted) <= 3
    sizes = [len((await browser.get(address)).content) for address in wanted]
    assert len(page.content) + sum(sizes) <= 150_000
    assert len(gzip.compress(page.content)) <= 15_000


async def test_the_components_are_shown_in_development_only() -> None:
    app = application(Look(development=False))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://pages.test"
    ) as client:
        assert (await client.get("/components")).status_code == 404
