"""What is kept for minutes only is forgotten then, whether or not anybody comes back."""

from shared.database import Database, raw
from voting.roll.declared import queries
from voting.roll.identified import queries as identified


async def forget_old(database: Database) -> None:
    """Forget counts that no figure asks for, and registrations that were not proved in time."""
    async with database.begin() as session:
        await queries.forget_old(await raw(session))
        await identified.forget_old(await raw(session))
