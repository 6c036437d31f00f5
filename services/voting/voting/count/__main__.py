"""`python -m voting.count [migrate]`."""

from shared.serving import main

main("voting.count")
