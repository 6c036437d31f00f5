"""A sealed round: its commission tries its key, nobody sees a vote, and openings become votes."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared import sealing
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.voting import (
    AllocationPublished,
    BallotCast,
    OptionDecided,
    RoundOpened,
    TallyUpdated,
)
from shared.sealing import Place
from shared.unsealing import Sealed, openings
from tests.serving import Answer
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import COSTS, TITLES, Edition, Officers, rules
from voting.count.charters import vote_of

KEY = X25519PrivateKey.from_private_bytes(b"the commission of these tests 32")
PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()
COMMISSION = {"key": PUBLIC, "threshold": 3, "shares": 7}
SALT = bytes(range(32))


async def tried(
    count: ServedCount, round_id: UUID, key: X25519PrivateKey = KEY, asked: Any = COMMISSION
) -> Answer:
    """An officer says whose the key is, and its holders open the test ballot."""
    state = await count.client.post(f"/rounds/{round_id}/commission", asked)
    assert state.status == 201, state.raw
    salt = opened_test(state.body["test"], key)
    return await count.client.ask(
        "POST", f"/rounds/{round_id}/commission/tried", {"salt": salt.hex()}
    )


def opened_test(test: dict[str, Any], key: X25519PrivateKey = KEY) -> bytes:
    """The salt in a test ballot."""
    place = Place(test["round"], test["tier"], test["key"], test["revision"])
    choices, salt = sealing.open_sealed(key, place, test["sealed"])
    assert choices == []
    return salt


async def opened(count: ServedCount, **others: Any) -> UUID:
    """A sealed round in which ballots count."""
    round_id = await count.prepared(secrecy="sealed", **others)
    assert (await tried(count, round_id)).status == 201
    assert (await count.open(round_id)).body["state"] == "open"
    return round_id


def key_of(voter: int) -> str:
    return b64encode(voter.to_bytes(32)).decode()


def sealed(
    round_id: UUID,
    voter: int,
    chosen: Sequence[Any],
    revision: int = 1,
    tier: str = "A",
    public: str = PUBLIC,
) -> BallotCast:
    """A sealed ballot as count takes it from the box; nobody but the commission unseals it."""
    place = Place(str(round_id), tier, key_of(voter), revision)
    return BallotCast.model_validate(
        {
            "v": 1,
            "round": round_id,
            "tier": tier,
            "key": place.key,
            "token": "A" * 512,
            "revision": revision,
            "commitment": sealing.commitment(place, chosen, SALT),
            "sealed": sealing.seal(public, place, chosen, SALT, 128),
            "sig": "A" * 86 + "==",
        }
    )


def opening(voter: int, chosen: Sequence[Any] | None, revision: int = 1) -> dict[str, Any]:
    """What the commission says of a ballot; None where it cannot open it."""
    said = {"key": key_of(voter), "revision": revision}
    return said if chosen is None else said | {"choices": chosen, "salt": SALT.hex()}


async def send(count: ServedCount, round_id: UUID, *openings: Any, test: str = "") -> Answer:
    """Openings, from whoever opened the test ballot."""
    state = (await count.client.ask("GET", f"/rounds/{round_id}/commission")).body
    told = test or opened_test(state["test"]).hex()
    sent = {"test": told, "openings": openings}
    return await count.client.ask("POST", f"/rounds/{round_id}/openings", sent)


async def closed(count: ServedCount, *, covered: bool = True) -> UUID:
    """Four voters, one of whom changed her mind; the box is closed."""
    round_id = await opened(count)
    await count.handle(
        sealed(round_id, 1, [1]),
        sealed(round_id, 2, [1, 3]),
        sealed(round_id, 1, [3], 2),
        sealed(round_id, 3, []),
        sealed(round_id, 4, [1, 2, 3, 4]),
    )
    await count.close(round_id)
    await count.box_closes(round_id, 5, 4, 6)
    if covered:
        await count.checkpoint(6)
    return round_id


OPENINGS = (opening(1, [3], 2), opening(2, [1, 3]), opening(3, []), opening(4, [1, 2, 3, 4]))


async def test_who_opens_the_test_ballot_is_the_commission(served_count: ServedCount) -> None:
    round_id = await served_count.prepared(secrecy="sealed")
    answer = await tried(served_count, round_id)
    assert answer.body == {"round_id": str(round_id), "commission": COMMISSION}
    [event] = await served_count.announced(CommissionPrepared)
    assert event == {"round_id": str(round_id), "commission": COMMISSION}
    assert (await tried(served_count, round_id)).status == 201  # again: nothing more happens
    assert len(await served_count.announced(CommissionPrepared)) == 1
    other = await served_count.client.post(
        f"/rounds/{round_id}/commission", COMMISSION | {"shares": 5}
    )
    assert other.refusal == (409, "commission_exists")
    await served_count.open(round_id)
    [frozen] = await served_count.announced(RoundOpened)
    assert (frozen["secrecy"], frozen["commission"], frozen["padded"]) == (
        "sealed",
        COMMISSION,
        128,
    )


async def test_who_cannot_open_it_is_not(served_count: ServedCount) -> None:
    round_id = await served_count.prepared(secrecy="sealed")
    path = f"/rounds/{round_id}/commission"
    guess = {"salt": bytes(32).hex()}
    nobody = await served_count.client.ask("POST", f"{path}/tried", guess)
    assert nobody.refusal == (409, "commission_unknown")
    assert (await served_count.client.ask("POST", path, COMMISSION)).status == 401
    await served_count.client.post(path, COMMISSION)
    wrong = await served_count.client.ask("POST", f"{path}/tried", guess)
    assert wrong.refusal == (403, "not_the_commission")
    # The key of another round opens nothing here.
    other = await served_count.prepared(secrecy="sealed")
    await served_count.client.post(f"/rounds/{other}/commission", COMMISSION)
    state = (await served_count.client.ask("GET", f"/rounds/{other}/commission")).body
    salt = {"salt": opened_test(state["test"]).hex()}
    copied = await served_count.client.ask("POST", f"{path}/tried", salt)
    assert copied.refusal == (403, "not_the_commission")
    assert (await served_count.open(round_id)).refusal == (409, "commission_missing")
    assert await served_count.announced(CommissionPrepared) == []


@pytest.mark.parametrize("key", [bytes(32), b"\1" + bytes(31)], ids=["zero", "one"])
async def test_a_key_that_seals_nothing_is_refused(served_count: ServedCount, key: bytes) -> None:
    round_id = await served_count.prepared(secrecy="sealed")
    asked = COMMISSION | {"key": b64encode(key).decode()}
    answer = await served_count.client.post(f"/rounds/{round_id}/commission", asked)
    assert answer.refusal == (422, "key_unusable")


async def test_a_key_that_takes_more_shares_than_there_are_is_refused(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.prepared(secrecy="sealed")
    asked = COMMISSION | {"threshold": 5, "shares": 3}
    answer = await served_count.client.post(f"/rounds/{round_id}/commission", asked)
    assert answer.refusal == (422, "key_unusable")


async def test_a_round_in_the_open_has_no_commission(served_count: ServedCount) -> None:
    round_id = await served_count.prepared()
    path = f"/rounds/{round_id}/commission"
    assert (await served_count.client.post(path, COMMISSION)).refusal == (409, "not_sealed")
    assert (await served_count.client.ask("GET", path)).refusal == (409, "not_sealed")


async def test_turnout_is_seen_and_no_vote_before_all_are(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    state = await served_count.eventually(round_id, lambda found: found["ballots"] == 5)
    assert (state["tally"], state["secrecy"], state["openings"]) == ({}, "sealed", 0)
    assert (await send(served_count, round_id, *OPENINGS[:3])).body == {"opened": 3, "left": 1}
    assert (await served_count.state(round_id))["tally"] == {}
    page = (await served_count.client.ask("GET", f"/rounds/{round_id}/live")).raw.decode()
    assert "data-votes" not in page
    await send(served_count, round_id, OPENINGS[3])
    state = await served_count.eventually(round_id, lambda found: found["state"] == "decided")
    # Of four choices three are allowed: that ballot is void.
    assert state["tally"] == {"1": 1, "2": 0, "3": 2, "4": 0}
    tallies = await served_count.announced(TallyUpdated)
    assert [tally["votes"] for tally in tallies if not tally["final"]].count({}) == len(tallies) - 1
    assert tallies[-1]["votes"] == state["tally"] and tallies[-1]["final"]
    [summary] = await served_count.announced(AllocationPublished)
    assert (summary["ballots"], summary["blank"], summary["void"]) == (4, 1, {"too_many": 1})
    assert len(await served_count.announced(OptionDecided)) == 4


async def test_every_opening_is_published_as_it_was_said(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    for _ in range(2):  # said again, it is not published again
        assert (await send(served_count, round_id, *OPENINGS)).body["left"] == 0
    found = await served_count.announced(BallotOpened)
    assert found == [{"round_id": str(round_id), **each} for each in OPENINGS]


async def test_what_nobody_can_read_is_void_with_a_reason(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    lying = opening(2, [1, 4])
    malformed = opening(4, [4, 3])
    await send(served_count, round_id, opening(1, None, 2), lying, OPENINGS[2], malformed)
    await served_count.eventually(round_id, lambda found: found["state"] == "decided")
    [summary] = await served_count.announced(AllocationPublished)
    # What is not the ballot's is never read: no vote comes of it.
    assert summary["void"] == {"unopened": 1, "commitment_broken": 2}
    assert (summary["ballots"], summary["counted"]) == (4, 0)
    assert (await served_count.state(round_id))["tally"] == {"1": 0, "2": 0, "3": 0, "4": 0}


async def test_what_was_copied_into_another_ballot_is_opened_for_nobody_and_void(
    served_count: ServedCount,
) -> None:
    """Whoever sees a ballot can cast what is sealed in it under a key of her own. It says nothing
    there; the vote that was copied counts once, and what it is never shows by the copy."""
    round_id = await opened(served_count)
    own = sealed(round_id, 1, [1, 3])
    copied = {"commitment": own.commitment, "sealed": own.sealed}
    cast = [own, sealed(round_id, 2, [2]), sealed(round_id, 3, [2]).model_copy(update=copied)]
    # Her own earlier revision, said again as a later one, is a copy as well.
    cast += [sealed(round_id, 4, [4]), sealed(round_id, 4, [2], 2)]
    again = {"commitment": cast[3].commitment, "sealed": cast[3].sealed}
    cast[4] = cast[4].model_copy(update=again)
    await served_count.handle(*cast)
    await served_count.close(round_id)
    await served_count.box_closes(round_id, 5, 4, 6)
    await served_count.checkpoint(6)
    last = {each.key: Sealed(each.tier, each.revision, each.sealed or "") for each in cast}
    told = {each["key"]: each for each in openings(KEY, str(round_id), last)}
    nothing = [opening(3, None), opening(4, None, 2)]
    assert told == {each["key"]: each for each in (opening(1, [1, 3]), opening(2, [2]), *nothing)}
    assert (await send(served_count, round_id, *told.values())).body["left"] == 0
    await served_count.eventually(round_id, lambda found: found["state"] == "decided")
    [summary] = await served_count.announced(AllocationPublished)
    assert (summary["ballots"], summary["counted"]) == (4, 2)
    assert summary["void"] == {"unopened": 2}
    assert (await served_count.state(round_id))["tally"] == {"1": 1, "2": 1, "3": 1, "4": 0}


async def test_a_ballot_that_says_nonsense_is_void_by_its_shape(served_count: ServedCount) -> None:
    round_id = await opened(served_count)
    await served_count.handle(sealed(round_id, 1, [4, 3]), sealed(round_id, 2, [[1, 1]]))
    await served_count.close(round_id)
    await served_count.box_closes(round_id, 2, 2, 3)
    await served_count.checkpoint(3)
    await send(served_count, round_id, opening(1, [4, 3]), opening(2, [[1, 1]]))
    await served_count.eventually(round_id, lambda found: found["state"] == "decided")
    [summary] = await served_count.announced(AllocationPublished)
    assert summary["void"] == {"malformed": 2}


async def _refused(count: ServedCount, what: str) -> Answer:
    match what:
        case "before the checkpoint":
            return await send(count, await closed(count, covered=False), OPENINGS[0])
        case "before closing":
            round_id = await opened(count)
            return await send(count, round_id, OPENINGS[0], test="00" * 32)
        case "before opening":
            round_id = await count.prepared(secrecy="sealed")
            return await send(count, round_id, OPENINGS[0], test="00" * 32)
        case "a round in the open":
            return await send(count, await count.opened(), OPENINGS[0], test="00" * 32)
        case "without the commission's key":
            return await send(count, await closed(count), OPENINGS[0], test="00" * 32)
        case "with the test of before":
            round_id = await count.prepared(secrecy="sealed")
            salt = (await count.client.post(f"/rounds/{round_id}/commission", COMMISSION)).body
            before = opened_test(salt["test"]).hex()
            await tried(count, round_id)
            await count.open(round_id)
            await count.close(round_id)
            return await send(count, round_id, OPENINGS[0], test=before)
        case "an earlier revision":
            return await send(count, await closed(count), opening(1, [1], 1))
        case "nobody's ballot":
            return await send(count, await closed(count), OPENINGS[1], opening(9, [1]))
        case "a key twice":
            return await send(count, await closed(count), OPENINGS[1], OPENINGS[1])
        case "nothing":
            return await send(count, await closed(count))
        case "what is no choice":
            return await send(count, await closed(count), opening(2, ["one"]))
        case "choices without a salt" | "a salt without choices":
            left = "salt" if what == "choices without a salt" else "choices"
            half = {name: said for name, said in OPENINGS[1].items() if name != left}
            return await send(count, await closed(count), OPENINGS[2], half)
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("before the checkpoint", 409, "not_covered"),
        ("before closing", 409, "wrong_state"),
        ("before opening", 409, "not_covered"),
        ("a round in the open", 409, "not_sealed"),
        ("without the commission's key", 403, "not_the_commission"),
        ("with the test of before", 403, "not_the_commission"),
        ("an earlier revision", 422, "ballot_unknown"),
        ("nobody's ballot", 422, "ballot_unknown"),
        ("a key twice", 422, "opening_malformed"),
        ("nothing", 422, "opening_malformed"),
        ("what is no choice", 422, "opening_malformed"),
        ("choices without a salt", 422, "opening_malformed"),
        ("a salt without choices", 422, "opening_malformed"),
    ],
)
async def test_what_is_no_opening_is_refused_and_opens_nothing(
    served_count: ServedCount, what: str, status: int, code: str
) -> None:
    answer = await _refused(served_count, what)
    assert answer.refusal == (status, code), answer.raw
    assert await served_count.announced(BallotOpened) == []


async def test_an_opening_is_not_taken_back(served_count: ServedCount) -> None:
    round_id = await closed(served_count)
    await send(served_count, round_id, OPENINGS[1])
    for other in (opening(2, None), opening(2, [1])):
        assert (await send(served_count, round_id, other)).refusal == (409, "opened_otherwise")
    assert len(await served_count.announced(BallotOpened)) == 1


async def test_under_a_charter_officers_say_whose_the_key_is(served_count: ServedCount) -> None:
    edition = Edition(served_count, TITLES, COSTS)
    vote = vote_of(rules()).model_dump() | {"secrecy": "sealed"}
    await edition.publish(rules(vote=vote))
    path = f"/rounds/{edition.round_id}/commission"
    async with AsyncExitStack() as exit_stack:
        officers = Officers(served_count, exit_stack)
        one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
        await one.fill("/desk/rounds", f"/desk/rounds/{edition.round_id}/prepare")
        await edition.keys()
        by_key = await served_count.client.post(path, COMMISSION)
        assert by_key.refusal == (403, "needs_person")
        action, desk = f"/desk{path}", "/desk/rounds"
        seen = await one.get(desk)
        assert "waits for its commission" in seen.text and "/acts/open-round" not in seen.text
        wrong = await one.fill(desk, action, key="a key", threshold="3", shares="7")
        assert wrong.status == 422
        said = {name: str(value) for name, value in COMMISSION.items()}
        assert (await one.fill(desk, action, **said)).status == 200
        assert PUBLIC in (await other.get(desk)).text
        state = (await served_count.client.ask("GET", path)).body
        salt = {"salt": opened_test(state["test"]).hex()}
        tried = await served_count.client.ask("POST", f"{path}/tried", salt)
        assert tried.status == 201
        opening = f"/desk/rounds/{edition.round_id}/acts/open-round"
        await one.fill(desk, opening, reason="as planned")
        # What the second officer confirms names the key.
        asked = await other.get("/desk/acts")
        assert PUBLIC in asked.text
        [confirm] = [each for each in asked.forms() if each.endswith("/confirm")]
        await other.post(confirm, asked.fields(confirm))
    [frozen] = await served_count.announced(RoundOpened)
    assert (frozen["secrecy"], frozen["commission"]) == ("sealed", COMMISSION)
