"""What anybody sees of a round: before, between and after decision and validation."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from comptoir.browser import Browser
from shared.events.voting import TokensIssued
from tests.strategies import Cast
from tests.voting.count.conftest import COSTS, ServedCount
from tests.voting.count.edition import COSTS as CENTS
from tests.voting.count.edition import TITLE, TITLES, Edition, Officers, rules
from tests.voting.count.test_desk import CASTS, by_two, decided, prepared
from voting.count.app import announce_tallies

SCRIPT = '<script>alert("1")</script>'
FORMULA = '=HYPERLINK("http://example.org";"look")'


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def edition(count: ServedCount, titles: tuple[str, ...] = TITLES) -> Edition:
    found = Edition(count, titles, CENTS)
    await found.publish(rules())
    return found


async def a_decided(
    count: ServedCount, officers: Officers, titles: tuple[str, ...] = TITLES
) -> tuple[Edition, Browser, Browser]:
    found = await edition(count, titles)
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await decided(found, one, other)
    return found, one, other


async def test_there_is_nothing_about_projects_before_the_decision(
    served_count: ServedCount, officers: Officers
) -> None:
    found = await edition(served_count)
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(found, one)
    await by_two(one, other, found, "open-round")
    await found.voted(*CASTS)
    visitor = await officers.visitor()
    seen = await visitor.get(f"/rounds/{found.round_id}/results")
    assert seen.status == 200 and "There is no result yet" in seen.text
    assert not any(title in seen.text for title in TITLES)
    for kind in ("csv", "json", "pb"):
        answer = await served_count.client.ask("GET", f"/rounds/{found.round_id}/results.{kind}")
        assert answer.refusal == (409, "not_decided")


async def test_a_result_is_provisional_until_two_officers_validate_it(
    served_count: ServedCount, officers: Officers
) -> None:
    found, one, other = await a_decided(served_count, officers)
    visitor = await officers.visitor()
    page = f"/rounds/{found.round_id}/results"
    assert "This result is provisional." in (await visitor.get(page)).text
    assert "provisional" in (await visitor.get("/rounds")).text
    as_json = await served_count.client.ask("GET", f"{page}.json")
    assert as_json.body["standing"] == "provisional"
    await by_two(one, other, found, "validate-result")
    seen = (await visitor.get(page)).text
    assert "provisional" not in seen and "This result is final." in seen
    row = await served_count.row(found.round_id)
    assert f"/explore/event/{row['validated_event']}" in seen


async def test_every_project_has_its_reason_and_every_figure_its_entry(
    served_count: ServedCount, officers: Officers
) -> None:
    found, *_ = await a_decided(served_count, officers)
    await served_count.handle(TokensIssued(round_id=found.round_id, issued={"A": 5}, final=True))
    seen = (await (await officers.visitor()).get(f"/rounds/{found.round_id}/results")).text
    assert TITLE in seen and seen.index(TITLES[0]) < seen.index("Why not this one?")
    sentences = (
        "With 2 votes it came 2nd. It asks for 30 000 € and 10 000 € were left. It would have been"
        " funded at 20 000 € less, or with 1 more vote.",
        "With 1 vote it came 3rd. It asks for",
        "Nobody voted for it. A project without a vote gets nothing, even where money is left.",
    )
    for sentence in sentences:
        assert sentence in seen.replace("\u202f", " "), sentence
    assert "60%" in seen  # three of five
    rows = await served_count.connection.fetch(
        "select decided_event from option where round_id = $1", found.round_id
    )
    row = await served_count.row(found.round_id)
    events = [each["decided_event"] for each in rows]
    events += [row[name] for name in ("allocation_event", "box_event", "issued_event")]
    assert all(f"/explore/event/{event}" in seen for event in events)
    assert "the roll could link a vote" in seen


@pytest.mark.parametrize("page", ["results", "live"])
async def test_words_are_words_in_every_page(
    served_count: ServedCount, officers: Officers, page: str
) -> None:
    titles = (SCRIPT, "\"onclick='x'", "</title><b>", FORMULA)
    found, one, _ = await a_decided(served_count, officers, titles)
    for browser in (one, await officers.visitor()):
        seen = (await browser.get(f"/rounds/{found.round_id}/{page}")).text
        assert "&lt;script&gt;" in seen
        assert "<script>alert" not in seen and "</title><b>" not in seen
        assert "onclick='x'" not in seen
    agreements = (await one.get(f"/desk/rounds/{found.round_id}/agreements")).text
    assert "<script>alert" not in agreements


async def test_no_title_is_a_formula_in_a_spreadsheet(
    served_count: ServedCount, officers: Officers
) -> None:
    titles = (FORMULA, "+1", "-1", "@SUM(A1)")
    found, *_ = await a_decided(served_count, officers, titles)
    answer = await served_count.client.ask("GET", f"/rounds/{found.round_id}/results.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.raw.decode())))
    assert [line["title"] for line in lines] == [f"'{titles[n - 1]}" for n in (1, 3, 4, 2)]
    assert [line["votes"] for line in lines] == ["3", "2", "1", "0"]
    assert lines[0]["reason"] == "funded"
    assert lines[1]["why_en"].startswith("With 2 votes it came 2nd.")
    assert (lines[1]["needs"], lines[1]["cheaper_by"]) == ("3000000", "2000000")


async def test_erased_words_are_gone_from_the_pages_and_no_result_changes(
    served_count: ServedCount, officers: Officers
) -> None:
    found, *_ = await a_decided(served_count, officers)
    path = f"/rounds/{found.round_id}/results"
    before = (await served_count.client.ask("GET", f"{path}.json")).body
    await found.erase(TITLES[0])
    after = (await served_count.client.ask("GET", f"{path}.json")).body
    seen = (await (await officers.visitor()).get(path)).text
    assert TITLES[0] not in seen and "its title was erased" in seen
    assert after["projects"][0].pop("title") is None
    assert before["projects"][0].pop("title") == TITLES[0]
    assert before == after


async def test_pages_are_in_french_and_in_english(
    served_count: ServedCount, officers: Officers
) -> None:
    found, *_ = await a_decided(served_count, officers)
    for language, words in (("fr", "Pourquoi pas celui-ci"), ("en", "Why not this one?")):
        visitor = await officers.visitor(language)
        seen = (await visitor.get(f"/rounds/{found.round_id}/results")).text
        assert words in seen and f'<html lang="{language}">' in seen


async def test_the_live_page_works_without_a_script(
    served_count: ServedCount, officers: Officers
) -> None:
    found = await edition(served_count)
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(found, one)
    await by_two(one, other, found, "open-round")
    await found.voted(*CASTS)
    visitor = await officers.visitor()
    seen = await visitor.get(f"/rounds/{found.round_id}/live")
    assert '<noscript><meta http-equiv="refresh"' in seen.text
    assert "<strong data-voters>3</strong>" in seen.text
    assert "the roll could link a vote" in seen.text
    assert "script-src 'self'" in seen.headers["Content-Security-Policy"]
    assert 'style="' not in seen.text


async def test_an_imported_round_has_its_pages_too(
    served_count: ServedCount, officers: Officers
) -> None:
    """Without a charter and, here, without words."""
    round_id = await served_count.opened()
    visitor = await officers.visitor()
    assert (await visitor.get(f"/rounds/{round_id}/live")).status == 200
    await served_count.close(round_id)
    await served_count.box_closes(round_id, 0, 0, 1)
    await served_count.checkpoint(1)
    await served_count.decide()
    seen = await visitor.get(f"/rounds/{round_id}/results")
    assert seen.status == 200 and "No project was funded." in seen.text
    assert str(len(COSTS)) in seen.text
    assert str(round_id) in (await visitor.get("/rounds")).text


@pytest.mark.parametrize(
    "page", ["results", "live", "results.csv", "results.json", "results.pb", "events"]
)
async def test_there_is_no_page_of_a_round_that_is_not_there(
    served_count: ServedCount, page: str
) -> None:
    answer = await served_count.client.ask("GET", f"/rounds/{uuid4()}/{page}")
    assert answer.refusal == (404, "round_unknown")


async def test_turnout_is_sampled_as_it_grows(served_count: ServedCount) -> None:
    round_id = await served_count.opened()

    async def sampled() -> int:
        found = await served_count.connection.fetchval(
            "select max(voters) from turnout where round_id = $1", round_id
        )
        return int(found)

    assert await sampled() == 0
    found = await edition(served_count)
    found.round_id = round_id
    await found.voted(Cast(1, 1, (1,)), Cast(2, 1, (1,)), Cast(1, 2, (2,)))
    await announce_tallies(served_count.database)
    assert await sampled() == 2
    assert (await served_count.row(round_id))["voters"] == 2
