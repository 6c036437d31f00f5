"""`python -m voting.roll [migrate]`."""

from shared.serving import main

main("voting.roll")
