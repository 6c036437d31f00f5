"""A decided round of every format and rule: what its page and its files say."""

import csv
import html
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from pabulib.checker import Checker

from shared.events.rules import Option
from shared.events.voting import TierKeysPrepared
from shared.pabulib import Election, read_bytes
from tests.strategies import Cast
from tests.voting.count.allocation.library import Library
from tests.voting.count.conftest import TIERS, ServedCount, ballot, project
from voting.count.worker import answers

COSTS = (400_00, 100_00, 300_00, 200_00)
BUDGET = 600_00


def rule(order: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    """One envelope and one pass, of equals the cheaper first."""
    return {
        "envelopes": [{"name": "all", "amount": BUDGET}],
        "passes": [{"name": "all", "order": order or {"type": "votes"}}],
        "ties": {"criteria": ["cost", "votes", "option"]},
        **others,
    }


@dataclass(frozen=True)
class Held:
    """A round that is held: its format and rule, its ballots, and what its page has to say."""

    form: dict[str, Any]
    ballots: Sequence[Sequence[Any]]
    says: tuple[str, ...]
    rule: dict[str, Any] = field(default_factory=rule)
    facts: dict[int, dict[str, Any]] = field(default_factory=dict)
    says_in_french: tuple[str, ...] = ()


SHARES = {"type": "equal-shares"}
ROUNDS = {
    "approval": Held(
        {"type": "approval", "max": 3},
        [[1, 2], [1, 3], [1], [2, 3], [3], [1, 2, 3, 4], []],
        (
            "The project with the most votes comes first.",
            "A project that costs more than is left makes room for the next one.",
            "Void: too many projects",
            "Two ways to decide, side by side",
            "Nobody voted for it.",
        ),
    ),
    "equal-shares": Held(
        {"type": "approval", "max": 3},
        [[1, 2], [1, 3], [1], [2, 3], [3], [2, 4]],
        (
            "Equal shares: each ballot gets the same part of the money",
            "Its supporters could pay",
            "its supporters’ shares had only",
            "Equal shares are the rule of this vote",
        ),
        rule(SHARES, electorate={"blank": "counted"}),
    ),
    "knapsack": Held(
        {"type": "knapsack", "cap": 500_00},
        [[1, 2], [2, 3], [2, 4], [1, 3]],
        ("Void: projects that cost more than a ballot may give", "3 votes"),
    ),
    "cumulative": Held(
        {"type": "cumulative", "total": 5, "most_each": 3},
        [[[1, 3], [2, 2]], [[1, 2], [3, 3]], [[4, 1]], [[3, 3], [4, 3]]],
        ("The project with the most points comes first.", "5 points", "Void: too many points"),
    ),
    "ranking": Held(
        {"type": "ranking", "points": [3, 2, 1], "max": 3},
        [[1, 3, 2], [3, 1], [2]],
        ("With 5 points it came 2nd.", "The project with the most points comes first."),
    ),
    "score": Held(
        {"type": "score", "low": -2, "high": 2},
        [[[1, 2], [2, -1]], [[1, 1], [3, 2]], [[2, -2], [4, 1]]],
        ("For and against come to −3 points: more than nothing is needed.", "−3 points"),
    ),
    "plus-minus": Held(
        {"type": "plus-minus", "most_plus": 2, "most_minus": 1},
        [[[1, 1], [2, -1]], [[1, 1], [3, 1]], [[4, 1], [1, -1]]],
        ("votes, for less against", "For and against come to −1 votes"),
    ),
    "contests": Held(
        {
            "type": "contests",
            "group": "area",
            "own": {"max": 1},
            "general": {"max": 1},
        },
        [[1, 4], [2, 4], [1], [1, 3]],
        ("Void: projects of more than one territory", "The project with the most votes"),
        facts={1: {"groups": {"area": ["north"]}}, 3: {"groups": {"area": ["south"]}}},
    ),
    "grades": Held(
        {"type": "grades", "grades": ["poor", "good", "tres-bien"]},
        [[[1, 2], [2, 1]], [[1, 1], [3, 2]], [[1, 2], [3, 1]]],
        (
            "best median grade comes first",
            "median grade: Very good",
            "How each project was graded",
            "Its median grade is lower than “Good”",
        ),
        rule({"type": "median-grade", "at_least": "good"}),
        says_in_french=("mention médiane : Très bien", ">Médiocre<", ">Bien<", "que « Bien »"),
    ),
    "decision": Held(
        {"type": "decision", "members": 5},
        [[[1, 1], [2, 2], [3, 1]], [[1, 1], [2, 1], [3, 3]], [[1, 1], [2, 2], [3, 3]]],
        (
            "Each project that the members adopt is funded",
            "How members answered",
            "It got 1 yes, and more than half of the answers are needed, abstentions left out.",
            "Too few members answered",
        ),
    ),
    "jury": Held(
        {"type": "approval", "max": 3},
        [[1], [2], [3]],
        ("The jury’s order decides.", "The jury did not rank it", "In the jury’s order it came"),
        rule({"type": "jury-rank"}),
        {1: {"jury_rank": 2}, 2: {"jury_rank": 1}, 3: {"jury_rank": 3}},
    ),
    "part-funded": Held(
        {"type": "approval", "max": 3},
        [[1, 2], [1, 3], [1], [3]],
        (
            "gets the rest where at least 50% of it is there",
            "It gets the 200 € that were left, instead of 300 €.",
            "prize of 50 € from The savings bank",
            "The step was over before its turn",
        ),
        rule(
            passes=[
                {
                    "name": "all",
                    "order": {"type": "votes"},
                    "misfit": {"policy": "part-fund", "at_least": "1/2", "otherwise": "skip"},
                }
            ],
            prizes={"prizes": [{"place": 1, "sponsor": "The savings bank", "amount": 50_00}]},
        ),
    ),
    "steps": Held(
        {"type": "approval", "max": 3},
        [[1, 2], [1, 3], [1], [3, 4], [3]],
        (
            "It is decided in steps:",
            "The money, step by step",
            "With 3 votes it came 2nd in the step “second”.",
            "Each of the 2 envelopes is decided by itself.",
            "ballots of step 2 (PB)",
            "The reserve list",
            "are left for later",
        ),
        rule(
            groups={"area": ["north", "south"]},
            envelopes=[
                {"name": "all", "amount": BUDGET, "remainder": "next-year"},
                {
                    "name": "north",
                    "within": "all",
                    "amount": 250_00,
                    "options": {"groups": {"area": ["north"]}},
                },
            ],
            passes=[
                {"name": "first", "envelopes": ["north"], "order": {"type": "votes"}},
                {"name": "second", "envelopes": ["all"], "order": {"type": "votes"}, "most": 1},
            ],
        ),
        {2: {"groups": {"area": ["north"]}}, 3: {"groups": {"area": ["north"]}}},
    ),
}


async def held(count: ServedCount, round: Held) -> UUID:
    """Hold it: prepared, opened, voted in by one ballot each, closed and decided."""
    round_id = await count.frozen(COSTS)
    [programme] = await count.connection.fetch(
        "select programme_id from frozen_options where round_id = $1", round_id
    )
    facts = {str(project(programme[0], n)): each for n, each in round.facts.items()}
    asked = await count.prepare(round_id, format=round.form, rule=round.rule, facts=facts)
    assert asked.status == 201, asked.raw
    await count.handle(TierKeysPrepared(round_id=round_id, tiers=TIERS))
    assert (await count.open(round_id)).status == 200
    for voter, choices in enumerate(round.ballots, start=1):
        pairs = tuple(tuple(each) if isinstance(each, list) else each for each in choices)
        cast = ballot(round_id, Cast(voter, 1, ())).model_copy(update={"choices": pairs})
        await count.handle(cast)
    await count.close(round_id)
    await count.box_closes(round_id, len(round.ballots), len(round.ballots), 99)
    await count.checkpoint(99)
    await count.decide()
    assert (await count.state(round_id))["state"] == "decided"
    return round_id


async def got(count: ServedCount, round_id: UUID, what: str, language: str = "en") -> str:
    """A page or a file of a round, with plain spaces."""
    headers = {"Accept": "text/html, */*", "Accept-Language": language}
    path = f"/rounds/{round_id}/{what}"
    async with count.client._session.get(path, headers=headers) as answer:
        text = (await answer.read()).decode()
        assert answer.status == 200, text
    return text.replace("\u202f", " ")


async def test_every_format_and_rule_has_its_page_and_its_files(served_count: ServedCount) -> None:
    for name, round in ROUNDS.items():
        round_id = await held(served_count, round)
        page = await got(served_count, round_id, "results")
        read_out = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
        assert [words for words in round.says if words not in read_out] == [], name
        french = await got(served_count, round_id, "results", "fr")
        assert [words for words in round.says_in_french if words not in french] == [], name
        assert "Pourquoi pas celui-ci" in french and "Les bulletins" in french, name
        assert (await got(served_count, round_id, "live")).count("data-bar") == len(COSTS), name
        said = json.loads(await got(served_count, round_id, "results.json"))
        assert said["format"]["type"] == round.form["type"]
        assert said["ballots"]["all"] == len(round.ballots)
        assert len(said["steps"]) == len(said["rule"]["passes"])
        assert all(each["why"]["fr"] and each["why"]["en"] for each in said["projects"])
        table = list(csv.DictReader(io.StringIO(await got(served_count, round_id, "results.csv"))))
        assert [line["why_en"] for line in table] == [p["why"]["en"] for p in said["projects"]]
        for step in said["steps"]:
            data = await got(served_count, round_id, step["file"].rpartition("/")[2])
            read = read_bytes(data.encode(), name)
            ids = [project.id for project in read.projects]
            assert ids == sorted(ids) and read.misrecorded() == []
            assert f"round {round_id}, step" in read.terms.comment
            funded = [each for each in said["projects"] if each["option_id"] in step["funded"]]
            assert len(read.selected or ()) == len(funded), name
        await forgotten(served_count)


@pytest.mark.parametrize(
    ("language", "mark", "why"),
    [
        ("en", "withdrawn", "“The field is sold”: it gets no money, whatever its votes."),
        ("fr", "retiré", "« The field is sold » : quels que soient ses votes, il ne reçoit pas"),
    ],
)
async def test_the_live_page_says_which_option_is_out_and_why(
    served_count: ServedCount, language: str, mark: str, why: str
) -> None:
    """Beside the bars, and in the table of their figures; and votes for it are counted."""
    facts = {2: {"withdrawn": "The field is sold"}}
    form = {"type": "approval", "max": 3}
    round_id = await held(served_count, Held(form, [[1, 2], [2]], (), facts=facts))
    page = html.unescape(
        re.sub(r"<[^>]*>", " ", await got(served_count, round_id, "live", language))
    )
    assert (page.count(mark), page.count(why)) == (2, 2)
    assert (await served_count.state(round_id))["tally"]["2"] == 2


async def forgotten(count: ServedCount) -> None:
    """The next round has a log of its own to be covered in."""
    await count.connection.execute("delete from checkpoint")


def checked(data: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the checker calls errors; it prints what it does."""
    found = Checker().process_files([data])
    capsys.readouterr()
    [result] = [value for key, value in found.items() if key not in ("metadata", "summary")]
    errors: dict[str, Any] = result["results"]["errors"]
    return errors


def library(read: Election) -> Library:
    places = {project.id: place for place, project in enumerate(read.projects)}
    options = [Option(id=p.id, number=n, cost=p.cost) for n, p in enumerate(read.projects, 1)]
    points = read.points or [(1,) * len(vote) for vote in read.votes]
    ballots = [
        [(places[id], value) for id, value in zip(vote, given, strict=True)]
        for vote, given in zip(read.votes, points, strict=True)
    ]
    return Library(options, ballots, read.budget)


def recounted(file: Path, rule: str) -> dict[str, Any]:
    """What `comptoir count` says of a file."""
    [answer] = answers([json.dumps({"path": str(file), "rule": rule})])
    found: dict[str, Any] = json.loads(answer)
    assert "error" not in found, found
    return found


def drawn(seed: int, size: int = 12) -> list[list[int]]:
    """Ballots of three different options of four: full of ties, and all can be voted for."""
    random = Random(seed)
    return [sorted(random.sample(range(1, 5), random.randint(1, 3))) for _ in range(size)]


@pytest.mark.parametrize("order", ["votes", "equal-shares"])
async def test_a_round_is_recounted_from_its_file_to_the_same_winners(
    served_count: ServedCount, order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the checker, by our own counting of files, and by the library, with the rule that the
    file declares."""
    for seed in range(4):
        shares = order == "equal-shares"
        electorate = {"blank": "counted"} if shares else {}
        round = Held(
            {"type": "approval", "max": 3},
            [*drawn(seed), [1, 2, 3]],
            (),
            rule({"type": order}, electorate=electorate),
        )
        round_id = await held(served_count, round)
        said = json.loads(await got(served_count, round_id, "results.json"))
        data = await got(served_count, round_id, "results.pb?step=1")
        file = tmp_path / f"{seed}.pb"
        file.write_text(data)
        read = read_bytes(data.encode(), "a round")
        assert read.terms.rule == ("equalshares" if shares else "greedy")
        assert checked(data, capsys) == {}
        won = [p["option_id"] for p in said["projects"] if p["funded"]]
        assert len(read.selected or ()) == len(won) > 0
        as_declared = recounted(file, "as-declared")
        assert as_declared["agrees"] is True, as_declared
        assert recounted(file, "equal-shares" if shares else "greedy")["agrees"] is True
        other = library(read)
        theirs = other.equal_shares("cost") if shares else other.greedy()
        assert set(theirs) == set(read.selected or ())
        names = {p.id: p.name for p in read.projects}
        numbers = {p["option_id"]: p["number"] for p in said["projects"]}
        assert [names[id] for id in as_declared["funded"]] == [
            f"project {numbers[id]}" for id in won
        ], "in the same order"
        await forgotten(served_count)


async def test_a_project_without_votes_is_not_funded_by_whoever_recounts(
    served_count: ServedCount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Others fund it where money is left: the file says that one vote is asked for."""
    round_id = await held(
        served_count, Held({"type": "approval", "max": 3}, [[1, 2], [1, 2], [1, 2, 4]], ())
    )
    data = await got(served_count, round_id, "results.pb")
    read = read_bytes(data.encode(), "a round")
    assert (read.terms.rule, read.terms.threshold) == ("greedy-threshold", 1)
    assert checked(data, capsys) == {}
    (tmp_path / "a.pb").write_text(data)
    assert recounted(tmp_path / "a.pb", "as-declared")["agrees"] is True


async def test_a_file_names_nobody_and_says_what_it_leaves_out(served_count: ServedCount) -> None:
    round_id = await held(served_count, ROUNDS["approval"])
    once, again = [await got(served_count, round_id, "results.pb") for _ in range(2)]
    first, second = (read_bytes(text.encode(), "a round") for text in (once, again))
    assert sorted(first.votes) == sorted(second.votes) and once != again, "random voters"
    assert len(first.votes) == 5
    comment = first.terms.comment
    assert "1 void ballots left out" in comment and "blank ballots set-aside" in comment
    answer = await served_count.client.ask("GET", f"/rounds/{round_id}/results.pb?step=2")
    assert answer.refusal == (404, "step_unknown")


async def test_a_step_of_several_has_its_own_money_options_and_ballots(
    served_count: ServedCount,
) -> None:
    round_id = await held(served_count, ROUNDS["steps"])
    north, rest = [
        read_bytes((await got(served_count, round_id, f"results.pb?step={n}")).encode(), "x")
        for n in (1, 2)
    ]
    assert (north.budget, rest.budget) == (250_00, 500_00)
    assert {p.name for p in north.projects} == {"project 2", "project 3"}
    assert {p.name for p in rest.projects} == {"project 1", "project 3", "project 4"}
    assert (len(north.votes), len(rest.votes)) == (4, 5)
    assert "pass first, envelope north" in north.terms.comment
    assert rest.terms.rule == "greedy-custom" and '"most":1' in rest.terms.comment
