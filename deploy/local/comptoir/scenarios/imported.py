"""A participatory budget from a `.pb` file: its charter, its projects, its ballots cast again."""

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import yaml

from comptoir.browser import Browser, NotThere, Seen
from comptoir.edition import Edition
from comptoir.proposing import NONE, find_round
from comptoir.publishing import publish_charter
from comptoir.scenarios.held import Held, held
from comptoir.scenarios.residents import Residents
from comptoir.scenarios.stage import Stage
from comptoir.sitting import OFFICERS
from comptoir.waiting import until
from shared.pabulib import Choices, Election, cast, read_bytes

PRESET: Final = "participatory-budget-import"
CALLED: Final = "exempleville.pb"


@dataclass
class ImportedBudget:
    """One election on its way. `rows` are the outcomes of each row: before it was recorded, after
    it, and of the same file once more; `numbered` how many events there were before and after."""

    stage: Stage
    content: bytes
    programme_id: UUID = NONE
    projects: dict[str, UUID] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    numbered: list[int] = field(default_factory=list)
    residents: Residents = field(init=False)
    held: Held = field(init=False)

    @property
    def election(self) -> Election:
        """What the file says, its projects in the order of their ids."""
        found = read_bytes(self.content, CALLED)
        return replace(found, projects=tuple(sorted(found.projects, key=lambda each: each.id)))

    async def walk(self) -> None:
        """Everything, in its order."""
        await self.publish()
        await self.bring_in()
        await self.vote()
        self.held = await held(self.stage, PRESET, self.programme_id, [self.residents.round_id])

    async def publish(self) -> None:
        """Two administrators publish the charter that the file says, with dates of today."""
        self.stage.progress("charter", 0, 1)
        await self.stage.desks.grant_roles("alix")
        alix, page = await self._alix(), f"{self._site}/desk/programmes/imports/election"
        now = datetime.now(UTC).replace(microsecond=0)
        sent = await alix.upload(
            page, "/desk/programmes/imports/election", self.content, CALLED, edition=str(now.year)
        )
        said = yaml.safe_load(sent.done().fields("/desk/programmes/new")["file"])
        opens, closes = now - timedelta(minutes=1), now + timedelta(hours=6)
        window = {"opens": opens.isoformat(), "closes": closes.isoformat()}
        years = sorted({opens.year, closes.year})
        whole = {
            **said,
            "edition": "-".join(map(str, years)),
            "rehearsal": True,
            "phases": {"vote": window},
        }
        written = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)
        self.programme_id = await publish_charter(self.stage.desks, file=written)
        # The vote's phase begins at once: later, it would be counted among what the file brought.
        await until("the phase to open", self._number, bool)
        self.stage.progress("charter", 1, 1)

    async def bring_in(self) -> None:
        """The projects of the file are recorded, each once, whoever sends it how often."""
        self.stage.progress("projects", 0, 1)
        first = await self._send()
        self.numbered.append(await self._number())
        await self._run(first)
        self.numbered.append(await self._number())
        for row in await self._report(first):
            self.projects[row["reference"]] = UUID(row["id"])
        await self._run(await self._send())
        self.numbered.append(await self._number())
        self.stage.progress("projects", 1, 1)

    async def vote(self) -> None:
        """Two officers freeze the options; the voters of the file cast what they cast there."""
        page = f"/desk/programmes/{self.programme_id}"
        reason = "Les projets sont ceux du fichier."
        desks = self.stage.desks
        await desks.together("submission", OFFICERS, page, f"{page}/freeze", reason=reason)
        wishes = len(self.election.votes)
        self.residents = Residents(
            self.stage.addresses,
            self.stage.client,
            desks,
            Edition(self.election.title, "", 0, (), (), wishes, random.Random(0)),
            None,
            await find_round(desks, self.programme_id),
            dict.fromkeys(self.projects.values(), 1.0),
            self.stage.progress,
            in_person=False,
        )
        await self.residents.open_round()
        self.residents.wishes = self._wishes()
        await self.residents.put_on_roll()
        await self.residents.vote()
        await self.residents.close_round()

    @property
    def funded(self) -> list[str]:
        """The funded projects by their ids in the file, in the order of the rule."""
        return [name for name, each in self._results() if each["funded"]]

    @property
    def points(self) -> dict[str, int]:
        """What voters gave each project, by its id in the file."""
        return {name: each["votes"] for name, each in self._results()}

    def _results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        names = {str(id): name for name, id in self.projects.items()}
        for each in self.residents.results["projects"]:
            yield names[each["option_id"]], each

    def _wishes(self) -> Sequence[Choices]:
        """The votes of the file, by the numbers that its projects have on this ballot."""
        election = self.election
        form, choices = cast(election, election.terms.limits)
        numbers = {
            place: self.residents.numbers[self.projects[each.id]]
            for place, each in enumerate(election.projects, start=1)
        }
        return [renumbered(each, numbers, ranks=form.type == "ranking") for each in choices]

    async def _send(self) -> Seen:
        """Have the file read; nothing of it is recorded, and each row is reported."""
        alix, page = await self._alix(), f"/desk/programmes/{self.programme_id}/imports"
        seen = await alix.upload(self._site + page, page, self.content, CALLED, kind="projects")
        await self._note(seen.done())
        return seen

    async def _run(self, seen: Seen) -> None:
        """Record what is new in it, part by part."""
        alix, reason = await self._alix(), "Le vote d’une ville, publié par elle."
        (await alix.fill(seen, f"{seen.path}/run", reason=reason)).done()

        async def over() -> bool:
            page = (await alix.get(seen.url)).done()
            if "It stopped after" in page.words():
                raise NotThere(f"{seen.url}: {page.words()[:300]}")
            return "Everything that is new in it was recorded" in page.words()

        await until("the rows of a file", over, bool)

    async def _note(self, seen: Seen) -> None:
        self.rows.append([row["outcome"] for row in await self._report(seen)])

    async def _report(self, seen: Seen) -> list[dict[str, str]]:
        report = await (await self._alix()).get(f"{seen.url}/report.csv")
        return list(csv.DictReader(io.StringIO(report.done().text)))

    async def _number(self) -> int:
        """How many events of this programme submission has announced."""
        path = f"/programmes/{self.programme_id}/projects.json"
        return int((await self.stage.client.get("submission", path))["snapshot"]["number"])

    async def _alix(self) -> Browser:
        return await self.stage.desks.at("alix", "submission")

    @property
    def _site(self) -> str:
        return self.stage.desks.sites["submission"]


def renumbered(choices: Choices, numbers: Mapping[int, int], *, ranks: bool) -> Choices:
    """What a ballot says, with other numbers; unless it ranks, in their order."""
    if pairs := [[numbers[each[0]], each[1]] for each in choices if isinstance(each, list)]:
        return sorted(pairs)
    named = [numbers[each] for each in choices if isinstance(each, int)]
    return named if ranks else sorted(named)


def small_election(projects: int = 6, voters: int = 12) -> bytes:
    """An election that nobody held, in Pabulib's format: approval of at most three, greedy.

    No two projects cost the same: who wins does not hang on the order of ids.
    """
    chance = random.Random(8)
    meta = {
        "description": "Budget participatif d’Exempleville",
        "country": "France",
        "unit": "Exempleville",
        "instance": "2026",
        "num_projects": projects,
        "num_votes": voters,
        "budget": 10_000 * projects,
        "vote_type": "approval",
        "rule": "greedy",
        "date_begin": "2026",
        "date_end": "2026",
        "min_length": 1,
        "max_length": 3,
    }
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in meta.items())]
    lines += ["PROJECTS", "project_id;cost;name;district"]
    for n, cost in enumerate(chance.sample(range(5, 60), projects), start=1):
        lines.append(f"p{n};{cost * 1000};Projet n° {n};{('Centre', 'Les Prés')[n % 2]}")
    lines += ["VOTES", "voter_id;vote"]
    for n in range(1, voters + 1):
        named = chance.sample(range(1, projects + 1), chance.randint(1, 3))
        lines.append(f"v{n};{','.join(f'p{each}' for each in sorted(named))}")
    return ("\n".join(lines) + "\n").encode()


async def held_again(stage: Stage, content: bytes) -> ImportedBudget:
    """The whole of an election, from its file."""
    budget = ImportedBudget(stage, content)
    await budget.walk()
    return budget


async def hold(stage: Stage) -> Held:
    """An election of this scenario's own."""
    return (await held_again(stage, small_election())).held
