"""`python -m notification` serves, `python -m notification migrate` brings the database up."""

from shared.serving import main

main("notification")
