"""The walk between desks: an idea asks one, is handed on to another, and comes back guided."""

from datetime import datetime, timedelta

from playwright.async_api import Locator

from comptoir.proposing import PARIS
from tests.browser.somebody import Somebody
from tests.browser.story import IDEA, TITLE, Story

PLACE = "Salle des fêtes, 2 place du Marché, Arras"
WHY = "Le comptoir de l’Artois réunit les boulangers."
FOUND = "Le projet tient ; il manque un budget."


async def guide(story: Story) -> None:
    """An adviser hands it on to the desk of another one, who guides it at a session."""
    camille, dominique = await story.officer("camille"), await story.officer("dominique")
    await announce(camille)
    await ask_the_desk(story.people["resident"], story.project)
    await at_work(camille)
    await act(camille, "Hand it on to another desk", WHY, desk="Counter of the Artois")
    await camille.reads("Counter of the Artois")
    await story.people["resident"].go(story.project)
    await story.people["resident"].reads(WHY)
    await at_work(dominique)
    await dominique.send("Take it on")
    await dominique.reads("needs a session")
    await dominique.unfold("Give it a place at a session")
    await dominique.page.get_by_role("radio").first.check()
    await dominique.send("Give it a place there")
    await dominique.reads("has a place")
    await dominique.send("Came")
    await act(dominique, "Hand it back to its carrier", FOUND)
    await dominique.reads(FOUND)


async def announce(adviser: Somebody) -> None:
    """A session is announced, for everybody to see."""
    await adviser.follow_in(TITLE, "Counters")
    await adviser.follow("Announce a counter")
    begins = datetime.now(PARIS) + timedelta(days=2)
    await adviser.fill("Address", PLACE)
    await adviser.choose("Territory", "Artois")
    desk = adviser.page.get_by_role("combobox", name="Desk", exact=True)
    await desk.select_option(label="Counter of the Artois")
    await adviser.fill("Begins", f"{begins:%Y-%m-%dT%H:%M}")
    await adviser.fill("Ends", f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    await adviser.fill("Places", "6")
    await adviser.send("Announce it")
    await adviser.reads(PLACE)


async def ask_the_desk(resident: Somebody, project: str) -> None:
    """She asks the desk of her territory, and reads until when it answers."""
    await resident.go(project)
    await resident.follow("Demander une place à un comptoir")
    await resident.tick("Comptoir de l’Arrageois")
    await resident.send("Demander au bureau")
    await resident.reads("Votre demande est enregistrée.")
    await resident.follow("Où en est ma demande")
    await resident.reads("Le bureau répond")


async def at_work(officer: Somebody) -> None:
    """The project's line in an officer's work list, followed."""
    await officer.follow("My work")
    await officer.follow(IDEA)


async def act(officer: Somebody, label: str, reason: str, *, desk: str = "") -> None:
    """Unfold an act that needs a reason, and do it."""
    await officer.unfold(label)
    folded = folded_as(officer, label)
    if desk:
        await folded.get_by_label(desk, exact=True).check()
    await folded.get_by_label("Reason").fill(reason)
    await officer.send(label, within=folded)


def folded_as(officer: Somebody, label: str) -> Locator:
    """What is folded under a label."""
    summary = officer.page.locator("summary", has_text=label)
    return officer.page.locator("details").filter(has=summary)
