"""The desk of grants: confirmed, reduced and lapsed by two officers; payments and milestones are
entered by one."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import Act, CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ReasonMissing
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from shared.web.messages import mark
from voting.count import queries as count_queries
from voting.count.desk.acts import ACTS
from voting.count.desk.work import check_payable
from voting.count.funding import (
    acts,
    asking,
    conditions,
    drawing,
    instalments,
    lapsing,
    listing,
    queries,
    standing,
)
from voting.count.funding.loading import grant, grants, rules_of
from voting.count.funding.public import routes as public
from voting.count.funding.standing import Line
from voting.count.moving import locked_round
from voting.count.tables import Round
from voting.count.words.queries import words
from voting.rehearsals import only_rehearsals

DESK: Final = "/desk/funding"
router = APIRouter(prefix=DESK, include_in_schema=False)
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
# The acts of two officers, in the order of a grant's life.
OF_TWO: Final[tuple[Act, ...]] = ("confirm-funding", "reduce-grant", "lapse-grant")
# What was entered wrongly: the form is shown again with it.
ENTERED = (
    ReasonMissing,
    asking.EntryRefused,
    asking.AmountRefused,
    asking.MilestoneRefused,
    instalments.InstalmentUnknown,
    instalments.PaidOnRefused,
    instalments.NotLower,
    acts.ReferenceUsed,
    lapsing.LapseRefused,
)

STATUSES: dict[type[Refusal], int] = {
    standing.GrantUnknown: 404,
    standing.WrongStep: 409,
    conditions.ConditionsMissing: 409,
    drawing.FundInRound: 409,
    drawing.YearSpent: 409,
    instalments.InstalmentUnknown: 422,
    instalments.InstalmentPaid: 409,
    instalments.PaidOnRefused: 422,
    instalments.NotLower: 422,
    instalments.NotProrated: 409,
    instalments.PaidMore: 409,
    lapsing.LapseRefused: 422,
    asking.EntryRefused: 422,
    asking.AmountRefused: 422,
    asking.MilestoneRefused: 422,
    acts.ReferenceUsed: 422,
    public.NoSiret: 409,
}
ADVICE = {
    standing.WrongStep.code: mark("Load the page anew to see where this grant stands."),
    conditions.ConditionsMissing.code: mark(
        "Look at the desk of grants: it says what the charter asks for before an agreement."
    ),
    drawing.FundInRound.code: mark("Validate the result of the other vote of this fund first."),
    drawing.YearSpent.code: mark(
        "The fund can give no more this year: give less, or wait for the next year."
    ),
    instalments.InstalmentUnknown.code: mark("Choose the part that was paid."),
    instalments.InstalmentPaid.code: mark("Load the page anew: it says when it was paid."),
    instalments.PaidOnRefused.code: mark(
        "Give the day on which it was paid: not before the agreement, and not in the future."
    ),
    instalments.NotLower.code: mark("Give what was spent: less than the project was to cost."),
    instalments.NotProrated.code: mark("The charter leaves this grant as it is."),
    instalments.PaidMore.code: mark(
        "More is paid than the grant would be. Money is claimed back by the treasury, not here."
    ),
    lapsing.LapseRefused.code: mark(
        "A grant lapses once its time in the charter is over, or where its carrier renounces it."
    ),
    asking.EntryRefused.code: mark(
        "Give a day such as 2027-05-31, an amount such as 4 500,50, a number as it was written."
    ),
    asking.AmountRefused.code: mark(
        "Give an amount above 0, and at most what was decided or asked for."
    ),
    asking.MilestoneRefused.code: mark("Choose a milestone that is not reached yet."),
    acts.ReferenceUsed.code: mark("Look at the reference: another payment has it."),
    public.NoSiret.code: mark("Ask whoever operates this platform for the authority’s SIRET."),
}


@router.get("")
async def show_rounds(
    request: Request, database: RouteDatabase, pages: RoutePages, officer: Officer
) -> Response:
    """The grants of this officer's programmes, what is due first on top, and their rounds."""
    looked = listing.read_looked(request.query_params)
    async with database.begin() as session:
        now = await database_time(session)
        found: list[tuple[Round, CharterRules | None, list[Line]]] = []
        for row in await queries.validated_rounds(session):
            if officer.may(Role.RETURNING_OFFICER, row.programme_id):
                rules = await rules_of(session, row)
                if lines := await grants(session, row, rules):
                    found.append((row, rules, lines))
        programmes = [
            await count_queries.programme(session, row.programme_id) for row, _, _ in found
        ]
        asked = [each.title for each in programmes if each is not None]
        asked += [line.option.title for _, _, lines in found for line in lines]
        named = await words(session, asked)
    every = [(line, rules) for _, rules, lines in found for line in lines]
    on = asking.today(now)
    return pages.show(
        request,
        "desk-funding.html",
        person=officer,
        rehearsal=only_rehearsals([row for row, _, _ in found]),
        rounds=[
            (row, rules, named.get((programme and programme.title) or ""))
            for (row, rules, _), programme in zip(found, programmes, strict=True)
        ],
        found=[
            (each, each.line.missing(each.terms, on)) for each in listing.listed(every, looked, now)
        ],
        looked=looked,
        now=now,
        titles=named,
    )


@router.get("/{round_id}/{option_id}")
async def show_grant(
    round_id: UUID,
    option_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """One grant, and what can be done about it now."""
    return await _show(request, database, pages, officer, (round_id, option_id))


@router.post("/{round_id}/{option_id}/{step}")
async def do_step(
    round_id: UUID,
    option_id: UUID,
    step: asking.Step,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """Ask for what two officers do about a grant, or enter what one does."""
    about = (round_id, option_id)
    try:
        async with database.begin() as session:
            line, rules = await _own(session, about, officer)
            await _do(session, step, line, rules, data, officer)
    except ENTERED as refused:
        return await _show(request, database, pages, officer, about, (step, refused, data))
    return RedirectResponse(f"{DESK}/{round_id}/{option_id}", 303)


async def _do(
    session: AsyncSession,
    step: asking.Step,
    line: Line,
    rules: CharterRules | None,
    data: Mapping[str, str],
    officer: Person,
) -> None:
    now, terms = await database_time(session), asking.terms_of(rules)
    match step:
        case "confirm":
            amount, act = asking.read_cents(data.get("amount", "")), data.get("act", "")
            on = asking.read_day(data.get("on", ""), now)
            decides = asking.confirming(line, rules, amount, asking.read_act(act), on)
            await _ask(session, "confirm-funding", line, decides, data, officer)
        case "reduce":
            decides = asking.reducing(line, terms, asking.read_cents(data.get("spent", "")))
            await _ask(session, "reduce-grant", line, decides, data, officer)
        case "lapse":
            decides = asking.lapsing_of(line, terms, data.get("ground", ""), now)
            await _ask(session, "lapse-grant", line, decides, data, officer)
        case "pay":
            reference = asking.read_reference(data.get("reference", ""))
            on, name = asking.read_day(data.get("on", ""), now), data.get("instalment", "")
            # The page says what the grant is of; a program that shows nobody anything need not.
            seen = data.get("granted") or str(line.amount)
            await acts.enter_payment(session, line, name, reference, on, officer.id, seen)
        case "milestone":
            on, name = asking.read_day(data.get("on", ""), now), data.get("milestone", "")
            await acts.enter_milestone(session, line, rules, name, on, officer.id)


async def _ask(
    session: AsyncSession,
    act: Act,
    line: Line,
    decides: Mapping[str, Any],
    data: Mapping[str, str],
    officer: Person,
) -> None:
    await ACTS.needs_second_officer(
        session,
        act,
        about=_about(line),
        programme_id=line.row.programme_id,
        parameters=decides,
        reason=data.get("reason", ""),
        by=officer,
    )


def _about(line: Line) -> str:
    return f"{line.row.round_id}/{line.option.option_id}"


async def _own(
    session: AsyncSession, about: tuple[UUID, UUID], officer: Person
) -> tuple[Line, CharterRules | None]:
    """A grant of this officer's, its round locked. Raises `Forbidden`, `GrantUnknown`."""
    round_id, option_id = about
    row = await locked_round(session, round_id)
    officer.check(Role.RETURNING_OFFICER, row.programme_id)
    check_payable(row)
    rules = await rules_of(session, row)
    return await grant(session, row, rules, option_id), rules


async def _show(
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Person,
    about: tuple[UUID, UUID],
    wrong: tuple[str, Refusal, Mapping[str, str]] | None = None,
) -> Response:
    async with database.begin() as session:
        line, rules = await _own(session, about, officer)
        now = await database_time(session)
        named = await words(session, [line.option.title])
        listed = await ACTS.listed(session, officer)
    step, refused, filled = wrong or ("", None, {})
    what = {**ADVICE, ReasonMissing.code: mark("Write a reason of at least three characters.")}
    advice = what.get(refused.code, "") if refused is not None else ""
    return pages.show(
        request,
        "desk-grant.html",
        status=422 if refused is not None else 200,
        person=officer,
        rehearsal=line.row.rehearsal,
        line=line,
        rules=rules,
        terms=asking.terms_of(rules),
        title=named.get(line.option.title),
        lacking=line.missing(asking.terms_of(rules), asking.today(now)),
        waiting=[act for act in listed if act.state == "waiting" and act.about == _about(line)],
        today=asking.today(now),
        now=now,
        deadline=asking.deadline(line, asking.terms_of(rules)),
        grounds=get_args(lapsing.Ground.__value__),
        wrong=pages.translate(pages.language(request), advice) if advice else "",
        step=step,
        filled=filled,
    )
