"""Registering as a browser does: the form with its proof of work, then the telephone's code."""

from uuid import UUID

from comptoir.browser import Browser, Seen
from shared.codes import read_code
from shared.contacts import Message
from shared.proof_of_work import solve
from tests.shared.conftest import eventually
from tests.telling import told
from tests.voting.roll.conftest import Roll

TELEPHONE = "+33612345679"
CHLOE = {
    "birth_name": "Delattre-Wiśniewska",
    "first_name": "Chloé",
    "born": "1964-02-29",
    "country": "FR",
    "commune": "62160",
    "territory": "calaisis",
    "telephone": "06 12 34 56 79",
    "address": "chloe.delattre@exemple.example",
    "language": "fr",
    "sworn": "yes",
}


def telephone(number: int) -> str:
    """A telephone of somebody else."""
    return f"+336{number:08d}"


def proof(round_id: UUID, fields: dict[str, str]) -> dict[str, str]:
    """The proof of work that the page's script makes for a form."""
    challenge = f"{round_id}/{fields.get('proof_day', '')}/{fields['once']}"
    return {"proof": solve(challenge, int(fields.get("proof_bits", "0")))}


async def begin(browser: Browser, round_id: UUID, page: str = "", **others: str) -> Seen:
    """Fill the form in and send it."""
    action = f"/rounds/{round_id}/register"
    fields = (await browser.get(page or action)).fields(action)
    return await browser.post(action, fields | CHLOE | proof(round_id, fields) | others)


async def register(roll: Roll, round_id: UUID, page: str = "", **others: str) -> Seen:
    """Register from the form to the page that says what comes next, or to the first refusal."""
    async with Browser(roll.url) as browser:
        seen = await begin(browser, round_id, page, **others)
        if seen.status != 200:
            return seen
        return await browser.fill(seen, seen.path, digits=await digits(roll))


async def digits(roll: Roll) -> str:
    """The digits of the last message to a telephone."""
    return str((await last(roll, "phone-code")).values["code"])


async def last(roll: Roll, name: str) -> Message:
    """The last message of a name."""
    [*_, message] = [m for m in await told(roll.database) if m.name == name]
    return message


async def used(roll: Roll) -> Message:
    """That the right was used, once it is told: at once, in a rehearsal."""

    async def names() -> list[str]:
        return [message.name for message in await told(roll.database)]

    await eventually(names, lambda found: "right-used" in found)
    return await last(roll, "right-used")


async def code_of(roll: Roll) -> str:
    """The voting code in the last message that has one."""
    code = read_code(str((await last(roll, "voting-code")).values["code"]))
    assert code is not None
    return code


async def kept(roll: Roll) -> dict[str, int]:
    """How many rows there are of what a registration leaves."""
    tables = ("person", "channel", "code")
    rows = {t: await roll.connection.fetchval(f"select count(*) from {t}") for t in tables}
    return rows | {"messages": len(await told(roll.database))}
