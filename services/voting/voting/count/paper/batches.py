"""The rules of a batch of papers: who enters what, when it is complete, what it becomes. Pure.

Whoever looks at the papers and their stubs can object to nothing else: each paper was read alike by
two people who did not see each other's entry, or by a third; what it says is in a ballot that
anybody can count again; and there are as many ballots and void papers as stubs.
"""

import random
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.events.ballots import Format
from shared.events.paper import TIER, PaperBallotEntered, PaperBatchLocked, VoidPaper
from shared.refusal import Refusal
from voting.formats.choices import NUMBERS, Choice, Choices, flaw

VOID: tuple[VoidPaper, ...] = get_args(VoidPaper)
# Two enter each paper, and a third where they differ.
BLIND, TURNS = 2, 3
# A batch with fewer says too much of those whose papers lie in it (voting-protocol.md §5).
FEW = 30

type Standing = Literal["waits", "agreed", "differs"]


class BatchUnknown(Refusal):
    """No batch has this id."""

    code = "batch_unknown"


class BatchNotOpen(Refusal):
    """The batch was locked or annulled before."""

    code = "batch_not_open"


class BatchAnnulled(Refusal):
    """The batch was annulled before."""

    code = "batch_annulled"


class PaperUnknown(Refusal):
    """The batch has no paper of this number."""

    code = "paper_unknown"


class PaperMalformed(Refusal):
    """What was entered is neither choices that a paper of this round can have nor a reason."""

    code = "paper_malformed"


class EnteredBefore(Refusal):
    """This agent entered the paper before: somebody else has to."""

    code = "entered_before"


class PaperDone(Refusal):
    """The paper needs no further entry."""

    code = "paper_done"


class NotAllEntered(Refusal):
    """Papers of the batch wait for an entry, so that there are fewer than stubs."""

    code = "not_all_entered"


class BoxOpen(Refusal):
    """Before the ballot box is closed, no paper is made public."""

    code = "box_open"


class BatchMalformed(Refusal):
    """A batch has a place of 2 to 200 characters and 1 to 10,000 stubs."""

    code = "batch_malformed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an agent read off a paper: choices, or why it is void."""

    agent: UUID
    choices: tuple[Choice, ...] | None
    void: VoidPaper | None

    @property
    def said(self) -> tuple[tuple[Choice, ...] | None, VoidPaper | None]:
        """What has to be the same in two entries."""
        return self.choices, self.void


def standing(entries: Sequence[Entry]) -> Standing:
    """How far a paper is; its entries in the order of their turns."""
    if len(entries) < BLIND:
        return "waits"
    alike = entries[0].said == entries[1].said
    return "agreed" if alike or len(entries) == TURNS else "differs"


def decided(entries: Sequence[Entry]) -> Entry:
    """What a paper says: what two read alike, or what the third read with the paper in hand."""
    assert standing(entries) == "agreed"
    return entries[-1]


def turn(entries: Sequence[Entry], agent: UUID) -> int:
    """Whose turn an agent's entry is, from 1. Raises `EnteredBefore`, `PaperDone`."""
    if any(entry.agent == agent for entry in entries):
        raise EnteredBefore("you entered this paper before; another agent enters it now")
    if standing(entries) == "agreed":
        raise PaperDone("this paper was read alike by two agents, or decided by a third")
    return len(entries) + 1


def next_paper(
    entered: Mapping[int, Sequence[Entry]], stubs: int, agent: UUID
) -> tuple[int, Standing] | None:
    """The paper that an agent enters next: one that waits, or else one that others read
    differently; None where there is nothing for her."""
    mine = {paper for paper, found in entered.items() if any(e.agent == agent for e in found)}
    for wanted in ("waits", "differs"):
        for paper in range(1, stubs + 1):
            if paper not in mine and standing(entered.get(paper, ())) == wanted:
                return paper, wanted
    return None


def read_entry(agent: UUID, choices: str, void: str, form: Format, options: int) -> Entry:
    """An agent's entry as she typed it: numbers of options, `3 7 12`, with values `3=2 7=1` in
    formats that have them; nothing at all is a blank paper. Raises `PaperMalformed`.

    A paper that names too many, or too few, is entered as it is: the count makes it void.
    """
    if void:
        known = next((each for each in VOID if each == void), None)
        if known is None or choices.strip():
            raise PaperMalformed("a void paper has one of the reasons, and no choices")
        return Entry(agent, None, known)
    found = _choices(choices, ordered=form.type == "ranking")
    if form.type in NUMBERS and any(not isinstance(each, int) for each in found):
        raise PaperMalformed("a paper of this vote has numbers only")
    if (wrong := flaw(form, found, options)) is not None:
        raise PaperMalformed(wrong[1])
    return Entry(agent, tuple(found), None)


def _choices(typed: str, *, ordered: bool) -> Choices:
    found: list[Choice] = []
    for each in typed.replace(",", " ").replace(";", " ").split():
        number, separator, value = each.partition("=")
        try:
            found.append((int(number), int(value)) if separator else int(number))
        except ValueError:
            raise PaperMalformed(f"{each[:20]} is neither a number nor number=value") from None
    if ordered:
        return found
    return sorted(found, key=lambda each: each if isinstance(each, int) else each[0])


def check_paper(paper: int, stubs: int) -> None:
    """Raises `PaperUnknown`."""
    if not 1 <= paper <= stubs:
        raise PaperUnknown(f"papers of this batch are numbered 1 to {stubs}")


def void_papers(entries: Iterable[Entry]) -> dict[VoidPaper, int]:
    """How many papers are void, by reason."""
    counted = Counter(entry.void for entry in entries if entry.void is not None)
    return {reason: counted[reason] for reason in VOID if counted[reason]}


@dataclass(frozen=True)
class Locked:
    """A batch that is complete: its event, and its ballots by number."""

    event: PaperBatchLocked
    ballots: tuple[PaperBallotEntered, ...]


def lock(
    round_id: UUID, batch_id: UUID, stubs: int, entered: Mapping[int, Sequence[Entry]]
) -> Locked:
    """Sign the ballots of a batch, in an order that says nothing, with a key that is nobody's
    afterwards. Raises `NotAllEntered` unless ballots and void papers are as many as stubs.
    """
    papers = [entered.get(paper, ()) for paper in range(1, stubs + 1)]
    missing = sum(standing(entries) != "agreed" for entries in papers)
    if missing:
        raise NotAllEntered(f"{missing} of {stubs} papers wait for an entry")
    found = [decided(entries) for entries in papers]
    said = [entry.choices for entry in found if entry.choices is not None]
    random.SystemRandom().shuffle(said)
    # It lives in this function alone: nobody can sign a further ballot of the batch.
    private = Ed25519PrivateKey.generate()
    ballots = tuple(
        _signed(
            private,
            {
                "v": 1,
                "round_id": round_id,
                "batch_id": batch_id,
                "tier": TIER,
                "number": number,
                "choices": choices,
            },
        )
        for number, choices in enumerate(said, start=1)
    )
    event = PaperBatchLocked(
        round_id=round_id,
        batch_id=batch_id,
        batch_key=b64encode(private.public_key().public_bytes_raw()).decode(),
        stubs=stubs,
        ballots=len(ballots),
        void=void_papers(found),
        digest=PaperBatchLocked.hashed(ballots),
    )
    return Locked(event, ballots)


def _signed(private: Ed25519PrivateKey, fields: Mapping[str, Any]) -> PaperBallotEntered:
    unsigned = PaperBallotEntered(**fields, sig="A" * 86 + "==")
    sig = b64encode(private.sign(unsigned.signed_bytes())).decode()
    return unsigned.model_copy(update={"sig": sig})
