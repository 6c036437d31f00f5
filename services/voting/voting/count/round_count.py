"""A round counted in the worker: rules and ballots as lines in, what was decided out."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import chain
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from shared.events.ballots import Format
from shared.events.rules import Option, Rule
from voting.count.allocation.engine import EVERYBODY, Present, count
from voting.count.allocation.profile import Profile, of_arrays
from voting.count.allocation.result import Tied
from voting.count.allocation.tally import Tally
from voting.count.allocation.valid import valid
from voting.count.beside import beside

_FORMAT = TypeAdapter[Any](Format)

# Numbers of options, values beside them, the tier, how many voters.
type Row = tuple[list[int], list[int] | None, str, int]


def counted(asked: Mapping[str, Any], lines: Iterable[str]) -> dict[str, Any]:
    """The result of a round, the votes of all ballots that count by the option's id, and what is
    shown beside it; or the options that officers must order.

    `lines`: a ballot each, identical ones together, up to `null`.
    """
    rule, form = Rule.model_validate(asked["rule"]), _FORMAT.validate_python(asked["format"])
    options = [Option.model_validate(option) for option in asked["options"]]
    ballots = _profile(_rows(lines), len(options))
    named = _present(asked.get("present"), options)
    try:
        result = count(rule, form, options, ballots, asked["answers"], named or EVERYBODY)
    except Tied as tied:
        return {"tied": {"options": list(tied.options), "step": list(tied.step)}}
    votes = Tally(form, valid(form, ballots, options)[0]).votes
    shown = beside(rule, form, options, ballots, result, named=named)
    unread = asked["unread"]
    void = dict(result.void) | unread
    result = replace(result, void=void, ballots=result.ballots + sum(unread.values()))
    by_id = {option.id: n for option, n in zip(options, votes, strict=True)}
    return {"result": asdict(result), "votes": by_id, "beside": shown}


def _present(said: Mapping[str, Any] | None, options: Sequence[Option]) -> Present | None:
    """Of a named round, whether it has its quorum, and how many are recused by option."""
    if said is None:
        return None
    places = {str(option.number): place for place, option in enumerate(options)}
    recused = {places[number]: many for number, many in said["recused"].items()}
    return Present(said["quorum"], recused)


def _rows(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        if (row := json.loads(line)) is None:
            return
        yield row
    raise EOFError("the ballots ended before their end was said")


def _profile(rows: Iterable[Row], size: int) -> Profile:
    found = list(rows)
    tiers = sorted({tier for _, _, tier, _ in found})
    profile = of_arrays(
        size,
        [len(choices) for choices, _, _, _ in found],
        [number - 1 for choices, _, _, _ in found for number in choices],
        list(chain.from_iterable(said or [1] * len(choices) for choices, said, _, _ in found)),
        [tiers.index(tier) for _, _, tier, _ in found],
        [{"tier": (tier,)} for tier in tiers] or ({},),
    )
    weights = np.array([voters for _, _, _, voters in found], np.int64)
    return replace(profile, weights=weights)
