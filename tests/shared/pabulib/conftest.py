"""Real elections, read where they lie."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def pabulib() -> Path:
    """The published elections, where the checkout has them beside it."""
    found = Path(__file__).resolve().parents[4] / "shared" / "data" / "pabulib"
    if not found.is_dir():
        pytest.skip(f"there is no {found.name} data beside this checkout")
    return found
