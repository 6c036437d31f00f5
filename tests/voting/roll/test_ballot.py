"""The voting page as it is served, before its script runs: what each format says to a voter."""

import html
import re

import pytest

from shared.events.ballots import Contests, Decision, Format
from shared.events.voting import OptionListed
from shared.refusal import Refusal
from tests.opening import HASH
from tests.voting.roll.conftest import Roll
from tests.voting.roll.elections import Edition
from tests.voting.roll.forms import EACH
from voting import formats
from voting.box import app as box
from voting.box.ballots import ChoicesRefused
from voting.formats.choices import NUMBERS, one_ballot
from voting.roll.codes import CodeMalformed, CodeUnknown, CodeUsed, VotingCodeTaken
from voting.roll.offered import queries
from voting.roll.tokens import BlindedRefused, SignatureWrong

SHAPE = {"choice_malformed", "option_unknown", "option_twice", "choices_unordered"}
# What the roll says to somebody who asks for a token.
ROLL = {
    kind.code
    for kind in (
        *(CodeMalformed, CodeUnknown, CodeUsed, VotingCodeTaken),
        *(BlindedRefused, SignatureWrong),
    )
}
_STATUSES: dict[type[Refusal], int] = {**box.STATUSES}
BOX = {kind.code for kind in _STATUSES if kind is not ChoicesRefused}


def codes(form: Format) -> set[str]:
    """What a ballot of this format can be refused for, by shape and by the limits that it has."""
    limits = {code for code, _ in formats.void(form, one_ballot(form, [], [], []))}
    outside = set() if form.type in NUMBERS else {"value_out_of_bounds"}
    unlimited = {"too_many"} if not isinstance(form, Contests) and not has(form, "max") else set()
    unlimited |= {"too_few"} if not isinstance(form, Contests) and not has(form, "min") else set()
    return SHAPE | outside | limits - {"malformed"} - unlimited


def has(form: Format, limit: str) -> bool:
    return bool(getattr(form, limit, None))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_refusal_has_a_sentence_in_every_format(roll: Roll, language: str) -> None:
    for form in EACH.values():
        edition = Edition(form=form)
        await edition.held(roll)
        page = await shown(roll, edition, language)
        sentences = {
            code: sentence
            for said, sentence in re.findall(r'data-says="([^"]+)">([^<]+)</li>', page)
            for code in said.split()
        }
        missing = (codes(form) | BOX | ROLL) - sentences.keys()
        assert not missing, form.type
        assert not {"too_many_choices", "too_few_choices"} & sentences.keys()


@pytest.mark.parametrize("name", EACH)
async def test_a_card_has_no_control_without_the_script(roll: Roll, name: str) -> None:
    """The script puts the one of the page on each: what is seen without it is not a form."""
    edition = Edition(form=EACH[name])
    await edition.held(roll)
    page = await shown(roll, edition, "en")
    cards = page[page.index("data-options") : page.index("<template data-control>")]
    assert "<input" not in cards and "<select" not in cards
    assert page.count("<template data-control>") == 1


async def test_contests_are_of_the_group_that_the_format_names(roll: Roll) -> None:
    """An option's first value of the kind counts, as when ballots are counted."""
    form = EACH["contests"].model_copy(update={"group": "canton"})
    edition = Edition(form=form)
    await edition.held(roll)
    groups = {"canton": ("arras-1", "arras-2")}
    await roll.handle(
        OptionListed(
            round_id=edition.round_id,
            option_id=edition.round_id,
            number=5,
            cost=100,
            title=HASH,
            territory="artois",
            groups=groups,
        )
    )
    options = await queries.options_shown(roll.connection, edition.round_id)
    assert [option.contest(form) for option in options] == [None, None, None, None, "arras-1"]
    assert [option.contest(Decision(members=3)) for option in options] == [None] * 5
    by_territory = [option.contest(EACH["contests"]) for option in options]
    assert by_territory == ["artois", "calaisis", "artois", "calaisis", "artois"]
    assert 'data-contest="arras-1"' in await shown(roll, edition, "en")


@pytest.mark.parametrize(
    ("language", "mark", "why"),
    [
        (
            "en",
            "withdrawn",
            "This project was withdrawn: “The <field> is sold”. Whatever its votes",
        ),
        ("fr", "retiré", "Ce projet a été retiré : « The <field> is sold ». Quels que soient"),
    ],
)
async def test_a_withdrawn_option_says_so_and_why_and_can_be_named(
    roll: Roll, language: str, mark: str, why: str
) -> None:
    """Wherever its title is read out; the box takes it, so that it has its control."""
    edition = Edition(form=EACH["approval"], withdrawn={2: "The <field> is sold"})
    await roll.handle(*edition.texts(), *edition.preparation())
    for state in ("prepared", "open"):
        if state == "open":
            await roll.handle(edition.charter(), await edition.opening(roll))
        page = (await shown(roll, edition, language)).replace("\u202f", " ")
        cards = page.split("data-option=")[1:]
        said = [html.unescape(re.sub(r"<[^>]*>", " ", card)) for card in cards]
        assert [(mark in card, why in card) for card in said] == [
            (number == 2, number == 2) for number in range(1, 5)
        ], state
        [heading] = re.findall(r"<h3 data-brief>(.*?)</h3>", cards[1], re.DOTALL)
        assert mark in heading


async def shown(roll: Roll, edition: Edition, language: str) -> str:
    address = f"/rounds/{edition.round_id}/vote?lang={language}"
    answer = await roll.client.ask("GET", address, Accept="text/html")
    assert answer.status == 200
    return answer.raw.decode()


async def test_voters_are_told_that_their_batch_may_be_smaller(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    told = "Where fewer than 30 do so in the whole vote, theirs are one smaller batch"
    assert told not in await shown(roll, edition, "en")  # nothing waits for others in a rehearsal
    assert await roll.connection.fetchval("select batch from round") == 1
    await roll.connection.execute("update round set batch = 30")
    assert told in await shown(roll, edition, "en")
    assert "this hour is later by as much" in await shown(roll, edition, "en")
