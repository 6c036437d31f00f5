"""What is wrong with a charter: everything at once, each with a code, a place and its values."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.refusal import Refusal

# Each code's sentence; a code keeps its meaning for good.
SENTENCES = {
    # The file itself.
    "too_long": "a charter has at most {most} bytes, this one has {length}",
    "not_yaml": "line {line}: {what}",
    "unreadable": "{what}",  # where no line is known
    "key_twice": "line {line}: the key {key} is there twice",
    "not_plain": "line {line}: {what} is not taken in a charter",
    # Its shape.
    "unknown_key": "no charter has this key",
    "missing": "this has to be said",
    "malformed": "{what}",
    "unseen_character": "the character {character} cannot be seen",
    "too_large": "the rules take {length} bytes on the ledger, at most {most} fit",
    # Its sense.
    "name_twice": "the name {name} is there twice",
    "no_such_day": "{day} is no day of {year}",
    "phase_missing": "an edition needs the phase {phase}",
    "window_empty": "it opens at {opens_at} and closes at {closes_at}",
    "phase_outside_year": "{instant} is not within {edition}",
    "labelled_before_filed": "labelling ends at {labelling}, dossiers are filed until {dossiers}",
    "vote_before_labels": "voting opens at {vote}, labelling ends at {labelling}",
    "ceiling_over_envelope": "{ceiling} euros are more than the envelope, {envelope}",
    "least_over_most": "a ballot names at least {least} and at most {most} projects",
    "said_by_format": "the ballot's format says this: leave it out",
    "said_by_rule": "the rule says this: leave it out",
    "contradiction": "{what}",
    "not_together": "{what}",
    "envelope_differs": "all in all {amount} euros are given out, the envelope is {envelope}",
    "not_of_charter": "this charter has no {kind} {name}",
    "kind_unknown": "nothing has a {kind}: projects have a territory and a family, ballots a tier",
    "kind_of_ballots": "projects have no tier, ballots have",
    "kind_of_projects": "a ballot has no {kind}, nobody knows whose it is",
    "labels_twice": "another body gives the labels already",
    "one_officer": "{acts} need a second officer; only a rehearsal goes without",
    "screening_loosened": (
        "{value} lets more pass than {standard}, which every vote has; only a rehearsal may"
    ),
    "electorate_too_small": (
        "the vote is for {electors} people, and nothing is secret among fewer than {least};"
        " only a rehearsal may"
    ),
    "flush_too_small": (
        "ballots would leave among {k} voters every {interval} seconds, and nothing is secret below"
        " {least_k} voters every {least_interval} seconds; only a rehearsal may"
    ),
    "assumption_of_nothing": "the charter says nothing at this place",
    # What this platform does not do.
    "partial_grants": "a project is funded whole or not at all",
    "no_jury": "no jury ranks projects yet",
    "no_other_money": "what others give for a project is not known yet",
    "identity_elsewhere": (
        "voters declare who they are or have a posted code, and an identity provider may vouch for"
        " them beside; not {asked}"
    ),
    # What secret ballots make impossible: nobody can tell whose ballot is whose.
    "own_project_excluded": (
        "to exclude a carrier's vote for her own project, her ballot would have to be known"
    ),
    "paper_over_web": (
        "to let paper replace a vote on the web, that one ballot would have to be found again;"
        " the first channel is the one that counts"
    ),
    "all_duplicates_void": (
        "to make both ballots of a person void, they would have to be found again;"
        " nobody gets a second right to vote instead"
    ),
    "email_alone": "an e-mail address alone proves nobody: one mailbox would be many voters",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `path` names its place, such as `phases.vote.opens`."""

    code: str
    path: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(**self.values)

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class CharterRefused(Refusal):
    """A charter breaks rules: `problems` has all of them."""

    code = "charter_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
