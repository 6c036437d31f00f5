"""`python -m notification` serves, `python -m notification migrate` brings the database up."""

from shared.process import main

main("notification")
