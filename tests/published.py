"""Elections that cities published, read in place: they are not ours to ship.

They lie beside the checkout. A test that needs one skips where it is absent, a benchmark says so.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "pabulib"
WIELICZKA = "poland_wieliczka_2023_green-budget.pb"


def absent(name: str) -> str | None:
    """What there is to say of a file that is not there."""
    return None if (FOLDER / name).exists() else f"there is no {FOLDER / name}"


def there(name: str) -> Path:
    """A file of the collection; skips the test where it is not."""
    if missing := absent(name):
        import pytest  # not above: benchmarks weigh processes that have none of it

        pytest.skip(missing)
    return FOLDER / name


def elections() -> list[Path]:
    """All elections, in the order of their names; skips the test where there are none."""
    there("")
    return sorted(FOLDER.glob("*.pb"))


@cache
def expected() -> dict[str, Any]:
    """What the collection says of its files, by name; nothing where it is not."""
    file = FOLDER / "expected-winners.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found
