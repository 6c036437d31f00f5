"""People at the paper desk, and papers in their hands."""

from collections.abc import Mapping
from uuid import UUID

from comptoir.browser import Browser, Seen
from shared.events.paper import PapersMarked
from tests.voting.count.conftest import ServedCount

DESK = "/desk/paper"


async def open_batch(officer: Browser, round_id: UUID, stubs: int, place: str = "Arras") -> str:
    """The page of a batch that an officer opens."""
    page = f"{DESK}/rounds/{round_id}"
    seen = await officer.fill(page, f"{page}/batches", place=place, stubs=str(stubs))
    assert seen.status == 200, seen.words()
    return seen.path


async def enter(agent: Browser, batch: str, paper: int, said: str, void: str = "") -> Seen:
    """What an agent reads off a paper."""
    seen = await agent.get(batch)
    fields = {"csrf": next(iter(seen.forms().values()))["csrf"], "choices": said, "void": void}
    return await agent.post(f"{batch}/papers/{paper}", fields)


async def enter_all(agent: Browser, batch: str, papers: Mapping[int, str]) -> None:
    """Every paper in the order in which the page asks for them."""
    for _ in papers:
        seen = await agent.get(batch)
        [action] = [each for each in seen.forms() if "/papers/" in each]
        said = papers[int(action.rpartition("/")[2])]
        void = said if said.isalpha() else ""
        filled = {"choices": "" if void else said, "void": void}
        assert (await agent.fill(seen, action, **filled)).status == 200


async def marked(count: ServedCount, round_id: UUID, marked: int, set_aside: int = 0) -> None:
    """The roll's word on who votes on paper."""
    await count.handle(
        PapersMarked(round_id=round_id, marked=marked, set_aside=set_aside, last_number=3)
    )
