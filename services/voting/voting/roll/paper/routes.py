"""Where an officer of a counter marks who votes on paper, and opens envelopes of offline urns."""

from typing import Annotated, Final
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.people import FormData, Person, Role, needs
from shared.people.roles import Forbidden
from shared.process import RouteDatabase
from shared.web.filters import PARIS
from shared.web.kit import RoutePages
from voting.refusals import RoundUnknown
from voting.roll import identity as rules
from voting.roll.codes import keyed_hash, read_one
from voting.roll.declared.form import LINKS, charter_of
from voting.roll.declared.routes import countries
from voting.roll.identity import Declared, Identity
from voting.roll.keys import RollKeys
from voting.roll.offered.queries import RoundShown, round_shown
from voting.roll.paper import queries
from voting.roll.paper.announcing import announce_marks
from voting.roll.paper.queries import Marks
from voting.roll.paper.refusals import ANOTHER_CHANNEL, VotingGoesOn, refusal
from voting.roll.round_keys import RoundKeys

DESK: Final = "/desk/paper/rounds"
AGENTS = (Role.ADVISER, Role.RETURNING_OFFICER)
Agent = Annotated[Person, needs(*AGENTS, person=True)]
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]


def create_router(keys: RollKeys, round_keys: RoundKeys) -> APIRouter:
    """The paper desk of a roll with these keys: of its codes, and of its rounds' identities."""
    router = APIRouter(prefix=DESK, include_in_schema=False)

    @router.get("/{round_id}")
    async def show_marks(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        agent: Agent,
        said: str = "",
    ) -> Response:
        """The forms, and how many were marked. Nothing here names anybody who was."""
        async with database.begin() as session:
            shown, marks = await _round(await raw(session), round_id, agent)
        return pages.show(
            request,
            "roll-paper.html",
            person=agent,
            rehearsal=shown.rehearsal,
            shown=shown,
            marks=marks,
            said=said,
            officer=agent.may(Role.RETURNING_OFFICER, shown.programme_id),
            countries=countries(pages.language(request)),
            consent_age=shown.consent_age,
        )

    @router.post("/{round_id}/marks")
    async def mark_voter(
        round_id: UUID, data: FormData, database: RouteDatabase, agent: Agent
    ) -> Response:
        """Mark a person, by the `code` of her letter or by who she is, before she is given a paper;
        or, with `envelope`, before the outer one is opened. Whoever has another channel already is
        refused a paper; her envelope is set aside unopened, and counted."""
        envelope = data.get("envelope") == "yes"
        async with database.begin() as session:
            connection = await raw(session)
            shown, _ = await _round(connection, round_id, agent)
            verdict = await queries.state(connection, round_id, by_envelope=envelope)
            if verdict == "open":
                verdict = await _mark(session, keys, round_keys, shown, data)
            if envelope and verdict in ANOTHER_CHANNEL:
                await queries.set_aside(connection, round_id)
                verdict = "set_aside"
            if verdict not in ("marked", "set_aside"):
                raise refusal(verdict, round_id)
        return RedirectResponse(f"{DESK}/{round_id}?said={verdict}", 303)

    @router.post("/{round_id}/counted")
    async def count_marks(round_id: UUID, database: RouteDatabase, officer: Officer) -> Response:
        """Say, once and for all, how many people were marked. Asked again: nothing more happens."""
        async with database.begin() as session:
            connection = await raw(session)
            shown, marks = await _round(connection, round_id, officer)
            officer.check(Role.RETURNING_OFFICER, shown.programme_id)
            if not marks.paper:
                raise refusal("no_paper", round_id)
            if not marks.closed:
                raise VotingGoesOn(f"voting in round {round_id} is not closed yet")
            await announce_marks(session, round_id)
        return RedirectResponse(f"{DESK}/{round_id}", 303)

    return router


async def _mark(
    session: AsyncSession,
    keys: RollKeys,
    round_keys: RoundKeys,
    shown: RoundShown,
    data: dict[str, str],
) -> str:
    """By a code where there is one, else by an identity that the officer has checked."""
    connection, round_id = await raw(session), shown.round_id
    if data.get("code", "").strip():
        code = keyed_hash(keys.roll_key, round_id, read_one(data["code"]).encode())
        return await queries.mark_code(connection, round_id, code)
    names = ("birth_name", "first_name", "born", "country", "commune")
    identity = Identity.read(*(data.get(name, "") for name in names))
    # The officer sees the document: it is she who states it.
    # Whoever is at the counter shows it there.
    declared = Declared(data.get("territory", ""), True, data.get("consent") == "yes", LINKS)
    today = (await database_time(session)).astimezone(PARIS).date()
    rules.check(identity, declared, charter_of(shown.rules, shown.opens_at), today)
    person = round_keys.hashed(round_id, "identity", identity.secret())
    return await queries.mark_identity(connection, round_id, person)


async def _round(
    connection: asyncpg.Connection, round_id: UUID, agent: Person
) -> tuple[RoundShown, Marks]:
    """A round, for an officer of its programme. Raises `RoundUnknown`, `Forbidden`."""
    shown, marks = (
        await round_shown(connection, round_id),
        await queries.marks(connection, round_id),
    )
    if shown is None or marks is None or shown.programme_id is None:
        raise RoundUnknown(f"round {round_id} was never prepared")
    if all(agent.territories(role, shown.programme_id) == () for role in AGENTS):
        raise Forbidden(f"this needs the role {' or '.join(AGENTS)} in the programme")
    return shown, marks
