"""What a charter says of a scheme beside its vote, in plain sentences by subject.

What is not said is not published; where a reader would look for it, that is said.
"""

from collections.abc import Iterator, Mapping

from shared.events.charter import CharterRules
from shared.rules.saying.following import desks, follows
from shared.rules.saying.money import costs, money
from shared.rules.saying.people import projects, submitting, voters
from shared.rules.saying.speech import Speech
from shared.rules.saying.terms import labels, named


def of_scheme(rules: CharterRules, speech: Speech) -> Mapping[str, tuple[str, ...]]:
    """Sentences by subject: `kind`, `money`, `places`, `who`, `projects`, `costs`, `desks`,
    `bodies`, `vote`, `funding`."""
    said = {
        "kind": _kind(rules, speech),
        "money": money(rules, speech),
        "places": _places(rules, speech),
        "who": submitting(rules, speech),
        "projects": projects(rules, speech),
        "costs": costs(rules, speech),
        "desks": desks(rules, speech),
        "bodies": _bodies(rules, speech),
        "vote": voters(rules, speech),
        "funding": follows(rules, speech),
    }
    return {subject: tuple(sentences) for subject, sentences in said.items()}


def _kind(rules: CharterRules, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    match rules.kind:
        case None | "citizen-budget":
            yield _("This is a citizen budget: residents vote on projects.")
        case "call-for-projects":
            yield _("This is a call for projects.")
        case "call-for-interest":
            yield _("This is a call for expressions of interest.")
        case "standing-fund":
            yield _("This is a standing fund: it takes projects all the time.")


def _places(rules: CharterRules, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    if rules.levels:
        yield _("Territories are on these levels: %(levels)s.", levels=labels(rules.levels, speech))
    for each in rules.territories:
        if each.level is not None:
            values = {
                "name": named([each.name], rules.territories, speech),
                "level": named([each.level], rules.levels, speech),
            }
            yield _("%(name)s is on the level %(level)s.", **values)
        if each.within is not None:
            values = {
                "name": named([each.name], rules.territories, speech),
                "outer": named([each.within], rules.territories, speech),
            }
            yield _("%(name)s lies within %(outer)s.", **values)


def _bodies(rules: CharterRules, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    for body in rules.bodies or ():
        who = {"body": named([body.name], rules.bodies, speech)}
        if body.admitted_by is not None:
            before = named([body.admitted_by], rules.bodies, speech)
            yield _("%(body)s votes on what %(before)s admitted.", before=before, **who)
        if body.days is not None:
            yield speech.ngettext(
                "Each vote of %(body)s lasts %(n)s day.",
                "Each vote of %(body)s lasts %(n)s days.",
                body.days,
                **who,
            )
        if body.amounts == "asked":
            yield _("What %(body)s adopts gets the amount that it asks for.", **who)
        if body.amounts == "deliberated":
            yield _("The amounts of what %(body)s adopts are deliberated afterwards.", **who)
