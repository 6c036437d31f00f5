"""The grants of a round, loaded with all that is known of each."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.charter import CharterRules
from voting.count import charters
from voting.count import queries as count_queries
from voting.count.funding import queries
from voting.count.funding.standing import GrantUnknown, Line, lines
from voting.count.tables import Round


async def rules_of(session: AsyncSession, row: Round) -> CharterRules | None:
    """The rules of a round's programme; None where it was imported without any."""
    programme = await count_queries.programme(session, row.programme_id)
    return None if programme is None else charters.rules_of(programme)


async def grants(session: AsyncSession, row: Round, rules: CharterRules | None) -> list[Line]:
    """The grants of a round, in the order of the rule; none before it is decided."""
    if row.state != "decided":
        return []
    body_name = None if row.seats is None else row.seats["body_name"]
    options = [o for o in await count_queries.options(session, row.round_id) if o.funded]
    projects = [option.option_id for option in options]
    return lines(
        row,
        options,
        deliberated=charters.deliberated(rules, body_name),
        granted=await queries.grants_of(session, row.round_id),
        instalments=await queries.instalments(session, row.round_id),
        milestones=await queries.milestones(session, row.round_id),
        parties=await queries.parties(session, projects),
        withdrawn=await queries.withdrawn(session, projects),
        submitting=None if rules is None else rules.submitting,
    )


async def grant(
    session: AsyncSession, row: Round, rules: CharterRules | None, option_id: UUID
) -> Line:
    """One grant of a locked round. Raises `GrantUnknown`."""
    for line in await grants(session, row, rules):
        if line.option.option_id == option_id:
            return line
    raise GrantUnknown(f"round {row.round_id} gives {option_id} no money")
