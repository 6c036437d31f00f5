"""What each refusal of imports says to people."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "import_unreadable": mark(
        "This is no table. Export it from your spreadsheet as CSV, in UTF-8, and send that."
    ),
    "columns_missing": mark(
        "The first line names the columns, and one that is needed is not there. The form says which"
        " are."
    ),
    "too_many_rows": mark("A file has at most 50,000 rows. Send it in parts."),
    "row_refused": mark(
        "The row has more cells than there are columns, is far too long, or has what is no text."
    ),
    "reference_refused": mark(
        "Each row has a reference of at most 100 characters, and no other row has the same."
    ),
    "row_changed": mark(
        "Something else was imported under this reference before. It stays: change it on its page."
    ),
    "organisation_different": mark(
        "An organisation has this number here already, and something else is declared of it. It"
        " stays as it is: whoever declared it can change it on its page."
    ),
    "name_unknown": mark("Choose one of the charter's themes and categories, by name or label."),
    "election_refused": mark(
        "This is no election in Pabulib's format, or it says what no charter can. What was found is"
        " in the details."
    ),
    "import_unknown": mark("There is no such import. Choose one of the list."),
    "import_not_here": mark(
        "In this programme projects have labels: those of a file cannot become options."
    ),
}
