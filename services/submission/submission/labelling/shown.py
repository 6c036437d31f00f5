"""What an officer was shown of a dossier: what she finds is about that, and about nothing newer.

The form of a review carries the revision that its page shows, the digest of the files that are
there, and what the page says. Where the dossier is another by now, her finding is not recorded:
both versions are shown side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.canonical import digest
from shared.events.charter import CharterRules
from submission.documents.tables import Document
from submission.projects.dossier.reading import fields, from_project
from submission.projects.editing import (
    ChangedMeanwhile,
    Differs,
    check_revision,
    differences,
    read_revision,
)
from submission.tables import Project

WAS: Final = "was-"


@dataclass(frozen=True, slots=True)
class Shown:
    """A dossier as a page shows it: its revision, the digest of its files, and its fields."""

    revision: int
    documents: str
    said: Mapping[str, str]

    @property
    def hidden(self) -> Mapping[str, str]:
        """What the form carries."""
        said = {f"{WAS}{name}": words for name, words in self.said.items() if words}
        return {"revision": str(self.revision), "documents": self.documents, **said}

    def changed(self, rules: CharterRules, data: Mapping[str, str]) -> tuple[Differs, ...]:
        """What a form showed otherwise than it is kept now."""
        was = {
            name.removeprefix(WAS): words for name, words in data.items() if name.startswith(WAS)
        }
        files = tuple(_file(each.name) for each in rules.documents)
        return differences(self.said, was, ("lead", *fields(rules), *files))


def shown(project: Project, words: Mapping[str, str], files: Sequence[Document]) -> Shown:
    """A dossier as it is now, with its words by their commitments."""
    said = {name: each for name, each in from_project(project, words).items() if name != "revision"}
    said["lead"] = project.carrier_type or ""
    for each in files:
        named = f"{each.shown_name or ''} ({each.commitment[:8]})"
        said[_file(each.name)] = f"{said.get(_file(each.name), '')}\n{named}".strip()
    return Shown(project.revision, digest_of(files), said)


def check_shown(project: Project, files: Sequence[Document], data: Mapping[str, str]) -> None:
    """Whether a form shows what a locked dossier says, with the files that it has. Raises
    `ChangedMeanwhile`."""
    check_revision(read_revision(data.get("revision", "")), project)
    if data.get("documents", "") != digest_of(files):
        raise ChangedMeanwhile("the form shows other files than the dossier has")


def digest_of(files: Sequence[Document]) -> str:
    """What the files of a dossier are known by, in whichever order they came."""
    said = sorted([each.name, each.commitment] for each in files)
    return digest(said).hex()


def _file(name: str) -> str:
    return f"file-{name}"
