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
    "preset_unknown": "{name} is none of the presets {known}, and the file does not say everything",
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
    "kind_unknown": (
        "nothing has a {kind}: projects have a territory, a family, a theme, a category and a"
        " carrier, ballots a tier"
    ),
    "kind_of_ballots": "projects have no tier, ballots have",
    "kind_of_projects": "a ballot has no {kind}, nobody knows whose it is",
    "carrier_in_rule": (
        "in a rule each carrier is one of itself, and {name} is none: what is only for some types"
        " of carriers is a category of theirs"
    ),
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
    # Its places and its years.
    "level_missing": "a territory is on one of the charter's levels",
    "level_unknown": "this charter has no level {level}",
    "level_skipped": "{level} is not the level below {outer}",
    "within_unknown": "this charter has no territory {name}",
    "within_itself": "{name} lies within itself",
    "cycle_number": "there is no cycle {number} of {of}",
    "cycle_over_total": "the envelope is {envelope} euros, all cycles together have {total}",
    "cycle_spent": "the other cycles have {taken} euros of {total}, and this one {envelope}",
    "cycle_total_differs": "the cycle {edition} shares {total} euros",
    "fund_missing": "a standing fund has an amount for each year",
    "citizens_vote": "residents vote on a citizen budget; without a vote it is of another kind",
    # Who submits, and what.
    "nobody_may_submit": "this names nobody; where everybody may, leave it out",
    "age_reversed": "nobody is at least {least} and at most {most} years old",
    "consent_over_adult": "nobody consents for a person of {age} years who is of age",
    "consent_of_nobody": "nobody below {age} years may submit: one has to be {least}",
    "sponsor_unknown": "{type} may not submit, so none needs a sponsor",
    "limit_over_limit": "{more} are more than the {fewer} that there can be before",
    "link_twice": "the link {link} is there twice",
    "least_over_links": "nobody has {least} links of {most}",
    "theme_missing": "nothing is in this list; where themes are open, say so",
    "document_of_nobody": "nobody who may file a dossier is asked for this",
    # What it costs.
    "nothing_listed": "nothing is in this list: leave it out, or say what is",
    "cost_kind_unknown": "this charter has no kind of cost {name}",
    "cost_allowed_and_excluded": "{name} is eligible and excluded",
    "excluded_without_kinds": (
        "which costs are eligible has to be said beside what is excluded: a cost of no kind is"
        " refused by nobody"
    ),
    "months_reversed": "nothing takes at least {least} and at most {most} months",
    "operating_and_free_of_it": "all costs are operating costs, and a project asks for none",
    "category_unknown": "this charter has no category {name}",
    "percent_and_full": "all of the cost may be asked for by everybody",
    "floor_over_ceiling": "nobody gets at least {floor} and at most {ceiling} euros",
    "majority_impossible": "{percent} percent are not more than half of the cost",
    "ceiling_over_fund": "{ceiling} euros are more than the fund has in a year, {amount}",
    "money_without_envelope": "it gives money, and nothing says how much there is",
    # Who decides.
    "vote_phase_without_vote": "nobody votes in this phase",
    "vote_without_options": "residents vote on projects with a label, or that a body admitted",
    "nothing_decides": "neither residents nor a body decide what becomes of a project",
    "labels_without_families": "there are no families of labels",
    "body_unknown": "this charter has no body {name}",
    "body_admits_nothing": "{name} admits nothing to another body",
    "admitted_by_itself": "what {name} votes on would have to be admitted by itself before",
    "days_missing": "a fund's committee votes again and again: say how many days each time",
    "web_always": "everybody on the roll can vote on the web",
    "channel_and_paper": "{channels}: there is no paper to vote on",
    "paper_nowhere": "one can vote on paper, and on the web alone",
    # Desks, and what follows.
    "desk_missing": "a counter has to be attended, and no desk is one of advisers",
    "nobody_receives": (
        "no desk receives the ideas of {territories}: neither a first one nor one of advisers"
    ),
    "first_desk_twice": "another desk receives the ideas of this territory first",
    "remind_without_answer": "nothing says by when this desk answers",
    "remind_after_answer": "{remind} before it is due would be before the {answer} begin",
    "seconds_in_earnest": "nobody acts within {duration}; only a rehearsal may ask for it",
    "milestones_missing": "the time until a project has begun or is finished is measured by its "
    "milestones, and there are none",
    "instalments_not_whole": "all instalments together are {percent} percent of the grant",
    # What an amendment may not change.
    "nothing_amended": "this is the charter as it stands",
    "title_fixed": "the edition is called {title} since it was published, and stays so",
    "fixed_published": "this is fixed since the charter was published",
    "phases_are_redated": "a phase gets another window by an act of its own, not by an amendment",
    "fixed_frozen": "this is fixed since the options of the vote were frozen",
    "fixed_opened": "this is fixed since the body votes, or has voted",
    "fixed_agreed": "this is fixed since an agreement was signed",
    "in_use": "projects may have {name}: it can be called otherwise, and does not go away",
    # What this platform does not do.
    "partial_grants": "a project is funded whole or not at all",
    "no_jury": "no jury ranks projects yet",
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
    "third_party_identity": (
        "who checks identities elsewhere would say here who may vote, and nobody could check it;"
        " voters declare who they are, have a posted code, or come through FranceConnect"
    ),
    "final_ballot": (
        "to make a ballot final once it is sent, whoever was made to vote could never undo it;"
        " a voter can replace hers until voting ends"
    ),
    "organisations_vote": (
        "an organisation's ballot would be a second one of somebody; people vote, each once"
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `path` names its place, such as `phases.vote.opens`; `found` is what
    stands there in the file, where that is one word or number."""

    code: str
    path: str
    values: dict[str, str] = field(default_factory=dict)
    found: str | None = None

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(**self.values)

    def __str__(self) -> str:
        said = self.sentence if self.found is None else f"{self.sentence} (it says {self.found})"
        return f"{self.path}: {said}" if self.path else said


class CharterRefused(Refusal):
    """A charter breaks rules: `problems` has all of them."""

    code = "charter_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
