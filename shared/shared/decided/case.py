"""One verdict on its way into a language, and how its numbers and names are said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.events.ballots import Decision, Format
from shared.events.reasons import Reason
from shared.events.rules import Order, Rule
from shared.web.filters import NARROW, label, money, number

# The envelope or the pass that is everything, by our presets: naming it says nothing.
WHOLE: Final = "all"
# Formats whose ballots give points rather than votes.
POINTS: Final = frozenset(("cumulative", "ranking", "score"))
# Kinds of groups that have a name: in French alone, in French behind a noun, in English.
KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "territory": ("territoire", "du territoire", "territory"),
    "family": ("famille", "de la famille", "family"),
    "carrier": ("porteur", "du porteur", "carrier"),
    "category": ("catégorie", "de la catégorie", "category"),
    "neighborhood": ("quartier", "du quartier", "neighbourhood"),
    "theme": ("thème", "du thème", "theme"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about an option, as `OptionDecided` has it; money in cents.

    `withdrawn` are the words of a withdrawal, which stand in the option's listing.
    """

    reason: Reason
    votes: int
    cost: int
    amount: int = 0
    rank: int | None = None
    step: tuple[str, str] | None = None
    facts: Mapping[str, int | str] = field(default_factory=dict)
    withdrawn: str | None = None


@dataclass(frozen=True)
class Setting:
    """What is known of the round: options by their id as text, labels by a group's value."""

    form: Format | None = None
    rule: Rule | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)


class Case:
    """One verdict on its way into a language."""

    def __init__(self, verdict: Verdict, setting: Setting, language: str) -> None:
        self.verdict, self.setting, self.language = verdict, setting, language
        self.facts = verdict.facts

    @property
    def adopted(self) -> bool:
        """Whether members adopted the option in a vote that gives no money."""
        won = self.verdict.reason == "funded" and not self.verdict.amount
        return won and isinstance(self.setting.form, Decision)

    def say(self, fr: str, en: str) -> str:
        """One of two sentences."""
        return fr if self.language == "fr" else en

    def cents(self, amount: int | str) -> str:
        """An amount, from the event."""
        return money(int(amount), self.language)

    def fact(self, name: str) -> int:
        """A number of the reason."""
        return int(self.facts[name])

    def quoted(self, words: str) -> str:
        """Somebody's words."""
        return self.say(f"«{NARROW}{words}{NARROW}»", f"“{words}”")

    def option(self, name: str) -> str:
        """Another option: by its title, or by its number."""
        id = str(self.facts[name])
        title, place = self.setting.titles.get(id), self.setting.numbers.get(id)
        if title:
            return self.quoted(title)
        if place is None:
            return self.say("un autre projet", "another project")
        return self.say(f"le projet {place}", f"project {place}")

    def named(self, name: str) -> str:
        """An envelope, a pass or a group's value: by its label where there is one."""
        found = self.setting.labels.get(name)
        return self.quoted(name if found is None else label(found, self.language))

    def kind(self) -> str:
        """The kind of group that the reason is about, as what a project can have."""
        kind = str(self.facts["of"])
        fr, _, en = KINDS.get(kind, (self.quoted(kind), "", self.quoted(kind)))
        return self.say(fr, en)

    def of_group(self) -> str:
        """The group that the reason is about, behind a noun."""
        kind, value = str(self.facts["of"]), self.named(str(self.facts["value"]))
        words = self.quoted(kind)
        _, fr, en = KINDS.get(kind, ("", f"de {words}", words))
        return self.say(f"{fr} {value}", f"of the {en} {value}")

    def votes(self, many: int) -> str:
        """So many of what ballots give in this format."""
        form = self.setting.form.type if self.setting.form is not None else ""
        shown = number(many, self.language)
        if form in POINTS:
            one = abs(many) < 2 if self.language == "fr" else many == 1
            return f"{shown} point{'' if one else 's'}"
        if form == "decision":
            return self.say(f"{shown} oui", f"{shown} yes")
        return self.say(f"{shown} voix", f"{shown} vote{'' if many == 1 else 's'}")

    def projects(self, most: int) -> str:
        """So many projects."""
        one = self.say("projet", "project")
        return f"{number(most, self.language)} {one}{'s' if most > 1 else ''}"

    @property
    def order(self) -> Order | None:
        """The order of the step that looked at it last."""
        rule, step = self.setting.rule, self.verdict.step
        if rule is None or step is None:
            return None
        return next((each.order for each in rule.passes if each.name == step[0]), None)

    def ordinal(self, place: int) -> str:
        """`1st`, `1er`."""
        shown = number(place, self.language)
        if self.language == "fr":
            return f"{shown}{'er' if place == 1 else 'e'}"
        last = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
        return f"{shown}{'th' if 10 < place % 100 < 14 else last}"

    def in_step(self) -> str:
        """Which step it was, where there is more than one."""
        if self.verdict.step is None:
            return ""
        each, envelope = self.verdict.step
        rule = self.setting.rule
        passes = each != WHOLE and (rule is None or len(rule.passes) > 1)
        purses = envelope != WHOLE and (rule is None or len(rule.envelopes) > 1)
        step = self.say(" à l’étape ", " in the step ") + self.named(each) if passes else ""
        return step + (self.say(" pour ", " for ") + self.named(envelope) if purses else "")
