"""From a document to the bytes of a file, which reads as the same document."""

import csv
import io

from shared.pabulib.document import Document


def written(document: Document) -> bytes:
    """The file. Cells that hold a semicolon, a quote or a line end are quoted, no others."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for name, table in document.tables:
        writer.writerow([name])
        writer.writerow(table.columns)
        writer.writerows(row.cells for row in table.rows)
    return text.getvalue().encode()
