"""The presets: charters of schemes that exist, as files of this package."""

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def presets() -> Mapping[str, str]:
    """What each preset's file says, by name."""
    folder = resources.files("submission") / "presets"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=str)
    return {each.name.removesuffix(".yaml"): each.read_text(encoding="utf-8") for each in files}
