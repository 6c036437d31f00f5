"""A round of ours as a document in Pabulib's format, to be counted again by others' programs.

One file a contest. Ids are padded with noughts, so that their order as text is the order that
decides our ties; voters have random ids and stand in their order, so that a row says nothing of
when it was cast, and nothing of age or sex. Ranks and grades become points: the libraries know no
other vector of points than their own. What Pabulib has no word for stands in `comment`.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from random import Random

from shared.pabulib.document import Document, Row, Table
from shared.pabulib.election import VoteType
from shared.pabulib.writing import written

ROWS = 2000  # of a streamed file at a time
# Without points and below what Pabulib calls a vote.
PLAIN: tuple[VoteType, ...] = ("approval", "choose-1")
RULES = (
    *("greedy", "greedy-threshold", "greedy-no-skip", "greedy-exclusive", "greedy-custom"),
    *("equalshares", "equalshares-comparison"),
    *("equalshares/add1", "equalshares/add1-comparison", "unknown"),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What META says of the round itself; dates as `DD.MM.YYYY`, money in cents.

    `rule` is one of `RULES`: what is none of them is "greedy-custom" or "unknown", and `comment`
    says it. `settings` are further fields of META: limits, a threshold, a currency.
    """

    description: str
    country: str
    unit: str
    instance: str
    budget: int
    vote_type: VoteType
    rule: str
    date_begin: str
    date_end: str
    comment: Sequence[str] = ()
    settings: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An option: its cost in cents, its name, and whether it was funded: 0 no, 1 yes, 2 by a rule
    for what does not wholly fit."""

    cost: int
    name: str
    selected: int


def exported(
    file: str,
    heading: Heading,
    candidates: Sequence[Candidate],
    ballots: Sequence[Mapping[int, int]],
    chance: Random,
) -> Document:
    """The document. Candidates are given in the order that decides ties; each ballot says what it
    gives to a candidate by its place in them, and 1 where it only approves.

    A blank ballot counts as a voter, and is a row without a vote: leave out those that do not
    count. `chance` makes the voters' ids; a `SystemRandom` outside of tests.
    """
    ids, pointed = _ids(candidates), heading.vote_type not in PLAIN
    totals = _none(len(ids))
    for ballot in ballots:
        _add(totals, ballot, 1)
    opening = _opening(file, heading, candidates, ids, totals, len(ballots))
    rows: dict[str, tuple[str, ...]] = {}
    for ballot in ballots:
        voter = f"{chance.getrandbits(64):016x}"
        while voter in rows:
            voter = f"{chance.getrandbits(64):016x}"
        rows[voter] = (voter, *_vote(ids, ballot, pointed))
    opening.votes.rows.extend(Row(0, rows[voter]) for voter in sorted(rows))
    return opening


# A ballot, and how many voters cast it.
type Cast = tuple[Mapping[int, int], int]


def streamed(
    file: str,
    heading: Heading,
    candidates: Sequence[Candidate],
    ballots: Iterable[Cast],
    chance: Random,
) -> Iterator[bytes]:
    """The bytes of the same file, in pieces: identical ballots come once, with how many there are.

    What is kept meanwhile is the text of each different ballot, and some 40 bytes for each voter.
    """
    ids, pointed = _ids(candidates), heading.vote_type not in PLAIN
    order, cells, totals = array("I"), list[str](), _none(len(ids))
    for ballot, many in ballots:
        order.extend([len(cells)] * many)
        cells.append(";".join(_vote(ids, ballot, pointed)))
        _add(totals, ballot, many)
    yield written(_opening(file, heading, candidates, ids, totals, len(order)))
    chance.shuffle(order)
    voters = {chance.getrandbits(64) for _ in order}
    while len(voters) < len(order):
        voters.add(chance.getrandbits(64))
    rows = zip(sorted(voters), order, strict=True)
    for some in batched(rows, ROWS, strict=False):
        yield "".join(f"{voter:016x};{cells[place]}\n" for voter, place in some).encode()


def _ids(candidates: Sequence[Candidate]) -> list[str]:
    width = len(str(len(candidates)))
    return [f"{number:0{width}d}" for number in range(1, len(candidates) + 1)]


# Of each candidate, how many ballots name it, and what they give it in all.
type Totals = tuple[list[int], list[int]]


def _none(size: int) -> Totals:
    return [0] * size, [0] * size


def _add(totals: Totals, ballot: Mapping[int, int], many: int) -> None:
    votes, score = totals
    for place, given in ballot.items():
        votes[place] += many
        score[place] += many * given


def _opening(
    file: str,
    heading: Heading,
    candidates: Sequence[Candidate],
    ids: Sequence[str],
    totals: Totals,
    votes: int,
) -> Document:
    """The document without its votes."""
    pointed = heading.vote_type not in PLAIN
    columns = ("voter_id", "vote", "points") if pointed else ("voter_id", "vote")
    return Document(
        file,
        _meta(heading, candidates, votes),
        _projects(ids, candidates, totals, pointed),
        _table(columns, []),
    )


def _meta(heading: Heading, candidates: Sequence[Candidate], votes: int) -> Table:
    said: dict[str, str | int] = {
        "description": heading.description,
        "country": heading.country,
        "unit": heading.unit,
        "instance": heading.instance,
        "num_projects": len(candidates),
        "num_votes": votes,
        "budget": amount(heading.budget),
        "vote_type": heading.vote_type,
        "rule": heading.rule,
        "date_begin": heading.date_begin,
        "date_end": heading.date_end,
        **heading.settings,
    }
    if sum(candidate.cost for candidate in candidates) <= heading.budget:
        said["fully_funded"] = 1
    if heading.comment:
        said["comment"] = " ".join(f"#{n}: {each}" for n, each in enumerate(heading.comment, 1))
    order = {key: place for place, key in enumerate(META_ORDER)}
    keys = sorted(said, key=lambda key: order.get(key, len(order)))
    return _table(("key", "value"), [(key, str(said[key])) for key in keys])


def _projects(
    ids: Sequence[str], candidates: Sequence[Candidate], totals: Totals, pointed: bool
) -> Table:
    rows = []
    for id, candidate, votes, score in zip(ids, candidates, *totals, strict=True):
        counted = [votes, score] if pointed else [votes]
        rows.append(
            (
                *(id, amount(candidate.cost), *map(str, counted)),
                *(_one_line(candidate.name) or id, str(int(candidate.selected))),
            )
        )
    counts = ("votes", "score") if pointed else ("votes",)
    return _table(("project_id", "cost", *counts, "name", "selected"), rows)


def _vote(ids: Sequence[str], ballot: Mapping[int, int], pointed: bool) -> list[str]:
    """The cells of a ballot: the most points first, as the checker wants them."""
    places = sorted(ballot, key=lambda place: (-ballot[place], place))
    cells = [",".join(ids[place] for place in places)]
    if pointed:
        cells.append(",".join(str(ballot[place]) for place in places))
    return cells


def amount(cents: int) -> str:
    """An amount as the format writes it: cents only where there are any."""
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}" if part else str(whole)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    clean = [Row(0, tuple(_one_line(cell) for cell in row)) for row in rows]
    return Table(0, columns, clean)


# The order in which the checker wants META's fields.
META_ORDER = (
    *("description", "country", "unit", "district", "subunit", "instance"),
    *("num_projects", "num_votes", "budget", "vote_type", "rule", "date_begin", "date_end"),
    *("min_length", "max_length", "min_sum_cost", "max_sum_cost"),
    *("min_points", "max_points", "min_sum_points", "max_sum_points", "default_score"),
    *("min_project_cost", "max_project_cost", "min_project_score_threshold"),
    *("neighborhoods", "subdistricts", "categories", "edition", "language", "currency"),
    *("fully_funded", "experimental", "comment", "acknowledgments"),
)
