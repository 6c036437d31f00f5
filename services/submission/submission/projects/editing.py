"""Two people, or two windows, change one dossier: the second writer is told, and nothing is lost.

A form carries the revision that it shows. Where the dossier says something else by now, what was
sent is not recorded: both versions are shown side by side, and their writer chooses.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.refusal import Refusal
from submission.tables import Project


class ChangedMeanwhile(Refusal):
    """The dossier was changed after this form was opened."""

    code = "changed_meanwhile"


class Differs(NamedTuple):
    """A field of a form that is kept with other words than those that were sent."""

    name: str
    kept: str
    sent: str


def read_revision(written: str) -> int:
    """The revision that a form shows; 0 before there is a dossier, and where it says none."""
    bare = written.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 9 else 0


def check_revision(shown: int, project: Project) -> None:
    """Raises `ChangedMeanwhile`."""
    if shown != project.revision:
        raise ChangedMeanwhile(
            f"the form shows revision {shown}, the dossier is at {project.revision}"
        )


def differences(
    kept: Mapping[str, str], sent: Mapping[str, str], fields: Sequence[str]
) -> tuple[Differs, ...]:
    """The fields of a form that two versions say differently, in its order."""
    found = []
    for name in fields:
        ours, theirs = (_lines(each.get(name, "")) for each in (kept, sent))
        if ours != theirs:
            found.append(Differs(name, ours, theirs))
    return tuple(found)


def _lines(written: str) -> str:
    return written.replace("\r\n", "\n").replace("\r", "\n").strip()
