"""What an officer fills in for a new edition, as the file of its charter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from shared.charters.form import PARIS, PHASES, WAYS


def written(data: Mapping[str, str]) -> str:
    """The file that a form stands for: what was pasted, or what was filled in beside the preset.

    Empty fields are left to the preset. What is wrong with the others is said by whoever reads the
    file: a date that is none stays as it was written.
    """
    if pasted := data.get("file", "").strip():
        return pasted
    said: dict[str, Any] = {"preset": data.get("preset", ""), "edition": data.get("edition", "")}
    for name in ("title", "envelope"):
        if value := data.get(name, "").strip():
            said[name] = value
    if data.get("rehearsal"):
        said["rehearsal"] = True
        if data.get("alone"):
            said["second_officer"] = []
    vote: dict[str, Any] = {way: True for way in ("paper", "assisted") if data.get(way)}
    if data.get("vouched"):
        vote["identity"] = [*WAYS]
    if vote:
        said["vote"] = vote
    phases = {}
    for name in PHASES:
        window = {
            which: _moment(value)
            for which in ("opens", "closes")
            if (value := data.get(f"{name}-{which}", "").strip())
        }
        if window:
            phases[name] = window
    if phases:
        said["phases"] = phases
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


def _moment(value: str) -> str:
    """A browser's local date and time on the clocks of Paris; anything else as it is."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    if len(value) == len("2027-03-07"):
        return value
    return (found if found.tzinfo is not None else found.replace(tzinfo=PARIS)).isoformat()
