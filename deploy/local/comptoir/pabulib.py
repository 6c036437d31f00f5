"""Published elections in Pabulib's `.pb` format, as the platform holds them again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from comptoir.errors import LauncherError
from shared import pabulib
from shared.events.ballots import Format
from shared.events.rules import Option, Rule
from shared.events.submission import MOST_OPTIONS
from shared.pabulib import Choices, Election
from shared.pabulib.casting import PLAIN
from shared.rules import presets
from shared.rules.named import AS_DECLARED, GREEDY, NAMES, named
from shared.wording import wrong

REPLAYED = (*NAMES, AS_DECLARED)
# What the rule sees of an option and no dossier says.
FACTS = ("groups", "withdrawn")
# Formats whose ballots are numbers alone; those of the others have values beside them.
OF_NUMBERS = ("approval", "contests", "knapsack", "ranking")


class NotAnElection(LauncherError):
    """A file is not an election that can be replayed; the message begins with the file."""


@dataclass(frozen=True)
class Held:
    """An election with the rule that will decide it, which `name` calls.

    `options` are numbered in the order of the file's ids: the smaller one wins the last tie, as in
    Pabulib's own tools. `choices` are the file's votes in `form`, by those numbers, whether or not
    they keep to its limits. `notes`: what of the file is not held.
    """

    election: Election
    name: str
    rule: Rule
    form: Format
    options: tuple[Option, ...]
    choices: tuple[Choices, ...]
    notes: tuple[str, ...] = ()

    def facts(self, ids: Sequence[str]) -> dict[str, Any]:
        """What a round is told of its options, by their `ids` on the platform, in this order."""
        said = (option.model_dump(mode="json", include={*FACTS}) for option in self.options)
        facts = ({name: value for name, value in each.items() if value} for each in said)
        return {id: each for id, each in zip(ids, facts, strict=True) if each}

    @property
    def unlisted(self) -> Choices:
        """A ballot that no box takes: it names an option that is none."""
        number = len(self.options) + 1
        return [number] if self.form.type in OF_NUMBERS else [[number, 1]]

    @property
    def draws_lots(self) -> bool:
        """Whether ties go by lots, which are drawn over ids: the platform's are others."""
        return "lot" in self.rule.ties.criteria


def read_election(path: Path) -> Election:
    """Read a file. Raises `NotAnElection`: not in the format, or more projects than a round has
    options."""
    try:
        election = pabulib.read(path)
    except pabulib.NotPabulib as refused:
        raise NotAnElection(str(refused)) from None
    if len(election.projects) > MOST_OPTIONS:
        line = election.projects[MOST_OPTIONS].line
        raise NotAnElection(f"{path}:{line}: more than {MOST_OPTIONS} projects")
    return election


def held(election: Election, name: str = GREEDY, rule: Rule | None = None) -> Held:
    """An election by a rule: the one that is given, else that of a name in `REPLAYED`.

    Raises `NotAnElection` where the file declares too little for its own rule, or what no round can
    hold.
    """
    projects = tuple(sorted(election.projects, key=lambda project: project.id))
    in_order = replace(election, projects=projects)
    try:
        form, choices = pabulib.cast(in_order, election.terms.limits)
        options = pabulib.options(projects)
        decides = rule or _named(name, election)
    except ValidationError as error:
        what = f"beyond what a round can hold: {wrong(error)}"
        raise NotAnElection(f"{election.file}: {what}") from None
    notes = tuple(f"no ballot is held to {key}" for key in pabulib.unheld(election))
    return Held(election, name, decides, form, options, choices, notes)


def _named(name: str, election: Election) -> Rule:
    if name == GREEDY:
        return presets.greedy(election.budget)
    if name == AS_DECLARED:
        found = pabulib.declared(election)
        if found.rule is None:
            raise NotAnElection(f"{election.file}: not counted; {'; '.join(found.notes)}")
        return found.rule
    return named(name, election.budget, points=election.terms.vote_type not in PLAIN)
