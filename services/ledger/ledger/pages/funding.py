"""What events of money after a decision say to people: confirmed, agreed, paid, reduced, lapsed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from shared.web.messages import mark

# What an instalment is paid on.
PAID_ON: Mapping[str, str] = MappingProxyType(
    {
        "signature": mark("on the signature"),
        "order": mark("on an order or a quote"),
        "invoice": mark("on invoices"),
        "report": mark("on the report at the end"),
    }
)
# Why a grant is paid no more.
GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "not-signed": mark("its agreement was not signed in time"),
        "not-begun": mark("the project was not begun in time"),
        "not-finished": mark("the project was not finished in time"),
        "renounced": mark("its carrier renounced it"),
    }
)


def _confirmed(body: Body) -> Said:
    return saying.say(
        mark(
            "The authority confirmed a grant of %(amount)s by its act %(act)s of %(day)s, as two "
            "officers say."
        ),
        amount=saying.money(body["amount"]),
        act=body["act"],
        day=saying.day(body["on"]),
    )


def _agreed(body: Body) -> Said:
    found = saying.say(
        mark("Two officers signed the agreement with the carrier of a project: %(amount)s."),
        amount=saying.money(body["amount"]),
    )
    if (act := body.get("act")) is not None:
        found = saying.then(found, mark("%(so_far)s Its number: %(act)s."), act=act)
    if (signed := body.get("signed_on")) is not None:
        found = saying.then(found, mark("%(so_far)s Its day: %(day)s."), day=saying.day(signed))
    if (cost := body.get("cost")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s What the project costs in all: %(cost)s."),
            cost=saying.money(cost),
        )
    if instalments := body.get("instalments"):
        found = saying.then(
            found,
            mark("%(so_far)s It is paid in parts: %(instalments)s."),
            instalments=saying.several(map(_instalment, instalments)),
        )
    return found


def _instalment(each: Body) -> Said:
    return saying.say(
        mark("%(name)s (%(amount)s, %(paid_on)s)"),
        name=saying.part("instalments", each["name"]),
        amount=saying.money(each["amount"]),
        paid_on=saying.one_of(PAID_ON, each["on"]),
    )


def _paid(body: Body) -> Said:
    return saying.say(
        mark(
            "An officer entered a payment: %(instalment)s, %(amount)s, on %(day)s, with the number "
            "%(reference)s in the finance system."
        ),
        instalment=saying.part("instalments", body["instalment"]),
        amount=saying.money(body["amount"]),
        day=saying.day(body["paid_on"]),
        reference=body["reference"],
    )


def _reduced(body: Body) -> Said:
    return saying.say(
        mark(
            "Two officers lowered a grant from %(before)s to %(amount)s: of what the project cost, "
            "%(spent)s were justified."
        ),
        before=saying.money(body["before"]),
        amount=saying.money(body["amount"]),
        spent=saying.money(body["spent"]),
    )


def _reached(body: Body) -> Said:
    return saying.say(
        mark("A funded project came so far: %(milestone)s, on %(day)s."),
        milestone=saying.part("milestones", body["milestone"]),
        day=saying.day(body["on"]),
    )


def _lapsed(body: Body) -> Said:
    return saying.say(
        mark("Two officers ended a grant: %(ground)s. What is paid no more of it: %(left)s."),
        ground=saying.one_of(GROUNDS, body["ground"]),
        left=saying.money(body["left"]),
    )


SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "voting.funding-confirmed.v1": _confirmed,
        "voting.agreement-signed.v1": _agreed,
        "voting.instalment-paid.v1": _paid,
        "voting.grant-reduced.v1": _reduced,
        "voting.milestone-reached.v1": _reached,
        "voting.grant-lapsed.v1": _lapsed,
    }
)
