"""What events of projects say to people: ideas, dossiers, labels, and how a project ends early."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.carriers import TYPES
from ledger.pages.saying import Body, Said
from shared.web.messages import mark

# What a project's money is for.
NATURES: Mapping[str, str] = MappingProxyType(
    {"operating": mark("running costs"), "investment": mark("investment")}
)
# Who pays for a project.
PAYERS: Mapping[str, str] = MappingProxyType(
    {
        "asked": mark("the programme"),
        "own": mark("its carrier"),
        "other-public": mark("other authorities"),
        "private": mark("private funders"),
        "in-kind": mark("work and things that are given"),
    }
)
# Why a file is gone.
REMOVED: Mapping[str, str] = MappingProxyType(
    {
        "replaced": mark("another one replaced it"),
        "withdrawn": mark("its carrier took it back"),
        "erased": mark("it was erased"),
    }
)


def _idea(body: Body) -> Said:
    sentence = (
        mark(
            "An idea came in an imported file: “%(title)s” (%(territory)s). Who carries it is not "
            "public here."
        )
        if body.get("source") == "import"
        else mark(
            "An idea was deposited: “%(title)s” (%(territory)s). Who carries it is not public here."
        )
    )
    found = saying.say(
        sentence, title=saying.words(body["title"]), territory=saying.label(body["territory"])
    )
    return _kind(found, body)


def _kind(found: Said, body: Body) -> Said:
    """With what a project is about, as far as it is said."""
    if (theme := body.get("theme")) is not None:
        found = saying.then(
            found, mark("%(so_far)s Its theme: %(theme)s."), theme=saying.part("themes", theme)
        )
    if (category := body.get("category")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s Its category: %(category)s."),
            category=saying.part("categories", category),
        )
    return found


def _supported(body: Body) -> Said:
    return saying.say(
        mark("Residents support an idea. So many do by now: %(n)s. Who they are is not public."),
        n=saying.number(body["supporters"]),
    )


def _dossier(sentence: str) -> Callable[[Body], Said]:
    def speak(body: Body) -> Said:
        found = saying.say(
            sentence, title=saying.words(body["title"]), cost=saying.money(body["cost"])
        )
        found = _kind(found, body)
        if (carrier := body.get("carrier_type")) is not None:
            found = saying.then(
                found,
                mark("%(so_far)s Who carries it: %(carrier)s."),
                carrier=saying.one_of(TYPES, carrier),
            )
        return _promised(_plan(found, body), body)

    return speak


def _plan(found: Said, body: Body) -> Said:
    """With what a project costs, and who pays it."""
    if (nature := body.get("nature")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s What the money is for: %(nature)s."),
            nature=saying.one_of(NATURES, nature),
        )
    if costs := body.get("costs"):
        found = saying.then(
            found,
            mark("%(so_far)s What it costs in all: %(total)s, of which: %(costs)s."),
            total=saying.money(sum(line["amount"] for line in costs)),
            costs=saying.several(
                _amount(saying.part("kinds", line["kind"]), line) for line in costs
            ),
        )
    if income := body.get("income"):
        found = saying.then(
            found,
            mark("%(so_far)s Who pays: %(income)s."),
            income=saying.several(
                _amount(saying.one_of(PAYERS, line["source"]), line) for line in income
            ),
        )
    return found


def _amount(what: saying.Shown, line: Body) -> Said:
    return saying.say(mark("%(what)s (%(amount)s)"), what=what, amount=saying.money(line["amount"]))


def _promised(found: Said, body: Body) -> Said:
    """With what a project keeps to."""
    if (months := body.get("months")) is not None:
        found = saying.then(
            found, mark("%(so_far)s Months that it takes: %(n)s."), n=saying.number(months)
        )
    if principles := body.get("principles"):
        found = saying.then(
            found,
            mark("%(so_far)s Principles that it keeps: %(principles)s."),
            principles=saying.part("principles", *principles),
        )
    if (version := body.get("charter_version")) is not None:
        found = saying.then(
            found,
            mark("%(so_far)s It is held to version %(version)s of the charter."),
            version=saying.number(version),
        )
    return found


def _reviewed(body: Body) -> Said:
    if body["missing"]:
        found = saying.say(
            mark("An officer read a dossier. It lacks: %(missing)s."),
            missing=saying.part("documents", *body["missing"]),
        )
        if (until := body.get("until")) is None:
            return found
        return saying.then(
            found,
            mark("%(so_far)s It can be completed until %(until)s."),
            until=saying.moment(until),
        )
    if body.get("family") is not None:
        return saying.say(
            mark(
                "An officer read a dossier: it is complete, and the committee votes on the label"
                " “%(family)s”."
            ),
            family=saying.label(body["family"]),
        )
    return saying.say(mark("An officer read a dossier: it is complete."))


def _labelled(body: Body) -> Said:
    named = {"family": saying.label(body["family"]), "ceiling": saying.money(body["ceiling"])}
    if body.get("reason") is None:
        return saying.say(
            mark(
                "The committee voted, and gave a project its label, “%(family)s”: "
                "it will be voted on, for at most %(ceiling)s."
            ),
            **named,
        )
    return saying.say(
        mark(
            "The committee gave a project its label, “%(family)s”: "
            "it will be voted on, for at most %(ceiling)s. The reason: %(reason)s"
        ),
        reason=saying.words(body["reason"]),
        **named,
    )


def _refused_label(body: Body) -> Said:
    if body.get("reason") is None:
        return saying.say(mark("The committee voted, and refused a project its label."))
    return saying.say(
        mark("The committee refused a project its label. The reason: %(reason)s"),
        reason=saying.words(body["reason"]),
    )


def _merged(body: Body) -> Said:
    return saying.reasoned(
        saying.say(
            mark(
                "An officer merged other projects into this one; who supports and carries them, "
                "and their history, stay with it. Projects merged: %(n)s."
            ),
            n=saying.number(len(body["merged"])),
        ),
        body,
    )


def _split(body: Body) -> Said:
    return saying.reasoned(
        saying.say(
            mark(
                "An officer split a project into new ones of the same carrier; it goes no further "
                "itself. New projects: %(n)s."
            ),
            n=saying.number(len(body["into"])),
        ),
        body,
    )


def _withdrawn(body: Body) -> Said:
    sentence = (
        mark("The carrier of a project withdrew it: it goes no further.")
        if body.get("officer") is None
        else mark("An officer withdrew a project: it goes no further.")
    )
    return saying.reasoned(saying.say(sentence), body)


def _moved(sentence: str) -> Callable[[Body], Said]:
    return lambda body: saying.reasoned(saying.say(sentence), body)


def _attached(body: Body) -> Said:
    return saying.say(
        mark(
            "A file was attached to a project: %(document)s (%(media)s, %(length)s bytes). The "
            "file itself is not public here."
        ),
        document=saying.part("documents", body["document"]),
        media=body["media"].partition("/")[2].upper(),
        length=saying.number(body["length"]),
    )


def _removed(body: Body) -> Said:
    return saying.say(
        mark("A file of a project is gone: %(ground)s."),
        ground=saying.one_of(REMOVED, body["ground"]),
    )


SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "submission.idea-deposited.v1": _idea,
        "submission.idea-supported.v1": _supported,
        "submission.dossier-filed.v1": _dossier(
            mark("A dossier was filed: “%(title)s”. It asks for %(cost)s.")
        ),
        "submission.dossier-amended.v1": _dossier(
            mark("A dossier was changed: “%(title)s”. It now asks for %(cost)s.")
        ),
        "submission.dossier-reviewed.v1": _reviewed,
        "submission.project-labelled.v1": _labelled,
        "submission.label-refused.v1": _refused_label,
        "submission.projects-merged.v1": _merged,
        "submission.project-split.v1": _split,
        "submission.project-withdrawn.v1": _withdrawn,
        "submission.project-suspended.v1": _moved(
            mark(
                "An officer suspended a project: until it goes on, nothing of it is filed, "
                "reviewed or voted on."
            )
        ),
        "submission.project-resumed.v1": _moved(mark("A project that was suspended goes on.")),
        "submission.document-attached.v1": _attached,
        "submission.document-removed.v1": _removed,
    }
)
