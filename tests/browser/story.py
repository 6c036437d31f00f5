"""An edition as people hold it in their browsers, role after role.

Each step is the one that a role is there for; what a town does besides, more ideas and more votes,
is sent as the demo sends it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from playwright.async_api import Browser, Locator, expect

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.committee import Committee
from comptoir.edition import PRESET
from comptoir.mailbox import Mailbox
from comptoir.openings import made_commission
from comptoir.polls import Polls
from comptoir.proof import index_of
from comptoir.proposing import PARIS, Proposing
from comptoir.sitting import MEMBERS, YES
from comptoir.voter import Voter
from comptoir.waiting import until
from submission.programmes.writing import written
from tests.browser.somebody import Somebody, at_a_browser

TITLE = "Budget citoyen des deux rives"
IDEA = "Un four à pain au marché"
RESIDENT = "resident@deux-rives.example"
WIDE, NARROW = "Grant a role of a whole programme", "Grant a role at a counter"
# Who gets which role, in which of the page's forms.
ROLES = {
    "camille": (NARROW, "counter adviser"),
    "dominique": (NARROW, "counter adviser"),
    "oriane": (NARROW, "instructor"),
    "elise": (NARROW, "committee member"),
    "gaelle": (WIDE, "returning officer"),
    "hugo": (WIDE, "returning officer"),
}
PHASES = {
    "ideas": "Ideas",
    "counters": "Counters",
    "dossiers": "Dossiers",
    "labelling": "Labels",
    "vote": "Vote",
}
# What the amended charter says beside the preset.
AMENDED = """
funding:
  milestones:
    - {name: lit, fr: Le four est allumé, en: The oven is lit}
"""
_PROGRAMME = re.compile(r"/programmes/([0-9a-f-]{36})$")
# On the voting page: which event the record has to prove before anybody votes.
_OPENED = re.compile(r'data-opened="([0-9a-f-]{36})"')
# The committee of the preset.
COMMITTEE = "Labelling committee"


@dataclass
class Story:
    """Who is at which browser, and where the edition stands.

    `charter` is its file; `shares` are those of just enough members of the commission; `voters`
    vote without a browser.
    """

    addresses: Addresses
    chromium: Browser
    proposing: Proposing
    client: Client
    stack: AsyncExitStack
    people: dict[str, Somebody] = field(default_factory=dict)
    programme: str = ""
    project: str = ""
    round_id: str = ""
    charter: str = ""
    shares: list[str] = field(default_factory=list)
    voters: list[Voter] = field(default_factory=list)
    polls: Polls = field(init=False)

    @property
    def sites(self) -> dict[str, str]:
        """The processes' addresses."""
        return self.addresses.sites()

    async def officer(self, subject: str) -> Somebody:
        """An officer, signed in where proposals are."""
        if subject not in self.people:
            somebody = await self.stack.enter_async_context(at_a_browser(self.chromium))
            await somebody.sign_in(subject, f"{self.sites['submission']}/desk")
            self.people[subject] = somebody
        await self.people[subject].go(f"{self.sites['submission']}/desk")
        return self.people[subject]

    async def publish_the_charter(self) -> None:
        """An administrator looks at every rule and asks; another one confirms."""
        alix = await self.officer("alix")
        await alix.follow("Programmes and new editions")
        await alix.follow("New edition")
        now = datetime.now(PARIS).replace(second=0, microsecond=0)
        begin, end = now - timedelta(minutes=10), now + timedelta(hours=1)
        over = end + timedelta(hours=6)
        years = sorted({begin.year, over.year})
        said = {"preset": PRESET, "edition": "-".join(map(str, years)), "title": TITLE}
        said |= {"envelope": "60000 EUR", "rehearsal": "yes"}
        await alix.choose("Preset", PRESET)
        await alix.write(Edition=said["edition"], Title=TITLE, Envelope=said["envelope"])
        for name, label in PHASES.items():
            opens, closes = (end, over) if name == "vote" else (begin, end)
            for which, when in (("opens", opens), ("closes", closes)):
                said[f"{name}-{which}"] = f"{when:%Y-%m-%dT%H:%M}"
                await alix.fill(f"{label}: {which}", said[f"{name}-{which}"])
        self.charter = written(said)
        await alix.tick("This is a rehearsal")
        await alix.send("Look at every rule")
        await alix.title(TITLE)
        await alix.reads("Projects are funded in the order of their votes")
        await alix.write(Reason="The assembly adopted it.")
        await alix.send("Ask for the publication")
        basile = await self.officer("basile")
        await basile.follow("What waits for a second officer")
        card = basile.page.get_by_role("article").filter(has_text=TITLE)
        await expect(card).to_contain_text("Asked for by Alix Moreau")
        await basile.send("Confirm", within=card)
        await basile.reads("Publish a charter: done, Basile Lefebvre")
        await basile.go(f"{self.sites['submission']}/desk/programmes")
        await basile.follow(TITLE)
        found = _PROGRAMME.search(basile.page.url)
        assert found is not None
        self.programme = f"{self.sites['submission']}/programmes/{found[1]}"
        self.proposing.programme_id = UUID(found[1])

    async def amend_the_charter(self) -> None:
        """An administrator adds what projects are followed up by, and another one confirms."""
        alix = await self.officer("alix")
        await alix.follow_in(TITLE, "Phases and options of the vote")
        await alix.follow("Amend the rules")
        await alix.fill("Charter, in YAML", self.charter + AMENDED)
        await alix.send("Look at what would change")
        await alix.reads("The oven is lit")
        await alix.fill("Reason, for everybody to read", "Carriers say how far they are.")
        await alix.send("Ask for the amendment")
        await self.officer("basile")
        await self.confirm("basile", "submission", "Amend a charter")

    async def grant_roles(self) -> None:
        """An administrator gives everybody a role, before they ever signed in, and says why."""
        alix = await self.officer("alix")
        for subject, (form, role) in ROLES.items():
            await alix.go(f"{self.sites['submission']}/desk")
            await alix.page.get_by_role("main").get_by_role("link", name="Roles").click()
            asked = alix.page.locator("h2", has_text=form).locator("+ form")
            await asked.get_by_label("Or the subject of the account").fill(subject)
            await asked.get_by_label(role, exact=True).check()
            await asked.get_by_label("Where").select_option(label="everywhere")
            await asked.get_by_label("Reason").fill("Named by the council for this edition.")
            await alix.send("Grant", within=asked)
            await alix.title("Roles")

    async def deposit_an_idea(self) -> None:
        """A resident deposits an idea; a mailed link makes it hers. She reads French."""
        resident = await self.stack.enter_async_context(at_a_browser(self.chromium, "fr-FR"))
        self.people["resident"] = resident

        async def deposits() -> bool:
            await resident.go(self.programme)
            return await resident.page.get_by_role("link", name="Déposer une idée").count() > 0

        await until("the phases to open", deposits, bool)
        await resident.follow("Déposer une idée")
        await resident.fill("Titre", IDEA)
        await resident.fill("De quoi s’agit-il", "Cuire ensemble le samedi, avec les boulangers.")
        await resident.send("Continuer")
        await resident.tick("Arrageois")
        await resident.send("Continuer")
        await resident.fill("Votre nom", "Jeanne Delcourt")
        await resident.fill("Adresse", RESIDENT)
        await resident.send("M’envoyer le lien")
        await resident.title("Consultez votre messagerie")
        await resident.go(await Mailbox(self.addresses.mails).link(RESIDENT, "/deposits/"))
        await resident.reads("Jeanne Delcourt")
        await resident.send("Déposer mon idée")
        await resident.title(IDEA)
        await resident.reads("Votre idée est déposée.")
        self.project = resident.page.url.partition("?")[0]

    async def others_take_part(self) -> None:
        """More ideas, sent as the demo does."""
        await self.proposing.desks.grant_roles("alix")
        await self.proposing.deposit()
        await self.proposing.announce_counters()
        await self.proposing.attend()
        await self.proposing.file()
        await self.proposing.review()

    async def give_to_the_committee(self) -> Committee:
        """Returning officers give the committee what is complete, and a member her seat; others
        get theirs as in the demo. The round is open."""
        gaelle, hugo = await self.officer("gaelle"), await self.officer("hugo")
        await gaelle.follow_in(TITLE, "Phases and options of the vote")
        await gaelle.page.locator("#field-committee-reason").fill("The dossiers are complete.")
        await gaelle.send("Ask to give them to the committee")
        await self.confirm("hugo", "submission", "Freeze the options of a vote")
        committee = Committee(self.proposing, self.client)
        await committee.find_round()
        count = self.sites["count"]
        elise = await self.officer("elise")
        await elise.sign_in("elise", f"{count}/desk/seats")
        await hugo.sign_in("hugo", f"{count}/desk/rounds")
        await gaelle.sign_in("gaelle", f"{count}/desk/rounds")
        await gaelle.send(
            "Prepare the vote", within=await self._card("Prepare the vote", COMMITTEE)
        )
        await gaelle.follow("Give seats")
        await gaelle.title(COMMITTEE)
        await gaelle.choose("To whom", "Élise Caron")
        await gaelle.tick("This member has the chair")
        await gaelle.send("Give the seat")
        await gaelle.reads("Seats: 1 of 5 given")
        await committee.seat(*MEMBERS[1:4])
        await gaelle.go(f"{count}/desk/rounds")
        card = await self._card("Ask to open the vote", COMMITTEE)
        await card.get_by_label("Reason").fill("The committee has met.")
        await gaelle.send("Ask to open the vote", within=card)
        await self.confirm("hugo", "count", "Open a vote")
        return committee

    async def vote_on_labels(self, committee: Committee) -> None:
        """A member says yes to every dossier but one, on which she is recused; others vote as in
        the demo; the result is validated, and projects have their labels."""
        elise = self.people["elise"]
        await elise.go(f"{self.sites['count']}/desk/seats")
        await elise.follow(COMMITTEE)
        await elise.unfold("I am recused on a project")
        others = elise.page.locator("#field-own option:not([value=''])")
        await elise.page.locator("#field-own").select_option(
            value=await others.filter(has_not_text=IDEA).first.get_attribute("value")
        )
        await elise.send("Say that I am recused")
        await elise.reads("you are recused")
        for yes in await elise.page.get_by_label("Yes", exact=True).all():
            await yes.check()
        await elise.send("Cast my ballot")
        await elise.reads("Your ballot is cast, and public.")
        await committee.read_options()
        sheet = {f"option-{number}": YES for number in committee.projects}
        for subject in MEMBERS[1:4]:
            await committee.cast(subject, sheet)
        await self._close(COMMITTEE)
        await self._validate(COMMITTEE)
        await committee.labelled()
        await elise.go(self.project)
        await elise.reads("The committee voted, and gave it the label")
        await self.proposing.end_labelling()

    async def confirm(self, subject: str, site: str, act: str) -> None:
        """A second officer confirms what waits."""
        somebody = self.people[subject]
        await somebody.go(f"{self.sites[site]}/desk/acts")
        card = somebody.page.get_by_role("article").filter(has_text=act)
        await somebody.send("Confirm", within=card)
        await somebody.reads(f"{act}: done")

    async def open_the_round(self) -> None:
        """Returning officers freeze the options, prepare the round, and open it, once its
        commission has tried its key."""
        gaelle = await self.officer("gaelle")
        await self.officer("hugo")
        await gaelle.follow_in(TITLE, "Phases and options of the vote")
        desk = gaelle.page.url

        async def asked() -> bool:
            await gaelle.go(desk)
            await gaelle.page.locator("#field-freeze-reason").fill("The projects are known.")
            await gaelle.send("Ask for the freezing")
            return await gaelle.page.get_by_text("waits for a second officer").count() > 0

        await until("the end of labelling", asked, bool)
        await self.confirm("hugo", "submission", "Freeze the options of a vote")
        await gaelle.go(desk)
        count = self.sites["count"]
        await gaelle.go(f"{count}/desk/rounds")
        card = await self._card("Prepare the vote")
        self.round_id = (await card.get_attribute("id") or "").removeprefix("round-")
        await gaelle.send("Prepare the vote", within=card)
        await self._try_the_commission()
        card = await self._card("Ask to open the vote")
        await card.get_by_label("Reason").fill("Voting can begin.")
        await gaelle.send("Ask to open the vote", within=card)
        await self.confirm("hugo", "count", "Open a vote")

    async def post_codes(self, codes: list[str]) -> None:
        """A returning officer brings the codes that were posted onto the roll."""
        gaelle = self.people["gaelle"]
        await gaelle.sign_in("gaelle", f"{self.sites['roll']}/desk")
        await gaelle.follow(TITLE)
        await gaelle.page.get_by_label("File of codes").set_input_files(
            {"name": "codes.txt", "mimeType": "text/plain", "buffer": "\n".join(codes).encode()}
        )
        await gaelle.send("Import the codes")
        await gaelle.reads(f"{len(codes)} codes are new.")

    async def others_may_vote(self, codes: list[str]) -> None:
        """Others have these codes, and whoever comes now can vote: roll, box and record have heard
        that the round is open."""
        self.voters = [Voter(UUID(self.round_id), code) for code in codes]
        self.polls = await Polls.of(self.client, UUID(self.round_id))
        options = await self.client.get("voting.count", f"/rounds/{self.round_id}/options")
        await self.polls.opened(self.voters[0], [len(options) + 1])
        await until("the opening in the record", self._recorded, bool)

    async def _recorded(self) -> bool:
        """Whether a checkpoint covers the opening, to which the voting page holds the roll."""
        page = await self.client.read("voting.roll", f"/rounds/{self.round_id}/vote")
        opened = _OPENED.search(page.decode())
        log = (await self.client.get("voting.count", f"/rounds/{self.round_id}"))["log"]
        return opened is not None and await index_of(self.client, log, opened[1]) is not None

    async def _try_the_commission(self) -> None:
        """An officer says whose key the ballots are sealed to, and a test ballot is opened with
        it. Its shares were made on a machine without a network."""
        made, self.shares = await made_commission()
        gaelle, card = self.people["gaelle"], await self._card("Say whose key it is")
        for label, said in (
            ("The public key of the commission", made.key),
            ("So many shares open ballots", made.threshold),
            ("So many shares there are", made.shares),
        ):
            await card.get_by_label(label).fill(str(said))
        await gaelle.send("Say whose key it is", within=card)
        maud = await self.stack.enter_async_context(at_a_browser(self.chromium))
        self.people["maud"] = maud
        page = f"{self.sites['count']}/desk/commission/rounds/{self.round_id}"
        await maud.sign_in("maud", page)
        await self._enter_shares("Open the test ballot", "The test ballot was opened with this key")

    async def _enter_shares(self, button: str, said: str | re.Pattern[str]) -> None:
        """Members of the commission type their shares, one after the other, once the page has a
        form for them; it then says this."""
        maud = self.people["maud"]

        async def asked() -> bool:
            await maud.page.reload()
            return await maud.page.get_by_role("button", name=button, exact=True).count() > 0

        await until(f"“{button}”", asked, bool)
        for place, share in enumerate(self.shares, start=1):
            await maud.fill(f"Share {place}", share)
        await maud.send(button)
        await maud.reads(said)

    async def close_the_round(self) -> None:
        """Returning officers close, the commission opens the ballots; they validate."""
        await self._close()
        await self._enter_shares("Open the ballots", re.compile(r"All \d+ ballots are open"))
        await self._validate()

    async def _close(self, body: str = "") -> None:
        """Returning officers close the residents' vote, or that of a body."""
        gaelle, desk = self.people["gaelle"], f"{self.sites['count']}/desk/rounds"
        await gaelle.go(desk)
        card = await self._card("Ask to close the vote", body, unfold="End the vote before")
        await card.get_by_label("Reason").fill("The rehearsal is over.")
        await gaelle.send("Ask to close the vote", within=card)
        await self.confirm("hugo", "count", "Close a vote")

    async def _validate(self, body: str = "") -> None:
        """They validate its result, once there is one."""
        gaelle = self.people["gaelle"]
        await gaelle.go(f"{self.sites['count']}/desk/rounds")
        card = await self._card("Ask to validate the result", body)
        await card.get_by_label("Reason").fill("The count was done again, and is the same.")
        await gaelle.send("Ask to validate the result", within=card)
        await self.confirm("hugo", "count", "Validate a result")

    async def _card(self, button: str, body: str = "", *, unfold: str = "") -> Locator:
        """The card of the residents' vote, or of that of a body, once it has this button."""
        title = f"{TITLE} · {body}" if body else re.compile(f"^{re.escape(TITLE)}$")
        return await self.people["gaelle"].card(title, button, unfold=unfold)


@asynccontextmanager
async def telling(
    addresses: Addresses, chromium: Browser, proposing: Proposing, client: Client
) -> AsyncIterator[Story]:
    """A story that begins, and the browsers of everybody in it."""
    async with AsyncExitStack() as stack:
        story = Story(addresses, chromium, proposing, client, stack)
        yield story
        heard = {who: each.heard for who, each in story.people.items() if each.heard}
        assert not heard, heard
