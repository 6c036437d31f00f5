"""`python -m submission` serves, `python -m submission migrate` brings the database up."""

from shared.serving import main

main("submission")
