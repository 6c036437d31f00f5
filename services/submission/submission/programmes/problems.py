"""A charter in the words of a page: what is wrong with it, and what it says of the vote."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Request

from shared.charters import Problem
from shared.events.charter import CharterRules
from shared.rules.presets import adopted
from shared.rules.saying import Said, of_charter, of_round, of_scheme, speech
from shared.web.kit import Pages
from shared.web.messages import mark
from submission.programmes.wrong import WORDS

# What is said of a part that cannot be read, as far as it is a charter's own; the rest is for those
# who write files, and in English.
SHAPES: Final = (
    mark("this is a year, as 2027, or two, as 2027-2028"),
    mark("an amount is written as 4 500 EUR or 4500.50 EUR"),
    mark("this is more money than there is"),
    mark("this is a day, as 03-07 or 2027-03-07, or an instant with its offset"),
)

STANDS_THERE: Final = mark("{wrong} (it says “{found}”)")


def told(pages: Pages, request: Request, problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Each problem's place and sentence, in the reader's language."""
    language = pages.language(request)

    def sentence(problem: Problem) -> str:
        values = dict(problem.values)
        if (what := values.get("what")) in SHAPES:
            values["what"] = pages.translate(language, what)
        wrong = pages.translate(language, WORDS[problem.code]).format(**values)
        if problem.found is None:
            return wrong
        return pages.translate(language, STANDS_THERE).format(wrong=wrong, found=problem.found)

    return [(each.path, sentence(each)) for each in problems]


def said(pages: Pages, request: Request, rules: CharterRules) -> Said:
    """What ballots say and what decides, where a charter has a format or a rule."""
    language = pages.language(request)
    return of_charter(rules, speech(language, pages.words(language), rules))


def said_of_scheme(
    pages: Pages, request: Request, rules: CharterRules
) -> Mapping[str, tuple[str, ...]]:
    """What a charter says of its scheme beside the vote, by subject."""
    language = pages.language(request)
    return of_scheme(rules, speech(language, pages.words(language), rules))


def said_of_bodies(pages: Pages, request: Request, rules: CharterRules) -> dict[str, Said]:
    """What the ballots of each of the charter's bodies say and what decides, by its name."""
    language = pages.language(request)
    spoken = speech(language, pages.words(language), rules)
    return {
        body.name: of_round(body.format, body.rule or adopted(), spoken)
        for body in rules.bodies or ()
    }
