"""Who may deposit, file and be voted on: rows loaded, limits locked, rules asked.

A limit of a carrier holds under concurrency: whoever counts holds the carrier's lock until the end
of the transaction. `hold_depositor` and `hold_lead` wait for it and come before any other lock;
without them a check takes it where it is free, and else refuses, so that nobody waits for it
behind another lock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.charter import CharterRules
from shared.refusal import Refusal
from shared.rules.agreeing import answering
from submission.carriers import queries
from submission.carriers.categories import CategoryRefused, check_dossier_category
from submission.carriers.limits import (
    PARIS,
    ConsentMissing,
    check_carrier,
    check_dossier_type,
    check_dossiers,
    check_ideas,
    check_kinds,
    check_not_barred,
    check_numbers,
    check_sponsored,
    check_voted,
    submitting,
)
from submission.carriers.organisations.keeping import organisation_of
from submission.carriers.tables import Carriage
from submission.projects.finding import Edition
from submission.projects.tables import Idea
from submission.reading import FormRefused
from submission.tables import Project


class CarrierBusy(Refusal):
    """Another act counts what this carrier has; it is over in a moment."""

    code = "carrier_busy"


async def hold_depositor(session: AsyncSession, rules: CharterRules, resident: UUID) -> None:
    """Wait for the lock of somebody's limits, where the charter has any: before other locks."""
    if submitting(rules).most_ideas is not None:
        await queries.carrier_lock(session, resident)


async def check_may_deposit(session: AsyncSession, found: Edition, resident: UUID) -> None:
    """Whether a resident may deposit one more idea in this programme, until the transaction ends.

    What she says of herself is checked by `limits.check_depositor`, which needs nothing that is
    kept. Raises `TooManyIdeas`, `CarrierBusy`.
    """
    if submitting(found.rules).most_ideas is None:
        return
    await _lock(session, resident)
    check_ideas(found.rules, await queries.ideas_carried(session, found.programme_id, resident))


async def check_may_carry(
    session: AsyncSession, found: Edition, organisation_id: UUID, idea: UUID | None = None
) -> None:
    """Whether an organisation may carry one more idea of this programme, whoever deposited those
    that it has, until the transaction ends; `idea` is which, where it is deposited already. Raises
    `TooManyIdeas`, `CarrierBusy`."""
    if submitting(found.rules).most_ideas is None:
        return
    same = await _lock_all(session, organisation_id)
    carried = await queries.ideas_of(session, found.programme_id, same, idea)
    check_ideas(found.rules, carried)


async def hold(session: AsyncSession, organisation_id: UUID) -> None:
    """Wait for the lock of an organisation's limits: before other locks."""
    await queries.carrier_lock(session, organisation_id)


async def hold_lead(session: AsyncSession, project_id: UUID) -> None:
    """Wait for the lock of the limits of whoever carries a project: before other locks."""
    lead = await queries.lead(session, project_id)
    if lead is not None and (who := _who(lead)) is not None:
        await queries.carrier_lock(session, who)


async def check_may_file(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    kinds: Sequence[str],
    now: datetime,
    lead: Carriage | None = None,
) -> Carriage:
    """Who carries a locked idea and may file its dossier, with costs of these kinds.

    The conditions of a sponsored carrier are those of its sponsor. `lead` is who would carry it,
    where that is not who does. Raises `CarrierTypeRefused`, `ConsentMissing`, `SponsorMissing`,
    `NumberMissing`, `CarrierTooYoung`, `SeatElsewhere`, `SseMissing`, `SseExpired`,
    `EarlierWinner`, `WinnersOnly`, `TooManyDossiers`, `CarrierBusy`.
    """
    rules, today = found.rules, now.astimezone(PARIS).date()
    lead = lead or await queries.lead(session, idea.project_id)
    if lead is None:
        raise RuntimeError(f"idea {idea.project_id} has no carrier")
    consent = await queries.consent(session, idea.project_id)
    if consent is not None and consent.given_at is None:
        raise ConsentMissing("the carrier's legal representative has not agreed yet")
    check_dossier_type(rules, lead.type)
    if rules.submitting is None:
        return lead
    answers = await who_answers(session, rules, lead)
    check_sponsored(rules, lead.type, answers is not lead)
    await check_answers(session, found, answers, now)
    if answers is not lead:
        check_numbers(rules, lead.type, await organisation_of(session, lead))
    same = await _own(session, lead)
    if rules.submitting.barred_years is not None or rules.submitting.winners_only is not None:
        won = await queries.funded_on(session, lead, same)
        check_not_barred(rules, won, today)
        check_kinds(rules, kinds, won is not None)
    if rules.submitting.most_dossiers is not None and (who := _who(lead)) is not None:
        for each in same or (who,):
            await _lock(session, each)
        filed = await queries.dossiers_carried(session, found.programme_id, lead, same)
        check_dossiers(rules, filed)
    return lead


async def check_answers(
    session: AsyncSession, found: Edition, answers: Carriage, now: datetime
) -> None:
    """Whether who answers for a project, or would, is as the charter asks: of a sponsor, all that
    it asks of a carrier that has none. Raises what `check_may_file` does of it."""
    rules, today = found.rules, now.astimezone(PARIS).date()
    organisation = await organisation_of(session, answers)
    check_numbers(rules, answers.type, organisation)
    check_carrier(rules, answers.type, organisation, today)
    if submitting(rules).barred_years is not None:
        same = await _own(session, answers)
        check_not_barred(rules, await queries.funded_on(session, answers, same), today)


def is_sponsored(rules: CharterRules, lead: Carriage) -> bool:
    """Whether a sponsor answers for what somebody carries: it is looked at like a lead."""
    return answering(rules.submitting, lead.type)[0] == "sponsor"


async def check_may_spend(
    session: AsyncSession, found: Edition, idea: Idea, kinds: Sequence[str]
) -> None:
    """Whether a filed dossier may have costs of these kinds now. Raises `WinnersOnly`."""
    if submitting(found.rules).winners_only is None:
        return
    lead = await queries.lead(session, idea.project_id)
    won = None
    if lead is not None:
        won = await queries.funded_on(session, lead, await _own(session, lead))
    check_kinds(found.rules, kinds, won is not None)


async def check_category(
    session: AsyncSession, found: Edition, idea: Idea, name: str | None
) -> None:
    """Whether the dossier of a locked idea may be in a category that the charter keeps for some.
    Raises `FormRefused`, at the field."""
    lead = await queries.lead(session, idea.project_id)
    carrier_type = "person" if lead is None else lead.type
    try:
        check_dossier_category(found.rules, idea.category, name, carrier_type)
    except CategoryRefused as refused:
        raise FormRefused({"category": refused}) from None


async def who_answers(session: AsyncSession, rules: CharterRules, lead: Carriage) -> Carriage:
    """Whose number, age, seat and identifier count: the carrier's, or where carriers of its type
    are sponsored and one is there, its sponsor's."""
    if not is_sponsored(rules, lead):
        return lead
    parts = await queries.carriages(session, lead.project_id)
    return next((each for each in parts if each.part == "sponsor"), lead)


async def may_reach_vote(
    session: AsyncSession, rules: CharterRules, projects: Sequence[Project]
) -> Sequence[Project]:
    """These projects, where they may all be options of one vote. Raises `TooManyOfCarrier`."""
    if submitting(rules).most_voted is not None:
        together: dict[UUID, list[str]] = defaultdict(list)
        leads = await queries.leads(session, [each.project_id for each in projects])
        numbers = await queries.numbers_of(session, [who for _, who in leads if who is not None])
        known = same_carriers(numbers)
        for project_id, who in leads:
            if who is not None:
                together[known.get(who, who)].append(str(project_id))
        check_voted(rules, list(together.values()))
    return projects


def same_carriers(numbers: Sequence[tuple[UUID, str]]) -> Mapping[UUID, UUID]:
    """For each organisation with a number the one that stands for all that share one with it, or
    with another that does."""
    stands: dict[UUID, UUID] = {}
    first: dict[str, UUID] = {}
    for organisation_id, number in numbers:
        mine = stands.setdefault(organisation_id, organisation_id)
        other = stands[first.setdefault(number, organisation_id)]
        for each, its in stands.items():
            if its == mine:
                stands[each] = other
    return stands


async def _own(session: AsyncSession, of: Carriage) -> Sequence[UUID]:
    """The organisations that are a carrier's own; none is a person's."""
    if of.organisation_id is None:
        return ()
    return await queries.same_organisations(session, of.organisation_id)


async def _lock_all(session: AsyncSession, organisation_id: UUID) -> Sequence[UUID]:
    """Lock the limits of an organisation under each of the names that it has."""
    same = await queries.same_organisations(session, organisation_id)
    for each in same:
        await _lock(session, each)
    return same


async def _lock(session: AsyncSession, who: UUID) -> None:
    if not await queries.try_carrier_lock(session, who):
        raise CarrierBusy("another act of this carrier is under way: try again")


def _who(carriage: Carriage) -> UUID | None:
    """Whose limits count: an organisation's, or a resident's; nobody's once she is forgotten."""
    return carriage.organisation_id or carriage.resident
