"""`python -m voting.roll [migrate]`."""

from shared.process import main

main("voting.roll")
