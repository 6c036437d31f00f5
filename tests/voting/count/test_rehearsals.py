"""A rehearsal says so on each of its pages, and no vote in earnest is ever called one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from comptoir.browser import Browser
from shared.people import Role
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import COSTS, TITLES, Edition, Officers, rules
from tests.voting.count.paper.papers import open_batch
from tests.voting.count.test_desk import CASTS, by_two, prepared
from tests.voting.count.test_seats import body, charter
from voting.count.charters import vote_of

SAYS = "This is a rehearsal"
# Beside a round in a list.
MARK = "rehearsal</span>"
# The least that a round in earnest may ask for.
FLUSH = {"k": 30, "interval": 900}

both = pytest.mark.parametrize("rehearsal", [True, False], ids=["rehearsal", "in-earnest"])


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def opened(
    count: ServedCount, one: Browser, other: Browser, *, rehearsal: bool, paper: bool = False
) -> Edition:
    """An edition whose residents vote."""
    edition, its = Edition(count, TITLES, COSTS), rules()
    if paper:
        its = its.model_copy(update={"vote": vote_of(its).model_copy(update={"paper": True})})
    await edition.publish(its, rehearsal=rehearsal)
    await prepared(edition, one)
    await by_two(one, other, edition, "open-round")
    return edition


async def says(reader: Browser, page: str) -> bool:
    """Whether a page says of itself that nothing on it is in earnest."""
    seen = await reader.get(page)
    assert seen.status == 200, (page, seen.words())
    return SAYS in seen.text


@both
async def test_pages_of_a_round_say_what_it_is(
    served_count: ServedCount, officers: Officers, rehearsal: bool
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    visitor = await officers.visitor()
    voting = await opened(served_count, one, other, rehearsal=rehearsal, paper=True)
    papers = f"/desk/paper/rounds/{voting.round_id}"
    batch = await open_batch(one, voting.round_id, 2)
    for page in ("/desk/rounds", "/desk/paper", papers, batch):
        assert await says(one, page) is rehearsal, page
    over = await opened(served_count, one, other, rehearsal=rehearsal)
    await over.decided(*CASTS)
    assert await says(one, f"/desk/rounds/{over.round_id}/agreements") is rehearsal
    for page in (
        "/rounds",
        f"/rounds/{voting.round_id}/live",
        f"/rounds/{over.round_id}/live",
        f"/rounds/{over.round_id}/results",
    ):
        assert await says(visitor, page) is rehearsal, page


@both
async def test_pages_of_a_commission_say_what_its_round_is(
    served_count: ServedCount, officers: Officers, rehearsal: bool
) -> None:
    round_id = await served_count.frozen(rehearsal=rehearsal)
    others = {} if rehearsal else {"flush": FLUSH}
    made = await served_count.prepare(round_id, secrecy="sealed", rehearsal=rehearsal, **others)
    assert made.status == 201, made.raw
    await served_count.keys(round_id)
    member = await officers.officer("Maud", Role.COMMISSION)
    for page in ("/desk/commission", f"/desk/commission/rounds/{round_id}"):
        assert await says(member, page) is rehearsal, page


@both
async def test_pages_of_seats_say_what_their_body_votes_in(
    served_count: ServedCount, officers: Officers, rehearsal: bool
) -> None:
    edition = Edition(served_count, TITLES, COSTS)
    await edition.publish(
        charter(body()), labelled=False, body_name="committee", rehearsal=rehearsal
    )
    one = await officers.officer("Gaëlle")
    for page in ("/desk/seats", f"/desk/seats/bodies/{edition.programme}/committee"):
        assert await says(one, page) is rehearsal, page


@pytest.mark.parametrize("page", ["/rounds", "/desk/rounds", "/desk/paper"])
async def test_beside_a_vote_in_earnest_each_rehearsal_says_itself_what_it_is(
    served_count: ServedCount, officers: Officers, page: str
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    marks = []
    for rehearsal in (False, True):
        await opened(served_count, one, other, rehearsal=rehearsal, paper=True)
        seen = await one.get(page)
        assert SAYS not in seen.text
        marks.append(seen.text.count(MARK))
    assert marks == [0, 1]


async def test_a_list_without_a_vote_is_of_no_rehearsal(officers: Officers) -> None:
    assert not await says(await officers.visitor(), "/rounds")
    assert not await says(await officers.officer("Gaëlle"), "/desk/rounds")
