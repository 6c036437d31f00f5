"""What events of the roll's registrations say to people: counts alone, nobody of them."""

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from shared.web.messages import mark


def registrations(body: Body) -> Said:
    """How many are on the roll with an identity, and what two officers decided about the held."""
    sentence = (
        mark(
            "The roll counted its registrations. With an identity: %(registered)s. Held for two "
            "officers: %(waiting)s still waiting, %(admitted)s admitted, %(declined)s declined. "
            "Admitted though the identity was on the roll already: %(contested)s, more than one "
            "in 200 of the rights to vote. The commission decides about that."
        )
        if body["flagged"]
        else mark(
            "The roll counted its registrations. With an identity: %(registered)s. Held for two "
            "officers: %(waiting)s still waiting, %(admitted)s admitted, %(declined)s declined. "
            "Admitted though the identity was on the roll already: %(contested)s."
        )
    )
    return saying.say(
        sentence,
        registered=saying.number(sum(body["registered"].values())),
        waiting=saying.number(body["waiting"]),
        admitted=saying.number(body["admitted"]),
        declined=saying.number(body["declined"]),
        contested=saying.number(body["contested"]),
    )


def destroyed(body: Body) -> Said:
    """Nobody can tell any more who was on the roll."""
    return saying.say(
        mark(
            "The time to appeal is over: the roll destroyed the key of its identities, and what it "
            "kept of people. People: %(persons)s; registrations that were held: %(held)s."
        ),
        persons=saying.number(body["persons"]),
        held=saying.number(body["registrations"]),
    )
