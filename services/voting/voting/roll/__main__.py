"""`python -m voting.roll [migrate]`."""

import resource

from shared.starting import main

# A dump of this memory would be who registers, with name and telephone.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
main("voting.roll")
