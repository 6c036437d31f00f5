"""Carriers are found in order by an instructor, before officers sign their agreements."""

from datetime import datetime
from uuid import UUID

from comptoir.desks import Desks
from comptoir.proposing import PARIS
from comptoir.sitting import OFFICERS
from comptoir.waiting import until

INSTRUCTOR = "oriane"


async def clear(desks: Desks, project_id: UUID) -> None:
    """Find whoever would sign the agreement of a project in order, where the charter asks for it:
    her number, her status, her contract."""
    instructor = await desks.at(INSTRUCTOR, "submission")
    page = f"{desks.sites['submission']}/desk/projects/{project_id}/carriers"
    seen = (await instructor.get(page)).done()
    for action, fields in seen.forms().items():
        if action.endswith("/clear"):
            signed = {"contract_on": f"{datetime.now(PARIS):%Y-%m-%d}"}
            said = signed if "contract_on" in fields else {}
            await instructor.act(seen, action, status="yes", **said)


async def signable(desks: Desks, round_id: UUID, project_id: UUID) -> None:
    """Wait until count has heard that nothing is missing for the agreement of a project."""
    officer = await desks.at(OFFICERS[0], "count")
    page = f"{desks.sites['count']}/desk/funding/{round_id}/{project_id}"

    async def nothing_missing() -> bool:
        return f"/desk/rounds/{round_id}/agreements" in (await officer.get(page)).done().forms()

    await until("all that an agreement needs", nothing_missing, bool)
