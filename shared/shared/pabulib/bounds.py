"""What a round can hold of an election, said with the line of the file that is beyond it.

The numbers are those of `shared.events.ballots` and `shared.events.rules`, which know no lines.
"""

from collections.abc import Sequence

from shared.pabulib.election import Project, Terms, VoteType
from shared.pabulib.values import Values

LONGEST_ID = 100
LONGEST_VALUE = 200
MOST_NAMED = 10_000  # projects on a ballot
MOST_POINTS = 1_000_000
MOST_THRESHOLD = 10**12

# Of each vote type the limits that its format has, and between what they are.
EACH = {"min_points": -MOST_POINTS, "max_points": -MOST_POINTS, "default_score": -MOST_POINTS}
HELD: dict[VoteType, dict[str, int]] = {
    "cumulative": {"max_points": 1, "max_sum_points": 1, "min_sum_points": -MOST_POINTS},
    "scoring": EACH,
    "ordinal": EACH,
}


def check_project(values: Values, project: Project) -> None:
    """That its id and its groups are not too long."""
    if len(project.id) > LONGEST_ID:
        what = f"project {project.id[:40]}…: an id of more than {LONGEST_ID} characters"
        raise values.error(project.line, what)
    groups = {
        "category": project.categories,
        "beneficiaries": project.beneficiaries,
        "neighborhood": (project.neighborhood,),
        "district": (project.district,),
    }
    for column, each in groups.items():
        if any(len(value) > LONGEST_VALUE for value in each):
            what = f"project {project.id}: {column} of more than {LONGEST_VALUE} characters"
            raise values.error(project.line, what)


def check_terms(values: Values, terms: Terms) -> None:
    """That its limits are limits of a format, and none contradicts another."""
    if terms.limits.least > MOST_NAMED:
        what = f"a ballot of {terms.limits.least} projects, more than {MOST_NAMED}"
        raise values.error(values.line("min_length", "min_length_unit"), what)
    if terms.threshold is not None and terms.threshold > MOST_THRESHOLD:
        key = "min_project_score_threshold"
        raise values.error(values.line(key), f"{key} is {terms.threshold}, which nobody reaches")
    for key, low in HELD.get(terms.vote_type, {}).items():
        found = values.signed(key)
        if found is not None and not low <= found <= MOST_POINTS:
            what = f"{key} is {found}, not between {low} and {MOST_POINTS}"
            raise values.error(values.line(key), what)
    cumulative = terms.vote_type == "cumulative"
    low_key, high_key = [
        f"{end}_sum_points" if cumulative else f"{end}_points" for end in ("min", "max")
    ]
    least, most = values.signed(low_key), values.signed(high_key)
    if terms.vote_type in HELD and least is not None and most is not None and least > most:
        what = f"{low_key} is {least}, more than {high_key}, {most}"
        raise values.error(values.line(low_key), what)


def check_parts(values: Values, key: str, names: Sequence[str]) -> None:
    """That each name of a part is said once: of two, one part of the budget would be lost."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise values.error(values.line(key), f"{key}: {name[:40]!r} is there twice")
        if len(name) > LONGEST_VALUE:
            what = f"{key}: {name[:40]}… has more than {LONGEST_VALUE} characters"
            raise values.error(values.line(key), what)


def check_vote(values: Values, line: int, voter: str, many: int) -> None:
    """That a ballot names no more projects than one can."""
    if many > MOST_NAMED:
        raise values.error(line, f"voter {voter} named {many} projects, more than {MOST_NAMED}")


def check_points(
    values: Values, line: int, voter: str, kind: VoteType, points: Sequence[int]
) -> None:
    """That points are not beyond a format's. Those of cumulative votes are a sum that a voter
    divides: none is below zero, as Pabulib's checker has it."""
    cumulative = kind == "cumulative"
    for each in points:
        if cumulative and each < 0:
            what = f"voter {voter} gave {each} points: a cumulative vote gives none below zero"
            raise values.error(line, what)
        if abs(each) > MOST_POINTS:
            what = f"voter {voter} gave {each} points, at most {MOST_POINTS} are possible"
            raise values.error(line, what)
    if cumulative and sum(points) > MOST_POINTS:
        what = f"voter {voter} gave {sum(points)} points in all, at most {MOST_POINTS} are possible"
        raise values.error(line, what)
