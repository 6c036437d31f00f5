"""Hostile words at the desk of grants: refused, or shown as words, in pages and in files."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from shared.pabulib import read_bytes
from tests.serving import served
from tests.submission.hostile.looking import Routes
from tests.submission.hostile.said import BENT, hostile, marks, wrong
from tests.submission.hostile.walking import addresses
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import TITLES, Officers
from tests.voting.count.funding import held
from tests.voting.count.funding.held import TODAY, Grants
from tests.voting.count.funding.national import replica
from tests.voting.count.test_desk import confirm

# The stream of what is counted, which has no end; its words are those of the pages.
NEVER_ENDS = {"/rounds/{round_id}/events"}
STEPS = ("confirm", "reduce", "lapse", "pay", "milestone")
# What each field is when nothing is wrong with it; `reason` and `act` alone take words.
GOOD = {
    **{"amount": "40 000", "on": str(TODAY), "spent": "60 000", "ground": "renounced"},
    **{"instalment": "order", "reference": "M-1", "milestone": "begun", "act": "CD62-2027-118"},
}
# As a reason, and as an act's number, these are words in one line.
WORDS = {
    *("a line that is a header", "a tab before a formula", "another statement"),
    "a line of its own",
}
FIELDS = {
    "confirm": ("amount", "act", "on", "reason"),
    "reduce": ("spent", "reason"),
    "lapse": ("ground", "reason"),
    "pay": ("instalment", "reference", "on"),
    "milestone": ("milestone", "on"),
}


@pytest.mark.parametrize("step", STEPS)
async def test_what_is_bent_is_refused_and_nothing_is_recorded(at_step: Grants, step: str) -> None:
    count = "select (select count(*) from act), (select count(*) from outbox)"
    before = await at_step.count.connection.fetchrow(count)
    for name in FIELDS[step]:
        for what, bent in BENT.items():
            if what == "half a character" or (name in ("reason", "act") and what in WORDS):
                continue  # no browser of these tests sends half of one
            said = {each: GOOD.get(each, "as planned") for each in FIELDS[step]} | {name: bent}
            seen = await at_step.send(step, **said)
            assert 400 <= seen.status < 500, (name, what, seen.text)
    assert await at_step.count.connection.fetchrow(count) == before


async def test_words_are_words_in_every_page_and_file_of_grants(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    labels = {n: {"fr": hostile(n), "en": hostile(n + 20)} for n in range(1, 6)}
    order, balance = (
        {**part, **labels[n]} for n, part in enumerate(held.FUNDING["instalments"], 1)
    )
    funding = {
        **held.FUNDING,
        "instalments": [order, balance],
        "milestones": [{"name": "begun", **labels[3]}, {"name": "open", **labels[4]}],
        "duties": [{"name": "logo", **labels[5]}],
    }
    titles = [hostile(100 + n) for n in range(len(TITLES))]
    grants = await held.granted(served_count, officers, funding, titles)
    act = "=cmd|'/C x'!A0 <script>alert(zq050q)</script>\"'><img src=x>"
    said = {"amount": "40 000", "act": act, "on": str(TODAY), "reason": hostile(51)}
    assert (await grants.step("confirm", **said)).status == 200
    assert (await confirm(grants.other)).status == 200
    await grants.carrier(name=hostile(52))
    await grants.one.fill(grants.agreements, grants.agreements, reason=hostile(53))
    assert (await confirm(grants.other)).status == 200
    await grants.step("milestone", milestone="begun", on=str(TODAY))
    rounds = f"/rounds/{grants.edition.round_id}"
    # Once it has lapsed it is no subsidy any more.
    app = replica(served_count, tmp_path)
    async with served(app) as national:
        answer = await national.ask("GET", f"{rounds}/subventions.csv")
    subsidies = answer.raw.decode()
    shown = marks(subsidies)
    for step, reason in (("reduce", hostile(54)), ("lapse", hostile(55))):
        said = {"reduce": {"spent": "60 000"}, "lapse": {"ground": "renounced"}}[step]
        assert (await grants.step(step, **said, reason=reason)).status == 200
    known = {
        "round_id": [str(grants.edition.round_id)],
        "option_id": [str(grants.option)],
        "programme_id": [str(grants.edition.programme)],
        **{"batch_id": [str(uuid4())], "body_name": ["committee"]},
    }
    kinds = set()
    for who in (grants.one, await officers.visitor()):
        for route in set(Routes(app).gets) - NEVER_ENDS:
            for path in addresses(route, known):
                seen = await who.get(path)
                assert seen.status < 500 or "/health/" in path, path
                media = seen.headers["Content-Type"].partition(";")[0]
                if route.endswith(".pb"):
                    assert wrong_with_election(seen.headers, seen.text, titles) == [], path
                else:
                    assert wrong(media, seen.text) == [], path
                shown |= marks(seen.text)
                kinds.add(media)
    assert {"text/html", "text/csv", "application/json", "text/plain"} <= kinds
    wanted = {"021", "023", "025", "050", "052", "054", "055", "100"}
    assert wanted <= shown, wanted - shown
    [line] = csv.DictReader(io.StringIO(subsidies))
    assert line["nomBeneficiaire"] in (f"'{hostile(52)}", hostile(52))
    assert wrong("text/csv", subsidies) == []


def wrong_with_election(
    headers: Mapping[str, str], content: str, titles: Sequence[str]
) -> list[str]:
    """What is wrong with a file in Pabulib's format, which has words as they are: whoever gets it
    is told that it is no table, and each name stands in it whole."""
    found = []
    if headers["Content-Type"] != "text/plain; charset=utf-8":
        found.append(f"{headers['Content-Type']} may be opened as a table")
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("a browser may take it for something else")
    if not re.fullmatch(
        r'attachment; filename="[a-z0-9-]+\.pb"', headers.get("Content-Disposition", "")
    ):
        found.append("it is no file of elections")
    assert len(read_bytes(content.encode(), "the file").projects) == len(titles)
    cells = {each for row in csv.reader(io.StringIO(content), delimiter=";") for each in row}
    return found + [f"{title!r} is not in it" for title in titles if title not in cells]
