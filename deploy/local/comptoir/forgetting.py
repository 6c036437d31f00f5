"""A carrier's name is forgotten on a running platform: two administrators erase it, and look."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import ledger_audit
from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.waiting import until

ADMINISTRATORS = ("alix", "basile")
DEPOSITED, FILED = "submission.idea-deposited.v1", "submission.dossier-filed.v1"
_ERASED = "erased"


@dataclass(frozen=True)
class Forgotten:
    """The entries that name somebody by a commitment, whose words are gone."""

    log: str
    indexes: tuple[int, ...]


async def forget_name(client: Client, desks: Desks, log: str) -> Forgotten:
    """Erase the names of who carries the project whose dossier was filed last, the person's and
    the organisation's, and wait until the ledger's pages show that they are erased."""
    named = await asyncio.to_thread(_last_named, f"{desks.sites['ledger']}/logs/{log}")
    fields = {
        "content_ids": "\n".join(sorted(set(named.values()))),
        "ground": "person-asked",
        "reason": "La personne porteuse ne souhaite plus être nommée.",
        "sure": "yes",
    }
    await desks.together("submission", ADMINISTRATORS, "/desk/erase", "/desk/erase", **fields)

    async def shown() -> bool:
        pages = [await client.read("ledger", f"/explore/{log}/{index}?lang=en") for index in named]
        return all(_ERASED in page.decode() for page in pages)

    await until("the names to be shown as erased", shown, bool)
    return Forgotten(log, tuple(named))


def _last_named(url: str) -> dict[int, str]:
    """The commitments to its carrier's names, by entry, of the project that was filed last."""
    said = [(index, json.loads(entry)) for index, entry in _entries(url)]
    project = next(leaf for _, leaf in reversed(said) if leaf["type"] == FILED)["body"][
        "project_id"
    ]
    return {
        index: leaf["body"]["carrier"]
        for index, leaf in said
        if leaf["type"] in (DEPOSITED, FILED) and leaf["body"]["project_id"] == project
    }


def _entries(url: str) -> list[tuple[int, Any]]:
    return [*enumerate(ledger_audit.read(url).entries())]
