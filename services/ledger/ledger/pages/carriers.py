"""What events of carriers say to people: who carries a project, and who was found in order."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.saying import Body, Said, Shown
from shared.web.messages import mark

# What a carrier is.
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "person": mark("a person"),
        "collective": mark("an informal collective"),
        "class": mark("a school class"),
        "association": mark("an association"),
        "sse-company": mark("a company of the social and solidarity economy"),
        "esus-company": mark("a solidarity company of social utility (ESUS)"),
        "cooperative": mark("a cooperative"),
        "mutual": mark("a mutual society"),
        "insurance-mutual": mark("a mutual insurance company"),
        "foundation": mark("a foundation"),
        "municipality": mark("a municipality"),
        "intermunicipality": mark("a group of municipalities"),
        "department": mark("the Department"),
    }
)
# What it does for a project.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "lead": mark("answers for it"),
        "joint": mark("carries it beside another one"),
        "sponsor": mark("is its sponsor"),
        "host": mark("lends its premises to it"),
        "research-partner": mark("studies it"),
        "co-funder": mark("pays a part of it"),
    }
)
# What is checked of it before an agreement.
CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "identifier": mark("its number"),
        "status": mark("the proof of its status"),
        "contract": mark("the republican-commitment contract"),
        "de-minimis": mark("the ceiling of de minimis aid"),
        "sse": mark("its identifier of the social and solidarity economy"),
    }
)


def _joined(body: Body) -> Said:
    does = {
        "type": saying.one_of(TYPES, body["carrier_type"]),
        "part": saying.one_of(PARTS, body["part"]),
    }
    if (name := body.get("name")) is None:
        sentence = mark(
            "Somebody (%(type)s) joined a project, and %(part)s. Who it is is not public here."
        )
        return _declared(saying.say(sentence, **does), body)
    sentence = mark("“%(name)s” (%(type)s) joined a project, and %(part)s.")
    return _declared(saying.say(sentence, name=saying.words(name), **does), body)


def _declared(found: Said, body: Body) -> Said:
    """With what is said of an organisation."""
    if (status := body.get("status")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s Its status: %(status)s."),
            status=saying.part("carrier_statuses", status),
        )
    if (founded := body.get("founded_on")) is not None:
        found = saying.then(
            found, mark("%(so_far)s It exists since %(day)s."), day=saying.day(founded)
        )
    if (seat := body.get("seat")) is not None:
        found = saying.then(
            found, mark("%(so_far)s Its seat: %(seat)s."), seat=saying.part("territories", seat)
        )
    if (sse := body.get("sse")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s Its identifier of the social and solidarity economy: %(sse)s."),
            sse=saying.words(sse),
        )
    if (until := body.get("sse_until")) is not None:
        found = saying.then(
            found,
            mark(
                "%(so_far)s Its identifier of the social and solidarity economy holds until "
                "%(day)s."
            ),
            day=saying.day(until),
        )
    return found


def _left(body: Body) -> Said:
    found = saying.say(
        mark("Somebody left a project: the one that %(part)s."),
        part=saying.one_of(PARTS, body["part"]),
    )
    return saying.reasoned(found, body)


def _cleared(body: Body) -> Said:
    found = saying.say(
        mark(
            "An officer found the carrier of a project in order for an agreement. What was "
            "checked: %(checked)s."
        ),
        checked=_checks(body["checked"]),
    )
    if (signed := body.get("contract_on")) is not None:
        found = saying.then(
            found, mark("%(so_far)s The contract is of %(day)s."), day=saying.day(signed)
        )
    if (declared := body.get("de_minimis")) is not None:
        found = saying.then(
            found,
            mark(
                "%(so_far)s De minimis aid of three years that it declares, without this grant: "
                "%(amount)s."
            ),
            amount=saying.money(declared),
        )
    if (until := body.get("sse_until")) is not None:
        found = saying.then(
            found,
            mark(
                "%(so_far)s The identifier of the social and solidarity economy that the officer "
                "saw holds until %(day)s."
            ),
            day=saying.day(until),
        )
    return found


def _checks(names: Sequence[str]) -> Shown:
    return saying.several(
        saying.say(CHECKS[each]) if each in CHECKS else saying.say("%(name)s", name=each)
        for each in names
    )


def _asked(body: Body) -> Said:
    return saying.say(
        mark(
            "An officer asked the carrier of a project for what is missing before an agreement: "
            "%(missing)s."
        ),
        missing=_checks(body["missing"]),
    )


def _withdrawn(body: Body) -> Said:
    found = saying.say(mark("The carrier of a project is in order for an agreement no more."))
    return saying.reasoned(found, body)


def _entered(body: Body) -> Said:
    sentence = mark(
        "An officer entered de minimis aid that the carrier of a project declared: %(amount)s, "
        "granted on %(day)s."
    )
    return _aid(sentence, body)


def _removed(body: Body) -> Said:
    sentence = mark(
        "An officer took back de minimis aid of the carrier of a project: %(amount)s, granted on "
        "%(day)s."
    )
    return _aid(sentence, body)


def _aid(sentence: str, body: Body) -> Said:
    amount, day = saying.money(body["amount"]), saying.day(body["granted_on"])
    return saying.reasoned(saying.say(sentence, amount=amount, day=day), body)


SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "submission.carrier-joined.v1": _joined,
        "submission.carrier-left.v1": _left,
        "submission.carrier-cleared.v1": _cleared,
        "submission.clearance-withdrawn.v1": _withdrawn,
        "submission.carrier-asked.v1": _asked,
        "submission.aid-entered.v1": _entered,
        "submission.aid-removed.v1": _removed,
    }
)
