"""A charter in the words of a page: what is wrong with it, and what it says of the vote."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Request

from shared.charters import Problem
from shared.events.charter import CharterRules
from shared.rules.presets import adopted
from shared.rules.saying import Said, of_charter, of_round, speech
from shared.web.kit import Pages
from shared.web.messages import mark

WORDS: Final[Mapping[str, str]] = {
    "too_long": mark("A charter has at most {most} bytes, this one has {length}."),
    "not_yaml": mark("Line {line}: {what}."),
    "unreadable": mark("{what}."),
    "key_twice": mark("Line {line}: the key {key} is there twice."),
    "not_plain": mark("Line {line}: {what} is not taken in a charter."),
    "unknown_key": mark("No charter has this key."),
    "missing": mark("This has to be said."),
    "malformed": mark("{what}."),
    "unseen_character": mark("The character {character} cannot be seen."),
    "too_large": mark("The rules take {length} bytes on the ledger, at most {most} fit."),
    "name_twice": mark("The name {name} is there twice."),
    "no_such_day": mark("{day} is no day of {year}."),
    "phase_missing": mark("An edition needs the phase {phase}."),
    "window_empty": mark("It opens at {opens_at} and closes at {closes_at}."),
    "phase_outside_year": mark("{instant} is not within {edition}."),
    "labelled_before_filed": mark(
        "Labelling ends at {labelling}, dossiers are filed until {dossiers}."
    ),
    "vote_before_labels": mark("Voting opens at {vote}, labelling ends at {labelling}."),
    "ceiling_over_envelope": mark("{ceiling} euros are more than the envelope, {envelope}."),
    "least_over_most": mark("A ballot names at least {least} and at most {most} projects."),
    "said_by_format": mark("The ballot's format says this: leave it out."),
    "said_by_rule": mark("The rule says this: leave it out."),
    "contradiction": mark("{what}."),
    "not_together": mark("{what}."),
    "envelope_differs": mark(
        "All in all {amount} euros are given out, the envelope is {envelope}."
    ),
    "not_of_charter": mark("This charter has no {kind} {name}."),
    "kind_unknown": mark(
        "Nothing has a {kind}: projects have a territory and a family, ballots a tier."
    ),
    "kind_of_ballots": mark("Projects have no tier, ballots have."),
    "kind_of_projects": mark("A ballot has no {kind}, nobody knows whose it is."),
    "labels_twice": mark("Another body gives the labels already."),
    "one_officer": mark("{acts} need a second officer; only a rehearsal goes without."),
    "screening_loosened": mark(
        "{value} lets more pass than {standard}, which every vote has; only a rehearsal may."
    ),
    "electorate_too_small": mark(
        "The vote is for {electors} people, and nothing is secret among fewer than {least}; only a"
        " rehearsal may."
    ),
    "flush_too_small": mark(
        "Ballots would leave among {k} voters every {interval} seconds, and nothing is secret below"
        " {least_k} voters every {least_interval} seconds; only a rehearsal may."
    ),
    "assumption_of_nothing": mark("The charter says nothing at this place."),
    "partial_grants": mark("A project is funded whole or not at all."),
    "no_jury": mark("No jury ranks projects yet."),
    "no_other_money": mark("What others give for a project is not known yet."),
    "identity_elsewhere": mark(
        "Voters declare who they are or have a posted code, and an identity provider may vouch for"
        " them beside; not {asked}."
    ),
    "own_project_excluded": mark(
        "To exclude a carrier's vote for her own project, her ballot would have to be known."
    ),
    "paper_over_web": mark(
        "To let paper replace a vote on the web, that one ballot would have to be found again;"
        " the first channel is the one that counts."
    ),
    "all_duplicates_void": mark(
        "To make both ballots of a person void, they would have to be found again;"
        " nobody gets a second right to vote instead."
    ),
    "email_alone": mark("An e-mail address alone proves nobody: one mailbox would be many voters."),
}

# What is said of a part that cannot be read, as far as it is a charter's own; the rest is for those
# who write files, and in English.
SHAPES: Final = (
    mark("this is a year, as 2027, or two, as 2027-2028"),
    mark("an amount is written as 4 500 EUR or 4500.50 EUR"),
    mark("this is more money than there is"),
    mark("this is a day, as 03-07 or 2027-03-07, or an instant with its offset"),
)


def told(pages: Pages, request: Request, problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Each problem's place and sentence, in the reader's language."""
    language = pages.language(request)

    def sentence(problem: Problem) -> str:
        values = dict(problem.values)
        if (what := values.get("what")) in SHAPES:
            values["what"] = pages.translate(language, what)
        return pages.translate(language, WORDS[problem.code]).format(**values)

    return [(each.path, sentence(each)) for each in problems]


def said(pages: Pages, request: Request, rules: CharterRules) -> Said:
    """What ballots say and what decides, where a charter has a format or a rule."""
    language = pages.language(request)
    return of_charter(rules, speech(language, pages.words(language), rules))


def said_of_bodies(pages: Pages, request: Request, rules: CharterRules) -> dict[str, Said]:
    """What the ballots of each of the charter's bodies say and what decides, by its name."""
    language = pages.language(request)
    spoken = speech(language, pages.words(language), rules)
    return {
        body.name: of_round(body.format, body.rule or adopted(), spoken)
        for body in rules.bodies or ()
    }
