"""`python -m submission` serves, `python -m submission migrate` brings the database up."""

from shared.process import main

main("submission")
