"""`python -m voting.box [migrate]`."""

from shared.process import main

main("voting.box")
