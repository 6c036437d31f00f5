"""`python -m notification` serves, `python -m notification migrate` brings the database up."""

from shared.starting import main

main("notification")
