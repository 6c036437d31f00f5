"""What a project says of itself in the charter's names: its theme, category and principles."""

from shared.events.charter import CharterRules
from shared.events.scheme import Labelled
from shared.refusal import Refusal

# The one theme that an open list has beside its own.
OTHER = "other"


class ThemeUnknown(Refusal):
    """The charter has no theme of this name, and takes none beside its own."""

    code = "theme_unknown"


class CategoryUnknown(Refusal):
    """The charter has no category of this name."""

    code = "category_unknown"


class PrincipleMissing(Refusal):
    """A project keeps all principles of the charter, and its carrier says so of each."""

    code = "principle_missing"


def themes(rules: CharterRules) -> tuple[Labelled, ...]:
    """The themes to choose among."""
    known = rules.themes or ()
    if known and rules.themes_open and OTHER not in {each.name for each in known}:
        return (*known, Labelled(name=OTHER, fr="Autre thème", en="Another theme"))
    return known


def read_theme(rules: CharterRules, written: str) -> str | None:
    """A theme of the charter; None where it has none. Raises `ThemeUnknown`."""
    if not (known := [each.name for each in themes(rules)]):
        return None
    if written not in known:
        raise ThemeUnknown(f"{written[:60]!r} is none of {', '.join(known)}")
    return written


def read_category(rules: CharterRules, written: str) -> str | None:
    """A category of the charter, or none of them. Raises `CategoryUnknown`."""
    known = [each.name for each in rules.categories or ()]
    if not written:
        return None
    if written not in known:
        raise CategoryUnknown(f"{written[:60]!r} is none of {', '.join(known)}")
    return written


def check_principles(rules: CharterRules, ticked: tuple[str, ...]) -> tuple[str, ...] | None:
    """All principles of the charter; None where it has none. Raises `PrincipleMissing`."""
    if not (known := tuple(each.name for each in rules.principles or ())):
        return None
    if missing := [name for name in known if name not in ticked]:
        raise PrincipleMissing(f"not kept: {', '.join(missing)}")
    return known
