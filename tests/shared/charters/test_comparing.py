"""Two versions of a charter, compared: nothing that differs is left out, and nothing else told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.charters.check import charter
from shared.charters.comparing import Difference, differences
from shared.charters.reading import merged, read_yaml
from shared.events.charter import CharterRules
from tests.contracts.charters import rules as every_part
from tests.shared.charters.broken import BUDGET


def edition(**said: Any) -> CharterRules:
    return charter(merged(read_yaml(BUDGET), said)).rules


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"envelope": "90 000 EUR"}, [Difference("envelope", 100_000_00, 90_000_00)]),
        ({"vote": {"most": 5}}, [Difference("vote.most", 3, 5)]),
        ({"grant": {"percent": 75}}, [Difference("grant.percent", 80, 75)]),
        (
            {"families": [{"name": "one", "fr": "Une", "en": "One", "ceiling": "1 EUR"}]},
            [Difference("families.one.ceiling", 20_000_00, 1_00)],
        ),
        (
            {"themes": [{"name": "air", "fr": "Air", "en": "Air"}]},
            [
                Difference(
                    "themes.nature", {"name": "nature", "fr": "Nature", "en": "Nature"}, None
                ),
                Difference("themes.air", None, {"name": "air", "fr": "Air", "en": "Air"}),
            ],
        ),
        ({"counter_attended": False}, [Difference("counter_attended", True, False)]),
    ],
)
def test_what_differs_is_told_at_its_place(said: dict[str, Any], found: list[Difference]) -> None:
    assert list(differences(edition(), edition(**said))) == found


fields = st.sampled_from(sorted(CharterRules.model_fields))


@given(st.sets(fields))
def test_only_what_differs_is_told(changed: set[str]) -> None:
    one, other = edition(), every_part()
    mixed = one.model_copy(update={name: getattr(other, name) for name in changed})
    told = {difference.path.partition(".")[0] for difference in differences(one, mixed)}
    assert told == {name for name in changed if getattr(one, name) != getattr(other, name)}
    assert differences(mixed, mixed) == ()


def test_another_order_is_a_difference() -> None:
    one = edition()
    turned = one.model_copy(update={"territories": one.territories[::-1]})
    [found] = differences(one, turned)
    assert found.path == "territories"
