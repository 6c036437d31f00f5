"""Kafka is away, and residents and desks go on; and a desk that never answers, past a kill.

The outage lasts as long as it takes to do all this over HTTP, a minute or so, and not the hour that
it may last: nothing here gives up after a time. What waits is a row of the outbox, which is
forgotten fourteen days after it was *sent* (`relay.py`), and a message to somebody until
notification has accepted it; a send that is not acknowledged within seconds ends its producer, and
another one starts again from the oldest row. A replica that is started meanwhile does not open:
what was erased is read before anybody is served (`catching_up.py`).
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

import ledger_audit
from comptoir.browser import Browser
from comptoir.desks import Desks
from comptoir.edition import Idea, generated_edition
from comptoir.mailbox import Mailbox
from comptoir.proposing import Proposing
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.end_to_end.elections import silent
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow

REASON = "Le projet rassemble deux territoires."
SUPPORTERS = 3


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    """The whole platform; alarms after three seconds instead of thirty."""
    with passable_directory() as directory:
        async with Stack(directory / "state", extra={"COMPTOIR_ALARM_AFTER": "3"}) as stack:
            yield stack


@pytest.fixture(scope="module")
async def proposing(stack: Stack) -> AsyncIterator[Proposing]:
    """An edition of five people, who are signed in; the fourth and the fifth attend no session."""
    edition = generated_edition(ideas=5, dossiers=3, labelled=2, declared=0, posted=0, seed=51)
    async with (
        Desks(stack.addresses) as desks,
        Proposing(stack.addresses, desks, edition, silent) as proposing,
    ):
        await proposing.publish()
        await proposing.deposit()
        yield proposing


async def rows(stack: Stack, database: str, statement: str) -> list[asyncpg.Record]:
    """What a process's database has."""
    connection = await asyncpg.connect(stack.addresses.superuser_dsn(database), ssl=False)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def health(stack: Stack) -> tuple[int, dict[str, Any]]:
    """Whether submission is ready, and what is wrong."""
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{stack.url('submission.1')}/health/ready") as answer,
        ):
            return answer.status, (await answer.json())["alarms"]
    except aiohttp.ClientError:
        return 0, {}


async def mailed(stack: Stack, idea: Idea) -> list[str]:
    """The subjects of what somebody was mailed, the oldest first."""
    mails = [*Mailbox(stack.addresses.mails).mails(idea.address)]
    return [mail.subject for mail in reversed(mails)]


async def deposit_another(proposing: Proposing, idea: Idea) -> UUID:
    """Who is signed in deposits another idea, without any mail."""
    browser = proposing.carriers[idea.number]
    start = f"/programmes/{proposing.programme_id}/deposit"
    seen = await browser.fill(start, start, title=f"Et {idea.title}", summary=idea.summary)
    seen = await browser.fill(seen, f"{start}/where", territory=idea.territory)
    seen = await browser.fill(seen, f"{start}/who", name=idea.carrier, language=idea.language)
    return UUID(seen.done().path.removeprefix("/projects/"))


async def ask_desk(proposing: Proposing, idea: Idea) -> None:
    """Somebody asks the desk of her territory, without a session."""
    page = f"/projects/{proposing.projects[idea.number]}"
    browser = proposing.carriers[idea.number]
    (await browser.fill(f"{page}/counter", f"{page}/desk", desk=idea.territory)).done()


async def hand_on(proposing: Proposing, stack: Stack, idea: Idea, to: str) -> None:
    """An adviser hands an idea on to another desk."""
    camille = await proposing.desks.at("camille", "submission")
    of = f"project_id = '{proposing.projects[idea.number]}' and state = 'requested'"
    [row] = await rows(stack, "submission", f"select handoff_id from handoff where {of}")
    page = f"/desk/handoffs/{row['handoff_id']}"
    form = f"{page}/redirect"
    (await camille.fill(f"{proposing.site}{page}", form, desk=to, reason=REASON)).done()


async def everything_goes_on(proposing: Proposing, stack: Stack) -> dict[int, UUID]:
    """Residents deposit, support, ask, attend and file; desks accept, hand on, and review."""
    ideas = proposing.edition.ideas
    others = {idea.number: await deposit_another(proposing, idea) for idea in ideas[:SUPPORTERS]}
    for idea in ideas[:SUPPORTERS]:
        page = f"/projects/{proposing.projects[5]}"
        await proposing.carriers[idea.number].act(page, f"{page}/support")
    await ask_desk(proposing, ideas[3])
    other = next(i.territory for i in ideas if i.territory != ideas[3].territory)
    await hand_on(proposing, stack, ideas[3], other)
    await proposing.announce_counters()
    await proposing.attend()
    await proposing.file()
    await proposing.review()
    return others


async def somebody_comes(proposing: Proposing, address: str) -> None:
    """Somebody who is not known yet is told that her mail is on its way."""
    async with Browser(proposing.site) as browser:
        start, idea = f"/programmes/{proposing.programme_id}/deposit", proposing.edition.ideas[0]
        seen = await browser.fill(start, start, title="Un kiosque", summary="Pour l'orchestre.")
        seen = await browser.fill(seen, f"{start}/where", territory=idea.territory)
        who = {"name": "Une voisine", "language": "fr", "address": address}
        assert (await browser.fill(seen, f"{start}/who", **who)).done().path == f"{start}/sent"


async def told_of(stack: Stack) -> list[asyncpg.Record]:
    """The life of each project, as its pages tell it, in its order."""
    return await rows(
        stack,
        "submission",
        "select event_id, project_id, kind from project_event order by project_id, place",
    )


async def recorded(stack: Stack, log: str) -> list[dict[str, Any]]:
    """The entries of a log that submission published."""
    url = f"{stack.addresses.urls('ledger')[0]}/logs/{log}"
    entries = await asyncio.to_thread(lambda: [*ledger_audit.read(url).entries()])
    return [entry for each in entries if (entry := json.loads(each))["src"] == "submission"]


async def all_covered(stack: Stack) -> bool:
    """Whether checkpoints cover all that submission published."""
    [found] = await rows(
        stack,
        "submission",
        "select bool_and(coalesce(c.number, 0) = n.number)"
        " and not exists (select from outbox where position is null) as whole"
        " from outbox_number n left join outbox_covered c using (log)",
    )
    return bool(found["whole"])


async def test_kafka_is_away_and_residents_and_desks_go_on_and_all_of_it_arrives_in_order(
    stack: Stack, proposing: Proposing
) -> None:
    async def all_mailed() -> dict[int, list[str]]:
        return {idea.number: await mailed(stack, idea) for idea in proposing.edition.ideas}

    # The link, and that the idea was received.
    before = await eventually(all_mailed, lambda found: {len(m) for m in found.values()} == {2})
    known = len(await told_of(stack))
    await stack.take_down("kafka", hard=True)
    others = await everything_goes_on(proposing, stack)
    newcomer = f"newcomer@{proposing.edition.ideas[0].address.partition('@')[2]}"

    await somebody_comes(proposing, newcomer)
    life = await told_of(stack)
    assert len(life) > known + 15
    seen = await eventually(lambda: health(stack), lambda found: "outbox" in found[1])
    status, alarms = seen
    assert status == 503 and "no event was sent for" in alarms["outbox"], alarms
    page = f"/projects/{proposing.projects[5]}"
    assert (await proposing.carriers[1].get(page)).status == 200
    assert not list(Mailbox(stack.addresses.mails).mails(newcomer))

    await stack.bring_up("kafka")
    await stack.all_ready()
    await eventually(lambda: all_covered(stack), bool)
    [programme] = await rows(
        stack,
        "submission",
        f"select log from programme where programme_id = '{proposing.programme_id}'",
    )
    await _each_is_there_once_in_order(stack, programme["log"], await told_of(stack))
    await _others_acted_on_it(stack, proposing, before, others)
    assert await Mailbox(stack.addresses.mails).link(newcomer, "/deposits/")


async def _each_is_there_once_in_order(stack: Stack, log: str, life: list[asyncpg.Record]) -> None:
    entries = await recorded(stack, log)
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    ids = Counter(entry["id"] for entry in entries)
    assert set(ids.values()) == {1}
    place = {entry["id"]: at for at, entry in enumerate(entries)}
    by_project: dict[UUID, list[int]] = defaultdict(list)
    for row in life:
        by_project[row["project_id"]].append(place[str(row["event_id"])])
    assert len(by_project) >= 8
    for project, places in by_project.items():
        assert places == sorted(places), project


async def _others_acted_on_it(
    stack: Stack, proposing: Proposing, before: Mapping[int, list[str]], others: Mapping[int, UUID]
) -> None:
    """Notification mailed each message once; count has the words of what was deposited meanwhile,
    and the dossiers' numbers."""
    # Who attended and filed: that her other idea was received, her appointment, and her dossier.
    wanted = {number: 3 if number <= SUPPORTERS else 0 for number in before} | {4: 1}

    async def since() -> dict[int, int]:
        ideas = proposing.edition.ideas
        return {i.number: len(await mailed(stack, i)) - len(before[i.number]) for i in ideas}

    assert await eventually(since, lambda found: found == wanted) == wanted
    ids = Counter(mail.message_id for mail in Mailbox(stack.addresses.mails).mails())
    assert set(ids.values()) == {1}

    async def words() -> set[str]:
        return {row["value"] for row in await rows(stack, "voting_count", "select * from words")}

    titles = {f"Et {proposing.edition.ideas[number - 1].title}" for number in others}
    assert titles <= await eventually(words, lambda found: titles <= found)


async def test_a_desk_that_never_answers_gives_an_idea_back_though_submission_was_killed(
    stack: Stack, proposing: Proposing
) -> None:
    """Ten days go by in the database alone: the row of the deadline says that its time has come."""
    idea = proposing.edition.ideas[4]
    project = proposing.projects[idea.number]
    await ask_desk(proposing, idea)
    before = await mailed(stack, idea)
    await stack.take_down("submission.1", hard=True)
    due = await rows(
        stack,
        "submission",
        "update deadline d set due_at = now() from handoff h where d.kind = 'handoff'"
        f" and d.subject = h.handoff_id and h.project_id = '{project}' and d.fired_at is null"
        " returning d.subject",
    )
    assert len(due) == 1
    await stack.bring_up("submission.1")
    stack.kill("submission.1")  # it may be at it
    await stack.ready("submission.1")

    async def told() -> list[str]:
        return (await mailed(stack, idea))[len(before) :]

    assert len(await eventually(told, bool)) == 1
    mail = await Mailbox(stack.addresses.mails).wait_for(idea.address)
    said = "Personne ne vous a répondu" if idea.language == "fr" else "Nobody has answered"
    assert said in " ".join(mail.text.split())
    page = (await proposing.carriers[idea.number].get(f"/projects/{project}")).words()
    assert "Nobody answered in time: it is back with its carrier, who can ask again." in page
    kinds = [row["kind"] for row in await told_of(stack) if row["project_id"] == project]
    assert kinds.count("handoff-returned") == 1
    await ask_desk(proposing, idea)  # and she can
