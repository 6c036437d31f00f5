"""The returning officer's desk: from frozen options to signed agreements, by two people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.events.charter import Vote
from shared.events.funding import AgreementSigned
from shared.events.voting import (
    OptionListed,
    ResultValidated,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    SecondOfficerAsked,
    SecondOfficerConsented,
    SecondOfficerDeclined,
)
from shared.people import Role
from tests.serving import DESK_KEY
from tests.strategies import Cast
from tests.voting.count.conftest import ServedCount, asked, project, rule
from tests.voting.count.edition import (
    COSTS,
    ENVELOPE,
    TITLES,
    Edition,
    Officers,
    rules,
    text,
)
from voting.count.charters import vote_of

DESK = "/desk/rounds"
# Votes 3, 0, 2, 1: project 1 takes 40,000 of 50,000; 3 and 4 do not fit, nobody wants 2.
CASTS = (Cast(1, 1, (1, 3)), Cast(2, 1, (1, 3, 4)), Cast(3, 1, (1,)))


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.fixture
async def edition(served_count: ServedCount) -> Edition:
    found = Edition(served_count, TITLES, COSTS)
    await found.publish(rules())
    return found


async def prepared(edition: Edition, officer: Browser) -> None:
    seen = await officer.fill(DESK, f"{DESK}/{edition.round_id}/prepare")
    assert (seen.status, seen.path) == (200, DESK)
    await edition.keys()


async def ask(officer: Browser, edition: Edition, act: str, reason: str = "as planned") -> Seen:
    return await officer.fill(DESK, f"{DESK}/{edition.round_id}/acts/{act}", reason=reason)


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    seen = await officer.get("/desk/acts")
    return await officer.post(*confirmation(seen))


def confirmation(seen: Seen) -> tuple[str, dict[str, str]]:
    """Where the one act that waits on this page is confirmed, and with which fields."""
    [action] = [action for action in seen.forms() if action.endswith("/confirm")]
    return action, seen.fields(action)


async def by_two(one: Browser, other: Browser, edition: Edition, act: str) -> None:
    assert (await ask(one, edition, act)).status == 200
    assert (await confirm(other)).status == 200


async def decided(edition: Edition, one: Browser, other: Browser) -> None:
    await prepared(edition, one)
    await by_two(one, other, edition, "open-round")
    await edition.voted(*CASTS)
    await by_two(other, one, edition, "close-round")
    await edition.count.box_closes(edition.round_id, len(CASTS), 3, 7)
    await edition.count.checkpoint(7)
    await edition.count.decide()


async def test_the_whole_way_by_two_officers(edition: Edition, officers: Officers) -> None:
    count = edition.count
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(edition, one)
    [listed, *_] = await count.announced(OptionListed)
    assert (listed["family"], listed["territory"]) == ("spark", "ternois")
    assert listed["summary"] == text(f"Pourquoi {TITLES[0]}").content_id

    assert "waits for another officer" in (await ask(one, edition, "open-round")).text
    assert await count.announced(RoundOpened) == []
    assert (await confirm(other)).status == 200
    [opened] = await count.announced(RoundOpened)
    form = {"type": "approval", "min": 1, "max": 3, "wrong": "refused"}
    assert (opened["rule"], opened["format"]) == (rule(ENVELOPE), form)

    await edition.voted(*CASTS)
    await by_two(other, one, edition, "close-round")
    assert len(await count.announced(RoundClosed)) == 1
    await count.box_closes(edition.round_id, len(CASTS), 3, 7)
    await count.checkpoint(7)
    await count.decide()
    row = await count.row(edition.round_id)
    assert row["state"] == "decided" and row["validated_event"] is None

    await by_two(one, other, edition, "validate-result")
    [validated] = await count.announced(ResultValidated)
    assert validated["allocation"] == row["allocation_digest"]
    assert len(set(validated["officers"])) == 2

    page = f"{DESK}/{edition.round_id}/agreements"
    seen = await one.get(page)
    assert "Sign the 1 that is left" in seen.text and TITLES[0] in seen.text
    assert (await one.fill(page, page, reason="the carrier signed")).status == 200
    assert await count.announced(AgreementSigned) == []
    await confirm(other)
    [signed] = await count.announced(AgreementSigned)
    assert (signed["option_id"], signed["amount"]) == (
        str(project(edition.programme, 1)),
        COSTS[0],
    )
    assert "Every agreement is signed" in (await one.get(page)).text
    assert len(await count.announced(SecondOfficerConsented)) == 4


@pytest.mark.parametrize("act", ["open-round", "validate-result"])
async def test_nobody_confirms_what_she_asked_for(
    edition: Edition, officers: Officers, act: str
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    if act == "open-round":
        await prepared(edition, one)
    else:
        await decided(edition, one, other)
    await ask(one, edition, act)
    waiting = (await other.get("/desk/acts")).forms()
    [action] = [action for action in waiting if action.endswith("/confirm")]
    own = (await one.get("/desk/acts")).forms()
    token = next(iter(own.values()))["csrf"]
    refused = await one.post(action, {"csrf": token}, Accept="application/json")
    assert refused.status == 409 and "same_officer" in refused.text
    kind = RoundOpened if act == "open-round" else ResultValidated
    assert await edition.count.announced(kind) == []


async def test_two_confirmations_at_the_same_time_do_it_once(
    edition: Edition, officers: Officers
) -> None:
    one = await officers.officer("Gaëlle")
    others = [await officers.officer(name) for name in ("Hugo", "Inès", "Jules")]
    await prepared(edition, one)
    await ask(one, edition, "open-round")
    # Each has the page before her before anybody confirms.
    forms = [(other, *confirmation(await other.get("/desk/acts"))) for other in others]
    answers = await asyncio.gather(
        *(other.post(action, fields) for other, action, fields in forms for _ in range(2))
    )
    # Whoever was first is told so both times that she pressed; the others, that they were late.
    assert sorted(answers[n].status for n in range(6)) == [200, 200, 409, 409, 409, 409]
    assert answers[0].status == answers[1].status and answers[2].status == answers[3].status
    assert len(await edition.count.announced(RoundOpened)) == 1
    assert len(await edition.count.announced(SecondOfficerConsented)) == 1


async def test_asked_for_again_it_waits_once(edition: Edition, officers: Officers) -> None:
    one = await officers.officer("Gaëlle")
    await prepared(edition, one)
    seen = await one.get(DESK)
    action = f"{DESK}/{edition.round_id}/acts/open-round"
    for _ in range(3):
        await one.post(action, seen.fields(action) | {"reason": "as planned"})
    assert len(await edition.count.announced(SecondOfficerAsked)) == 1


async def test_what_is_declined_is_not_done_and_can_be_asked_for_again(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(edition, one)
    await ask(one, edition, "open-round")
    seen = await other.get("/desk/acts")
    [action] = [action for action in seen.forms() if action.endswith("/decline")]
    await other.post(action, seen.fields(action) | {"reason": "not before noon"})
    assert len(await edition.count.announced(SecondOfficerDeclined)) == 1
    assert await edition.count.announced(RoundOpened) == []
    await by_two(one, other, edition, "open-round")
    assert len(await edition.count.announced(RoundOpened)) == 1


@pytest.mark.parametrize("reason", ["", "  ", "ok"])
async def test_nothing_is_asked_for_without_a_reason(
    edition: Edition, officers: Officers, reason: str
) -> None:
    one = await officers.officer("Gaëlle")
    await prepared(edition, one)
    seen = await ask(one, edition, "open-round", reason)
    assert seen.status == 422 and "Write a reason" in seen.text
    assert await edition.count.announced(SecondOfficerAsked) == []


async def test_a_vote_that_was_redated_opens_with_its_new_window_only(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(edition, one)
    await ask(one, edition, "open-round")
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    end = begin + timedelta(days=7)
    await edition.redate(begin, end)
    refused = await confirm(other)
    assert refused.status == 409 and "changed_since" in refused.text
    assert await edition.count.announced(RoundOpened) == []
    seen = await other.get("/desk/acts")
    [action] = [action for action in seen.forms() if action.endswith("/decline")]
    await other.post(action, seen.fields(action) | {"reason": "other dates"})
    await by_two(one, other, edition, "open-round")
    [opened] = await edition.count.announced(RoundOpened)
    assert datetime.fromisoformat(opened["opens_at"]) == begin
    assert datetime.fromisoformat(opened["closes_at"]) == end


async def test_both_officers_read_what_can_happen_before_a_vote_opens(
    served_count: ServedCount, officers: Officers
) -> None:
    """Two projects of a territory can cost 70,000 of 50,000: no rule forbids it. They are placed in
    one that lies within it."""
    decides = rule(ENVELOPE)
    decides["passes"][0]["quotas"] = [{"of": "territory", "least": 2}]
    decides["groups"] = {"territory": ["artois"]}
    form = {"type": "approval", "min": 1, "max": 3, "wrong": "refused"}
    edition = Edition(served_count, TITLES, COSTS)
    levels = [{"name": name, "fr": name, "en": name} for name in ("pays", "canton")]
    wide = {"name": "artois", "fr": "Artois", "en": "Artois", "level": "pays"}
    inside = {"name": "ternois", "fr": "T", "en": "T", "level": "canton", "within": "artois"}
    vote = {"minimum_age": 11, "format": form, "rule": decides}
    await edition.publish(rules(vote=vote, levels=levels, territories=[wide, inside]))
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(edition, one)
    for listed in await served_count.announced(OptionListed):
        assert (listed["territory"], listed["groups"]) == ("ternois", {"territory": ["artois"]})
    for language, sentence in (
        ("en", "can cost up to 70 000 €, and the envelope has 50 000 €"),
        ("fr", "peut coûter jusqu’à 70 000 €, et l’enveloppe a 50 000 €"),
    ):
        seen = await other.get(f"{DESK}?lang={language}")
        assert sentence in seen.text.replace("\u202f", " ")
    await one.get(f"{DESK}?lang=en")
    await ask(one, edition, "open-round")
    await other.get("/desk/acts?lang=en")
    seen = await other.get("/desk/acts")
    assert "1: read them with the vote before you confirm" in seen.text
    assert f"{DESK}#round-{edition.round_id}" in seen.text
    assert (await confirm(other)).status == 200
    assert len(await served_count.announced(RoundOpened)) == 1


async def test_a_vote_without_warnings_opens_with_none(
    edition: Edition, officers: Officers
) -> None:
    one = await officers.officer("Gaëlle")
    await prepared(edition, one)
    assert "This can happen." not in (await one.get(DESK)).text
    await ask(one, edition, "open-round")
    assert "Warnings" not in (await one.get("/desk/acts")).text


async def test_redating_leaves_an_open_vote_as_it_is(edition: Edition, officers: Officers) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(edition, one)
    await by_two(one, other, edition, "open-round")
    before = (await edition.count.row(edition.round_id))["closes_at"]
    await edition.redate(before, before + timedelta(days=1))
    assert (await edition.count.row(edition.round_id))["closes_at"] == before


async def test_a_round_waits_for_its_labels(served_count: ServedCount, officers: Officers) -> None:
    edition = Edition(served_count, TITLES, COSTS)
    await edition.publish(rules(), labelled=False)
    one = await officers.officer("Gaëlle")
    action = f"{DESK}/{edition.round_id}/prepare"
    refused = await one.fill(DESK, action)
    assert refused.status == 409 and "options_unknown" in refused.text
    await edition.label()
    assert (await one.fill(DESK, action)).status == 200


async def test_a_charter_that_wants_one_officer_for_opening_has_it_opened_by_one(
    served_count: ServedCount, officers: Officers
) -> None:
    edition = Edition(served_count, TITLES, COSTS)
    await edition.publish(rules(second_officer=("validate-result", "sign-agreement")))
    one = await officers.officer("Gaëlle")
    await prepared(edition, one)
    assert (await ask(one, edition, "open-round", "")).status == 422
    assert (await ask(one, edition, "open-round")).status == 200
    assert len(await served_count.announced(RoundOpened)) == 1
    assert await served_count.announced(SecondOfficerAsked) == []


async def test_agreements_are_signed_once_each_together_or_alone(
    served_count: ServedCount, officers: Officers
) -> None:
    edition = Edition(served_count, TITLES, (10_000_00,) * 4)
    await edition.publish(rules())
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await decided(edition, one, other)
    page = f"{DESK}/{edition.round_id}/agreements"
    assert "can be signed once it is validated" in (await one.get(page)).text
    await by_two(one, other, edition, "validate-result")
    seen = await one.get(page)
    token = seen.fields(page)["csrf"]
    alone = {"csrf": token, "option": "3", "reason": "this one first"}
    together = {"csrf": token, "reason": "all the others"}
    for fields in (together, alone):
        assert (await one.post(page, fields)).status == 200
    seen = await other.get("/desk/acts")
    actions = [action for action in seen.forms() if action.endswith("/confirm")]
    assert len(actions) == 2
    answers = await asyncio.gather(*(other.post(action, seen.fields(action)) for action in actions))
    signed = await served_count.announced(AgreementSigned)
    # The one alone was among all: whichever came second found it signed.
    assert sorted(answer.status for answer in answers) in ([200, 200], [200, 409])
    assert sorted(agreement["option_id"] for agreement in signed) == [
        str(project(edition.programme, n)) for n in (1, 3, 4)
    ]
    assert await served_count.connection.fetchval("select count(*) from option where funded") == 3


async def test_no_key_opens_or_closes_a_round_under_a_charter(
    edition: Edition, officers: Officers
) -> None:
    count = edition.count
    key = {"Authorization": f"Bearer {DESK_KEY}"}
    prepared_by_key = await count.client.ask("POST", f"{DESK}/{edition.round_id}/prepare", **key)
    assert prepared_by_key.status == 200  # it was led to the list
    assert len(await count.announced(RoundPrepared)) == 1
    await edition.keys()
    for act in ("open", "close"):
        answer = await count.client.post(f"/rounds/{edition.round_id}/{act}")
        assert answer.refusal == (403, "needs_person")
    answer = await count.client.post(f"{DESK}/{edition.round_id}/acts/open-round")
    assert answer.status in (403, 422)
    assert await count.announced(RoundOpened) == []


async def test_no_key_prepares_a_round_otherwise_than_its_charter_says(edition: Edition) -> None:
    answer = await edition.count.prepare(edition.round_id, rule=rule(1))
    assert answer.refusal == (409, "not_the_charter")
    [phase] = edition.rules.phases
    wanted = asked(
        edition.round_id,
        rule=rule(ENVELOPE),
        format={"type": "approval", "min": 1, "max": 3, "wrong": "refused"},
        opens_at=phase.opens_at.isoformat(),
        closes_at=phase.closes_at.isoformat(),
    )
    assert (await edition.count.client.post("/rounds", wanted)).status == 201
    # The desk finds it prepared.
    key = {"Authorization": f"Bearer {DESK_KEY}"}
    await edition.count.client.ask("POST", f"{DESK}/{edition.round_id}/prepare", **key)
    assert len(await edition.count.announced(RoundPrepared)) == 1


OTHERS: list[tuple[str, Any]] = [
    ("another role", Role.COMMITTEE),
    ("another programme", Role.RETURNING_OFFICER),
]


@pytest.mark.parametrize(("who", "role"), OTHERS)
async def test_whoever_is_not_its_officer_does_nothing(
    edition: Edition, officers: Officers, who: str, role: Role
) -> None:
    one = await officers.officer("Gaëlle")
    await prepared(edition, one)
    elsewhere = uuid4() if who == "another programme" else None
    stranger = await officers.officer("Karim", role, elsewhere)
    seen = await stranger.get(DESK)
    assert str(edition.round_id) not in seen.text
    token = (await stranger.get("/rounds")).forms()["/sign-out"]["csrf"]
    for action in ("acts/open-round", "agreements", "prepare"):
        refused = await stranger.post(
            f"{DESK}/{edition.round_id}/{action}", {"csrf": token, "reason": "why not"}
        )
        assert refused.status == 403, action
    assert await edition.count.announced(RoundOpened) == []
    assert await edition.count.announced(SecondOfficerAsked) == []


async def test_a_form_from_elsewhere_does_nothing(edition: Edition, officers: Officers) -> None:
    one = await officers.officer("Gaëlle")
    refused = await one.post(f"{DESK}/{edition.round_id}/prepare", {"csrf": "0" * 64})
    assert refused.status == 403 and "csrf_refused" in refused.text
    assert await edition.count.announced(RoundPrepared) == []


async def test_whoever_is_not_signed_in_is_led_to_sign_in(
    edition: Edition, officers: Officers
) -> None:
    visitor = await officers.visitor()
    seen = await visitor.get(DESK)
    assert seen.path == "/sign-in" and seen.url.endswith("next=/desk/rounds")


async def test_no_resident_signs_in_where_no_link_is_mailed(served_count: ServedCount) -> None:
    async with Browser(served_count.client.url) as anybody:
        assert "/sign-in/mail" not in (await anybody.get("/sign-in")).forms()
        assert (await anybody.get("/sign-in/link/found-somewhere")).status == 404


async def test_who_may_vouch_and_a_larger_flush_are_frozen_as_the_charter_says(
    served_count: ServedCount, officers: Officers
) -> None:
    found = Edition(served_count, TITLES, COSTS)
    its, flush = rules(), {"k": 50, "interval": 1800}
    ways = ["declared", "posted-code", "identity-provider"]
    vote = Vote.model_validate(
        {**vote_of(its).model_dump(exclude_none=True), "identity": ways, "flush": flush}
    )
    await found.publish(its.model_copy(update={"vote": vote}))
    [phase] = found.rules.phases
    asked_for = asked(
        found.round_id,
        format={"type": "approval", "min": 1, "max": 3, "wrong": "refused"},
        rule=rule(ENVELOPE),
        opens_at=phase.opens_at.isoformat(),
        closes_at=phase.closes_at.isoformat(),
    )
    for others in ({"flush": flush}, {"identity": ways}):
        answer = await served_count.client.post("/rounds", asked_for | others)
        assert answer.refusal == (409, "not_the_charter")
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await prepared(found, one)
    await by_two(one, other, found, "open-round")
    [opened] = await served_count.announced(RoundOpened)
    assert (opened["identity"], opened["flush"]) == (ways, flush)
    seen = await one.get(f"/rounds/{found.round_id}/live")
    assert "at least 50 voters" in seen.words() and "30 minutes" in seen.words()


async def test_a_charter_with_a_booth_gives_its_round_one(
    served_count: ServedCount, officers: Officers
) -> None:
    """The roll hears of it when the round is prepared, and no key prepares one without."""
    found = Edition(served_count, TITLES, COSTS)
    its = rules()
    vote = vote_of(its).model_copy(update={"assisted": True})
    await found.publish(its.model_copy(update={"vote": vote}))
    [phase] = found.rules.phases
    without = asked(
        found.round_id,
        format={"type": "approval", "min": 1, "max": 3, "wrong": "refused"},
        rule=rule(ENVELOPE),
        opens_at=phase.opens_at.isoformat(),
        closes_at=phase.closes_at.isoformat(),
    )
    answer = await served_count.client.post("/rounds", without)
    assert answer.refusal == (409, "not_the_charter")
    await prepared(found, await officers.officer("Gaëlle"))
    [said] = await served_count.announced(RoundPrepared)
    assert said["assisted"] is True
