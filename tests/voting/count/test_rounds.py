"""The desk of rounds over HTTP, on a real database: preparing, opening, closing, refusals."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.canonical import digest
from shared.events.projects import DossierFiled
from shared.events.voting import (
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
)
from tests.serving import Answer
from tests.voting.count.conftest import (
    COSTS,
    TIERS,
    ServedCount,
    amended,
    asked,
    charter,
    dossiers,
    frozen,
    project,
    rule,
    title,
)
from voting import page_script
from voting.count import rounds
from voting.count.tables import Round


async def test_a_prepared_round_lists_its_options_in_the_frozen_order(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.frozen()
    answer = await served_count.prepare(round_id)
    assert answer.status == 201
    [prepared] = await served_count.announced(RoundPrepared)
    assert (prepared["options"], prepared["digest"]) == (len(COSTS), answer.body["digest"])
    programme = UUID(prepared["programme_id"])
    listed = await served_count.announced(OptionListed)
    assert listed == [
        {
            "round_id": str(round_id),
            "option_id": str(project(programme, n)),
            "number": n,
            "cost": cost,
            "title": title(n),
            "filed": 1,
        }
        for n, cost in enumerate(COSTS, start=1)
    ]
    options = (await served_count.client.ask("GET", f"/rounds/{round_id}/options")).body
    assert options == [
        {k: v for k, v in o.items() if k not in ("round_id", "filed")} for o in listed
    ]


async def test_what_the_rule_sees_of_an_option_is_announced_of_it(
    served_count: ServedCount,
) -> None:
    """A place of 0 is a place; money that nobody else gives is not said."""
    programme, round_id = uuid4(), uuid4()
    await served_count.handle(charter(programme))
    await served_count.handle(*dossiers(programme, COSTS), number=0)
    await served_count.handle(frozen(round_id, programme, COSTS))
    facts = {str(project(programme, 2)): {"other_money": 0, "jury_rank": 1}}
    assert (await served_count.prepare(round_id, facts=facts)).status == 201
    listed = [OptionListed.model_validate(o) for o in await served_count.announced(OptionListed)]
    assert [option.filed for option in listed] == [0] * len(COSTS)
    assert [option.other_money for option in listed] == [None] * len(COSTS)
    seen = RoundOpened.listing([option.for_rule() for option in listed])
    assert seen == (await served_count.row(round_id))["listed"]


async def test_preparing_again_gives_the_same_answer_and_announces_nothing(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.frozen()
    rules = asked(round_id)
    answers = [await served_count.client.post("/rounds", rules) for _ in range(2)]
    assert answers[0].status == answers[1].status == 201
    assert answers[0].raw == answers[1].raw
    await served_count.handle(TierKeysPrepared(round_id=round_id, tiers=TIERS))
    await served_count.open(round_id)
    assert (await served_count.client.post("/rounds", rules)).raw == answers[0].raw
    assert len(await served_count.announced(RoundPrepared)) == 1
    assert len(await served_count.announced(OptionListed)) == len(COSTS)


async def test_what_quotas_can_cost_is_said_before_a_round_opens(
    served_count: ServedCount,
) -> None:
    """Whoever prepares it hears that two winners of a canton can ask for more than there is."""
    each = rule()["passes"][0] | {"quotas": [{"of": "canton", "least": 2}]}
    quotas = rule() | {"groups": {"canton": ["a"]}, "passes": [each]}
    round_id = await served_count.frozen()
    listed = await served_count.connection.fetchval("select options from frozen_options")
    facts = {str(option): {"groups": {"canton": ["a"]}} for option in listed}
    answer = await served_count.prepare(round_id, rule=quotas, facts=facts)
    assert answer.body["warnings"] == [
        "passes.0.quotas.0: the quotas can exceed the envelope: up to 700 cents, all has 500"
    ]
    assert (await served_count.prepare(await served_count.frozen())).body["warnings"] == []


async def test_preparing_at_once_prepares_once(served_count: ServedCount) -> None:
    rules = asked(await served_count.frozen())
    answers = await asyncio.gather(*(served_count.client.post("/rounds", rules) for _ in range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert len(await served_count.announced(RoundPrepared)) == 1


OTHER_RULES: list[dict[str, Any]] = [
    {"rule": rule(501)},
    {"format": {"type": "approval", "min": 1, "max": 3}},
    {"format": {"type": "approval", "min": 0, "max": 4}},
    {"rule": rule() | {"ties": {"criteria": ["option"]}}},
    {"rule": rule() | {"most_winners": 1}},
    {"format": {"type": "score", "high": 3}},
    {"flush": {"k": 2, "interval": 60}},
    {"identity": ["declared", "posted-code", "identity-provider"]},
    {"opens": -30.0},
    {"closes": 7200.0},
]


@pytest.mark.parametrize("other", OTHER_RULES, ids=str)
async def test_a_round_is_not_prepared_with_other_rules(
    served_count: ServedCount, other: dict[str, Any]
) -> None:
    round_id = await served_count.prepared()
    assert (await served_count.prepare(round_id, **other)).refusal == (409, "round_exists")


async def test_what_is_published_is_what_the_rules_digest_hashes(
    served_count: ServedCount,
) -> None:
    for rules in ({}, *OTHER_RULES):
        await served_count.opened(**rules)
    published = await served_count.announced(RoundOpened)
    for opened in published:
        hashed = {name: value for name, value in opened.items() if name != "rules_digest"}
        assert digest(hashed).hex() == opened["rules_digest"]
        assert (opened["tiers"], opened["options"]) == (TIERS, len(COSTS))
    assert len({opened["rules_digest"] for opened in published}) == len(published)


async def test_every_published_rule_changes_the_rules_digest(served_count: ServedCount) -> None:
    await served_count.opened(paper=True)
    [opened] = await served_count.announced(RoundOpened)
    of_other_rounds = {"commission", "padded", "script", "seats", "identity"}
    assert opened.keys() | of_other_rounds == RoundOpened.model_fields.keys()
    rules = {name: value for name, value in opened.items() if name != "rules_digest"}
    assert digest(rules).hex() == opened["rules_digest"]
    for name in rules:
        assert digest(rules | {name: "another"}).hex() != opened["rules_digest"], name


async def test_an_opening_states_the_script_that_voters_run_and_keeps_it(
    served_count: ServedCount,
) -> None:
    """Whatever script is there when the round is counted, its rules are those of its opening."""
    round_id = await served_count.opened()
    (opened,) = await served_count.announced(RoundOpened)
    assert opened["script"] == page_script.digest()
    async with served_count.database.begin() as session:
        row = await session.get_one(Round, round_id)
        assert rounds.opened_rules(row) == opened["rules_digest"]
        row.script = "0" * 64
        assert rounds.opened_rules(row) != opened["rules_digest"]
        await session.rollback()


async def test_opening_and_closing_are_announced_once(served_count: ServedCount) -> None:
    round_id = await served_count.prepared()
    for command in (served_count.open, served_count.close):
        answers = await asyncio.gather(*(command(round_id) for _ in range(8)))
        assert {answer.status for answer in answers} == {200}
    assert len(await served_count.announced(RoundOpened)) == 1
    [closed] = await served_count.announced(RoundClosed)
    assert closed["closed_at"].endswith("Z") and "." not in closed["closed_at"]
    assert (await served_count.state(round_id))["state"] == "closed"
    assert (await served_count.close(round_id)).body["state"] == "closed"


async def test_a_round_closes_by_the_databases_clock(served_count: ServedCount) -> None:
    due, other = await served_count.opened(), await served_count.opened()
    await served_count.connection.execute(
        "update round set closes_at = clock_timestamp() + interval '0.3 s' where round_id = $1", due
    )
    found = await served_count.eventually(due, lambda state: state["state"] != "open")
    assert found["state"] == "closed"
    [closed] = await served_count.announced(RoundClosed)
    assert closed["round_id"] == str(due)
    assert (await served_count.state(other))["state"] == "open"
    assert (await served_count.row(due))["closes_at"] <= await served_count.connection.fetchval(
        "select clock_timestamp()"
    )


async def test_a_project_counts_as_its_last_dossier_says(served_count: ServedCount) -> None:
    programme, round_id = uuid4(), uuid4()
    after = (1, 2, 3)
    await served_count.handle(charter(programme))
    await served_count.handle(*dossiers(programme, (9, 9, 9)))
    await served_count.handle(frozen(round_id, programme, after))
    assert (await served_count.prepare(round_id)).refusal == (409, "options_unknown")
    await served_count.handle(*amended(programme, after))
    assert (await served_count.prepare(round_id)).status == 201
    assert [o["cost"] for o in await served_count.announced(OptionListed)] == [*after]


async def test_the_rolls_keys_never_change(served_count: ServedCount) -> None:
    round_id = await served_count.prepared()
    await served_count.handle(TierKeysPrepared(round_id=round_id, tiers={"B": "AAAA"}))
    await served_count.open(round_id)
    assert [o["tiers"] for o in await served_count.announced(RoundOpened)] == [TIERS]


async def test_what_was_entered_by_hand_and_is_heard_of_once_more_stays(
    served_count: ServedCount,
) -> None:
    """Into a restored database; Kafka tells it afterwards, under an id that nobody knew."""
    round_id = await served_count.frozen()
    before = await served_count.connection.fetch("select * from programme, frozen_options")
    programme = before[0]["programme_id"]
    await served_count.handle(charter(programme))
    await served_count.handle(*dossiers(programme, COSTS))
    await served_count.handle(frozen(round_id, programme, COSTS))
    assert await served_count.connection.fetch("select * from programme, frozen_options") == before


async def earnest(count: ServedCount, k: int = 30, interval: int = 900) -> Answer:
    """A round that is no rehearsal."""
    flush = {"k": k, "interval": interval}
    round_id = await count.frozen(rehearsal=False)
    return await count.prepare(round_id, rehearsal=False, flush=flush)


async def _refused(count: ServedCount, what: str) -> Answer:
    programme, round_id = uuid4(), uuid4()
    match what:
        case "options that never arrived":
            return await count.prepare(round_id)
        case "a programme that never arrived":
            await count.handle(*dossiers(programme, COSTS))
            await count.handle(frozen(round_id, programme, COSTS))
            return await count.prepare(round_id)
        case "a dossier under way":
            await count.handle(charter(programme))
            filed: list[DossierFiled] = dossiers(programme, COSTS)
            await count.handle(*filed[1:])
            await count.handle(frozen(round_id, programme, COSTS))
            return await count.prepare(round_id)
        case "a round in earnest":
            return await count.prepare(await count.frozen(), rehearsal=False)
        case "a programme in earnest":
            return await count.prepare(await count.frozen(rehearsal=False))
        case "few voters at a time in earnest":
            return await earnest(count, k=29)
        case "often in earnest":
            return await earnest(count, interval=899)
        case "a sealed round before its commission tried its key":
            return await count.open(await count.prepared(secrecy="sealed"))
        case "closing a round in earnest":
            round_id = UUID((await earnest(count)).body["round_id"])
            await count.keys(round_id)
            await count.open(round_id)
            return await count.close(round_id)
        case "more choices than options":
            format = {"type": "approval", "min": len(COSTS) + 1, "max": 9}
            return await count.prepare(await count.frozen(), format=format)
        case "a quota of a group that nobody is in":
            each = rule()["passes"][0] | {"quotas": [{"of": "canton", "value": "b", "least": 1}]}
            quota = rule() | {"groups": {"canton": ["a", "b"]}, "passes": [each]}
            return await count.prepare(await count.frozen(), rule=quota)
        case "facts of a stranger":
            return await count.prepare(await count.frozen(), facts={str(uuid4()): {}})
        case "opening a round nobody prepared":
            return await count.open(round_id)
        case "closing a round nobody prepared":
            return await count.close(round_id)
        case "opening before the roll has keys":
            round_id = await count.frozen()
            await count.prepare(round_id)
            return await count.open(round_id)
        case "closing before opening":
            return await count.close(await count.prepared())
        case "opening after closing":
            round_id = await count.opened()
            await count.close(round_id)
            return await count.open(round_id)
        case "opening after the window":
            return await count.open(await count.prepared(closes=-1.0))
        case "a round that is no id":
            return await count.client.ask("GET", "/rounds/one")
        case "reading a round nobody prepared":
            return await count.client.ask("GET", f"/rounds/{round_id}")
        case "reading the options of a round nobody prepared":
            return await count.client.ask("GET", f"/rounds/{round_id}/options")
        case "preparing without the desk's key":
            return await count.client.ask("POST", "/rounds", asked(await count.frozen()))
        case "opening without the desk's key":
            return await count.client.ask("POST", f"/rounds/{await count.prepared()}/open")
        case "closing without the desk's key":
            return await count.client.ask("POST", f"/rounds/{await count.opened()}/close")
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("options that never arrived", 409, "options_unknown"),
        ("a programme that never arrived", 409, "options_unknown"),
        ("a dossier under way", 409, "options_unknown"),
        ("a round in earnest", 409, "rehearsal_only"),
        ("a programme in earnest", 409, "rehearsal_only"),
        ("few voters at a time in earnest", 422, "flush_too_small"),
        ("often in earnest", 422, "flush_too_small"),
        ("a sealed round before its commission tried its key", 409, "commission_missing"),
        ("closing a round in earnest", 409, "rehearsal_only"),
        ("more choices than options", 422, "rule_impossible"),
        ("a quota of a group that nobody is in", 422, "rule_impossible"),
        ("facts of a stranger", 422, "rule_impossible"),
        ("opening a round nobody prepared", 404, "round_unknown"),
        ("closing a round nobody prepared", 404, "round_unknown"),
        ("opening before the roll has keys", 409, "tier_keys_missing"),
        ("closing before opening", 409, "wrong_state"),
        ("opening after closing", 409, "wrong_state"),
        ("opening after the window", 409, "window_past"),
        ("a round that is no id", 422, "malformed"),
        ("reading a round nobody prepared", 404, "round_unknown"),
        ("reading the options of a round nobody prepared", 404, "round_unknown"),
        ("preparing without the desk's key", 401, "unauthorised"),
        ("opening without the desk's key", 401, "unauthorised"),
        ("closing without the desk's key", 401, "unauthorised"),
    ],
)
async def test_a_refused_command_announces_nothing(
    served_count: ServedCount, what: str, status: int, code: str
) -> None:
    answer = await _refused(served_count, what)
    assert answer.refusal == (status, code), answer.raw
    opened = await served_count.announced(RoundOpened)
    closed = await served_count.announced(RoundClosed)
    were_open = ("opening after closing", "closing without the desk's key")
    assert len(opened) == (what in (*were_open, "closing a round in earnest"))
    assert len(closed) == (what == "opening after closing")


NOON = "2026-09-01T12:00:00Z"


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens_at": NOON, "closes_at": NOON},
        {"opens_at": NOON, "closes_at": "2026-09-01T11:59:59Z"},
        {"opens_at": "2026-09-01T12:00:00.1Z", "closes_at": "2026-09-01T12:00:00.9Z"},
        {"opens_at": NOON, "closes_at": "2026-09-01T13:00:00+02:00"},
        {"opens_at": "2026-09-01T12:00:00", "closes_at": "2026-09-02T12:00:00"},
        {"opens_at": "0001-01-01T00:00:00+14:00"},
        {"closes_at": "9999-12-31T23:59:59-14:00"},
        {"closes_at": "tomorrow"},
        {"closes_at": None},
        {"closes_at": 1e300},
        {"rule": rule() | {"envelopes": [{"name": "all", "amount": -1}]}},
        {"rule": rule() | {"envelopes": [{"name": "all", "amount": 10**16}]}},
        {"rule": rule() | {"envelopes": [{"name": "all", "amount": 1.5}]}},
        {"format": {"type": "approval", "min": 2, "max": 1}},
        {"format": {"type": "approval", "min": -1, "max": 1}},
        {"format": {"type": "approval", "min": 0, "max": 0}},
        {"format": {"type": "approval", "min": 0, "max": 10**12}},
        {"format": {"type": "grades"}},
        {"rule": "greedy"},
        {"rule": rule() | {"ties": {"criteria": ["votes"]}}},
        {"rule": rule() | {"ties": {"criteria": ["cost", "option", "cost"]}}},
        {"facts": {"one": {}}},
        {"facts": {str(UUID(int=1)): {"jury_rank": 0}}},
        {"secrecy": "secret"},
        {"round_id": "one"},
        {"unknown": 1},
    ],
    ids=str,
)
async def test_rules_that_make_no_sense_are_refused(
    served_count: ServedCount, wrong: dict[str, Any]
) -> None:
    answer = await served_count.client.post("/rounds", asked(await served_count.frozen()) | wrong)
    assert answer.refusal == (422, "malformed"), answer.raw
    assert await served_count.announced(RoundPrepared) == []


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b"\xff", json.dumps("a round").encode()])
async def test_what_is_no_command_is_refused(served_count: ServedCount, sent: bytes) -> None:
    refusal = (await served_count.client.post("/rounds", sent)).refusal
    assert refusal == ((400, "bad_request") if sent == b"\xff" else (422, "malformed"))
