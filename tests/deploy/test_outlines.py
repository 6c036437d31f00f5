"""The invented outlines of a local platform: one for each territory of the presets."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import yaml

from comptoir.outlines import invented
from submission.map.drawing import drawn
from submission.map.outlines import read_outlines

PRESETS = Path(__file__).parents[2] / "services/submission/submission/presets"


def territories() -> dict[str, list[str]]:
    """Those of each preset."""
    return {
        file.stem: [each["name"] for each in yaml.safe_load(file.read_text())["territories"]]
        for file in PRESETS.glob("*.yaml")
    }


def test_every_territory_of_a_preset_has_an_outline_that_submission_draws() -> None:
    found = read_outlines(invented())
    for preset, names in territories().items():
        assert names and found.keys() >= {*names}, preset
        drawing = drawn([found[name] for name in names])
        assert drawing.invented and [shape.name for shape in drawing.shapes] == names
        assert all(len(shape.path) > 100 for shape in drawing.shapes), "none is too small to see"


def test_they_are_where_no_real_place_is() -> None:
    for outline in read_outlines(invented()).values():
        for x, y in outline.rings[0]:
            assert -1 < x < 6 and -1 < y < 2, "in the Gulf of Guinea"


def test_neighbours_share_their_border() -> None:
    lines = Counter(
        frozenset(line)
        for name in ("boulonnais", "calaisis", "audomarois")
        for ring in read_outlines(invented())[name].rings
        for line in pairwise((*ring, ring[0]))
    )
    assert sum(many == 2 for many in lines.values()) >= 20 and max(lines.values()) == 2
