"""`python -m tests.contracts write`: schemas and golden samples of events that changed."""

import sys

from tests.contracts.revisions import Incompatible, write

if sys.argv[1:] != ["write"]:
    sys.exit("usage: python -m tests.contracts write")
try:
    print("\n".join(write()) or "nothing has changed")
except Incompatible as found:
    sys.exit(str(found))
