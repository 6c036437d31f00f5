"""What every sentence is made of: a language, how it writes figures, and names in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from gettext import NullTranslations

from shared.events.charter import CharterRules
from shared.events.exact import Cents, Ratio, fraction
from shared.events.rules import Groups, Options
from shared.events.scheme import Labelled
from shared.web import filters


@dataclass(frozen=True)
class Speech:
    """A language; `labels` are those of a charter's groups, by kind and name."""

    language: str
    words: NullTranslations
    labels: Mapping[tuple[str, str], Labelled] = field(default_factory=dict)

    def gettext(self, sentence: str, **values: str) -> str:
        """A sentence with its values."""
        return self.words.gettext(sentence) % values

    def ngettext(self, one: str, many: str, n: int, **values: str) -> str:
        """A sentence about `n` of something."""
        return self.words.ngettext(one, many, n) % {"n": filters.number(n), **values}

    def number(self, number: int) -> str:
        """A number."""
        return filters.number(number)

    def money(self, cents: Cents) -> str:
        """An amount."""
        return filters.money(cents, self.language)

    def ratio(self, ratio: Ratio) -> str:
        """A ratio in percent, where those are whole or have a tenth; else as it is written."""
        exact = fraction(ratio)
        if exact > 1 or (exact * 1000).denominator > 1:
            return ratio
        return filters.percent(float(exact), self.language)

    def listed(self, each: Sequence[str], last: str) -> str:
        """`a, b` and what `last` puts between the others and the last."""
        if not each:
            return self.gettext("nothing")
        if len(each) == 1:
            return each[0]
        return f"{', '.join(each[:-1])} {last} {each[-1]}"

    def any_of(self, each: Sequence[str]) -> str:
        """`a, b or c`."""
        return self.listed(each, self.gettext("or"))

    def all_of(self, each: Sequence[str]) -> str:
        """`a, b and c`."""
        return self.listed(each, self.gettext("and"))

    def value(self, kind: str, name: str) -> str:
        """A value of a kind of groups, in the words of the charter where it has any."""
        found = self.labels.get((kind, name))
        return name if found is None else filters.label(found, self.language)

    def grade(self, name: str) -> str:
        """A grade that ballots give."""
        return filters.grade(name, self.language)

    def values(self, kind: str, names: Sequence[str]) -> list[str]:
        """Values of a kind of groups."""
        return [self.value(kind, name) for name in names]

    def kind(self, kind: str) -> str:
        """A kind of groups, behind whatever an article would be."""
        _ = self.gettext
        known = {
            "territory": _("territory"),
            "family": _("family"),
            "theme": _("theme"),
            "category": _("category"),
            "carrier": _("carrier"),
            "tier": _("tier of identification"),
        }
        return known.get(kind) or _("“%(kind)s”", kind=kind)

    def grouped(self, groups: Groups) -> list[str]:
        """What has one of these values in each of these kinds."""
        return [self._grouped(kind, names) for kind, names in groups.items()]

    def _grouped(self, kind: str, names: Sequence[str]) -> str:
        _, values = self.gettext, self.any_of(self.values(kind, names))
        match kind:
            case "territory":
                return _("whose territory is %(values)s", values=values)
            case "family":
                return _("whose family is %(values)s", values=values)
            case "theme":
                return _("whose theme is %(values)s", values=values)
            case "category":
                return _("whose category is %(values)s", values=values)
            case "carrier":
                return _("whose carrier is %(values)s", values=values)
            case "tier":
                return _("whose tier of identification is %(values)s", values=values)
        return _("whose “%(kind)s” is %(values)s", kind=kind, values=values)

    def projects(self, options: Options) -> str:
        """The projects that a predicate admits, as the object of a sentence."""
        _ = self.gettext
        found = self.grouped(options.groups)
        if options.cost_from:
            found.append(_("that cost %(amount)s or more", amount=self.money(options.cost_from)))
        if options.cost_below is not None:
            found.append(_("that cost less than %(amount)s", amount=self.money(options.cost_below)))
        if not found:
            return _("all projects")
        return _("the projects %(which)s", which=self.all_of(found))


def speech(language: str, words: NullTranslations, rules: CharterRules | None = None) -> Speech:
    """A language, with the names that a charter gives to its territories, families, themes and
    categories."""
    labels: dict[tuple[str, str], Labelled] = {}
    if rules is not None:
        labels |= {("territory", each.name): each for each in rules.territories}
        labels |= {("family", each.name): each for each in rules.families}
        labels |= {("theme", each.name): each for each in rules.themes or ()}
        labels |= {("category", each.name): each for each in rules.categories or ()}
    return Speech(language, words, labels)
