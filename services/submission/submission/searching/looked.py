"""What projects are looked through for, as it stands in an address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from shared.events.scheme import Territory

PAGE = 20
LONGEST = 100  # characters of the words that are looked for
MOST_PAGES = 100_000
# What a list is filtered by, in the words of the charter.
BY_NAME = ("territory", "theme", "category", "stage")


@dataclass(frozen=True)
class Looked:
    """What is looked for; "" looks for anything. `words` are looked for all together.

    A territory is looked for with all that lies `within` it.
    """

    territory: str = ""
    theme: str = ""
    category: str = ""
    stage: str = ""
    words: str = ""
    page: int = 1
    within: tuple[str, ...] = ()

    def among(self, territories: Sequence[Territory]) -> Self:
        """The same, in a charter that has these territories."""
        return replace(self, within=belonging(territories, self.territory))

    @property
    def said(self) -> dict[str, str]:
        """What was said of it, by the names that it has in addresses."""
        named = {name: str(getattr(self, name)) for name in BY_NAME} | {"q": self.words}
        return {name: value for name, value in named.items() if value}

    def address(self, path: str, **others: str) -> str:
        """A path, asked the same and something else; what is "" is left out."""
        said = {name: value for name, value in (self.said | others).items() if value}
        return f"{path}?{urlencode(said)}" if said else path


def belonging(territories: Sequence[Territory], name: str) -> tuple[str, ...]:
    """A territory, and all that lie within it, however deep; nothing for ""."""
    found = [name] if name else []
    for outer in found:
        found += (
            each.name for each in territories if each.within == outer and each.name not in found
        )
    return tuple(found)


def pages_of(count: int) -> int:
    """On how many pages so many projects stand; an empty list has one as well."""
    return max(1, -(-count // PAGE))
