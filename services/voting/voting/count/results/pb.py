"""A step of a decided round as a `.pb` file, to be counted again by others' programs. Pure.

One file a step, since the format has one budget and one order: a round of several envelopes or
passes has as many files as steps, each with the money, the options and the ballots of its own.
Kept meanwhile: some 300 bytes for each different ballot, 40 for each voter.
"""

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

from shared.events.rules import EqualShares, Option
from shared.pabulib import Candidate, Cast, streamed
from voting.count.allocation.grants import amount
from voting.count.results.contest import Contest, seen
from voting.count.results.gathered import Gathered, Votes
from voting.count.results.outcome import Line
from voting.count.results.terms import heading


def file(of: Contest, gathered: Gathered, operator: str, chance: Random) -> Iterator[bytes]:
    """The file in pieces. Voters get random ids and stand in their order; ids of projects are in
    the order that breaks ties.

    A ballot that gives nothing to these projects has a row only under equal shares, where it has
    its share of the money as well: the checker objects to rows without a vote, and anywhere else
    they change nothing.
    """
    numbers = [line.option.number for line in of.lines]
    blank = of.rule.electorate.blank == "counted"
    votes = Votes(gathered, numbers, of.envelope.voters, blank=blank)
    lines = sorted(of.lines, key=lambda line: _tie(of, seen(line), votes))
    places = {line.option.number: place for place, line in enumerate(lines)}
    divided = isinstance(of.each.order, EqualShares)

    def ballots() -> Iterator[Cast]:
        for entries, many in votes.cast():
            yield {places[number]: value for number, value in entries.items()}, many
        if divided and votes.nothing:
            yield {}, votes.nothing

    said = heading(of, gathered.form, votes, operator, 0 if divided else votes.nothing)
    name = f"{of.shown.row.round_id}-{of.money.number}.pb"
    yield from streamed(name, said, [_candidate(of, line) for line in lines], ballots(), chance)


def _tie(of: Contest, option: Option, votes: Votes) -> tuple[Any, ...]:
    """The smaller comes first of options that the step's order leaves level."""
    ties, answers = of.rule.ties, of.shown.row.answers or []
    keys: dict[str, Any] = {
        "cost": option.cost,
        "dearest": -option.cost,
        "votes": -votes.votes[option.number],
        "supporters": -votes.supporters[option.number],
        "filed": option.filed or 0,
        "option": option.id,
        "lot": sha256(bytes.fromhex(ties.seed or "") + option.id.encode()).digest(),
        "ask": answers.index(option.id) if option.id in answers else len(answers),
    }
    return (*(keys[criterion] for criterion in ties.criteria), option.id)


def _candidate(of: Contest, line: Line) -> Candidate:
    """A project with what it would be paid: 2 is Pabulib's word for what did not wholly fit."""
    option, paid = line.option, amount(seen(line), of.rule.grants)
    assert isinstance(paid, int)
    here = tuple(option.step or ()) == of.money.step and bool(option.funded)
    wholly = option.reason == "funded" and "missing" not in (option.facts or {})
    name = line.title or f"project {option.number}"
    return Candidate(paid, name, (1 if wholly else 2) if here else 0)
