"""What property tests draw: small numbers, so that ties happen."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Cast(NamedTuple):
    """A ballot as far as its counting goes; `voter` stands for its key."""

    voter: int
    revision: int
    choices: tuple[Any, ...]


def choices(options: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Strictly increasing numbers from 1 to `options`."""
    numbers = st.lists(st.integers(1, options), max_size=options, unique=True)
    return numbers.map(lambda found: tuple(sorted(found)))


@st.composite
def casts(draw: st.DrawFn, options: int = 4) -> list[Cast]:
    """Ballots of few voters with few revisions each, every (voter, revision) once, in any order."""
    names = st.tuples(st.integers(1, 4), st.integers(1, 3))
    cast = draw(st.lists(names, max_size=10, unique=True))
    return [Cast(voter, revision, draw(choices(options))) for voter, revision in cast]


@st.composite
def split[T](draw: st.DrawFn, whole: Sequence[T]) -> list[list[T]]:
    """A sequence in batches, in its order; some are empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    ends = zip([0, *cuts], [*cuts, len(whole)], strict=True)
    return [list(whole[start:end]) for start, end in ends]
