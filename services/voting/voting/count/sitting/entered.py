"""Shares as members typed them: each looked at by itself, then all together. Pure.

What is wrong is said by the place of a share and of a word in it, never by what was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.events.voting import Commission
from shared.refusal import Refusal
from shared.shares import (
    OtherCommission,
    SharesApart,
    SharesTooFew,
    ShareTwice,
    check_each,
    read_share,
)


@dataclass(frozen=True)
class Problem:
    """Why shares are refused: a code, and where it can be told the word, from 1."""

    code: str
    word: int | None = None
    words: int | None = None


class SharesRefused(Refusal):
    """The shares open nothing. `problems` are by the place of a share, from 1; that of 0 is of all
    of them together."""

    code = "shares_refused"

    def __init__(self, problems: Mapping[int, Problem]) -> None:
        said = [f"share {place}: {each.code}" for place, each in sorted(problems.items())]
        super().__init__("; ".join(said))
        self.problems = dict(problems)


def fields_of(data: Mapping[str, str], commission: Commission) -> list[str]:
    """What was typed into the fields of a form, as many as the commission has shares."""
    return [data.get(f"share-{n}", "") for n in range(1, commission.shares + 1)]


def key_of(fields: Sequence[str], commission: Commission) -> X25519PrivateKey:
    """The commission's key of what was typed; empty fields are nobody's. Every share that is there
    was tried together with others. Raises `SharesRefused`."""
    shares = dict[int, str]()
    problems = dict[int, Problem]()
    for place, words in enumerate(fields, start=1):
        if not words.strip():
            continue
        try:
            shares[place] = read_share(words)
        except Refusal as refusal:
            word, many = getattr(refusal, "word", None), getattr(refusal, "words", None)
            problems[place] = Problem(refusal.code, word, many)
    problems |= _twice(shares)
    if not problems and len(shares) < commission.threshold:
        problems[0] = Problem(SharesTooFew.code)
    if problems:
        raise SharesRefused(problems)
    places = [*shares]
    try:
        return check_each([*shares.values()], commission.threshold, commission.key)
    except SharesApart as refusal:
        stranger = 0 if refusal.stranger is None else places[refusal.stranger - 1]
        raise SharesRefused({stranger: Problem(refusal.code)}) from None
    except (OtherCommission, SharesTooFew) as refusal:
        raise SharesRefused({0: Problem(refusal.code)}) from None


def _twice(shares: Mapping[int, str]) -> dict[int, Problem]:
    known = set[str]()
    found = dict[int, Problem]()
    for place, share in shares.items():
        if share in known:
            found[place] = Problem(ShareTwice.code)
        known.add(share)
    return found
