"""What voting decided, in the life of each project, and told to its carrier."""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.delivery import Delivered
from shared.events.charter import Labelled
from shared.events.voting import AgreementSigned, OptionDecided
from shared.web.filters import money
from submission.carriers.telling import Telling
from submission.programmes.tables import Decision, RoundState
from submission.projects import queries
from submission.projects.recording import keep_event

NO_VOTES: Final = Labelled(
    name="no-votes",
    fr="Personne n\u2019a voté pour ce projet.",
    en="Nobody voted for this project.",
)


class Outcomes:
    """Tells carriers what became of their projects; an imported one has nobody to tell."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    async def tell_result(
        self, session: AsyncSession, state: RoundState, decisions: Sequence[Decision]
    ) -> None:
        """Tell every carrier of a validated result: funded or not, and why not."""
        at = state.validated_at
        assert at is not None
        for each in decisions:
            idea = await queries.idea_for_update(session, each.project_id)
            if idea is None:
                continue
            assert each.event_id is not None and each.cost is not None
            await keep_event(
                session,
                idea,
                each.event_id,
                OptionDecided.type,
                at,
                good=bool(each.funded),
                reason=each.reason,
                votes=each.votes,
                rank=each.rank,
                cost=each.cost,
                amount=each.amount,
                facts=each.facts or {},
            )
            if each.funded:
                await self._telling.tell(
                    session, each.project_id, "funded", amount=each.amount or 0
                )
            else:
                await self._telling.tell(
                    session, each.project_id, "not-funded", reason=reason_of(each)
                )

    async def tell_agreement(
        self, session: AsyncSession, signed: Delivered[AgreementSigned]
    ) -> None:
        """Tell a carrier that the agreement is signed."""
        event, envelope = signed.event, signed.envelope
        idea = await queries.idea_for_update(session, event.option_id)
        if idea is None:
            return
        await keep_event(session, idea, envelope.id, event.type, envelope.time, amount=event.amount)
        await self._telling.tell(session, idea.project_id, "agreement-signed", amount=event.amount)


def reason_of(decision: Decision) -> Labelled:
    """Why a project was not funded, in a sentence of each language."""
    if decision.reason == "no_votes":
        return NO_VOTES
    cost, left = decision.cost or 0, (decision.facts or {}).get("left", 0)
    return Labelled(
        name="does-not-fit",
        fr=(
            f"Il coûte {money(cost, 'fr')} ; quand son tour est venu, il restait"
            f" {money(left, 'fr')} de l\u2019enveloppe."
        ),
        en=(
            f"It costs {money(cost, 'en')}; when its turn came, {money(left, 'en')} of the envelope"
            " were left."
        ),
    )
