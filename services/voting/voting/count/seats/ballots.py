"""What a member may say in a named round, and what counts of it once somebody is recused. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.events.ballots import ANSWERS, Approval, Decision, Format, Grades, Ranking
from shared.refusal import Refusal
from voting.formats.choices import Choice, Choices, entries, flaw

RECUSED = ANSWERS.index("recused")


class ChoicesRefused(Refusal):
    """The choices are not what this round asks for: the message says which, and why."""

    code = "choices_refused"


class RecusedHere(Refusal):
    """The seat is recused on a project that the ballot speaks of."""

    code = "recused_here"


def read(form: Format, data: Mapping[str, str], options: int) -> tuple[Choice, ...]:
    """The choices of a ballot's form: `option-3` has what is said of project 3, or nothing.

    It is an answer or a grade by its value, a place from 1 in a ranking, anything where projects
    are only named. Raises `ChoicesRefused`.
    """
    said = {n: data.get(f"option-{n}", "").strip() for n in range(1, options + 1)}
    given = {number: written for number, written in said.items() if written}
    if isinstance(form, Approval):
        return tuple(given)
    values = {number: _whole(number, written) for number, written in given.items()}
    if isinstance(form, Ranking):
        places = sorted(values.values())
        if places != [*range(1, len(values) + 1)]:
            raise ChoicesRefused("places are 1, 2 and so on, one for each project that is ranked")
        return tuple(sorted(values, key=lambda number: values[number]))
    return tuple(values.items())


def check(form: Format, choices: Choices, options: int, recused: Collection[int]) -> None:
    """Whether a member who is recused on some options may cast this ballot.

    A ballot that would be void is refused: its member is here, and can mend it. Raises
    `ChoicesRefused`, `RecusedHere`.
    """
    if (found := flaw(form, choices, options)) is not None:
        raise ChoicesRefused(found[1])
    if isinstance(form, Approval | Ranking) and len(choices) > form.max:
        raise ChoicesRefused(f"{len(choices)} projects are named, at most {form.max} can be")
    for number, value in entries(form, choices):
        if isinstance(form, Decision) and value == RECUSED:
            raise ChoicesRefused("a recusal is said by itself, not on a ballot")
        if number in recused:
            raise RecusedHere(f"the seat is recused on project {number}")


def counted(
    form: Format, choices: Choices | None, recused: Collection[int]
) -> tuple[Choice, ...] | None:
    """What counts of a seat's last ballot; None where nothing does.

    What it says of an option on which the seat is recused does not count; in a ranking what is
    behind moves up. In a decision to be recused is an answer, also without a ballot.
    """
    if isinstance(form, Decision):
        if choices is None and not recused:
            return None
        said: dict[int, int] = {number: value for number, value in entries(form, choices or ())}
        return tuple(sorted((said | dict.fromkeys(recused, RECUSED)).items()))
    if choices is None:
        return None
    return tuple(each for each in choices if _number(each) not in recused)


def present(
    form: Format, blank_counts: bool, said: Sequence[tuple[Choices | None, Collection[int]]]
) -> dict[int, int]:
    """By the number of an option, how many of the ballots that count have no say on it.

    `said`: each seat's last ballot, and the options on which it is recused. Only where ballots
    grade does it matter: one that says nothing of an option would give it the worst grade.
    """
    found: dict[int, int] = {}
    if not isinstance(form, Grades):
        return found
    for choices, recused in said:
        ballot = counted(form, choices, recused)
        if ballot is None or not (ballot or blank_counts):
            continue
        for number in recused:
            found[number] = found.get(number, 0) + 1
    return found


def stored(choices: Any) -> tuple[Choice, ...] | None:
    """A ballot's choices from JSON."""
    if choices is None:
        return None
    return tuple(each if isinstance(each, int) else (each[0], each[1]) for each in choices)


def _number(choice: Choice) -> int:
    return choice if isinstance(choice, int) else choice[0]


def _whole(number: int, written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 6):
        raise ChoicesRefused(f"{written[:20]!r} is nothing that can be said of project {number}")
    return int(written)
