"""What events of bodies say to people: seats, and what is said under them."""

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from ledger.pages.votes import choices
from shared.web.messages import mark


def granted(body: Body) -> Said:
    """A seat was given."""
    sentence = (
        mark("A seat of the body “%(body)s” was given to a member, who has the chair.")
        if body["chair"]
        else mark("A seat of the body “%(body)s” was given to a member.")
    )
    return saying.say(sentence, body=body["body_name"])


def withdrawn(body: Body) -> Said:
    """A seat was withdrawn."""
    return saying.say(
        mark("A seat of the body “%(body)s” was withdrawn. What was cast under it stays."),
        body=body["body_name"],
    )


def ballot(body: Body) -> Said:
    """What a member says of options."""
    return saying.say(
        mark(
            "A member voted by name, under the seat %(seat)s. What the ballot says of options, by"
            " their number: %(choices)s."
        ),
        seat=body["seat_id"],
        choices=choices(body),
    )


def recused(body: Body) -> Said:
    """A seat has no say on an option."""
    sentence = (
        mark("The seat %(seat)s is recused on option %(number)s, as its member says.")
        if body["by"] == body["seat_id"]
        else mark("The seat %(seat)s is recused on option %(number)s, as the chair says.")
    )
    return saying.say(sentence, seat=body["seat_id"], number=saying.number(body["number"]))


def closed(body: Body) -> Said:
    """Nothing follows."""
    sentence = (
        mark(
            "The members have voted, and so many that their body has its quorum. Seats: %(seats)s;"
            " ballots with all changes: %(ballots)s."
        )
        if body["quorum"]
        else mark(
            "The members have voted, fewer than the quorum of their body. Seats: %(seats)s; ballots"
            " with all changes: %(ballots)s."
        )
    )
    return saying.say(
        sentence, seats=saying.number(body["seats"]), ballots=saying.number(body["ballots"])
    )
