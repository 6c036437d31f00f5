"""Elections in Pabulib's `.pb` format (Faliszewski et al., IJCAI 2023), as its checker defines it.

A file is read whole and checked before anything is made of it; what is wrong is said with file,
line and value. What a file has beside what is read here survives being read and written.
"""

from shared.pabulib.declared import Declared, declared
from shared.pabulib.document import Document, NotPabulib
from shared.pabulib.election import Election, Limits, Project, Terms
from shared.pabulib.export import Candidate, Cast, Heading, exported, streamed
from shared.pabulib.parsing import parse, parse_opening
from shared.pabulib.reading import read, read_bytes
from shared.pabulib.writing import written

__all__ = [
    "Candidate",
    "Cast",
    "Declared",
    "Document",
    "Election",
    "Heading",
    "Limits",
    "NotPabulib",
    "Project",
    "Terms",
    "declared",
    "exported",
    "parse",
    "parse_opening",
    "read",
    "read_bytes",
    "streamed",
    "written",
]
