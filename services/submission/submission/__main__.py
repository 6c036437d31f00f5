"""`python -m submission` serves, `python -m submission migrate` brings the database up."""

from shared.starting import main

main("submission")
