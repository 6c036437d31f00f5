"""The page of the map: the operator's outlines, or a cell for each territory, and the figures."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from comptoir.browser import Browser, Seen
from submission.app import SubmissionSettings, application
from submission.map.outlines import OutlinesRefused
from tests.serving import served, settings
from tests.submission.map.test_drawing import wavy
from tests.submission.proposing import Town

HEAVIEST = 150_000


def outlines(names: Mapping[str, int], **said: bool) -> bytes:
    """A file of outlines, each with so many points, and properties of all."""
    features = []
    for place, (name, points) in enumerate(names.items()):
        ring = [[round(x, 6), round(y, 6)] for x, y in wavy(points, 0.1, 2 + place % 20 * 0.2, 50)]
        features.append(
            {
                "type": "Feature",
                "properties": {"name": name, **said},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


async def territories(town: Town) -> list[str]:
    """The names of the charter's territories."""
    rules = await town.connection.fetchval(
        "select rules::text from programme where programme_id = $1", town.programme_id
    )
    return [each["name"] for each in json.loads(rules)["territories"]]


@asynccontextmanager
async def mapped(town: Town, file: Path) -> AsyncIterator[Browser]:
    """The same database, served by a process that has a file of outlines."""
    app = application(settings(SubmissionSettings, town.dsn, outlines=file), kafka=False)
    async with served(app) as client, Browser(client.url) as browser:
        yield browser


def cells(seen: Seen) -> dict[str, str]:
    """The figures of the table, by territory."""
    rows = re.findall(r'<th role="rowheader".*?>(.*?)</th>.*?<td.*?>(.*?)</td>', seen.text, re.S)
    return {re.sub("<[^>]*>", "", name).strip(): count.strip() for name, count in rows}


async def test_each_territory_has_its_figure_on_the_map_and_in_the_table(town: Town) -> None:
    for n, territory in enumerate(("artois", "artois", "calaisis")):
        await town.deposit(town.browser(), f"{n}@example.org", territory=territory)
    here = f"/programmes/{town.programme_id}"
    seen = await town.browser().get(f"{here}/map")
    names = await territories(town)
    assert seen.text.count("<title>") == 1 + len(names), "of the page, and of each shape"
    assert seen.text.count('class="name"') == len(names), "a cell has no shape that one knows"
    found = cells(seen)
    assert len(found) == len(names)
    assert (found["Artois"], found["Calaisis"]) == ("2", "1")
    assert sum(map(int, found.values())) == 3
    assert f'href="{here}/projects?territory=artois"' in seen.text
    assert 'class="map-4"' in seen.text and 'class="map-2"' in seen.text
    assert "each cell stands for a territory" in seen.words()


async def test_no_map_asks_anybody_else_for_anything(town: Town) -> None:
    seen = await town.browser().get(f"/programmes/{town.programme_id}/map")
    assert not re.findall(r'(?:src|href|xlink:href)="(?:https?:)?//', seen.text)
    assert "<image" not in seen.text and "url(" not in seen.text
    assert "style=" not in seen.text, "the policy of pages allows none"


async def test_the_operator_s_outlines_are_drawn(town: Town, tmp_path: Path) -> None:
    await town.deposit(town.browser())
    file = tmp_path / "outlines.geojson"
    file.write_bytes(outlines({"artois": 400, "calaisis": 400, "elsewhere": 400}))
    async with mapped(town, file) as browser:
        seen = await browser.get(f"/programmes/{town.programme_id}/map")
        features = (await browser.get(f"/programmes/{town.programme_id}/projects.geojson")).text
    assert seen.text.count("<path class=") == 2, "what the charter has, and nothing else"
    assert "each cell" not in seen.words() and "invented" not in seen.words()
    assert len(cells(seen)) == len(await territories(town)), "the table has the others as well"
    [feature] = json.loads(features)["features"]
    east, north = feature["geometry"]["coordinates"]
    assert abs(east - 2) <= 0.1 and abs(north - 50) <= 0.1
    assert feature["properties"]["placed"] == "territory"


async def test_outlines_that_are_invented_are_said_to_be(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "outlines.geojson"
    for synthetic in (True, False):
        file.write_bytes(outlines({"artois": 40, "calaisis": 40}, synthetic=synthetic))
        async with mapped(town, file) as browser:
            seen = await browser.get(f"/programmes/{town.programme_id}/map")
        assert seen.text.count("<path class=") == 2
        assert ("show no real place" in seen.words()) is synthetic


async def test_without_outlines_nobody_is_placed_anywhere(town: Town) -> None:
    await town.deposit(town.browser())
    path = f"/programmes/{town.programme_id}/projects.geojson"
    [feature] = json.loads((await town.browser().get(path)).text)["features"]
    assert feature["geometry"] is None and feature["properties"]["territory"] == "artois"


async def test_the_page_stays_light_with_the_finest_outlines(town: Town, tmp_path: Path) -> None:
    names = await territories(town)
    file = tmp_path / "outlines.geojson"
    file.write_bytes(outlines({name: 150_000 // len(names) for name in names}))
    async with mapped(town, file) as browser:
        seen = await browser.get(f"/programmes/{town.programme_id}/map")
    assert seen.text.count("<path class=") == len(names)
    assert len(seen.text.encode()) <= HEAVIEST


async def test_a_programme_that_is_not_there_has_no_map(town: Town) -> None:
    nowhere = "/programmes/00000000-0000-4000-8000-000000000000/map"
    assert (await town.browser().get(nowhere)).status == 404


def test_a_process_does_not_start_with_a_file_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "outlines.geojson"
    file.write_bytes(b'{"type": "Topology"}')
    wanted = settings(SubmissionSettings, "postgresql://nobody@localhost/none", outlines=file)
    with pytest.raises(OutlinesRefused):
        application(wanted, kafka=False)
