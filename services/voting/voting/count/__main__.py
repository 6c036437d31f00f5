"""`python -m voting.count [migrate]`."""

from shared.process import main

main("voting.count")
