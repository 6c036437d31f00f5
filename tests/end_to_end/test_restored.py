"""Submission's database is restored from before somebody was erased: nothing brings her back.

Whatever she wrote, declared or was called has one word in it that nobody else has, by which every
table, topic and log file is searched.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

import ledger_audit
from comptoir.client import Client
from comptoir.commands.demo import hold
from comptoir.deciding import Deciding
from comptoir.desks import Desks
from comptoir.edition import Edition, generated_edition
from comptoir.places import default_cache
from comptoir.postgres import installed_binaries
from comptoir.proposing import Proposing
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import silent
from tests.end_to_end.leftovers import TOPICS_WITH_WORDS, everything_in, everything_left
from tests.shared.conftest import eventually
from tests.submission.documents import files

pytestmark = pytest.mark.slow

# Nobody else's, either: the number of an association that she declares.
WORD, SIRET = "zinzolin", "73282932000074"


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack:
            yield stack


class Written(Proposing):
    """An edition in which the first carrier writes wherever she can before she is reviewed."""

    async def deposit(self) -> None:
        """She declares an organisation with a part in her project, supports another one, and begins
        to write a second idea on another device."""
        await super().deposit()
        hers, another = self.projects[1], self.projects[2]
        her = self.carriers[1]
        form = "/organisations/new"
        seen = await her.fill(
            form, form, name=f"Les Amis {WORD}s", type="association", siret=SIRET, rna=""
        )
        organisation = seen.done().path
        said = {"granted_on": "2026-01-05", "amount": "5 000", "granted_by": f"Région {WORD}e"}
        (await her.fill(organisation, f"{organisation}/aids", **said)).done()
        parts = f"/projects/{hers}/carriers"
        named = organisation.removeprefix("/organisations/")
        (await her.fill(parts, parts, part="joint", organisation=named)).done()
        await her.act(f"/projects/{another}", f"/projects/{another}/support")
        await self.carriers[2].act(f"/projects/{hers}", f"/projects/{hers}/support")
        await self._begin_another()

    async def review(self) -> None:
        """She attaches a file to her dossier."""
        page = f"/projects/{self.projects[1]}/documents"
        her, called = self.carriers[1], f"budget {WORD}.pdf"
        (await her.upload(page, page, files.pdf(), called, document="budget")).done()
        await super().review()

    async def _begin_another(self) -> None:
        idea, start = self.edition.ideas[0], f"/programmes/{self.programme_id}/deposit"
        other = self.carriers[0] = type(self.carriers[1])(self.site)
        words = {"title": f"Un brouillon {WORD}", "summary": "À finir plus tard."}
        seen = await other.fill(start, start, **words)
        seen = await other.fill(seen, f"{start}/where", territory=idea.territory)
        who = {"name": idea.carrier, "language": "fr", "address": idea.address}
        (await other.fill(seen, f"{start}/who", **who)).done()


@dataclass
class Town:
    """An edition that was decided, its submission, and its backup."""

    stack: Stack
    client: Client
    desks: Desks
    proposing: Written
    deciding: Deciding
    backup: Path

    @property
    def hers(self) -> str:
        """Her project's page."""
        return f"/projects/{self.proposing.projects[1]}"

    async def where(self) -> list[str]:
        """Where her word is; not in the words' topic, which Kafka compacts within a day."""
        return [
            place
            async for place, content in everything_left(self.stack)
            if place not in TOPICS_WITH_WORDS and _hers(content)
        ]

    async def where_in_submission(self) -> list[str]:
        """In which of submission's tables her word is."""
        found = everything_in(self.stack, "submission")
        return [place.partition(".")[2] async for place, content in found if _hers(content)]

    async def rows(self, statement: str) -> list[asyncpg.Record]:
        """What submission's database has."""
        dsn = self.stack.addresses.superuser_dsn("submission")
        connection = await asyncpg.connect(dsn, ssl=False)
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()

    async def counts(self) -> list[tuple[Any, ...]]:
        """What is counted of her project and of the one that she supported."""
        found = await self.rows(
            "select i.project_id, i.supporters, p.cost, p.family, p.revision from idea i"
            " join project p using (project_id) order by 1"
        )
        return [tuple(row) for row in found]

    async def results(self) -> dict[str, Any]:
        """What was decided, as count shows it: all but titles, and who carries what."""
        path = f"/rounds/{self.deciding.round_id}/results.json"
        found = await self.client.get("voting.count", path)
        return {p["option_id"]: (p["votes"], p["funded"], p["cost"]) for p in found["projects"]}

    async def save(self) -> None:
        """Make a backup of submission's database, as an operator does."""
        await self._run("pg_dump", "--format=custom", f"--file={self.backup}", self._dsn)

    async def restore(self) -> None:
        """Put the backup in its place."""
        await self.stack.take_down("submission.1")
        options = ("--clean", "--if-exists", "--exit-on-error", f"--dbname={self._dsn}")
        await self._run("pg_restore", *options, str(self.backup))
        await self.stack.children.resume("submission.1")

    @property
    def _dsn(self) -> str:
        return self.stack.addresses.superuser_dsn("submission")

    async def _run(self, program: str, *arguments: str) -> None:
        path = installed_binaries(default_cache()) / program
        process = await asyncio.create_subprocess_exec(
            str(path), *arguments, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()


def _hers(content: bytes) -> bool:
    lower = content.lower()
    return WORD.encode() in lower or SIRET.encode() in lower


def edition() -> Edition:
    """Three people, of whom the first has a word of her own."""
    made = generated_edition(ideas=3, dossiers=3, labelled=2, declared=0, posted=20, seed=41)
    first, *others = made.ideas
    her = replace(
        first,
        title=f"Une serre {WORD}e",
        summary=f"Une serre {WORD}e, et des semis pour tout le quartier.",
        carrier=f"Philomène {WORD.title()}",
        address=f"philomene.{WORD}@{first.address.partition('@')[2]}",
        organisation=f"Les Serres {WORD}es",
    )
    return replace(made, ideas=(her, *others))


@asynccontextmanager
async def decided(stack: Stack, backup: Path) -> AsyncIterator[Town]:
    """Everything was voted on, and a backup is made."""
    async with (
        Client(stack.addresses) as client,
        Desks(stack.addresses) as desks,
        Written(stack.addresses, desks, edition(), silent) as proposing,
    ):
        deciding = await hold(proposing, client)
        town = Town(stack, client, desks, proposing, deciding, backup)
        await town.save()
        yield town


async def alarms(stack: Stack) -> dict[str, Any]:
    """What submission says is wrong; nothing while it starts."""
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{stack.url('submission.1')}/health/ready") as answer,
        ):
            found: dict[str, Any] = (await answer.json())["alarms"]
            return found
    except aiohttp.ClientError:
        return {}


async def all_covered(town: Town) -> bool:
    """Whether checkpoints cover all that submission published."""
    [found] = await town.rows(
        "select bool_and(coalesce(c.number, 0) = n.number)"
        " and not exists (select from outbox where position is null) as whole"
        " from outbox_number n left join outbox_covered c using (log)"
    )
    return bool(found["whole"])


async def test_whoever_was_erased_since_the_backup_is_erased_from_it_and_results_stay(
    stack: Stack, tmp_path: Path, state: str
) -> None:
    async with decided(stack, tmp_path / "yesterday.dump") as town:
        before = await town.where_in_submission()
        there = {
            "aid",
            "carrier",
            "document",
            "draft",
            "organisation",
            "project_search",
            "resident",
        }
        assert there <= set(before), before
        counts, results = await town.counts(), await town.results()

        # Since the backup: an officer has another role, and she is erased.
        await _grant(town)
        form, her = f"{town.hers}/erase", town.proposing.carriers[1]
        (await her.fill(form, form, sure="yes")).done()
        await eventually(town.where, lambda places: not places)
        assert await town.counts() == counts
        await eventually(lambda: all_covered(town), bool)

        await town.restore()
        await eventually(lambda: alarms(stack), lambda found: "restored" in found)
        done = await invoked("recover", "submission", "--state", state)
        assert done.exit_code == 0, (done.output, done.exception)
        for kind in ("content-erased", "document-removed"):
            assert f"1 submission.{kind}.v1: with its state" in done.output, done.output
        assert "1 submission.role-granted.v1: its number and id alone" in done.output
        refused = await invoked("recover", "submission", "--reopen", "ready", "--state", state)
        assert "state_missing" in str(refused.exception), "somebody has to grant that role again"
        opened = await invoked(
            "recover", "submission", "--reopen", "granted again", "--by-hand", "--state", state
        )
        assert opened.exit_code == 0, (opened.output, opened.exception)
        await stack.ready("submission.1")

        await _is_forgotten(town)
        assert await town.counts() == counts
        assert await town.results() == results
        proof = await town.deciding.prove()
        assert proof.holds, proof.differences
        await _record_says_once(town, proof.log)


async def _grant(town: Town) -> None:
    alix = await town.desks.at("alix", "submission")
    page = f"{town.desks.sites['submission']}/desk/roles"
    said = {"officer": "", "subject": "camille", "role": "instructor", "where": ""}
    (await alix.fill(page, "/desk/roles/grant", **said, reason="Elle instruit aussi.")).done()


async def _is_forgotten(town: Town) -> None:
    """Nothing of her is anywhere, she is signed out, and pages say that she was erased."""
    assert await eventually(town.where, lambda places: not places) == []
    assert not await town.rows("select from document_bytes")
    assert not await town.rows("select from draft")
    of_hers = f"project_id = '{town.proposing.projects[1]}'"
    for statement in (
        "select from organisation join carriage using (organisation_id)"
        f" where {of_hers} and num_nonnulls(name, siret, rna, kept_by) > 0",
        f"select from carriage where {of_hers} and resident is not null",
        f"select from carrier where {of_hers} and num_nonnulls(resident, name, address) > 0",
    ):
        assert not await town.rows(statement), statement
    assert (await town.proposing.carriers[1].get("/ideas/mine")).path == "/sign-in"
    page = (await town.proposing.carriers[2].get(town.hers)).done()
    assert "erased" in page.words()
    mine = (await town.proposing.carriers[2].get("/ideas/mine")).done()
    assert town.proposing.edition.ideas[1].title in mine.text, "others are who they were"


async def _record_says_once(town: Town, log: str) -> None:
    """Nothing is said a second time, and the ledger's own pages have none of her words."""
    url = f"{town.stack.addresses.urls('ledger')[0]}/logs/{log}"
    entries = await asyncio.to_thread(lambda: [*ledger_audit.read(url).entries()])
    said = [json.loads(each) for each in entries]
    assert [each["type"] for each in said].count("submission.document-removed.v1") == 1
    ids = [each["id"] for each in said]
    assert len(ids) == len(set(ids))
    [deposited] = [
        index
        for index, each in enumerate(said)
        if each["type"] == "submission.idea-deposited.v1"
        and each["body"]["project_id"] == str(town.proposing.projects[1])
    ]
    shown = (await town.client.read("ledger", f"/explore/{log}/{deposited}?lang=en")).decode()
    assert "erased" in shown and WORD not in shown.lower()
