"""Elections in Pabulib's `.pb` format (Faliszewski et al., IJCAI 2023), as its checker defines it.

A file is read whole and checked before anything is made of it; what is wrong is said with file,
line and value. What a file has beside what is read here survives being read and written.
"""

from shared.pabulib.casting import Choices, cast, unheld
from shared.pabulib.declared import Declared, declared, options
from shared.pabulib.document import Document, NotPabulib
from shared.pabulib.election import Election, Limits, Project, Terms, selected
from shared.pabulib.export import Candidate, Cast, Heading, exported, streamed
from shared.pabulib.parsing import parse, parse_opening
from shared.pabulib.reading import read, read_bytes
from shared.pabulib.writing import written

__all__ = [
    "Candidate",
    "Cast",
    "Choices",
    "Declared",
    "Document",
    "Election",
    "Heading",
    "Limits",
    "NotPabulib",
    "Project",
    "Terms",
    "cast",
    "declared",
    "exported",
    "options",
    "parse",
    "parse_opening",
    "read",
    "read_bytes",
    "selected",
    "streamed",
    "unheld",
    "written",
]
