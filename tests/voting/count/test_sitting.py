"""A commission's page: shares are typed into one form, and open a test ballot or a whole round."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from comptoir.browser import Browser
from comptoir.commission import create
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.people import Role
from shared.shares import rebuild
from tests.shared.conftest import eventually
from tests.voting.count import test_sealed as sealed_round
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import Officers
from voting.count.sitting import routes

MADE, SHARES = create()
_, OTHERS = create()
DESK = "/desk/commission"


def page_of(round_id: UUID) -> str:
    return f"{DESK}/rounds/{round_id}"


def typed(*shares: str) -> dict[str, str]:
    """The fields of the form as members fill them in."""
    return {f"share-{n}": share for n, share in enumerate(shares, start=1)}


@pytest.fixture
async def member(served_count: ServedCount) -> AsyncIterator[Browser]:
    """Somebody who holds a share."""
    async with AsyncExitStack() as exit_stack:
        yield await Officers(served_count, exit_stack).officer("Maud", Role.COMMISSION)


async def asked_for(count: ServedCount) -> UUID:
    """A round whose commission is to try its key."""
    round_id = await count.prepared(secrecy="sealed")
    asked = await count.client.post(f"/rounds/{round_id}/commission", MADE.said())
    assert asked.status == 201
    return round_id


async def closed(count: ServedCount, *, covered: bool = True) -> UUID:
    """A round with four sealed ballots whose commission tried its key; its box is closed."""
    round_id = await count.prepared(secrecy="sealed")
    tried = await sealed_round.tried(count, round_id, rebuild(SHARES), MADE.said())
    assert tried.status == 201
    await count.open(round_id)
    for voter, chosen in enumerate(([1], [1, 3], [], [1, 2, 3, 4]), start=1):
        await count.handle(sealed_round.sealed(round_id, voter, chosen, public=MADE.key))
    await count.handle(sealed_round.sealed(round_id, 1, [3], 2, public=MADE.key))
    await count.close(round_id)
    await count.box_closes(round_id, 5, 4, 6)
    if covered:
        await count.checkpoint(6)
    return round_id


async def test_members_open_a_round_with_three_shares(
    served_count: ServedCount, member: Browser
) -> None:
    round_id = await closed(served_count)
    page = await member.get(page_of(round_id))
    assert "0 of 4 ballots are open" in page.text
    await member.fill(page_of(round_id), page_of(round_id), **typed(*SHARES[4:7]))
    state = await served_count.eventually(
        round_id, lambda found: found["state"] == "decided", within=60
    )
    assert state["tally"] == {"1": 1, "2": 0, "3": 2, "4": 0}
    said = {each["key"]: each for each in await served_count.announced(BallotOpened)}
    assert len(said) == 4
    assert said[sealed_round.key_of(1)] == {
        "round_id": str(round_id),
        **sealed_round.opening(1, [3], 2),
    }
    assert "All 4 ballots are open" in (await member.get(page_of(round_id))).text
    kept = await served_count.connection.fetchval("select count(*) from sealed_ballot")
    assert kept == 0


async def test_nobody_is_asked_again_for_shares_of_ballots_that_are_just_open(
    served_count: ServedCount, member: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last ballot is opened between two looks of a page that is on its way."""
    round_id = await closed(served_count)

    async def slow(_session: AsyncSession, _titles: list[str]) -> dict[str, str]:
        await served_count.connection.execute("commit")
        await served_count.eventually(
            round_id, lambda found: found["state"] == "decided", within=60
        )
        return {}

    await served_count.connection.execute("begin")
    await served_count.connection.execute(
        "select from round where round_id = $1 for update", round_id
    )
    page = await member.get(page_of(round_id))
    form = page.fields(page_of(round_id)) | typed(*SHARES[:3])
    await member.post(page_of(round_id), form, follow=False)
    monkeypatch.setattr(routes, "words", slow)
    assert "The ballots are being opened" in (await member.get(page_of(round_id))).text


async def test_what_one_sitting_began_another_ends(
    served_count: ServedCount, member: Browser
) -> None:
    """The command opened a ballot before the machine was lost; the page opens the others."""
    round_id = await closed(served_count)
    state = (await served_count.client.ask("GET", f"/rounds/{round_id}/commission")).body
    test = sealed_round.opened_test(state["test"], rebuild(SHARES)).hex()
    said = await sealed_round.send(
        served_count, round_id, sealed_round.opening(2, [1, 3]), test=test
    )
    assert said.body == {"opened": 1, "left": 3}
    page = await member.get(page_of(round_id))
    assert "1 of 4 ballots are open" in page.text and "needs the shares again" in page.text
    form = page.fields(page_of(round_id)) | typed(*SHARES[:3])
    for _ in range(2):  # a double click
        answer = await member.post(page_of(round_id), form, follow=False)
        assert answer.status in (303, 409), answer.text
    await served_count.eventually(round_id, lambda found: found["state"] == "decided", within=60)
    assert len(await served_count.announced(BallotOpened)) == 4


async def test_every_member_types_her_share_before_the_round_opens(
    served_count: ServedCount, member: Browser
) -> None:
    round_id = await asked_for(served_count)
    form = await member.get(page_of(round_id))
    assert len([name for name in form.fields(page_of(round_id)) if name.startswith("share")]) == 7
    stranger = typed(*SHARES[:6], OTHERS[6])
    wrong = await member.fill(page_of(round_id), page_of(round_id), **stranger)
    assert (wrong.status, codes(wrong)) == (422, ["shares_apart"])
    assert await served_count.announced(CommissionPrepared) == []
    done = await member.fill(page_of(round_id), page_of(round_id), **typed(*SHARES))
    assert done.status == 200 and "The test ballot was opened with this key" in done.text
    [event] = await served_count.announced(CommissionPrepared)
    assert event == {"round_id": str(round_id), "commission": MADE.said()}
    assert (await served_count.open(round_id)).body["state"] == "open"
    assert "Nothing can be opened while people vote" in (await member.get(page_of(round_id))).text


def codes(page: Any) -> list[str]:
    """The codes that a page refuses shares with."""
    return [part.partition('"')[0] for part in page.text.split('data-code="')[1:]]


def altered(share: str, place: int, word: str) -> str:
    words = share.split()
    words[place - 1] = word if words[place - 1] != word else "acid"
    return " ".join(words)


@pytest.mark.parametrize(
    ("entered", "wanted", "said"),
    [
        ((altered(SHARES[0], 7, "mairie"), *SHARES[1:3]), ["share_word_unknown"], "word 7 is none"),
        ((SHARES[0], altered(SHARES[1], 9, "academic"), SHARES[2]), ["share_check_wrong"], ""),
        ((SHARES[0].rpartition(" ")[0], *SHARES[1:3]), ["share_length_wrong"], "it has 32 words"),
        (SHARES[:2], ["shares_too_few"], "not enough"),
        ((SHARES[0], SHARES[1], SHARES[0]), ["share_twice"], "there twice"),
        ((SHARES[0], SHARES[1], OTHERS[2]), ["shares_apart"], "Share 3"),
        (OTHERS[:3], ["other_commission"], "of another commission"),
        ((), ["shares_too_few"], ""),
    ],
    ids=["word", "check", "length", "few", "twice", "stranger", "others", "nothing"],
)
async def test_a_wrong_share_is_refused_and_nothing_of_any_comes_back(
    served_count: ServedCount,
    member: Browser,
    caplog: pytest.LogCaptureFixture,
    entered: tuple[str, ...],
    wanted: list[str],
    said: str,
) -> None:
    round_id = await closed(served_count)
    caplog.set_level(logging.DEBUG)
    page = await member.fill(page_of(round_id), page_of(round_id), **typed(*entered))
    assert (page.status, codes(page)) == (422, wanted)
    assert said in page.text
    assert all(
        value == ""
        for name, value in page.fields(page_of(round_id)).items()
        if name.startswith("share")
    )
    for share in entered:
        for n in range(len(share.split()) - 2):
            part = " ".join(share.split()[n : n + 3])
            assert part not in page.text and part not in caplog.text
    assert await served_count.announced(BallotOpened) == []


async def test_nothing_is_opened_before_a_checkpoint_covers_the_closing(
    served_count: ServedCount, member: Browser
) -> None:
    round_id = await closed(served_count, covered=False)
    page = await member.get(page_of(round_id))
    assert not page.forms() or page_of(round_id) not in page.forms()
    refused = await member.post(page_of(round_id), page.fields("/sign-out") | typed(*SHARES[:3]))
    assert refused.status == 409 and "not_covered" in refused.text
    assert await served_count.announced(BallotOpened) == []


async def test_the_page_is_for_members_alone(served_count: ServedCount, member: Browser) -> None:
    """An officer who may open and close a vote has no page to ask members for their shares on."""
    round_id = await closed(served_count)
    async with AsyncExitStack() as exit_stack:
        officers = Officers(served_count, exit_stack)
        for role in (Role.RETURNING_OFFICER, Role.ADMINISTRATOR):
            officer = await officers.officer(role, role)
            assert (await officer.get(page_of(round_id))).status == 403
            assert (await officer.get(DESK)).status == 403
        elsewhere = await officers.officer("Elsa", Role.COMMISSION, UUID(int=7))
        assert (await elsewhere.get(page_of(round_id))).status == 403
        assert str(round_id) not in (await elsewhere.get(DESK)).text
    assert str(round_id) in (await member.get(DESK)).text


async def test_an_opening_that_breaks_off_is_told_and_forgets_the_key(
    served_count: ServedCount, member: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    round_id = await closed(served_count)
    await served_count.connection.execute(
        "update sealed_ballot set revision = 7 where key = $1", sealed_round.key_of(1)
    )
    await member.fill(page_of(round_id), page_of(round_id), **typed(*SHARES[:3]))

    async def page() -> str:
        return (await member.get(page_of(round_id))).text

    await eventually(page, lambda found: "0 of 4 ballots are open" in found)
    assert "ended early" in caplog.text and SHARES[0][:30] not in caplog.text
