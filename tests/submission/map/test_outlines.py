"""The operator's file of outlines: read whole, or refused with the place of what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.map.outlines import LARGEST, MOST_FEATURES, OutlinesRefused, read_outlines

RING = [[2.0, 50.0], [3.0, 50.0], [3.0, 51.0], [2.0, 50.0]]


def feature(name: Any = "artois", **geometry: Any) -> dict[str, Any]:
    """A feature, as files have them."""
    shape = {"type": "Polygon", "coordinates": [RING]} | geometry
    return {"type": "Feature", "properties": {"name": name}, "geometry": shape}


def collection(*features: Any) -> dict[str, Any]:
    """A file of these features."""
    return {"type": "FeatureCollection", "features": list(features)}


def read(found: Any) -> Any:
    """What is made of it."""
    return read_outlines(json.dumps(found).encode())


def test_polygons_and_several_of_them_are_read_by_name() -> None:
    islands = feature("iles", type="MultiPolygon", coordinates=[[RING], [RING, RING]])
    found = read(collection(feature(), islands))
    assert [*found] == ["artois", "iles"]
    assert found["artois"].rings == (((2.0, 50.0), (3.0, 50.0), (3.0, 51.0)),)
    assert len(found["iles"].rings) == 3


def test_heights_and_other_properties_are_left_out() -> None:
    ring = [[*point, 120.5] for point in RING]
    more = feature(coordinates=[ring]) | {"id": 7, "bbox": [1, 2, 3, 4]}
    more["properties"]["insee"] = "62"
    assert read(collection(more))["artois"].rings[0][0] == (2.0, 50.0)


NONE_OF_IT = {
    "a list": [],
    "a feature alone": feature(),
    "no features": collection(),
    "features that are no list": {"type": "FeatureCollection", "features": "x"},
    "too many": collection(*(feature(f"t{n}") for n in range(MOST_FEATURES + 1))),
    "a point": collection(feature(type="Point", coordinates=[2, 50])),
    "no name": collection({"type": "Feature", "properties": {}, "geometry": feature()["geometry"]}),
    "no properties": collection({"type": "Feature", "properties": None, "geometry": None}),
    "an empty name": collection(feature("")),
    "a long name": collection(feature("x" * 61)),
    "a name that is no text": collection(feature(7)),
    "a name twice": collection(feature(), feature()),
    "a ring of three points": collection(feature(coordinates=[RING[:2] + RING[-1:]])),
    "a ring that does not end where it began": collection(feature(coordinates=[RING[:3] * 2])),
    "no ring": collection(feature(coordinates=[])),
    "a polygon that is no list": collection(feature(type="MultiPolygon", coordinates=["x"])),
    "a place beyond the poles": collection(feature(coordinates=[[[2, 91], *RING, [2, 91]]])),
    "metres": collection(feature(coordinates=[[[652_000, 6_862_000]] * 4])),
    "text for a number": collection(feature(coordinates=[[["2", "50"]] * 4])),
    "nothing at all": collection(None),
}


@pytest.mark.parametrize("found", NONE_OF_IT.values(), ids=NONE_OF_IT.keys())
def test_what_is_no_file_of_outlines_is_refused(found: Any) -> None:
    with pytest.raises(OutlinesRefused):
        read(found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b'{"type":',
        json.dumps(collection(feature())).replace("51.0", "NaN").encode(),
        json.dumps(collection(feature())).replace("51.0", "1e999").encode(),
        b"[" * 100_000,
        b" " * (LARGEST + 1),
    ],
    ids=["empty", "no UTF-8", "cut off", "NaN", "endless", "deep", "too large"],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(OutlinesRefused):
        read_outlines(data)


def test_too_many_points_are_refused() -> None:
    ring = [[n / 1e6, 50.0] for n in range(200_001)]
    with pytest.raises(OutlinesRefused, match=r"points|bytes"):
        read(collection(feature(coordinates=[[*ring, ring[0]]])))


def test_the_place_of_what_is_wrong_is_told() -> None:
    with pytest.raises(OutlinesRefused, match="feature 2"):
        read(collection(feature(), feature("lens", coordinates=[[[0, 99]] * 4])))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(JSON, JSON)
def test_nothing_else_is_ever_raised(one: Any, other: Any) -> None:
    for found in (
        one,
        collection(one),
        collection(feature(one)),
        collection(feature(coordinates=other)),
    ):
        try:
            read(found)
        except OutlinesRefused:
            continue
