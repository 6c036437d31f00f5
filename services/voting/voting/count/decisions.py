"""What a count decided, as events and rows. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.canonical import digest
from shared.events.voting import AllocationPublished, OptionDecided, PrizeWon, StepDone
from voting.count.tables import Option, Round


def decided(
    row: Round, rules_digest: str, options: Sequence[Option], found: Mapping[str, Any]
) -> tuple[list[OptionDecided], AllocationPublished]:
    """A decision per option by number, and their summary; `found` is the counting worker's answer.

    The summary's digest is over the decisions' bodies in that order.
    """
    result, votes = found["result"], found["votes"]
    by_option = {each["option"]: each for each in result["options"]}
    events = [
        _decision(row, option, by_option[str(option.option_id)], votes[str(option.option_id)])
        for option in options
    ]
    summary = AllocationPublished(
        round_id=row.round_id,
        rules_digest=rules_digest,
        budget=row.budget,
        spent=sum(event.amount for event in events),
        ballots=result["ballots"],
        blank=result["blank"],
        counted=result["counted"],
        void=result["void"],
        options=len(events),
        funded=sum(event.funded for event in events),
        winners=_ids(result["winners"]),
        steps=tuple(
            StepDone(
                step=each["name"],
                funded=_ids(each["funded"]),
                left=each["left"],
                facts=each["facts"],
            )
            for each in result["steps"]
        ),
        reserve=_ids(result["reserve"]),
        gone=result["gone"],
        prizes=tuple(
            PrizeWon(
                option_id=each["option"],
                place=each["place"],
                sponsor=each["sponsor"],
                amount=each["amount"],
            )
            for each in result["prizes"]
        ),
        digest=_digest(events),
    )
    return events, summary


def sealed(
    summary: AllocationPublished, said: Sequence[OptionDecided], last_number: int
) -> AllocationPublished:
    """The summary over the decisions as they are published, signed; `last_number` is theirs."""
    return summary.model_copy(update={"digest": _digest(said), "last_number": last_number})


def keep(option: Option, event: OptionDecided) -> None:
    """What was decided, in the option's row."""
    option.funded, option.reason, option.amount = event.funded, event.reason, event.amount
    option.place, option.rank, option.facts = event.place, event.rank, dict(event.facts)
    option.step = None if event.step is None else list(event.step)


def _digest(said: Sequence[OptionDecided]) -> str:
    return digest([event.model_dump(mode="json", exclude_none=True) for event in said]).hex()


def _decision(row: Round, option: Option, found: Mapping[str, Any], votes: int) -> OptionDecided:
    return OptionDecided(
        round_id=row.round_id,
        option_id=option.option_id,
        number=option.number,
        votes=votes,
        cost=option.cost,
        funded=found["funded"],
        reason=found["reason"],
        amount=found["amount"],
        place=found["place"],
        rank=found["rank"],
        step=found["step"],
        facts=found["facts"],
    )


def _ids(options: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(UUID(option) for option in options)
