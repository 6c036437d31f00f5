"""A whole edition on the whole platform: what it decides, whom it tells, what is left of people."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import rfc8785

import ledger_audit
from comptoir.client import Client
from comptoir.commands.demo import go_on, hold
from comptoir.deciding import Deciding
from comptoir.desks import Desks
from comptoir.edition import Edition, generated_edition
from comptoir.forgetting import forget_name
from comptoir.mailbox import Mailbox
from comptoir.proof import Proof
from comptoir.proposing import Proposing
from comptoir.stack import Stack
from ledger_audit.command import main as audited
from tests.backends import passable_directory
from tests.end_to_end.elections import Entries, silent
from tests.end_to_end.leftovers import TOPICS_WITH_WORDS, everything_left
from tests.end_to_end.test_keys import key_files, untold
from tests.end_to_end.topics import all_records
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow

# Where the words behind commitments are meant to be: their owner, their topic, who shows them.
WORDS = {"voting_count.words", "voting_roll.words", "ledger.words"}


@dataclass
class Held:
    """An edition that is over, and everything that came of it."""

    stack: Stack
    client: Client
    edition: Edition
    proposing: Proposing
    deciding: Deciding
    proof: Proof


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack:
            yield stack


@asynccontextmanager
async def edition_of(stack: Stack, edition: Edition) -> AsyncIterator[tuple[Client, Proposing]]:
    """An edition that begins."""
    async with (
        Client(stack.addresses) as client,
        Desks(stack.addresses) as desks,
        Proposing(stack.addresses, desks, edition, silent) as proposing,
    ):
        yield client, proposing


@pytest.fixture(scope="module")
async def held(stack: Stack) -> AsyncIterator[Held]:
    edition = generated_edition(ideas=12, dossiers=9, labelled=6, declared=8, posted=40)
    async with edition_of(stack, edition) as (client, proposing):
        deciding = await hold(proposing, client)
        proof = await deciding.prove()
        yield Held(stack, client, edition, proposing, deciding, proof)


def test_the_edition_is_decided_validated_agreed_on_and_proven(held: Held) -> None:
    assert held.proof.holds, held.proof.differences
    results = held.deciding.results
    assert results["standing"] == "validated"
    projects = results["projects"]
    assert len(projects) == 6
    assert all(bool(p["agreement"]) == p["funded"] for p in projects)
    funded = [p for p in projects if p["funded"]]
    assert funded and sum(p["cost"] for p in funded) == results["spent"] <= results["budget"]
    # One of them changed her mind: the box promised both of her ballots.
    assert len(held.deciding.polls.promised) == held.edition.voters + 1
    assert not held.deciding.polls.refusals


async def test_the_vote_is_sealed_partly_on_paper_and_a_mind_is_changed(held: Held) -> None:
    """In the record, and not in the words of the launcher that held it."""
    entries = await recorded(held)
    round_id = str(held.deciding.round_id)
    [opened] = [
        each["body"]
        for each in entries.of("voting.round-opened.v2")
        if each["body"]["round_id"] == round_id
    ]
    assert opened["secrecy"] == "sealed" and opened["paper"] is True
    ballots = [each["body"] for each in entries.of("voting.ballot-cast.v1")]
    assert all("sealed" in ballot and "choices" not in ballot for ballot in ballots)
    assert set(entries.ballots()) == held.deciding.polls.promised
    revisions = Counter(ballot["key"] for ballot in ballots)
    assert Counter(revisions.values()) == {1: held.edition.voters - 1, 2: 1}
    openings = [each["body"] for each in entries.of("voting.ballot-opened.v1")]
    assert len(openings) == len(revisions)
    assert {each["key"]: each["revision"] for each in openings} == revisions, "the last of each"
    papers = [each["body"] for each in entries.of("voting.paper-ballot-entered.v1")]
    assert [paper["tier"] for paper in papers] == ["P"] * 3
    [locked] = [each["body"] for each in entries.of("voting.paper-batch-locked.v1")]
    assert (locked["stubs"], locked["ballots"], locked["void"]) == (4, 3, {"unreadable": 1})


async def test_the_auditors_command_takes_the_receipt_of_the_ballot_that_counts(
    held: Held, tmp_path: Path
) -> None:
    """That of the voter who changed her mind: of the second of her ballots."""
    assert held.proof.receipt.startswith("c2sp.org/tlog-proof@v1\n")
    receipt = tmp_path / "ballot.tlog-proof"
    receipt.write_text(held.proof.receipt)
    trust = ["--policy", held.proof.policy]
    asked = ["proof", str(receipt), "--log", log_of(held), *trust]
    assert await asyncio.to_thread(audited, asked) == 0
    index = int(held.proof.receipt.splitlines()[1].removeprefix("index "))
    body = (await recorded(held)).all[index]["body"]
    assert hashlib.sha256(rfc8785.dumps(body)).hexdigest() == held.deciding.changed
    assert body["revision"] == 2


def log_of(held: Held) -> str:
    """Where the edition's log is served."""
    return f"{held.stack.addresses.urls('ledger')[0]}/logs/{held.proof.log}"


async def recorded(held: Held) -> Entries:
    """What the edition's log has."""

    def read() -> Entries:
        return Entries([json.loads(each) for each in ledger_audit.read(log_of(held)).entries()])

    return await asyncio.to_thread(read)


async def test_who_votes_in_the_booth_is_counted_at_its_tier(held: Held) -> None:
    records = await all_records(held.stack, "voting.ballots")
    said = [json.loads(record.value) for record in records if record.value]
    cast = [each for each in said if each.get("round") == str(held.deciding.round_id)]
    assert len({each["key"] for each in cast}) == held.edition.voters
    assert len({each["key"] for each in cast if each["tier"] == "S"}) == 1


async def test_everybody_is_told_what_concerns_her_once(held: Held) -> None:
    mailbox = Mailbox(held.stack.addresses.mails)
    wanted = expected_mails(held)
    found = await eventually(lambda: counted(mailbox, wanted), lambda found: found == wanted)
    assert found == wanted
    ids = Counter(mail.message_id for mail in mailbox.mails())
    assert set(ids.values()) == {1}


async def counted(mailbox: Mailbox, addresses: Iterable[str]) -> dict[str, int]:
    return {address: len(list(mailbox.mails(address))) for address in addresses}


def expected_mails(held: Held) -> dict[str, int]:
    """How many mails each address gets."""
    funded = {p["option_id"] for p in held.deciding.results["projects"] if p["funded"]}
    wanted = {}
    for idea in held.edition.ideas:
        count = 2  # the link, and that it was received
        if idea.attends:
            count += 1  # the appointment
        if idea.files:
            count += 3 if idea.number % 9 == 0 else 2  # complete (or first not), labelled or not
        if idea.labelled:
            is_funded = str(held.proposing.projects[idea.number]) in funded
            count += 2 if is_funded else 1  # funded and its agreement, or not funded
        wanted[idea.address] = count
    for identity in held.edition.declared:
        wanted[identity.telephone] = 2  # its code, and that to vote
        wanted[identity.address] = 1  # the right was used
    return wanted


async def test_what_people_typed_in_is_only_where_it_belongs(held: Held) -> None:
    """Names, addresses and identities are in submission's database at most; words where they are
    shown; and nothing of either in Kafka, the ledger, logs, or any other table."""
    private = [
        *(value for i in held.edition.ideas for value in (i.carrier, i.address)),
        *(v for d in held.edition.declared for v in (d.birth_name, d.address, d.telephone)),
        *(d.birth_date for d in held.edition.declared),
    ]
    words = [v for i in held.edition.ideas for v in (i.title, i.summary, i.organisation)]
    leaks = []
    async for place, content in everything_left(held.stack):
        home = place.startswith("submission.") and place != "submission.outbox"
        leaks += [f"{place}: {v}" for v in private if v.encode() in content and not home]
        shown = place in WORDS or place in TOPICS_WITH_WORDS or home
        leaks += [f"{place}: {v}" for v in words if v.encode() in content and not shown]
    assert not leaks, leaks[:10]


def test_each_key_file_of_an_edition_is_told(held: Held) -> None:
    """Those of its round, too: K_roll stays as long as somebody may appeal."""
    made = key_files(held.stack)
    assert any(str(held.deciding.round_id) in each.name for each in made), made
    assert untold(made) == []


async def test_erasing_a_carrier_takes_the_words_away_and_changes_no_result(held: Held) -> None:
    idea = held.edition.ideas[0]
    project = held.proposing.projects[idea.number]
    carrier = held.proposing.carriers[idea.number]
    page = f"/projects/{project}/erase"
    seen = (await carrier.fill(page, page, sure="yes")).done()
    assert idea.title not in seen.text
    titles = (idea.title.encode(), idea.carrier.encode(), idea.address.encode())

    async def left() -> list[str]:
        return [
            place
            async for place, content in everything_left(held.stack)
            if place not in TOPICS_WITH_WORDS  # compaction takes it within a day
            and any(value in content for value in titles)
        ]

    found = await eventually(left, lambda places: not places)
    assert not found
    path = f"/rounds/{held.deciding.round_id}/results.json"
    now = await held.client.get("voting.count", path)
    before = {p["option_id"]: (p["votes"], p["funded"]) for p in held.deciding.results["projects"]}
    assert {p["option_id"]: (p["votes"], p["funded"]) for p in now["projects"]} == before
    proof = await held.deciding.prove()
    assert proof.holds, proof.differences


async def test_a_name_that_two_administrators_erase_is_gone_and_all_proofs_hold(
    held: Held,
) -> None:
    log, client = held.deciding.results["log"], held.client
    forgotten = await forget_name(client, held.deciding.desks, log)
    assert len(forgotten.indexes) >= 2, "the idea's, and the dossier's"
    path = f"/rounds/{held.deciding.round_id}/results.json"
    now = await client.get("voting.count", path)
    before = {p["option_id"]: (p["votes"], p["funded"]) for p in held.deciding.results["projects"]}
    assert {p["option_id"]: (p["votes"], p["funded"]) for p in now["projects"]} == before
    proof = await held.deciding.prove()
    assert proof.holds, proof.differences


async def test_a_database_restored_from_before_an_erasure_erases_again_before_it_serves(
    held: Held,
) -> None:
    stack = held.stack
    connection = await asyncpg.connect(stack.addresses.superuser_dsn("submission"), ssl=False)
    erased = await connection.fetchval("select min(content_id) from text where value is null")
    await stack.take_down("submission.1")
    # What a backup of before has: the words, and the position of that day.
    await connection.execute(
        "update text set value = 'back from a backup', salt = $2 where content_id = $1",
        erased,
        bytes(32),
    )
    await connection.execute("delete from position where topic = 'submission.administration'")
    await stack.bring_up("submission.1")
    assert await held.client.read("submission", "/")
    there = await connection.fetchval("select value from text where content_id = $1", erased)
    await connection.close()
    assert there is None


async def test_whoever_tells_may_be_down_for_a_whole_edition_and_tells_everything_after(
    stack: Stack,
) -> None:
    edition = generated_edition(ideas=4, dossiers=4, labelled=3, declared=0, posted=20, seed=7)
    mailbox = Mailbox(stack.addresses.mails)
    async with edition_of(stack, edition) as (client, proposing):
        await proposing.publish()
        await proposing.deposit()  # its links are mailed: nobody goes on without them
        wanted = {idea.address: 2 for idea in edition.ideas}
        await eventually(lambda: counted(mailbox, wanted), lambda found: found == wanted)
        await stack.take_down("notification.1", hard=True)
        deciding = await go_on(proposing, client)
        assert await counted(mailbox, wanted) == wanted
        await stack.bring_up("notification.1")
        proof = await deciding.prove()
        assert proof.holds, proof.differences
        held = Held(stack, client, edition, proposing, deciding, proof)
        all_mails = expected_mails(held)
        found = await eventually(lambda: counted(mailbox, all_mails), lambda f: f == all_mails)
        assert found == all_mails
    assert set(Counter(mail.message_id for mail in mailbox.mails()).values()) == {1}
