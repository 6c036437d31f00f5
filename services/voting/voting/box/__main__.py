"""`python -m voting.box [migrate]`."""

import resource

from shared.starting import main

# A dump of this memory would be ballots, each beside the connection that it came on.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
main("voting.box")
