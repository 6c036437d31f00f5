"""Hostile words, in what is searched and in what is looked for: shown as words, everywhere."""

import csv
import io
import json
from urllib.parse import urlencode

import pytest

from tests.submission.proposing import Town
from tests.submission.searching.saying import named, ruled

TITLE = '=HYPERLINK("http://evil.example";"Verger") <script>alert(1)</script> {{7*7}} \'x'
SUMMARY = "@SUM(A1)\n=cmd|'/C calc'!A0\n</textarea><img src=x onerror=alert(1)> ;=1+1 🌳 שלום"
PAGES = ("projects", "map", "projects.csv", "projects.json", "projects.geojson")
SOUGHT = ("<script>alert(1)</script>", "' or 1=1 --", "a & !b | (c", "\\", "verger:*", "\x00")


async def test_hostile_words_of_a_carrier_are_words_on_every_page_and_in_every_file(
    town: Town,
) -> None:
    browser, here = town.browser(), f"/programmes/{town.programme_id}"
    await town.deposit(browser, title=TITLE, summary=SUMMARY)
    for language in ("fr", "en"):
        page = (await browser.get(f"{here}/projects?q=verger&lang={language}")).text
        assert "&lt;script&gt;alert(1)" in page and "{{7*7}}" in page
        assert "<script>alert" not in page and "<img src=x" not in page
    [line] = csv.DictReader(
        io.StringIO((await browser.get(f"{here}/projects.csv")).text, newline="")
    )
    assert line["title"] == f"'{TITLE}"
    assert line["summary"].startswith("'@SUM(A1)\n'=cmd|") and ";'=1+1" in line["summary"]
    [project] = json.loads((await browser.get(f"{here}/projects.json")).text)["projects"]
    assert (project["title"], project["summary"]) == (TITLE, SUMMARY)
    [feature] = json.loads((await browser.get(f"{here}/projects.geojson")).text)["features"]
    assert feature["properties"]["summary"] == SUMMARY


async def test_files_are_sent_to_be_kept_and_not_to_be_opened(town: Town) -> None:
    await town.deposit(town.browser(), title=TITLE)
    kinds = {
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "geojson": "application/geo+json",
    }
    for ending, kind in kinds.items():
        path = f"/programmes/{town.programme_id}/projects.{ending}"
        headers = (await town.browser().get(path)).headers
        assert headers["Content-Type"] == kind
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith('attachment; filename="projects-')
        assert headers["Content-Disposition"].endswith(f'.{ending}"')


@pytest.mark.parametrize("name", ["q", "territory", "theme", "category", "stage"])
async def test_hostile_words_of_a_visitor_are_words_on_every_page(town: Town, name: str) -> None:
    await town.deposit(town.browser())
    for sought in SOUGHT:
        for page in PAGES:
            query = urlencode({name: sought})
            seen = await town.browser().get(f"/programmes/{town.programme_id}/{page}?{query}")
            assert seen.status == (422 if "\x00" in sought and name != "q" else 200), (page, sought)
            assert "<script>alert" not in seen.text


async def test_a_hostile_label_of_a_charter_is_words_on_the_map(town: Town) -> None:
    label = '"><script>alert(1)</script>&'
    hostile = [{"name": "artois", "fr": label, "en": label}]
    project_id = await town.deposit(town.browser())
    await ruled(town, territories=hostile, themes=[{"name": "a", "fr": label, "en": label}])
    await named(town, project_id, theme="a")
    for page in ("map", "projects"):
        seen = (await town.browser().get(f"/programmes/{town.programme_id}/{page}")).text
        assert "<script>alert" not in seen and "&lt;script&gt;alert(1)" in seen
    line = (await town.browser().get(f"/programmes/{town.programme_id}/projects.csv")).text
    assert '""><script>' in line
