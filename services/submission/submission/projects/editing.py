"""Two people, or two windows, change one dossier: the second writer is told, and nothing is lost.

A form carries the revision that it shows. Where the dossier says something else by now, what was
sent is not recorded: both versions are shown side by side, and their writer chooses.
"""

from submission.tables import Project
from submission.versions import ChangedMeanwhile


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
