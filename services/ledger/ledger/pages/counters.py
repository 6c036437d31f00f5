"""What events of gatherings and handoffs say to people: counters, and the way from desk to desk."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from shared.web.messages import mark

# Why a project is back with its carrier.
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "done": mark("it was guided"),
        "declined": mark("the desk does not take it on"),
        "unanswered": mark("the desk did not answer in time"),
        "missed": mark("nobody came to the session"),
        "withdrawn": mark("it goes no further"),
        "cancelled": mark("what it was handed over for does not take place"),
    }
)


def _gathering(sentence: str) -> Callable[[Body], Said]:
    def speak(body: Body) -> Said:
        found = saying.say(
            sentence,
            place=saying.words(body["place"]),
            territory=saying.label(body["territory"]),
            begins=saying.moment(body["begins_at"]),
            ends=saying.moment(body["ends_at"]),
            capacity=saying.number(body["capacity"]),
        )
        return saying.reasoned(_offered(found, body), body)

    return speak


def _offered(found: Said, body: Body) -> Said:
    """With what a gathering offers, as far as it is said."""
    if (title := body.get("title")) is not None:
        found = saying.then(
            found, mark("%(so_far)s Its title: “%(title)s”."), title=saying.words(title)
        )
    if (host := body.get("host")) is not None:
        found = saying.then(found, mark("%(so_far)s Its host: %(host)s."), host=saying.words(host))
    if workshops := body.get("workshops"):
        found = saying.then(
            found,
            mark("%(so_far)s Its workshops: %(workshops)s."),
            workshops=saying.part("workshops", *workshops),
        )
    if body.get("online"):
        found = saying.then(found, mark("%(so_far)s It is held online."))
    return _at_desk(found, body)


def _at_desk(found: Said, body: Body) -> Said:
    """With the desk, where a charter has several."""
    if (desk := body.get("desk")) is None:
        return found
    return saying.then(
        found, mark("%(so_far)s The desk: %(desk)s."), desk=saying.part("desks", desk)
    )


def _due(found: Said, body: Body) -> Said:
    """With the time by which the next step is due."""
    if (due := body.get("due_at")) is None:
        return found
    return saying.then(
        found, mark("%(so_far)s The next step is due by %(due)s."), due=saying.moment(due)
    )


def _handoff(sentence: str) -> Callable[[Body], Said]:
    return lambda body: _step(saying.say(sentence), body)


def _step(found: Said, body: Body) -> Said:
    """A step of a handoff: its desk, what is due, and why it was made."""
    return saying.reasoned(_due(_at_desk(found, body), body), body)


def _held(body: Body) -> Said:
    return saying.say(
        mark(
            "A counter was held. Projects that had a place: %(registered)s; that came: "
            "%(attended)s; that did not come: %(missed)s; that waited for a place: %(waited)s."
        ),
        registered=saying.number(body["registered"]),
        attended=saying.number(body["attended"]),
        missed=saying.number(body["missed"]),
        waited=saying.number(body["waited"]),
    )


def _requested(body: Body) -> Said:
    if body.get("after") is not None:
        sentence = mark("A project came to a desk from another one.")
    elif body.get("gathering_id") is not None:
        sentence = mark("The carrier of an idea asked for a place at a counter.")
    else:
        sentence = mark("A project was handed to a desk.")
    return _step(saying.say(sentence), body)


def _accepted(body: Body) -> Said:
    sentence = (
        mark("A desk took a project on.")
        if body.get("gathering_id") is None
        else mark("The adviser of a counter took an idea on.")
    )
    return _step(saying.say(sentence), body)


def _redirected(body: Body) -> Said:
    found = saying.say(
        mark("A desk handed a project on, to another desk: %(to)s."),
        to=saying.part("desks", body["to_desk"]),
    )
    if (desk := body.get("desk")) is not None:
        found = saying.say(
            mark("A desk (%(desk)s) handed a project on, to another desk: %(to)s."),
            desk=saying.part("desks", desk),
            to=saying.part("desks", body["to_desk"]),
        )
    return saying.reasoned(found, body)


def _scheduled(body: Body) -> Said:
    sentence = (
        mark("A project that waited has a place at a session now: one was given back.")
        if body.get("officer") is None
        else mark("An officer gave a project a place at a session.")
    )
    return _step(saying.say(sentence), body)


def _awaited(body: Body) -> Said:
    found = saying.say(
        mark(
            "All places at a session are given, and a project waits for one. Others that wait "
            "before it: %(n)s."
        ),
        n=saying.number(body["ahead"]),
    )
    return _step(found, body)


def _returned(body: Body) -> Said:
    found = saying.say(
        mark("A project is back with its carrier: %(cause)s."),
        cause=saying.one_of(CAUSES, body["cause"]),
    )
    return _step(found, body)


SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "submission.gathering-announced.v1": _gathering(
            mark(
                "A counter will be held at “%(place)s” (%(territory)s), "
                "from %(begins)s to %(ends)s. Places: %(capacity)s."
            )
        ),
        "submission.gathering-amended.v1": _gathering(
            mark(
                "An officer changed a counter: it will be held at “%(place)s” (%(territory)s), "
                "from %(begins)s to %(ends)s. Places: %(capacity)s."
            )
        ),
        "submission.gathering-cancelled.v1": _handoff(
            mark("An officer cancelled a counter: it will not be held.")
        ),
        "submission.gathering-held.v1": _held,
        "submission.handoff-requested.v1": _requested,
        "submission.handoff-accepted.v1": _accepted,
        "submission.handoff-redirected.v1": _redirected,
        "submission.handoff-scheduled.v1": _scheduled,
        "submission.place-awaited.v1": _awaited,
        "submission.handoff-declined.v1": _handoff(
            mark("The adviser of a counter could not take an idea on.")
        ),
        "submission.handoff-attended.v1": _handoff(
            mark("The carrier of an idea was at the counter: a dossier may be filed.")
        ),
        "submission.handoff-missed.v1": _handoff(
            mark("The carrier of an idea did not come to the counter; another one can be asked.")
        ),
        "submission.handoff-returned.v1": _returned,
    }
)
