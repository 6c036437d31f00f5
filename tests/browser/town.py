"""An edition on its way, for looking at: at each stage every page has something to show."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext

from comptoir.browser import Browser
from comptoir.client import Client
from comptoir.committee import vote_on_labels
from comptoir.deciding import Deciding
from comptoir.desks import Desks
from comptoir.edition import PRESET
from comptoir.mailbox import Mailbox
from comptoir.proposing import PARIS, Proposing
from comptoir.stack import Stack
from comptoir.staff import OFFICERS
from comptoir.waiting import until
from shared.codes import new_code
from tests.browser.rounds import ROUNDS, hold

SUBJECTS = {officer.subject for officer in OFFICERS}
# Somebody who never comes back to her mail: what she began stays as it is.
PASSER_BY = "passante@villages.example"


@dataclass
class Town:
    """The edition, the ids that addresses name, and each person's browser."""

    stack: Stack
    client: Client
    desks: Desks
    proposing: Proposing
    ids: dict[str, str] = field(default_factory=dict)
    people: dict[str, Browser] = field(default_factory=dict)
    deciding: Deciding = field(init=False)

    async def take_ideas(self) -> None:
        """Ideas are taken, a counter is asked, and two acts wait for a second officer."""
        await self.proposing.publish()
        await self.proposing.deposit()
        await self.proposing.announce_counters()
        self.ids["programme_id"] = str(self.proposing.programme_id)
        self.people["carrier"] = self.proposing.carriers[1]
        self._idea("mine", 1)
        await self._ask_for_a_place(9)
        await self._leave_a_draft()
        await self._ask_for_another_edition()
        await self._ask_for_other_dates()

    async def read_dossiers(self) -> None:
        """The other dates are declined; dossiers are filed."""
        basile = await self.desks.at("basile", "submission")
        acts = f"{self.site}/desk/acts"
        seen = await basile.get(acts)
        [decline] = [
            action
            for action, fields in seen.forms().items()
            if action.endswith("/decline") and self.ids["act_id"] not in action
        ]
        (await basile.fill(seen, decline, reason="Les dates étaient justes.")).done()
        await self.proposing.attend()
        await self.proposing.file()
        await self._bring_files()

    async def open_voting(self) -> None:
        """The options are frozen, the round is open, and half of the voters have voted."""
        await self.proposing.review()
        committee = await vote_on_labels(self.proposing, self.client)
        await self.proposing.freeze()
        appeal = {self.proposing.projects[i.number]: i.appeal for i in self.proposing.edition.ideas}
        self.deciding = Deciding(
            self.stack.addresses,
            self.client,
            self.desks,
            self.proposing.edition,
            committee,
            self.proposing.round_id,
            appeal,
            self.proposing.progress,
        )
        await self.deciding.open_round()
        await self.deciding.put_on_roll()
        self.ids["round_id"] = str(self.deciding.round_id)
        await self.deciding.vote()
        self.ids["batch_id"] = self.deciding.papers.batch.rpartition("/")[2]
        self.ids["code"] = await self.code()
        await self._hold_a_registration()
        await self._give_a_second_code()
        await self._admit_at_the_counter()
        await self._vouch_for_somebody()
        wanted = len(self.deciding.voters)
        await until("the votes", self.deciding.state, lambda state: state["ballots"] >= wanted)

    async def decide(self) -> None:
        """The round is decided, validated, its agreements are signed; another edition comes, and
        rounds of other formats and rules are decided."""
        await self.deciding.close_round()
        projects = self.deciding.results["projects"]
        funded = [each["option_id"] for each in projects if each["funded"]]
        others = [each["option_id"] for each in projects if not each["funded"]]
        self.ids["funded"], self.ids["not-funded"] = funded[0], others[0]
        self.ids["log"] = self.deciding.results["log"]
        self.ids["event_id"] = projects[0]["event"]
        for name in ROUNDS:
            self.ids[name] = await hold(self.client, name)
        basile = await self.desks.at("basile", "submission")
        acts = f"{self.site}/desk/acts"
        (await basile.fill(acts, f"/desk/acts/{self.ids['act_id']}/confirm")).done()

    async def _hold_a_registration(self) -> None:
        """Somebody is declared a second time: her case waits, and an officer asked to decline."""
        asked, identity = datetime.now(UTC), self.proposing.edition.declared[0]
        again = replace(identity, telephone="+33700000001", address=PASSER_BY)
        await self.deciding.declare(again)
        mails = Mailbox(self.stack.addresses.mails)
        link = await mails.link(PASSER_BY, "/held/", after=asked)
        self.ids["reference"] = link.rpartition("/")[2]
        gaelle = await self.desks.at("gaelle", "roll")
        desk = f"{self.desks.sites['roll']}/desk/rounds/{self.ids['round_id']}/held"
        seen = await gaelle.get(desk)
        case = re.search(r'name="cases" value="([0-9a-f-]{36})"', seen.text)
        assert case is not None, seen.words()
        action = f"/desk/rounds/{self.ids['round_id']}/held"
        decided = {"cases": case[1], "decision": "decline", "reason": "Déjà inscrite."}
        (await gaelle.fill(seen, action, **decided)).done()

    async def _give_a_second_code(self) -> None:
        """Somebody lost her voting code: gaelle hands out a second one, which hugo confirmed."""
        lost, desk = self.proposing.edition.declared[1], f"/desk/rounds/{self.ids['round_id']}"
        await self.desks.together(
            "roll",
            ("gaelle", "hugo"),
            f"{desk}/reissues",
            f"{desk}/reissues",
            birth_name=lost.birth_name,
            first_name=lost.given_name,
            born=lost.birth_date,
            country="FR",
            commune=lost.birthplace,
            reason="Feuille perdue avant de voter.",
        )
        gaelle = await self.desks.at("gaelle", "roll")
        seen = await gaelle.get(f"{self.desks.sites['roll']}{desk}/reissues")
        link = re.search(r"/reissues/([0-9a-f-]{36})", seen.text)
        assert link is not None, seen.words()
        self.ids["reissue_id"] = link[1]

    async def _admit_at_the_counter(self) -> None:
        """Somebody without a letter and a telephone: gaelle hands her a code, hugo confirmed."""
        desk = f"/desk/rounds/{self.ids['round_id']}"
        await self.desks.together(
            "roll",
            ("gaelle", "hugo"),
            f"{desk}/counter",
            f"{desk}/counter",
            birth_name="Vasseur",
            first_name="Odile",
            born="1941-11-02",
            country="FR",
            commune="62041",
            territory="artois",
            reason="Carte d’identité vue à Arras.",
        )
        gaelle = await self.desks.at("gaelle", "roll")
        seen = await gaelle.get(f"{self.desks.sites['roll']}{desk}/counter")
        link = re.search(r"/counter/([0-9a-f-]{36})", seen.text)
        assert link is not None, seen.words()
        self.ids["admission_id"] = link[1]

    async def _vouch_for_somebody(self) -> None:
        """Somebody identified herself at the voters' provider, and came back."""
        browser = self.people["vouched-for"] = Browser(self.desks.sites["roll"])
        form = f"/rounds/{self.ids['round_id']}/register"
        seen = await browser.fill(form, f"/rounds/{self.ids['round_id']}/identify")
        (await browser.post(seen.url, {"sub": "lucie"})).done()

    async def code(self) -> str:
        """A posted code that nobody has used."""
        code = new_code()
        path = f"/rounds/{self.deciding.round_id}/codes"
        await self.client.officer("voting.roll", path, {"tier": "A", "codes": [code]})
        return code

    @property
    def site(self) -> str:
        """Submission's address."""
        return self.desks.sites["submission"]

    async def context(self, chromium: Chromium, who: str, site: str) -> BrowserContext:
        """A browser of somebody's, who is signed in where she is an officer or carries an idea."""
        context = await chromium.new_context(color_scheme="light", reduced_motion="reduce")
        if who in SUBJECTS:
            browser = await self.desks.at(who, site)
        elif who in self.people:
            browser = self.people[who]
        else:
            return context
        await context.add_cookies(
            [
                {"name": cookie.key, "value": cookie.value, "url": self.desks.sites[site]}
                for cookie in browser.session.cookie_jar
            ]
        )
        return context

    async def _bring_files(self) -> None:
        """A carrier attaches a table, and a file of ideas is read, with a row that is refused."""
        carrier, page = self.people["carrier"], f"/projects/{self.ids['mine']}/documents"
        budget = b"poste;montant\nArbres;4000\n"
        (await carrier.upload(page, page, budget, "budget.csv", document="budget")).done()
        alix = await self.desks.at("alix", "submission")
        form = f"/desk/programmes/{self.ids['programme_id']}/imports"
        rows = "reference;title;summary;territory;name\n1;Un banc;Assis.;artois;Ada\n2;;;;\n"
        seen = await alix.upload(
            f"{self.site}{form}", form, rows.encode(), "idées.csv", kind="ideas"
        )
        self.ids["import_id"] = seen.done().path.rpartition("/")[2]

    def _idea(self, name: str, number: int) -> None:
        self.ids[name] = str(self.proposing.projects[number])

    async def _ask_for_a_place(self, number: int) -> None:
        self._idea("asked", number)
        idea = next(i for i in self.proposing.edition.ideas if i.number == number)
        counter = self.ids["gathering_id"] = self.proposing.counters[idea.territory]
        form = f"/projects/{self.ids['asked']}/counter"
        carrier = self.people["asking"] = self.proposing.carriers[number]
        (await carrier.fill(form, form, counter=counter)).done()
        standing = await carrier.get(form)
        [found] = [action for action in standing.forms() if action.endswith("/withdraw")]
        self.ids["handoff_id"] = found.split("/")[-2]

    async def _leave_a_draft(self) -> None:
        browser = self.people["passer-by"] = Browser(self.site)
        start = f"/programmes/{self.proposing.programme_id}/deposit"
        asked = datetime.now(UTC)
        seen = await browser.fill(
            start,
            start,
            title="Un verger pour l’école",
            summary="Planter quarante pommiers avec les enfants, et les cueillir ensemble.",
        )
        seen = await browser.fill(seen, f"{start}/where", territory="artois")
        (
            await browser.fill(
                seen, f"{start}/who", name="Une passante", language="fr", address=PASSER_BY
            )
        ).done()
        mails = Mailbox(self.stack.addresses.mails)
        link = await mails.link(PASSER_BY, "/deposits/", after=asked)
        self.ids["deposit"] = link.rpartition("/")[2]

    async def _ask_for_another_edition(self) -> None:
        alix = await self.desks.at("alix", "submission")
        form = f"{self.site}/desk/programmes/new"
        fields = {"preset": PRESET, "edition": "2031", "envelope": "400000 EUR", "rehearsal": "yes"}
        for at, phase in enumerate(("ideas", "counters", "dossiers", "labelling", "vote")):
            fields[f"{phase}-opens"] = f"2031-{2 * at + 1:02d}-05T09:00"
            fields[f"{phase}-closes"] = f"2031-{2 * at + 2:02d}-20T18:00"
        preview = (await alix.fill(form, "/desk/programmes/new", **fields)).done()
        reason = "L’assemblée l’a adoptée."
        (await alix.fill(preview, "/desk/programmes", reason=reason)).done()
        listed = await alix.get(f"{self.site}/desk/programmes")
        found = re.search(r"/desk/programmes/proposed/([0-9a-f-]{36})", listed.text)
        assert found is not None, listed.words()
        self.ids["act_id"] = found[1]

    async def _ask_for_other_dates(self) -> None:
        alix = await self.desks.at("alix", "submission")
        page = f"{self.site}/desk/programmes/{self.proposing.programme_id}"
        action = f"/desk/programmes/{self.proposing.programme_id}/phases/vote"
        now = datetime.now(PARIS)
        hours = {"opens": 2, "closes": 4}  # within the year of the edition, on any day
        fields = {name: f"{now + timedelta(hours=h):%Y-%m-%dT%H:%M}" for name, h in hours.items()}
        (await alix.fill(page, action, reason="La salle n’est pas libre.", **fields)).done()


def filled(path: str, ids: Mapping[str, str], names: Mapping[str, str]) -> str:
    """A route's path with ids in it: `names` says which of several a parameter means."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        wanted = names.get(name, name)
        return ids.get(wanted, wanted)

    return re.sub(r"\{(\w+)(?::\w+)?\}", value, path)


def listed(lines: Iterable[str]) -> set[str]:
    """The routes that are asked with GET, as `tests/access.txt` has them: process and path."""
    split = (line.split() for line in lines)
    return {f"{each[0]} {each[2]}" for each in split if each[1:2] == ["GET"]}
