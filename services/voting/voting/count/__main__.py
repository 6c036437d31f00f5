"""`python -m voting.count [migrate]`."""

import resource

from shared.starting import main

# A dump of this memory could be a commission's key.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
main("voting.count")
