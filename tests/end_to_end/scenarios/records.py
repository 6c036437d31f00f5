"""What tests of scenarios look at: the record as it is served, and what people were sent."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import ledger_audit
from comptoir.scenarios.held import Held
from comptoir.scenarios.stage import Stage
from comptoir.witness import LocalWitness
from ledger_audit.command import main as audited
from tests.end_to_end.elections import Entries
from tests.shared.conftest import eventually


def address(stage: Stage, held: Held) -> str:
    """Where the log of a scenario is served."""
    return f"{stage.addresses.urls('ledger')[0]}/logs/{held.log}"


async def recorded(stage: Stage, held: Held) -> Entries:
    """What the log of a scenario has."""

    def read() -> Entries:
        said = ledger_audit.read(address(stage, held)).entries()
        return Entries([json.loads(each) for each in said])

    return await asyncio.to_thread(read)


def bodies(entries: Entries, kind: str) -> list[dict[str, Any]]:
    """What the entries of a type say, in their order."""
    return [each["body"] for each in entries.of(kind)]


def by_type(held: Held, publisher: str) -> dict[str, int]:
    """How many events of each type a publisher wrote, without its name and the version."""
    return {
        kind.split(".")[1]: many
        for kind, many in held.types.items()
        if kind.startswith(f"{publisher}.")
    }


async def assert_audited(stage: Stage, held: Held) -> None:
    """The auditor's own commands take the log as it is served, and count its rounds again."""
    assert held.verified, held.differences
    trust = ["--policy", str(LocalWitness(stage.addresses).trust)]
    for command in ("verify", "recount"):
        asked = [command, address(stage, held), *trust]
        assert await asyncio.to_thread(audited, asked) == 0, command


async def assert_told(stage: Stage, wanted: Mapping[str, Mapping[str, int]]) -> None:
    """Everybody was sent mails with these subjects, up to their colon, so often, and no others."""

    async def found() -> dict[str, dict[str, int]]:
        sent: dict[str, Counter[str]] = {name: Counter() for name in wanted}
        for mail in stage.mails():
            subject = mail.subject.partition(": ")[0].strip()
            sent.setdefault(mail.address.partition("@")[0], Counter())[subject] += 1
        return {name: dict(subjects) for name, subjects in sent.items()}

    seen = await eventually(found, lambda now: now == wanted)
    assert seen == wanted
