"""What an officer was shown of a dossier: what she finds or decides is about that, and about
nothing newer.

The forms of a review and of a decision carry what their page says: the dossier, the files that are
there, and what was found in it last. Where any of it is another by now, nothing is recorded: both
versions are shown side by side.
"""

from collections.abc import Mapping, Sequence

from shared.canonical import digest
from shared.events.charter import CharterRules
from submission.documents.tables import Document
from submission.projects.dossier.reading import fields, from_project
from submission.tables import Project
from submission.versions import Shown


def shown(project: Project, words: Mapping[str, str], files: Sequence[Document]) -> Shown:
    """A dossier as it is now, with its words by their commitments."""
    said = {name: each for name, each in from_project(project, words).items() if name != "revision"}
    said["lead"] = project.carrier_type or ""
    for each in files:
        named = f"{each.shown_name or ''} ({each.commitment[:8]})"
        said[_file(each.name)] = f"{said.get(_file(each.name), '')}\n{named}".strip()
    said |= _found(project)
    return Shown(said, f"{project.revision}/{digest_of(files)}")


def in_order(rules: CharterRules) -> tuple[str, ...]:
    """The names of all that a page shows, in its order."""
    files = (_file(each.name) for each in rules.documents)
    missing = (f"missing-{each.name}" for each in rules.documents)
    return ("lead", *fields(rules), *files, "found", *missing, "family")


def digest_of(files: Sequence[Document]) -> str:
    """What the files of a dossier are known by, in whichever order they came."""
    said = sorted([each.name, each.commitment] for each in files)
    return digest(said).hex()


def _found(project: Project) -> dict[str, str]:
    """What the last officer found in what the dossier says now."""
    if project.missing is None:
        return {}
    return {
        "found": "incomplete" if project.missing else "complete",
        **{f"missing-{name}": "yes" for name in project.missing},
        "family": project.voted_family or "",
    }


def _file(name: str) -> str:
    return f"file-{name}"
