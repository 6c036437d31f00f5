"""The votes of a published election as arrays: a million of them in a few seconds.

Reads what `shared.pabulib` reads, and nothing else: whatever is not as plain as almost every file
is, a quote, a blank, a cell too many, an unknown project, a voter twice, is left to that reader,
which understands it or says what is wrong and on which line.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.pabulib import parse_opening, read_bytes
from shared.pabulib.bounds import MOST_NAMED, MOST_POINTS
from shared.pabulib.election import POINTED, Project, Terms
from shared.pabulib.parsing import Opening
from shared.pabulib.reading import Programme

type Ints = NDArray[np.int64]
type Bytes = NDArray[np.uint8]
type Words = NDArray[np.uint64]

PIECE = 4_000_000  # bytes looked at together: what is made of them stays in the processor's cache
LINE_END, SEMICOLON, COMMA, MINUS, NOUGHT = (ord(c) for c in "\n;,-0")
LONGEST_ID = 64
MOST_DIGITS = 6


@dataclass(frozen=True)
class Published:
    """An election, its votes as arrays.

    Vote i names `projects[p]` for each p of `chosen[starts[i]:starts[i + 1]]`, in the order of the
    file, with `points` beside it where the format has them.
    """

    terms: Terms
    projects: tuple[Project, ...]
    starts: Ints
    chosen: NDArray[np.int32]
    points: Ints | None


def read_published(data: bytes, file: str) -> Published:
    """Read a file's content; `file` is what a refusal calls it. Raises `NotPabulib`."""
    opening = parse_opening(data, file)
    programme = Programme.of(opening.document)
    try:
        return _Plain(data, opening, programme).read()
    except _NotPlain:
        return _slowly(data, file)


class _NotPlain(Exception):
    """The votes are not as plain as they are read here."""


def _slowly(data: bytes, file: str) -> Published:
    election = read_bytes(data, file)
    places = {project.id: place for place, project in enumerate(election.projects)}
    lengths = np.fromiter(map(len, election.votes), np.int64, len(election.votes))
    chosen = [places[choice] for vote in election.votes for choice in vote]
    points = None
    if election.points is not None:
        points = np.array([each for vote in election.points for each in vote], np.int64)
    return Published(
        election.terms,
        election.projects,
        np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))),
        np.array(chosen, np.int32),
        points,
    )


class _Plain:
    """Reads votes that are nothing but cells, with as many semicolons on every line."""

    def __init__(self, data: bytes, opening: Opening, programme: Programme) -> None:
        self._programme = programme
        table = opening.document.votes
        self._columns = len(table.columns)
        self._voter = table.columns.index("voter_id")
        self._vote = table.columns.index("vote")
        self._given = table.place("points")
        self._kind = kind = programme.terms.vote_type
        self._pointed = kind in POINTED or (kind == "ordinal" and self._given is not None)
        self._ids = _Lookup([project.id.encode() for project in programme.projects])
        # Quotes and carriage returns have a meaning, and noughts fill up words here.
        if self._columns < 2 or any(
            data.find(each, opening.at) >= 0 for each in (b'"', b"\r", b"\0")
        ):
            raise _NotPlain
        if self._pointed and self._given is None:
            raise _NotPlain
        try:
            data[opening.at :].decode()
        except UnicodeDecodeError:
            raise _NotPlain from None
        end = len(data)
        while end > opening.at and data[end - 1] == LINE_END:
            end -= 1
        self._bytes = np.frombuffer(data, np.uint8, end - opening.at, opening.at)
        self._end = end - opening.at

    def read(self) -> Published:
        """All votes, or `_NotPlain`."""
        lengths, chosen, points, voters = [], [], [], []
        for piece in self._pieces():
            cells = self._cells(piece)
            voters.append(_prints(piece, *cells[self._voter]))
            items = _items(piece, *cells[self._vote])
            lengths.append(items.lengths)
            chosen.append(self._ids.places(piece, items.starts, items.ends))
            _check_once(chosen[-1], items.lengths)
            if self._given is not None:
                points.append(self._points(piece, cells[self._given], items.lengths))
        self._check_voters(voters)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(_joined(lengths, np.int64))))
        found = len(starts) - 1
        if found != self._programme.values.number("num_votes"):
            raise _NotPlain
        return Published(
            self._programme.terms,
            self._programme.projects,
            starts,
            _joined(chosen, np.int32),
            _joined(points, np.int64) if self._pointed else None,
        )

    def _pieces(self) -> list[Bytes]:
        """Whole lines, each with its end; the last is given one."""
        pieces, at = [], 0
        while at < self._end:
            end = min(at + PIECE, self._end)
            if end < self._end:
                ends = np.flatnonzero(self._bytes[at:end] == LINE_END)
                if not len(ends):
                    raise _NotPlain
                end = at + int(ends[-1]) + 1
                pieces.append(self._bytes[at:end])
            else:
                pieces.append(np.append(self._bytes[at:end], np.uint8(LINE_END)))
            at = end
        return pieces

    def _cells(self, piece: Bytes) -> list[tuple[Ints, Ints]]:
        """Of each column where its cells begin and end."""
        ends = np.flatnonzero(piece == LINE_END)
        marks = np.flatnonzero(piece == SEMICOLON)
        if len(marks) != len(ends) * (self._columns - 1):
            raise _NotPlain
        between = marks.reshape(len(ends), self._columns - 1)
        begins = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
        if (between[:, 0] < begins).any() or (between[:, -1] > ends).any():
            raise _NotPlain
        bounds = [begins, *(between[:, column] + 1 for column in range(self._columns - 1))]
        closing = [*(between[:, column] for column in range(self._columns - 1)), ends]
        return list(zip(bounds, closing, strict=True))

    def _points(self, piece: Bytes, cells: tuple[Ints, Ints], lengths: Ints) -> Ints:
        if not self._pointed:
            if (cells[0] != cells[1]).any():
                raise _NotPlain
            return np.zeros(0, np.int64)
        items = _items(piece, *cells)
        if (items.lengths != lengths).any():
            raise _NotPlain
        points = _numbers(piece, items.starts, items.ends)
        if self._kind == "cumulative":
            ends, running = np.cumsum(lengths), np.concatenate((np.zeros(1, np.int64), points))
            running = np.cumsum(running)
            sums = running[ends] - running[ends - lengths]
            if (points < 0).any() or (sums > MOST_POINTS).any():
                raise _NotPlain
        return points

    def _check_voters(self, prints: list[Words]) -> None:
        """That all differ: equal fingerprints are a voter twice, or left to the other reader."""
        ordered = np.sort(_joined(prints, np.uint64))
        if (ordered[1:] == ordered[:-1]).any():
            raise _NotPlain


@dataclass(frozen=True)
class _Items:
    """The items of lists with commas: where each begins and ends, and how many each list has."""

    starts: Ints
    ends: Ints
    lengths: Ints


def _items(piece: Bytes, starts: Ints, ends: Ints) -> _Items:
    """The items of cells. An empty one among others is not plain."""
    commas = np.flatnonzero(piece == COMMA)
    row = np.searchsorted(starts, commas, side="right") - 1
    if len(commas):
        inside = (row >= 0) & (commas < ends[row])
        commas, row = commas[inside], row[inside]
    filled = starts < ends
    lengths = np.bincount(row, minlength=len(starts)) + filled
    begins = np.sort(np.concatenate((starts[filled], commas + 1)), kind="stable")
    closing = np.sort(np.concatenate((ends[filled], commas)), kind="stable")
    if (begins >= closing).any():
        raise _NotPlain
    return _Items(begins, closing, lengths)


def _check_once(chosen: NDArray[np.int32], lengths: Ints) -> None:
    """That no vote names a project twice: each is compared with all before it in its vote."""
    if not len(chosen):
        return
    row = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    longest = int(lengths.max())
    if longest > MOST_NAMED:
        raise _NotPlain
    if longest > 64:
        keys = np.sort(row.astype(np.int64) << 32 | chosen)
        if (keys[1:] == keys[:-1]).any():
            raise _NotPlain
        return
    for distance in range(1, longest):
        same = (chosen[distance:] == chosen[:-distance]) & (row[distance:] == row[:-distance])
        if same.any():
            raise _NotPlain


def _numbers(piece: Bytes, starts: Ints, ends: Ints) -> Ints:
    """Whole numbers of a few digits, or `_NotPlain`."""
    negative = piece[starts] == MINUS
    starts = starts + negative
    lengths = ends - starts
    if len(lengths) and (lengths.min() < 1 or lengths.max() > MOST_DIGITS):
        raise _NotPlain
    numbers = np.zeros(len(starts), np.int64)
    for place in range(int(lengths.max()) if len(lengths) else 0):
        there = place < lengths
        digits = piece[starts[there] + place].astype(np.int64) - NOUGHT
        if ((digits < 0) | (digits > 9)).any():
            raise _NotPlain
        numbers[there] = numbers[there] * 10 + digits
    return np.where(negative, -numbers, numbers)


def _words(piece: Bytes, starts: Ints, ends: Ints) -> list[Words]:
    """Each text as numbers of eight bytes, filled up with noughts; the longest says how many."""
    lengths = ends - starts
    longest = int(lengths.max()) if len(lengths) else 0
    if longest > LONGEST_ID:
        raise _NotPlain
    padded = np.concatenate((piece, np.zeros(8, np.uint8)))
    every = np.lib.stride_tricks.sliding_window_view(padded, 8)
    words = []
    for at in range(0, max(longest, 1), 8):
        here = np.clip(lengths - at, 0, 8)
        begin = np.where(here > 0, starts + at, 0)
        word = every[begin].view(np.uint64).reshape(-1)
        words.append(word & _MASKS[here])
    return words


# By length, which bytes of a word belong to the text.
_MASKS = np.frombuffer(b"".join(b"\xff" * n + b"\0" * (8 - n) for n in range(9)), np.uint64)


def _prints(piece: Bytes, starts: Ints, ends: Ints) -> Words:
    """Fingerprints of texts: the text itself where it has eight bytes at most. Blanks at an edge
    are not plain, nor is a text of nothing."""
    _check_edges(piece, starts, ends)
    lengths = (ends - starts).astype(np.uint64)
    first, *more = _words(piece, starts, ends)
    if not more:
        return first
    prints = _mixed(first ^ lengths)
    for word in more:
        prints = _mixed(prints ^ word)
    return prints


def _check_edges(piece: Bytes, starts: Ints, ends: Ints) -> None:
    if (starts >= ends).any():
        raise _NotPlain
    # What is stripped: blanks and controls, and whatever is beyond ASCII.
    for edge in (piece[starts], piece[ends - 1]):
        if ((edge <= 32) | (edge >= 127)).any():
            raise _NotPlain


def _mixed(words: Words) -> Words:
    """SplitMix64's mixing of 64 bits: one to one."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


class _Lookup:
    """Finds texts among few: each is looked for by its fingerprint, then compared byte by byte."""

    def __init__(self, texts: list[bytes]) -> None:
        joined = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
        ends = np.cumsum([len(text) for text in texts])
        starts = ends - [len(text) for text in texts]
        self._words = _words(joined, starts, ends) if texts else [np.zeros(0, np.uint64)]
        prints = self._hashed(self._words)
        self._bits = 12
        while True:
            slots = (prints >> np.uint64(64 - self._bits)).astype(np.int64)
            if len(np.unique(slots)) == len(slots) or self._bits == 22:
                break
            self._bits += 1
        if len(np.unique(slots)) != len(slots):
            raise _NotPlain
        self._table = np.zeros(1 << self._bits, np.int32)
        self._table[slots] = np.arange(len(texts))

    def places(self, piece: Bytes, starts: Ints, ends: Ints) -> NDArray[np.int32]:
        """Which text each is; `_NotPlain` where one is none of them."""
        if not len(starts):
            return np.zeros(0, np.int32)
        words = _words(piece, starts, ends)
        if len(words) > len(self._words) or not len(self._words[0]):
            raise _NotPlain
        words += [np.zeros(len(starts), np.uint64)] * (len(self._words) - len(words))
        slots = (self._hashed(words) >> np.uint64(64 - self._bits)).astype(np.int64)
        places = self._table[slots]
        if any((mine[places] != word).any() for mine, word in zip(self._words, words, strict=True)):
            raise _NotPlain
        return places

    @staticmethod
    def _hashed(words: list[Words]) -> Words:
        prints = _mixed(words[0] + np.uint64(0x9E3779B97F4A7C15))
        for word in words[1:]:
            prints = _mixed(prints ^ word)
        return prints


def _joined[T: np.generic](parts: list[NDArray[T]], kind: type[T]) -> NDArray[T]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)
