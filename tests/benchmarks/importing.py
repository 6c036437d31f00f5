"""`import-madrid`: an edition the size of Madrid's, loaded by import into a whole platform.

Its ideas come as a table at an administrator's desk, each with its carrier and her address, and its
people as `comptoir roll import` takes them: a line each with a posted code and an identity.
"""

import asyncio
import csv
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from comptoir.browser import Browser, Seen
from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.edition import TERRITORIES, generated_edition
from comptoir.election import generated_election
from comptoir.pabulib import held
from comptoir.proposing import Proposing
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from shared.codes import with_check
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.memory import peak
from tests.benchmarks.proposals import OF_A_SUMMARY, Vocabulary

IDEAS, PEOPLE = 20_000, 400_000
# So many of the people have somebody of the same names, born at the same place on the same day.
ONE_IN = 2_000
LOOK_EVERY = 0.1
PATIENCE = 1_200.0
THERE = {
    "submission": (
        "select (select count(*) from idea where programme_id = $1) as ideas,"
        " (select count(*) from carrier join idea using (project_id) where programme_id = $1)"
        " as carriers, (select count(*) from project_search where programme_id = $1) as found,"
        " (select count(*) from imported where programme_id = $1) as imported,"
        " (select coalesce(sum(1), 0) from project_event join idea using (project_id)"
        " where programme_id = $1) as events"
    ),
    "voting_roll": (
        "select (select count(*) from person where round_id = $1) as people,"
        " (select count(*) from code where round_id = $1) as codes,"
        " (select count(*) from held where round_id = $1) as held"
    ),
}


@dataclass
class Loading:
    """A platform with an edition that takes ideas and a round that takes people."""

    stack: Stack
    officer: Browser
    programme_id: UUID
    round_id: UUID
    ideas: bytes
    people: Path
    peaks: dict[str, float] = field(default_factory=dict)

    async def load(self) -> tuple[float, float]:
        """Import both, one after the other; the seconds that each took."""
        began = time.perf_counter()
        await self._ideas()
        between = time.perf_counter()
        await self._people()
        return between - began, time.perf_counter() - between

    async def there(self) -> dict[str, int]:
        """What is there of it."""
        of = {"submission": self.programme_id, "voting_roll": self.round_id}
        found: dict[str, int] = {}
        for database, statement in THERE.items():
            found |= dict(await self._row(database, statement, of[database]))
        return found

    async def drained(self) -> None:
        """Wait until submission's events are with the broker."""
        await self._until_none(
            "outbox where position is null or position > (select acknowledged from outbox_relay)"
        )

    def largest(self) -> float:
        """The most memory that a process of ours had so far, in MB."""
        names = self.stack.addresses.replicas()
        self.peaks |= dict(zip(names, peak(map(self.stack.pid, names)), strict=True))
        say(f"peak MB: {self.peaks}; load {load_average()}")
        return max(self.peaks.values())

    async def _ideas(self) -> None:
        page = f"/desk/programmes/{self.programme_id}/imports"
        seen = await self.officer.upload(page, page, self.ideas, "madrid.csv", kind="ideas")
        await self._run(seen.done())

    async def _run(self, checked: Seen) -> None:
        (await self.officer.fill(checked, f"{checked.path}/run", reason="as posted")).done()
        await self._until_none("import_file where state = 'running'")

    async def _people(self) -> None:
        command = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("comptoir")), "roll", "import"),
            *(str(self.round_id), str(self.people)),
            *("--state", str(self.stack.state.directory)),
            stdout=asyncio.subprocess.PIPE,
        )
        said = asyncio.ensure_future(command.communicate())
        async with asyncio.timeout(PATIENCE):
            while not said.done():
                self._note("comptoir roll import", command.pid)
                await asyncio.wait([said], timeout=LOOK_EVERY)
        lines = said.result()[0].decode().splitlines()
        say(f"{lines[0] if lines else ''}, and {len(lines) - 1} lines of others")
        if command.returncode != 0:
            raise RuntimeError(f"comptoir roll import ended with {command.returncode}")

    def _note(self, name: str, pid: int) -> None:
        try:
            self.peaks[name] = max([self.peaks.get(name, 0.0), *peak([pid])])
        except (OSError, RuntimeError):
            return  # it has just ended

    async def _until_none(self, rows: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self._row("submission", f"select exists (select from {rows})")
                if not found["exists"]:
                    return
                await asyncio.sleep(LOOK_EVERY)

    async def _row(self, database: str, statement: str, *of: UUID) -> asyncpg.Record:
        connection = await asyncpg.connect(self.stack.addresses.superuser_dsn(database), ssl=False)
        try:
            row = await connection.fetchrow(statement, *of)
        finally:
            await connection.close()
        assert row is not None
        return row


async def importing() -> AsyncIterator[Figure]:
    """From the upload of the ideas until they and the people are there, and all of it once more,
    which changes nothing. The most memory is of any process of ours, the command among them."""
    with passable_directory() as directory:
        people, homonyms = directory / "people.csv", PEOPLE // ONE_IN
        await asyncio.to_thread(_write_people, people)
        async with (
            Stack(directory / "state") as stack,
            Client(stack.addresses) as client,
            Desks(stack.addresses) as desks,
        ):
            loading = await _prepared(stack, client, desks, people)
            say(f"{IDEAS:,} ideas, {len(loading.ideas) / 1e6:.0f} MB; {PEOPLE:,} people")
            of_ideas, of_people = await loading.load()
            say(f"ideas {of_ideas:.1f} s, people {of_people:.1f} s; load {load_average()}")
            yield Figure("import-madrid", of_ideas + of_people, "s", "<= 600")
            await loading.drained()
            there = await loading.there()
            say(f"{there}")
            _check(there, homonyms)
            again = await loading.load()
            say(f"once more: ideas {again[0]:.1f} s, people {again[1]:.1f} s")
            if (after := await loading.there()) != there:
                raise RuntimeError(f"the same files changed what is there: {after}")
            yield Figure("import-madrid-memory", loading.largest(), "MB", "<= 400")


def _check(there: dict[str, int], homonyms: int) -> None:
    """Raises unless everything is there once."""
    codes = PEOPLE - homonyms
    expected = {
        **dict.fromkeys(("ideas", "carriers", "found", "imported", "events"), IDEAS),
        **{"people": codes, "codes": codes, "held": homonyms},
    }
    if there != expected:
        raise RuntimeError(f"there is {there} instead of {expected}")


async def _prepared(stack: Stack, client: Client, desks: Desks, people: Path) -> Loading:
    def progress(what: str, done: int, of: int) -> None:
        """Nobody watches."""

    nothing = generated_edition(ideas=0, dossiers=0, labelled=0, declared=0, posted=0)
    async with Proposing(stack.addresses, desks, nothing, progress) as proposing:
        await proposing.publish()
    rehearsal = Rehearsal(client, held(generated_election(voters=0)), progress)
    await rehearsal.propose()
    await rehearsal.prepare()
    officer = await desks.at("alix", "submission")
    return Loading(
        stack, officer, proposing.programme_id, rehearsal.round_id, _ideas().encode(), people
    )


def _ideas() -> str:
    """A table of ideas, each of another carrier."""
    vocabulary, places = Vocabulary(), [*TERRITORIES]
    lines = ["reference;title;summary;territory;name;address"]
    for n in range(IDEAS):
        words = (vocabulary.some(3, 10), vocabulary.some(*OF_A_SUMMARY))
        about = (places[n % len(places)], f"Ada Martin {n}", f"ada{n}@madrid.example")
        lines.append(";".join((f"M-{n}", *words, *about)))
    return "\n".join(lines)


def _write_people(file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("code", "birth_name", "first_name", "born", "country", "commune"))
        writer.writerows(_people())


def _people() -> Iterator[tuple[str, ...]]:
    """Each with a code of her own; every so many have somebody of the same identity."""
    drawn, vocabulary = random.Random(28), Vocabulary()
    codes = iter(drawn.sample(range(1 << 50), PEOPLE))
    identity: tuple[str, ...] = ()
    for n, value in enumerate(codes):
        if n % ONE_IN != 1:
            given, born = drawn.choice(vocabulary.words[:500]), drawn.randrange(28 * 12 * 60)
            month, day = born // 28 % 12 + 1, born % 28 + 1
            # Their number as letters: no two by chance are the same person.
            family = drawn.choice(vocabulary.words) + _letters(n)
            identity = (family, given, f"{1940 + born // 336}-{month:02}-{day:02}", "FR", "75056")
        yield (with_check(value), *identity)


def _letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4))
