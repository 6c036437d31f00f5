"""The returning officer's desk: a work list, and the few acts of a round under a charter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import Act, CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ReasonMissing, Waiting, read_reason
from shared.process import RouteDatabase
from shared.rules.saying import of_round, speech, warning
from shared.web.kit import RoutePages
from voting.count import charters
from voting.count import queries as count_queries
from voting.count.charters import NoCharter
from voting.count.desk import queries, work
from voting.count.desk.acts import ACTS
from voting.count.funding.asking import today
from voting.count.funding.fund import draw_anew, drawing
from voting.count.funding.loading import grants
from voting.count.moving import locked_round, prepare
from voting.count.results.routes import read_outcome
from voting.count.rounds import OptionsUnknown, format_of, rule_of, seconds, warnings
from voting.count.seats.voting import standing
from voting.count.tables import Programme, Round
from voting.count.ties import NotTheTied
from voting.count.words.queries import words
from voting.rehearsals import only_rehearsals

router = APIRouter(prefix="/desk/rounds")

DESK: Final = "/desk/rounds"
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER)]
Someone = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]


@router.get("")
async def show_work(
    request: Request, database: RouteDatabase, pages: RoutePages, officer: Officer
) -> Response:
    """The rounds of this officer's programmes, what is due first."""
    return await _show_work(request, database, pages, officer)


@router.post("/{round_id}/prepare")
async def prepare_round(round_id: UUID, database: RouteDatabase, officer: Officer) -> Response:
    """Prepare a round as its charter asks for it. Asked again: nothing more happens."""
    async with database.begin() as session:
        frozen = await count_queries.frozen_options(session, round_id)
        if frozen is None:
            raise OptionsUnknown(f"no options for round {round_id} have arrived here")
        programme, rules = await _charter(session, frozen.programme_id)
        officer.check(Role.RETURNING_OFFICER, programme.programme_id)
        if await count_queries.round_as_it_is(session, round_id) is not None:
            return RedirectResponse(DESK, 303)
        now, name = await database_time(session), frozen.body_name
        draws = await drawing(session, programme.programme_id, rules, name, round_id, now)
        wanted = charters.asked(
            round_id,
            rules,
            rehearsal=programme.rehearsal,
            now=now,
            body_name=name,
            left=None if draws is None else draws.left,
        )
        await prepare(session, wanted, frozen, programme, None if draws is None else draws.year)
    return RedirectResponse(DESK, 303)


@router.post("/{round_id}/acts/{act}")
async def ask_for_act(
    round_id: UUID,
    act: work.OfRound,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Someone,
) -> Response:
    """Ask for a round's opening, its early end or the validation of its result.

    It is done when another officer confirms it; opening and closing at once where the charter
    wants no second officer for them.
    """
    try:
        async with database.begin() as session:
            row, rules = await _own_round(session, round_id, officer)
            now = await database_time(session)
            if act == "open-round":
                await _begin_now(session, row, rules, now, officer)
            decides = work.DECIDES[act](row, now)
            if act == "open-round":
                decides |= work.known(row, await count_queries.options(session, round_id))
                decides |= await standing(session, row)
            if act == "validate-result" or charters.two_officers(rules, act):
                await _ask(session, act, row, decides, data, officer)
            else:
                read_reason(data.get("reason", ""))
                await ACTS.acts[act].do(session, decides, (officer.id, officer.id))
    except ReasonMissing:
        return await _show_work(request, database, pages, officer, wrong=round_id)
    return RedirectResponse(DESK, 303)


@router.post("/{round_id}/order")
async def ask_for_order(
    round_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Someone,
) -> Response:
    """Ask for an order of the projects that the count cannot tell apart: the field `place-3` is
    the place of project 3. The count goes on when another officer confirms it."""
    try:
        async with database.begin() as session:
            row, _ = await _own_round(session, round_id, officer)
            options = await count_queries.options(session, round_id)
            places = {name.removeprefix("place-"): value for name, value in data.items()}
            decides = work.ordering(row, options, work.placed(row, options, places))
            await _ask(session, "order-tie", row, decides, data, officer)
    except (ReasonMissing, NotTheTied):
        return await _show_work(request, database, pages, officer, wrong=round_id, filled=data)
    return RedirectResponse(DESK, 303)


@router.get("/{round_id}/agreements")
async def show_agreements(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """The agreements of a round's funded projects, and what signing the rest would come to."""
    return await _show_agreements(round_id, request, database, pages, officer)


@router.post("/{round_id}/agreements")
async def ask_to_sign(
    round_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Someone,
) -> Response:
    """Ask for the agreements that are left, or for one (`option`); another officer confirms."""
    try:
        async with database.begin() as session:
            row, rules = await _own_round(session, round_id, officer)
            only = work.chosen(
                await count_queries.options(session, round_id), data.get("option", "")
            )
            found, on = await grants(session, row, rules), today(await database_time(session))
            decides = work.signing(row, found, rules.funding, on, only)
            about = str(only or round_id)
            await _ask(session, "sign-agreement", row, decides, data, officer, about)
    except ReasonMissing:
        return await _show_agreements(round_id, request, database, pages, officer, wrong=True)
    return RedirectResponse(f"{DESK}/{round_id}/agreements", 303)


async def _ask(
    session: AsyncSession,
    act: Act,
    row: Round,
    decides: Mapping[str, Any],
    data: Mapping[str, str],
    officer: Person,
    about: str | None = None,
) -> None:
    await ACTS.needs_second_officer(
        session,
        act,
        about=about or str(row.round_id),
        programme_id=row.programme_id,
        parameters=decides,
        reason=data.get("reason", ""),
        by=officer,
    )


async def _begin_now(
    session: AsyncSession, row: Round, rules: CharterRules, now: datetime, officer: Person
) -> None:
    """A body that votes for so many days begins when that is asked for, and not when its round was
    prepared; what another officer is asked to confirm stays as it is."""
    asked = ("open-round", str(row.round_id)) in await _waiting(session, officer)
    if row.seats is None or row.state != "prepared" or asked:
        return
    opens_at, closes_at = charters.window(rules, row.seats["body_name"], now)
    row.opens_at, row.closes_at = seconds(opens_at), seconds(closes_at)
    await draw_anew(session, row, rules, now)


async def _own_round(
    session: AsyncSession, round_id: UUID, officer: Person
) -> tuple[Round, CharterRules]:
    """A round that is this officer's, locked."""
    row = await locked_round(session, round_id)
    officer.check(Role.RETURNING_OFFICER, row.programme_id)
    _, rules = await _charter(session, row.programme_id)
    return row, rules


async def _charter(session: AsyncSession, programme_id: UUID) -> tuple[Programme, CharterRules]:
    programme = await count_queries.programme(session, programme_id)
    rules = None if programme is None else charters.rules_of(programme)
    if programme is None or rules is None:
        raise NoCharter(f"programme {programme_id} has no charter: its rounds are the operator's")
    return programme, rules


async def _waiting(session: AsyncSession, officer: Person) -> dict[tuple[str, str], Waiting]:
    """The acts that wait for a second officer, by their kind and subject."""
    acts = await ACTS.listed(session, officer)
    return {(act.act, act.about): act for act in acts if act.state == "waiting"}


async def _show_work(
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Person,
    wrong: UUID | None = None,
    filled: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        found = await queries.rounds_with_charters(session)
        own = [each for each in found if officer.may(Role.RETURNING_OFFICER, each[1].programme_id)]
        signed = await queries.agreements(session, [frozen.round_id for frozen, _, _ in own])
        tied = {
            row.round_id: tuple(work.tied(row, await count_queries.options(session, row.round_id)))
            for _, _, row in own
            if row is not None and work.waits_for_order(row)
        }
        found_of = {
            row.round_id: warnings(row, await count_queries.options(session, row.round_id))
            for _, _, row in own
            if row is not None and row.state == "prepared"
        }
        named = [programme.title for _, programme, _ in own]
        titles = await words(session, [*named, *(o.title for each in tied.values() for o in each)])
        standing_seats = {
            row.round_id: len((await standing(session, row)).get("seats", ()))
            for _, _, row in own
            if row is not None
        }
        waiting = await _waiting(session, officer)
        now = await database_time(session)
    language = pages.language(request)
    items, said, warned = [], {}, {}
    for frozen, programme, row in own:
        if row is not None:
            spoken = speech(language, pages.words(language), charters.rules_of(programme))
            rule, found_here = rule_of(row), found_of.get(row.round_id, ())
            said[row.round_id] = of_round(format_of(row), rule, spoken)
            warned[row.round_id] = [warning(each, rule, spoken) for each in found_here]
        funded, done = signed.get(frozen.round_id, (0, 0))
        task = work.task(row, now, funded - done)
        level = tied.get(frozen.round_id, ())
        rules, name = charters.rules_of(programme), frozen.body_name
        body = None if rules is None or name is None else charters.body_of(rules, name)
        seats = standing_seats.get(frozen.round_id, 0)
        items.append(work.Item(frozen, programme, row, task, funded, done, level, body, seats))
    return pages.show(
        request,
        "desk-rounds.html",
        status=200 if wrong is None else 422,
        person=officer,
        rehearsal=only_rehearsals([item.programme for item in items]),
        items=work.in_order(items),
        titles=titles,
        said=said,
        warned=warned,
        waiting=waiting,
        wrong=wrong,
        filled=filled or {},
    )


async def _show_agreements(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Person,
    wrong: bool = False,
) -> Response:
    async with database.begin() as session:
        row, rules = await _own_round(session, round_id, officer)
        shown = await read_outcome(session, round_id)
        found, on = await grants(session, row, rules), today(await database_time(session))
        waiting = await _waiting(session, officer)
    unsigned = work.to_sign(found)
    lacking = {line.option.number: line.missing(rules.funding, on) for line in unsigned}
    return pages.show(
        request,
        "desk-agreements.html",
        status=422 if wrong else 200,
        person=officer,
        rehearsal=row.rehearsal,
        shown=shown,
        lines=found,
        left=[line for line in unsigned if not lacking[line.option.number]],
        lacking=lacking,
        titles={line.option.number: line.title for line in shown.winners},
        waiting=waiting,
        wrong=wrong,
        row=row,
        rules=rules,
    )
