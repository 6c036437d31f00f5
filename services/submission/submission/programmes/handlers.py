"""What voting says of a programme's round: when it is open, what was decided, what was signed.

Rounds and decisions come by two topics, and neither waits for the other: each event is noted where
it belongs, whatever came before. `told` follows once all of a result is there.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.delivery import Delivered
from shared.events import funding
from shared.events.acts import RoundAnnulled, RoundExtended
from shared.events.funding import AgreementSigned
from shared.events.voting import (
    AllocationPublished,
    OptionDecided,
    ResultValidated,
    RoundClosed,
    RoundOpened,
)
from shared.inbox import Handler, Subscription
from shared.versions import every_version
from submission.labelling.annulling import annul, take_back
from submission.programmes import queries
from submission.programmes.tables import Decision, RoundState

# What carriers are told, in the transaction that notes it: all decisions of a validated result,
# each agreement, and what else follows.
TellResult = Callable[[AsyncSession, RoundState, Sequence[Decision]], Awaitable[None]]
TellAgreement = Callable[[AsyncSession, Delivered[AgreementSigned]], Awaitable[None]]
TellOfGrant = Callable[[AsyncSession, Delivered[Any]], Awaitable[None]]


async def note_openings(session: AsyncSession, opened: Sequence[Delivered[RoundOpened]]) -> None:
    """These rounds are open, within their windows."""
    for delivered in opened:
        event = delivered.event
        await queries.note_round(
            session,
            event.round_id,
            opened_at=delivered.envelope.time,
            opens_at=event.opens_at,
            closes_at=event.closes_at,
            budget=event.rule.budget,
            format=event.format.model_dump(mode="json", exclude_none=True),
            rule=event.rule.model_dump(mode="json", exclude_none=True),
        )


async def note_extensions(
    session: AsyncSession, extended: Sequence[Delivered[RoundExtended]]
) -> None:
    """These rounds end later."""
    for delivered in extended:
        event = delivered.event
        await queries.note_round(session, event.round_id, closes_at=event.closes_at)


async def note_closings(session: AsyncSession, closed: Sequence[Delivered[RoundClosed]]) -> None:
    """Nobody votes in these rounds any more."""
    for delivered in closed:
        event = delivered.event
        await queries.note_round(session, event.round_id, closed_at=event.closed_at)


async def note_decisions(
    session: AsyncSession, decided: Sequence[Delivered[OptionDecided]]
) -> None:
    """What was decided about each project; provisional until two officers validate the result."""
    await queries.note_decisions(session, decided)


async def note_annulments(
    session: AsyncSession, annulled: Sequence[Delivered[RoundAnnulled]]
) -> None:
    """Nothing of these rounds holds: each project stands where it stood before, and a body can be
    given its projects again."""
    for delivered in annulled:
        event = delivered.event
        await queries.note_round(
            session,
            event.round_id,
            annulled_at=delivered.envelope.time,
            annulled_act=event.act,
            annulled_event_id=delivered.envelope.id,
        )
        row = await queries.round_of_options(session, event.round_id)
        if row is not None:
            await annul(session, row)


async def settle(session: AsyncSession, round_id: UUID, project_id: UUID) -> None:
    """What followed a decision can be heard after its round was annulled: it moves nothing then."""
    state = await queries.round_state(session, round_id)
    if state is not None and state.annulled_at is not None:
        await take_back(session, project_id)


def results(
    tell_result: TellResult, tell_agreement: TellAgreement, tell_of_grant: TellOfGrant
) -> Subscription:
    """The subscription; what it tells the carriers is said by who knows them."""

    async def tell_complete(session: AsyncSession, event: Any) -> None:
        state = await queries.take_result(session, event.round_id)
        if state is not None:
            decisions = await queries.decisions(session, event.round_id)
            await tell_result(session, state, decisions)

    async def note_allocations(
        session: AsyncSession, published: Sequence[Delivered[AllocationPublished]]
    ) -> None:
        """A result, complete: every decision came before it on the same topic."""
        for delivered in published:
            event = delivered.event
            await queries.note_round(
                session,
                event.round_id,
                budget=event.budget,
                spent=event.spent,
                ballots=event.ballots,
                options=event.options,
                funded=event.funded,
                allocation=event.digest,
                decided_at=delivered.envelope.time,
                decided_event_id=delivered.envelope.id,
            )
            await tell_complete(session, event)

    async def note_validations(
        session: AsyncSession, validated: Sequence[Delivered[ResultValidated]]
    ) -> None:
        """Two officers validated a result: it is final, and the carriers are told."""
        for delivered in validated:
            event = delivered.event
            await queries.note_round(
                session,
                event.round_id,
                validated=event.allocation,
                validated_at=delivered.envelope.time,
                validated_event_id=delivered.envelope.id,
            )
            await tell_complete(session, event)

    async def note_agreements(
        session: AsyncSession, signed: Sequence[Delivered[AgreementSigned]]
    ) -> None:
        """These projects have their agreement."""
        for delivered in signed:
            await queries.note_agreement(session, delivered)
            await tell_agreement(session, delivered)
            await settle(session, delivered.event.round_id, delivered.event.option_id)

    async def note_grants(session: AsyncSession, heard: Sequence[Delivered[Any]]) -> None:
        """What followed these decisions."""
        for delivered in heard:
            await tell_of_grant(session, delivered)
            await settle(session, delivered.event.round_id, delivered.event.option_id)

    handlers: dict[str, Handler] = {
        **every_version(RoundOpened, note_openings),
        RoundExtended.type: note_extensions,
        RoundClosed.type: note_closings,
        ResultValidated.type: note_validations,
        RoundAnnulled.type: note_annulments,
        **every_version(OptionDecided, note_decisions),
        **every_version(AllocationPublished, note_allocations),
        AgreementSigned.type: note_agreements,
        **{each.type: note_grants for each in funding.ALL if each is not AgreementSigned},
    }
    topics = (RoundOpened.topic, OptionDecided.topic)
    return Subscription(name="results", topics=topics, handlers=handlers)
