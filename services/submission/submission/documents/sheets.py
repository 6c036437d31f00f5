"""A table, read and written anew: no cell of it is a formula to whoever opens it, whatever sign
their program expects between the cells."""

import csv
import io

from shared.web.cells import cell_of_any
from submission.documents.kinds import EICAR, FileInfected, decoded, delimiter_of


def clean_sheet(content: bytes) -> bytes:
    """The same cells as UTF-8. Raises `FileInfected`."""
    if EICAR in content:
        raise FileInfected("the table holds the test file of virus scanners")
    text = decoded(content)
    delimiter = delimiter_of(text)
    into = io.StringIO()
    writer = csv.writer(into, delimiter=delimiter)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        writer.writerow([cell_of_any(value) for value in row])
    return into.getvalue().encode()
