"""`python -m voting.box [migrate]`."""

from shared.serving import main

main("voting.box")
