"""The walk to the label: an organisation, its dossier and a document; who reads and checks them."""

import re
from datetime import datetime, timedelta

from comptoir.proposing import PARIS
from tests.browser.guiding import FOUND
from tests.browser.somebody import Somebody
from tests.browser.story import IDEA, TITLE, Story

NAME, SIRET = "Les Boulangers du Marché", "380 475 558 00058"
STATUS = "Association (loi de 1901 ou droit local d’Alsace-Moselle)"
BUDGET = b"poste;montant\nBriques;4200\n"


async def file_the_dossier(story: Story) -> None:
    """Her association takes the idea over, files the dossier, and attaches its budget."""
    resident, oriane = story.people["resident"], await story.officer("oriane")
    await oriane.follow("My work")
    await oriane.send("I have seen this")
    await resident.go(story.project)
    await resident.reads(FOUND)
    await declare_the_association(resident)
    await resident.go(story.project)
    await resident.follow("Déposer le dossier")
    await resident.fill("Nom de la structure", NAME)
    await resident.tick(STATUS)
    await resident.fill("Montant demandé", "4 200")
    await resident.fill("Coût total", "4 200")
    await resident.page.get_by_label(re.compile("^fonctionnement")).check()
    for box in await resident.page.get_by_role("checkbox").all():
        await box.check()
    await resident.send("Envoyer le dossier")
    await resident.reads("Votre dossier est enregistré.")
    await attach_the_budget(resident)
    await oriane.page.reload()
    await oriane.page.locator("#changed ~ *").get_by_role("link", name=IDEA).first.click()
    await oriane.title(IDEA)


async def declare_the_association(resident: Somebody) -> None:
    """By its SIRET number; she is not alone to answer for the project any more."""
    await resident.follow("Qui le porte")
    await resident.follow("Déclarer une autre organisation")
    await resident.fill("Son nom", NAME)
    await resident.page.get_by_label("Ce qu’elle est").select_option(value="association")
    await resident.fill("Numéro SIRET", SIRET)
    await resident.send("Déclarer")
    await resident.page.get_by_label("Une que vous avez déclarée").select_option(label=NAME)
    await resident.tick("porte le projet et en répond")
    await resident.page.get_by_label("Son statut juridique").select_option(label=STATUS)
    await resident.send("L’ajouter")
    await resident.reads(NAME)


async def attach_the_budget(resident: Somebody) -> None:
    """A table, which is written anew before anybody sees it."""
    await resident.follow("Modifier le dossier")
    await resident.follow("Joindre des pièces")
    await resident.page.get_by_label("En tant que").select_option(value="budget")
    await resident.page.get_by_label("Fichier", exact=True).set_input_files(
        {"name": "budget.csv", "mimeType": "text/csv", "buffer": BUDGET}
    )
    await resident.send("Joindre le fichier")
    await resident.reads("Le fichier est joint.")


async def read_the_dossier(story: Story) -> None:
    """A member of the committee has the document, finds the dossier complete, and says which label
    it votes on."""
    elise = await story.officer("elise")
    await elise.follow_in(TITLE, "Dossiers and labels")
    await elise.follow(IDEA)
    await elise.follow("Its documents")
    before = len(elise.heard)
    async with elise.page.expect_download() as downloading:
        await elise.follow("budget.csv")
    assert (await (await downloading.value).path()).read_bytes().startswith(b"poste;montant")
    del elise.heard[before:]  # it is handed out on another origin, and is no page
    await elise.page.go_back()
    await elise.tick("Values of the social and solidarity economy")
    await elise.send("Record what I found")
    await elise.follow(IDEA)
    await elise.reads("votes on this label: Values of the social and solidarity economy")


async def clear_the_carrier(story: Story) -> None:
    """An instructor finds the association in order for an agreement."""
    oriane = await story.officer("oriane")
    await oriane.follow_in(TITLE, "Carriers")
    await oriane.follow(IDEA)
    await oriane.reads("the republican-commitment contract")
    signed = datetime.now(PARIS).date() - timedelta(days=1)
    await oriane.fill("The republican-commitment contract was signed on", signed.isoformat())
    await oriane.tick("I have seen a proof of its legal status")
    await oriane.send("It is in order")
    await oriane.reads("found in order")
