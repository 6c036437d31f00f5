"""What each refusal of documents says to people."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "file_missing": mark("Choose a file: none came, or it was empty."),
    "file_too_large": mark("A file has at most 10 MB. Make it smaller, or send it in parts."),
    "file_kind_refused": mark(
        "This is no PDF, no photo (JPEG, PNG) and no table (CSV). Send it as a PDF."
    ),
    "file_infected": mark("The file holds what virus scanners look for. Send another one."),
    "file_unreadable": mark("The file is damaged, or cannot be read here. Make it anew, as a PDF."),
    "file_locked": mark("The PDF has a password. Send it without one."),
    "file_too_large_inside": mark(
        "The PDF unpacks to more than can be read. Print it into a new PDF, and send that."
    ),
    "image_too_large": mark(
        "The picture has more than 40 million points. Make it smaller and send it again."
    ),
    "too_many_pages": mark("A PDF has at most 500 pages. Send what is needed of it."),
    "documents_full": mark(
        "A dossier has at most 30 files, and 60 MB of them. Take one away first, or join some."
    ),
    "file_not_found": mark(
        "The file was taken away, or its link was used before. Open the dossier's page again."
    ),
    "files_nowhere": mark("Files cannot be handed out here. Tell the administrator."),
    "document_lost": mark("The file cannot be read at the moment. Try again in a few minutes."),
}
