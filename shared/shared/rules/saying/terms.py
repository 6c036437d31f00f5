"""What a charter calls by a word of its own: types of carriers, links, channels, how long."""

from collections.abc import Sequence

from shared.events.scheme import Duration, Labelled
from shared.rules.saying.speech import Speech
from shared.web import filters


def labels(named: Sequence[Labelled], speech: Speech) -> str:
    """What these are called, one after the other."""
    return speech.all_of([f"“{filters.label(each, speech.language)}”" for each in named])


def named(names: Sequence[str], of: Sequence[Labelled] | None, speech: Speech) -> str:
    """Some of what a charter names, by their names."""
    found = {each.name: filters.label(each, speech.language) for each in of or ()}
    return speech.all_of([f"“{found.get(name, name)}”" for name in names])


def carriers(types: Sequence[str], speech: Speech) -> str:
    """Carriers of these types."""
    _ = speech.gettext
    known = {
        "person": _("persons"),
        "collective": _("informal collectives"),
        "class": _("classes and schools"),
        "association": _("associations"),
        "sse-company": _("companies of the social and solidarity economy"),
        "esus-company": _("solidarity enterprises of social utility"),
        "cooperative": _("cooperatives"),
        "mutual": _("mutual societies"),
        "insurance-mutual": _("mutual insurance companies"),
        "foundation": _("foundations"),
        "municipality": _("municipalities"),
        "intermunicipality": _("intermunicipal bodies"),
        "department": _("the Department itself"),
    }
    return speech.all_of([known[each] for each in types])


def links(of: Sequence[str], speech: Speech) -> str:
    """What ties somebody to a territory."""
    _ = speech.gettext
    known = {
        "live": _("living there"),
        "work": _("working there"),
        "study": _("studying there"),
        "second-home": _("having a second home there"),
        "interest": _("having an interest there"),
        "neighbour": _("living in a neighbouring département"),
    }
    return speech.any_of([known[each] for each in of])


def channels(of: Sequence[str], speech: Speech) -> str:
    """Where ballots are given."""
    _ = speech.gettext
    known = {
        "web": _("on the web"),
        "counter": _("at a counter"),
        "urn": _("in an urn"),
        "post": _("by post"),
        "market": _("on markets"),
        "school": _("in schools"),
    }
    return speech.all_of([known[each] for each in of])


def duration(written: Duration, speech: Speech) -> str:
    """How long something takes."""
    count, unit = written.split()
    n, ngettext = int(count), speech.ngettext
    match unit:
        case "seconds":
            return ngettext("%(n)s second", "%(n)s seconds", n)
        case "minutes":
            return ngettext("%(n)s minute", "%(n)s minutes", n)
        case "hours":
            return ngettext("%(n)s hour", "%(n)s hours", n)
        case "days":
            return ngettext("%(n)s day", "%(n)s days", n)
        case "months":
            return ngettext("%(n)s month", "%(n)s months", n)
    return ngettext("%(n)s year", "%(n)s years", n)
