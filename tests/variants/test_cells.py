"""Every cell of the other budgets is said by its row's charter, or listed with why it is not."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.charters.reading import merged, read_yaml
from tests.variants.cells import CELLS, NOT_SAID_OF_CELLS
from tests.variants.charters import BASE, ROWS

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "schemes.md"
PARTS = [(cell, words) for cell, said in CELLS.items() for words in said]


def lies_within(part: Any, whole: Any) -> bool:
    """Whether all that a fragment says is said; a list has such entries, among others."""
    if isinstance(part, Mapping):
        here = isinstance(whole, Mapping)
        return here and all(lies_within(part[key], whole.get(key)) for key in part)
    if isinstance(part, Sequence) and not isinstance(part, str):
        here = isinstance(whole, Sequence) and not isinstance(whole, str)
        return here and all(any(lies_within(each, one) for one in whole) for each in part)
    return bool(part == whole)


def said_by(name: str) -> list[Mapping[str, Any]]:
    """What the charters of a row say, and what they may not say."""
    base = read_yaml(BASE)
    rows = [row for row in ROWS if row.name == name]
    may_not = [read_yaml(row.forbidden[0]) for row in rows if row.forbidden]
    return [*(merged(base, read_yaml(row.said)) for row in rows), *may_not]


@pytest.mark.parametrize(("cell", "words"), PARTS, ids=lambda part: str(part))
def test_a_cell_is_said_by_the_charter_of_its_row(cell: tuple[str, str], words: str) -> None:
    fragment = read_yaml(CELLS[cell][words])
    assert fragment
    assert any(lies_within(fragment, whole) for whole in said_by(cell[0]))


def test_what_is_not_said_has_its_reason_and_is_not_said_as_well() -> None:
    for cell, parts in NOT_SAID_OF_CELLS.items():
        assert all(parts.values())
        assert not parts.keys() & CELLS.get(cell, {}).keys()


def test_every_part_of_every_cell_is_in_exactly_one_of_both() -> None:
    """Where the facts are beside the repository, as they are where it is built."""
    if not FACTS.exists():
        assert {name for name, _ in CELLS} == {row.name for row in ROWS}
        return
    left = {cell: plain(text) for cell, text in cells() if plain(text) not in ("", "-")}
    assert left.keys() == CELLS.keys() | NOT_SAID_OF_CELLS.keys()
    for cell, text in left.items():
        known = [*CELLS.get(cell, {}), *NOT_SAID_OF_CELLS.get(cell, {})]
        for words in sorted(known, key=len, reverse=True):
            assert words in text, f"{cell}: {words}"
            text = text.replace(words, "", 1)
        assert not re.sub(r"\b(and|or)\b|[\s,;:()]", "", text), f"{cell}: nothing says {text!r}"


def plain(text: str) -> str:
    return text.replace("**", "").strip()


def cells() -> list[tuple[tuple[str, str], str]]:
    """Each cell of the table by its row, as the charters call it, and its column."""
    part = FACTS.read_text().split("## 12.")[1].split("## 13.")[0]
    lines = [line.split("|")[1:-1] for line in part.splitlines() if line.startswith("|")]
    columns, named = [plain(each) for each in lines[0]], {row.name for row in ROWS}
    found = []
    for line in lines[2:]:
        whole = plain(line[0])
        name = whole if whole in named else re.sub(r"\s*\(20[0-9, -]+\)$", "", whole)
        found += [((name, c), text) for c, text in zip(columns[1:], line[1:], strict=True)]
    return found
