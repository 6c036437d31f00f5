"""In which language a page answers, and how a reader changes it."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.kit import local_path
from shared.web.languages import LANGUAGES, negotiate


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "found"),
    [
        (None, None, "", "fr"),
        (None, None, "de", "fr"),
        (None, None, "en-GB,en;q=0.9,fr;q=0.8", "en"),
        (None, None, "fr;q=0.3, EN;q=0.7", "en"),
        (None, None, "en;q=0", "fr"),
        (None, None, "*", "fr"),
        (None, None, "en;q=many, fr;q=0.1", "fr"),
        (None, "en", "fr", "en"),
        ("fr", "en", "en", "fr"),
        ("xx", "en", "fr", "en"),
        ("xx", "yy", "zz", "fr"),
    ],
)
def test_what_is_asked_for_counts_most(
    asked: str | None, kept: str | None, accepted: str, found: str
) -> None:
    assert negotiate(asked, kept, accepted) == found


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()), st.text())
def test_whatever_is_asked_the_answer_is_a_language(
    asked: str | None, kept: str | None, accepted: str
) -> None:
    assert negotiate(asked, kept, accepted) in LANGUAGES


async def test_a_page_says_its_language_and_offers_the_other(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/page?a=1&lang=en")).text
    assert '<html lang="en">' in page
    assert 'href="/language/fr?next=/page%3Fa%3D1"' in page
    assert "Skip to the content" in page
    assert "Aller au contenu" in (await browser.get("/page")).text


async def test_a_chosen_language_is_kept(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/language/en?next=/page?a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/page?a=1")
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert '<html lang="en">' in (await browser.get("/page")).text


async def test_a_language_that_there_is_not_changes_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/language/xx?next=/page")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.test",
        "//elsewhere.test",
        "///elsewhere.test",
        "/ /elsewhere.test",
        "/\\elsewhere.test",
        "\\\\x",
        "page",
        "",
        "/a\nb",
    ],
)
def test_the_switch_leads_nobody_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


@given(st.text(max_size=12).map(lambda text: "/" + text))
def test_a_local_path_is_either_kept_or_the_home_page(address: str) -> None:
    found = local_path(address)
    assert found in (address, "/")
    assert not found.startswith(("//", "/\\"))
