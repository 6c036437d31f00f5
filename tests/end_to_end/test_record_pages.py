"""What somebody proposes can be read in the record, in words, within seconds."""

import asyncio

from comptoir.client import Client


async def test_a_dossier_can_be_read_in_the_record_in_words(client: Client) -> None:
    made = await client.officer("submission", "/programmes", {"title": "Pages", "rehearsal": True})
    dossier = {"title": "Un banc à l’ombre", "cost": 50_000}
    await client.officer("submission", f"/programmes/{made['programme_id']}/projects", dossier)
    said = "Un dossier a été déposé\u202f: «\u202fUn banc à l’ombre\u202f». Il demande 500\u202f€."
    async with asyncio.timeout(60):
        while True:
            logs = await client.get("ledger", "/logs")
            pages = [await client.read("ledger", f"/explore/{log['log']}") for log in logs]
            if any(said in page.decode() for page in pages):
                break
            await asyncio.sleep(0.2)
    assert "Pages" in (await client.read("ledger", "/explore")).decode()
