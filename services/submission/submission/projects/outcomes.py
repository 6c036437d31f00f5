"""What voting decided, in the life of each project, and told to its carrier."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.decided import Setting
from shared.delivery import Delivered
from shared.events.funding import AgreementSigned
from shared.events.voting import OptionDecided
from shared.web.languages import LANGUAGES
from submission import verdicts
from submission.carriers.telling import Telling
from submission.labelling.grants import Granting, note_of_grant
from submission.labelling.rounds import Labelling, gives_labels
from submission.programmes import queries as programmes
from submission.programmes.tables import Decision, RoundState
from submission.projects import queries
from submission.projects.recording import keep_event
from submission.tables import Round


class Outcomes:
    """Tells carriers what became of their projects; an imported one has nobody to tell."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    async def tell_result(
        self, session: AsyncSession, state: RoundState, decisions: Sequence[Decision]
    ) -> None:
        """Tell every carrier of a validated result: labelled or not, or funded or not, and why."""
        at = state.validated_at
        assert at is not None
        row = await programmes.round_of_options(session, state.round_id)
        if row is not None and row.body_name is not None:
            decide = Labelling if await self._labels(session, row) else Granting
            await decide(session, self._telling, row, state).decide(decisions)
            return
        known = await self._known(session, state, decisions)
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
                step=each.step,
            )
            if each.funded:
                await self._telling.tell(
                    session, each.project_id, "funded", each.event_id, amount=each.amount or 0
                )
            else:
                of = verdicts.verdict(each.model_dump())
                reason = {language: verdicts.said(of, known, language) for language in LANGUAGES}
                await self._telling.tell(
                    session, each.project_id, "not-funded", each.event_id, reason=reason
                )

    async def _labels(self, session: AsyncSession, row: Round) -> bool:
        assert row.body_name is not None
        return await gives_labels(session, row.programme_id, row.body_name)

    async def _known(
        self, session: AsyncSession, state: RoundState, decisions: Sequence[Decision]
    ) -> Setting:
        """What sentences can name of this round: its rule, its options, the charter's labels."""
        named = await programmes.options_named(
            session, [str(each.project_id) for each in decisions]
        )
        rules = await programmes.rules_of_round(session, state.round_id)
        return verdicts.setting(state, named, rules)

    async def tell_agreement(
        self, session: AsyncSession, signed: Delivered[AgreementSigned]
    ) -> None:
        """Tell a carrier that the agreement is signed."""
        event, envelope = signed.event, signed.envelope
        idea = await queries.idea_for_update(session, event.option_id)
        if idea is None:
            return
        await keep_event(session, idea, envelope.id, event.type, envelope.time, amount=event.amount)
        await self._telling.tell(
            session, idea.project_id, "agreement-signed", envelope.id, amount=event.amount
        )

    async def tell_of_grant(self, session: AsyncSession, heard: Delivered[Any]) -> None:
        """Tell a carrier what followed: confirmed, paid, reduced, lapsed."""
        await note_of_grant(session, self._telling, heard)
