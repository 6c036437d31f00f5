"""How much a project may attach, and as what."""

from collections.abc import Sequence
from typing import Final

from shared.events.charter import CharterRules
from shared.refusal import Refusal
from submission.documents.completeness import asked_for
from submission.documents.tables import Document
from submission.projects.dossiers import DocumentUnknown

MOST_FILES: Final = 30
MOST_BYTES: Final = 60 * 1024 * 1024


class DocumentsFull(Refusal):
    """A project has as many files, or as much of them, as it can have."""

    code = "documents_full"


class FileNotFound(Refusal):
    """There is no such file, or it is not for whoever asks."""

    code = "file_not_found"


def check_asked(rules: CharterRules, carrier_type: str | None, name: str) -> None:
    """Raises `DocumentUnknown` for what the charter does not ask of this carrier."""
    if name not in {each.name for each in asked_for(rules, carrier_type)}:
        raise DocumentUnknown(f"the charter asks for no document {name[:60]!r}")


def check_room(there: Sequence[Document], length: int) -> None:
    """Raises `DocumentsFull` where a file of this length is one too many."""
    if len(there) >= MOST_FILES:
        raise DocumentsFull(f"there are {len(there)} files, at most {MOST_FILES} can be")
    if (whole := length + sum(each.length for each in there)) > MOST_BYTES:
        raise DocumentsFull(f"all files would have {whole} bytes, at most {MOST_BYTES} can be")
