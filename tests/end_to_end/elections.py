"""What tests do with an election on a running platform, and what they find in its ledger."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rfc8785

import ledger_audit
from comptoir.client import Client
from comptoir.pabulib import Held, held
from comptoir.replay import Rehearsal
from shared.pabulib import Election


def silent(step: str, done: int, total: int) -> None:
    """Nobody watches a test."""


async def opened(client: Client, election: Election | Held) -> Rehearsal:
    """An election whose voters may vote; by greedy where nothing else is said."""
    asked = held(election) if isinstance(election, Election) else election
    rehearsal = Rehearsal(client, asked, silent)
    await rehearsal.propose()
    await rehearsal.open_round()
    return rehearsal


def revoted(rehearsal: Rehearsal, votes: Sequence[tuple[str, ...]]) -> None:
    """Have the voters of an approval election want something else."""
    rehearsal.held = held(replace(rehearsal.held.election, votes=tuple(votes)))


async def decided(rehearsal: Rehearsal, archive: Path) -> "Entries":
    """Close, decide and prove an election; its ledger's entries, verified."""
    await rehearsal.close_round()
    await rehearsal.decide()
    await rehearsal.prove(archive)
    return Entries([json.loads(entry) for entry in ledger_audit.read(archive).entries()])


@dataclass(frozen=True)
class Entries:
    """The entries of a log, read."""

    all: Sequence[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The entries of one type."""
        return [entry for entry in self.all if entry["type"] == kind]

    def ballots(self) -> Counter[bytes]:
        """How often each ballot is there, by its digest."""
        return Counter(
            hashlib.sha256(rfc8785.dumps(entry["body"])).digest()
            for entry in self.of("voting.ballot-cast.v1")
        )

    def numbers(self) -> dict[str, list[int]]:
        """Each publisher's numbers, in the order of the entries."""
        found: dict[str, list[int]] = {}
        for entry in self.all:
            found.setdefault(entry["src"], []).append(entry["number"])
        return found


def expected_winners(election: Election) -> list[str]:
    """What greedy gives, said in the plainest way."""
    votes = Counter(choice for vote in election.votes for choice in vote)
    left, funded = election.budget, []
    for project in sorted(election.projects, key=lambda p: (-votes[p.id], p.cost, p.id)):
        if votes[project.id] and project.cost <= left:
            left -= project.cost
            funded.append(project.id)
    return funded


def assert_whole(rehearsal: Rehearsal, entries: Entries) -> None:
    """Every promised ballot is there once and no other, numbers are gapless, the winners are right.

    The proof itself (root, signatures, recount) was made by `prove`, which raises.
    """
    result = rehearsal.result
    assert entries.ballots() == Counter(result.promised)
    for publisher, numbers in entries.numbers().items():
        assert numbers == list(range(1, len(numbers) + 1)), publisher
    assert result.checkpoint_verified
    assert result.recount_agrees, result.differences
    assert result.funded == expected_winners(rehearsal.held.election)
