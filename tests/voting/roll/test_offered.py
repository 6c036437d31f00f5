"""Charters, options and words, in whatever order they come."""

from itertools import permutations

import pytest

from shared.delivery import Erased
from shared.events.submission import PhaseRedated, TextPublished
from tests.opening import HASH
from tests.voting.roll.conftest import Roll
from tests.voting.roll.elections import OPTIONS, TITLE, Edition
from tests.voting.roll.signed_in import signed_in
from voting.roll.offered import queries
from voting.roll.offered.sentences import split


async def shown(roll: Roll, edition: Edition) -> tuple[queries.RoundShown, list[str | None]]:
    found = await queries.round_shown(roll.connection, edition.round_id)
    assert found is not None
    options = await queries.options_shown(roll.connection, edition.round_id)
    return found, [option.title for option in options]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_nothing_is_lost_whichever_topic_comes_first(
    roll: Roll, order: tuple[int, ...]
) -> None:
    edition = Edition()
    arriving = ([edition.charter()], edition.texts(), edition.preparation())
    for topic in order:
        await roll.handle(*arriving[topic])
        await roll.handle(*arriving[topic])
    found, titles = await shown(roll, edition)
    assert (found.title, found.state) == (TITLE, "prepared")
    assert found.rules is not None and found.opens_at == found.rules.phases[0].opens_at
    assert titles == [title for title, *_ in OPTIONS]


async def test_an_option_keeps_cost_territory_and_summary(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    options = await queries.options_shown(roll.connection, edition.round_id)
    assert [(o.title, o.summary, o.cost, o.territory) for o in options] == list(OPTIONS)


async def test_a_tombstone_deletes_the_words_and_nothing_else(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    await roll.handle(Erased(edition.words[1][0].content_id), Erased(HASH))
    _, titles = await shown(roll, edition)
    assert titles == [OPTIONS[0][0], None, OPTIONS[2][0], OPTIONS[3][0]]
    kept = await roll.connection.fetch("select value from words")
    assert OPTIONS[1][0] not in {row["value"] for row in kept}


async def test_words_that_are_not_those_committed_to_are_left_out(roll: Roll) -> None:
    edition = Edition()
    title = edition.words[0][0]
    other = TextPublished(content_id=title.content_id, value="Another title", salt=title.salt)
    await roll.handle(*edition.preparation(), other)
    assert (await shown(roll, edition))[1][0] is None
    await roll.handle(title, other)
    assert (await shown(roll, edition))[1][0] == OPTIONS[0][0]


async def test_a_redated_vote_counts_until_the_round_has_its_window(roll: Roll) -> None:
    edition = Edition(opens=7200, closes=9000)
    await roll.handle(*edition.preparation(), edition.charter())
    later = edition.opens_at.replace(year=2099)
    redated = PhaseRedated(
        programme_id=edition.programme_id,
        phase="vote",
        opens_at=later,
        closes_at=later,
        reason=HASH,
    )
    await roll.handle(redated, redated.model_copy(update={"phase": "ideas"}))
    assert (await shown(roll, edition))[0].opens_at == later
    opening = await edition.opening(roll)
    await roll.handle(opening)
    assert (await shown(roll, edition))[0].opens_at == opening.opens_at


async def test_the_first_page_lists_what_is_not_over(roll: Roll) -> None:
    open_now, over = Edition(), Edition(-60, -1)
    for edition in (open_now, over):
        await edition.held(roll)
    page = (await roll.client.ask("GET", "/", Accept="text/html")).raw.decode()
    assert f"/rounds/{open_now.round_id}/vote" in page
    assert f"/rounds/{open_now.round_id}/register" in page
    assert str(over.round_id) not in page


@pytest.mark.parametrize("state", ["open", "closed", "imported"])
@pytest.mark.parametrize(("language", "said"), [("en", "a rehearsal"), ("fr", "une répétition")])
async def test_every_page_of_a_rehearsal_says_so_once(
    roll: Roll, state: str, language: str, said: str
) -> None:
    edition = Edition(imported=state == "imported")
    await edition.held(roll)
    if state == "closed":
        await roll.close(edition.round_id)
    pages = [f"/rounds/{edition.round_id}/{p}" for p in ("register", "registered", "vote")]
    for page in pages if state == "closed" else ["/", *pages]:
        answer = await roll.client.ask("GET", f"{page}?lang={language}", Accept="text/html")
        assert answer.status == 200 and answer.raw.decode().count(said) == 1, page


@pytest.mark.parametrize("rehearsal", [True, False], ids=["rehearsal", "in-earnest"])
async def test_every_page_of_a_desk_says_what_its_round_is(roll: Roll, rehearsal: bool) -> None:
    edition = Edition(said={"rehearsal": rehearsal})
    await edition.held(roll)
    at = f"/desk/rounds/{edition.round_id}"
    pages = ("/desk", at, *(f"{at}/{p}" for p in ("held", "lessons", "reissues", "counter")))
    async with signed_in(roll, edition.programme_id) as officer:
        for page in (*pages, f"/desk/paper/rounds/{edition.round_id}"):
            seen = await officer.get(f"{page}?lang=en")
            assert seen.status == 200, page
            assert seen.text.count("This is a rehearsal") == rehearsal, page


async def test_beside_a_vote_in_earnest_a_rehearsal_says_itself_what_it_is(roll: Roll) -> None:
    earnest, rehearsed = Edition(said={"rehearsal": False}), Edition()
    await earnest.held(roll)
    await rehearsed.held(roll)
    page = (await roll.client.ask("GET", "/?lang=en", Accept="text/html")).raw.decode()
    assert "a rehearsal" not in page and page.count("rehearsal</span>") == 1


@pytest.mark.parametrize(
    ("secrecy", "said"),
    [("live", "Ballots become public during the vote"), ("sealed", "Your ballot is secret")],
)
async def test_a_vote_in_earnest_says_what_becomes_public(
    roll: Roll, secrecy: str, said: str
) -> None:
    edition = Edition(said={"secrecy": secrecy, "rehearsal": False})
    await edition.held(roll)
    for page in ("/", *(f"/rounds/{edition.round_id}/{p}" for p in ("register", "vote"))):
        answer = await roll.client.ask("GET", f"{page}?lang=en", Accept="text/html")
        text = answer.raw.decode()
        assert "a rehearsal" not in text
        assert text.count(said) == (page != "/")


@pytest.mark.parametrize(
    ("summary", "first", "rest"),
    [
        ("", "", ""),
        ("One sentence.", "One sentence.", ""),
        ("One. Two. Three.", "One.", "Two. Three."),
        ("At 12.50 € a head! Then more", "At 12.50 € a head!", "Then more"),
        ("word " * 100, ("word " * 40).strip(), ("word " * 60).strip()),
        ("x" * 250, "x" * 200, "x" * 50),
    ],
)
def test_a_card_has_one_sentence_and_the_rest_in_reserve(
    summary: str, first: str, rest: str
) -> None:
    assert split(summary) == (first, rest)
