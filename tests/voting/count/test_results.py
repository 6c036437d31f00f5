"""What anybody sees of a round: before, between and after decision and validation."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from comptoir.browser import Browser
from shared.events.roll import AgeBand, RegistrationsCounted
from shared.events.voting import TokensIssued
from tests.strategies import Cast
from tests.voting.count.conftest import COSTS, ServedCount, ballot
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
    assert "This is a rehearsal" in seen


async def test_second_codes_are_shown_as_the_most_that_is_counted_twice(
    served_count: ServedCount, officers: Officers
) -> None:
    found, *_ = await a_decided(served_count, officers)
    page, visitor = f"/rounds/{found.round_id}/results", await officers.visitor()
    issued = {"A": 5, "B": 3}
    await served_count.handle(TokensIssued(round_id=found.round_id, issued=issued, final=False))
    assert "counted twice" not in (await visitor.get(page)).text
    assert (await served_count.client.ask("GET", f"{page}.json")).body["reissued"] == {}
    again = {"A": 2, "B": 1}
    await served_count.handle(
        TokensIssued(round_id=found.round_id, issued=issued, reissued=again, final=True)
    )
    assert "3 second codes were given" in (await visitor.get(page)).text
    assert (await served_count.client.ask("GET", f"{page}.json")).body["reissued"] == again


@pytest.mark.parametrize("declared", [30, 29])
async def test_votes_are_told_by_tier_where_no_tier_is_that_of_few(
    served_count: ServedCount, officers: Officers, declared: int
) -> None:
    """30 voters of tier A are for project 1, so many of tier B for 2, one of them for both."""
    found = await edition(served_count)
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(found, one)
    await by_two(one, other, found, "open-round")
    cast = [ballot(found.round_id, Cast(n, 1, (1,))) for n in range(1, 31)]
    cast += [
        ballot(found.round_id, Cast(30 + n, 1, (1, 2) if n == 1 else (2,))).model_copy(
            update={"tier": "B"}
        )
        for n in range(1, declared + 1)
    ]
    await served_count.handle(*cast)
    await by_two(other, one, found, "close-round")
    await served_count.box_closes(found.round_id, len(cast), len(cast), len(cast) + 1)
    await served_count.checkpoint(len(cast) + 1)
    await served_count.decide()
    page = f"/rounds/{found.round_id}/results"
    shown = (await served_count.client.ask("GET", f"{page}.json")).body
    seen = (await (await officers.visitor()).get(page)).words()
    assert "tiers" not in (shown["beside"] or {})
    told = [(part["tiers"], part["voters"], part["votes"]) for part in shown["turnout"]]
    if declared < 30:
        assert told == [(["A", "B"], 59, {"1": 31, "2": 29})]
        assert "Votes by how voters were identified" not in seen
        assert "all are told together" in seen
    else:
        assert told == [(["A"], 30, {"1": 30}), (["B"], 30, {"1": 1, "2": 30})]
        assert "Votes by how voters were identified" in seen
        assert "all are told together" not in seen
    votes = {each["number"]: each["votes"] for each in shown["projects"]}
    assert votes == {1: 31, 2: declared, 3: 0, 4: 0}


@pytest.mark.parametrize(("contested", "flagged"), [(0, False), (2, False), (11, True)])
async def test_contested_rights_to_vote_are_said_and_too_many_are_flagged(
    served_count: ServedCount, officers: Officers, contested: int, flagged: bool
) -> None:
    found, *_ = await a_decided(served_count, officers)
    page = f"/rounds/{found.round_id}/results"
    before = (await served_count.client.ask("GET", f"{page}.json")).body
    assert before["contested"] is None
    await served_count.handle(
        RegistrationsCounted(
            round_id=found.round_id,
            registered={"B": 2_000},
            held={"identity": contested},
            waiting=0,
            admitted=contested,
            declined=0,
            contested=contested,
            flagged=flagged,
            final=True,
        )
    )
    after = (await served_count.client.ask("GET", f"{page}.json")).body
    assert after["contested"] == {"tokens": contested, "flagged": flagged}
    row = await served_count.row(found.round_id)
    assert after["events"]["contested"] == str(row["contested_event"])
    seen = (await (await officers.visitor()).get(page)).text
    assert ("This vote is flagged." in seen) is flagged
    assert (f"{contested} rights to vote are contested" in seen) is bool(contested)
    assert (f"/explore/event/{row['contested_event']}" in seen) is bool(contested)


async def test_turnout_by_age_is_told_as_the_roll_said_it_last(
    served_count: ServedCount, officers: Officers
) -> None:
    found, *_ = await a_decided(served_count, officers)
    page = f"/rounds/{found.round_id}/results"
    counted = RegistrationsCounted(
        round_id=found.round_id,
        registered={"B": 2_000},
        held={},
        waiting=0,
        admitted=0,
        declined=0,
        contested=0,
        flagged=False,
        final=False,
    )
    await served_count.handle(counted)
    assert (await served_count.client.ask("GET", f"{page}.json")).body["ages"] is None
    assert "Voters by age" not in (await (await officers.visitor()).get(page)).words()
    ages = (
        AgeBand(since=0, until=18, registered=80, used=40),
        AgeBand(since=18, until=65, registered=1_000, used=250),
        AgeBand(since=65, registered=900, used=90),
    )
    await served_count.handle(counted.model_copy(update={"final": True, "ages": ages}))
    said = (await served_count.client.ask("GET", f"{page}.json")).body["ages"]
    assert said == [band.model_dump(exclude_none=True) for band in ages]
    seen = (await (await officers.visitor()).get(page)).words()
    for words in ("Voters by age", "below 18", "18 to 64", "65 and above", "50%", "25%", "10%"):
        assert words in seen, words
    row = await served_count.row(found.round_id)
    proof = f"/explore/event/{row['contested_event']}"
    assert proof in (await (await officers.visitor()).get(page)).text


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
    assert "This is a rehearsal" in seen.text
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
