"""What a list is filtered by, and that it is the same on the map and in the files."""

import csv
import io
import json
from uuid import UUID

import pytest

from tests.submission.proposing import Town
from tests.submission.searching.saying import named, ruled

LABELS = {
    "themes": [
        {"name": "water", "fr": "L’eau", "en": "Water"},
        {"name": "culture", "fr": "Culture", "en": "Culture"},
    ],
    "categories": [{"name": "youth", "fr": "Jeunesse", "en": "Youth"}],
}


async def three(town: Town) -> dict[str, UUID]:
    """An orchard, a pond and a stage."""
    made = {}
    for name, title, territory in (
        ("orchard", "Un verger", "artois"),
        ("pond", "Une mare", "artois"),
        ("stage", "Une scène", "calaisis"),
    ):
        browser, address = town.browser(), f"{name}@example.org"
        made[name] = await town.deposit(browser, address, title=title, territory=territory)
    await ruled(town, **LABELS)
    await named(town, made["pond"], theme="water", category="youth")
    await named(town, made["stage"], theme="culture")
    return made


QUERIES = {
    "": {"orchard", "pond", "stage"},
    "theme=water": {"pond"},
    "theme=culture": {"stage"},
    "theme=water&territory=calaisis": set(),
    "category=youth": {"pond"},
    "territory=artois": {"orchard", "pond"},
    "territory=artois&q=mares": {"pond"},
    "q=scene&theme=culture&territory=calaisis&stage=idea": {"stage"},
    "stage=labelled": set(),
    "theme=%25": set(),
    "territory=' or ''='": set(),
}


async def test_list_map_and_files_find_the_same(town: Town) -> None:
    made = await three(town)
    here, browser = f"/programmes/{town.programme_id}", town.browser()
    for query, expected in QUERIES.items():
        ids = {str(made[name]) for name in expected}
        page = (await browser.get(f"{here}/projects?{query}")).text
        assert {str(id) for id in made.values() if f"/projects/{id}" in page} == ids, query
        seen = await browser.get(f"{here}/map?{query}")
        words = f"{len(ids)} project{'' if len(ids) == 1 else 's'}"
        assert seen.status == 200 and words in seen.words(), query
        said = json.loads((await browser.get(f"{here}/projects.json?{query}")).text)
        assert {each["project_id"] for each in said["projects"]} == ids, query
        lines = csv.DictReader(
            io.StringIO((await browser.get(f"{here}/projects.csv?{query}")).text)
        )
        assert {line["project_id"] for line in lines} == ids, query


async def test_the_old_address_leads_to_the_list_with_what_it_asked(town: Town) -> None:
    await three(town)
    seen = await town.browser().get(f"/programmes/{town.programme_id}/ideas?q=mare&page=1")
    assert seen.path == f"/programmes/{town.programme_id}/projects"
    assert seen.url.endswith("?q=mare&page=1")
    assert "Une mare" in seen.text and "Un verger" not in seen.text


async def test_the_form_keeps_what_was_asked_and_every_way_leads_on_with_it(town: Town) -> None:
    await three(town)
    here = f"/programmes/{town.programme_id}"
    seen = await town.browser().get(f"{here}/projects?theme=water&q=mare&lang=fr")
    form = seen.fields(f"{here}/projects")
    assert (form["q"], form["theme"], form["territory"]) == ("mare", "water", "")
    assert "L’eau" in seen.text and "Jeunesse" in seen.text
    for way in ("map", "projects.csv", "projects.json", "projects.geojson"):
        assert f'href="{here}/{way}?theme=water&amp;q=mare"' in seen.text


async def test_a_charter_without_themes_asks_for_none(town: Town) -> None:
    here = f"/programmes/{town.programme_id}/projects"
    fields = (await town.browser().get(here)).fields(here)
    assert "theme" not in fields and "category" not in fields


async def test_a_territory_is_found_with_those_within_it(town: Town) -> None:
    rules = json.loads(
        await town.connection.fetchval(
            "select rules::text from programme where programme_id = $1", town.programme_id
        )
    )
    territories = [
        each | ({} if each["name"] == "artois" else {"within": "artois"})
        for each in rules["territories"]
    ]
    await three(town)
    await ruled(town, territories=territories)
    here = f"/programmes/{town.programme_id}"
    seen = await town.browser().get(f"{here}/projects?territory=artois")
    assert "3 projects" in seen.words()
    seen = await town.browser().get(f"{here}/projects?territory=calaisis")
    assert "1 project" in seen.words()
    seen = await town.browser().get(f"{here}/map")
    assert "With those of the territories within it" in seen.text


async def test_what_is_no_more_active_says_so_where_it_is_found(town: Town) -> None:
    made = await three(town)
    await named(town, made["pond"], standing="withdrawn")
    here = f"/programmes/{town.programme_id}"
    seen = await town.browser().get(f"{here}/projects?q=mare")
    assert "withdrawn" in seen.words()
    said = json.loads((await town.browser().get(f"{here}/projects.json")).text)["projects"]
    assert [each["standing"] for each in said] == ["active", "withdrawn", "active"]


async def test_a_dossier_is_found_by_its_words_and_by_those_of_its_idea(town: Town) -> None:
    made = await three(town)
    await town.connection.execute(
        "with words as (insert into text (content_id, value, salt)"
        " values (repeat('a', 64), 'Un rucher pédagogique', sha256('')) returning content_id)"
        " insert into project (project_id, programme_id, title, cost, theme)"
        " select $1, $2, content_id, 100, 'culture' from words",
        made["pond"],
        town.programme_id,
    )
    here, browser = f"/programmes/{town.programme_id}/projects", town.browser()
    for query in ("q=ruchers", "q=mare", "q=rucher&theme=culture"):
        seen = await browser.get(f"{here}?{query}")
        assert "Un rucher pédagogique" in seen.text, query
    assert "No project" in (await browser.get(f"{here}?theme=water")).text


@pytest.mark.parametrize("page", [2, 51, 100_000])
async def test_a_page_behind_the_last_one_leads_back(town: Town, page: int) -> None:
    await three(town)
    here = f"/programmes/{town.programme_id}/projects"
    seen = await town.browser().get(f"{here}?page={page}")
    assert seen.status == 200 and "3 projects" in seen.words()
    assert f'href="{here}?page=1" rel="prev"' in seen.text


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=100001", f"q={'x' * 101}"])
async def test_what_cannot_be_asked_is_refused(town: Town, query: str) -> None:
    seen = await town.browser().get(f"/programmes/{town.programme_id}/projects?{query}")
    assert seen.status == 422
