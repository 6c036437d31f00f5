"""`python -m voting.booth`."""

import resource

from shared.starting import main

# A dump of this memory would be somebody's code beside her choices.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
main("voting.booth")
