"""What a scenario came to: figures that are read in the record, once an auditor took it.

Nothing here is what a scenario meant to do. The log is exported, verified and counted again; what
was decided and given is what its entries say.
"""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import ledger_audit
from comptoir.client import Client
from comptoir.proof import ask_others, index_of, prove
from comptoir.scenarios.stage import Stage
from comptoir.waiting import until

DECIDED = "voting.option-decided"


@dataclass(frozen=True)
class Held:
    """A scenario that is over. `events` are the leaves of its edition's log, `types` how many of
    each type; `decisions` those about a project; `funded_cents` what is given after all of it;
    `messages` what its people were sent, `refused` the codes that they were refused with, of which
    the record has nothing. `differences` say why it is not `verified`."""

    preset: str
    programme_id: UUID
    log: str
    events: int
    decisions: int
    funded_cents: int
    verified: bool
    messages: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


async def held(
    stage: Stage,
    preset: str,
    programme_id: UUID,
    rounds: Sequence[UUID],
    refused: tuple[str, ...] = (),
) -> Held:
    """What these decided rounds of a programme, and everything beside them, came to in the record;
    of a programme there are no others."""
    stage.progress("proof", 0, 2)
    log = await stage.log_of(programme_id)
    await covered(stage.client, programme_id, log, rounds)
    with tempfile.TemporaryDirectory(prefix="comptoir-scenario-") as directory:
        archive = Path(directory) / "export.tar"
        proof = await prove(
            stage.client, log, archive, len(rounds), lambda done: stage.progress("proof", done, 2)
        )
        said = await asyncio.to_thread(entries_of, archive)
    if proof.checkpoint_verified:
        await ask_others(stage.client, proof)
    types = Counter(each["type"] for each in said)
    return Held(
        preset=preset,
        programme_id=programme_id,
        log=log,
        events=len(said),
        decisions=sum(many for kind, many in types.items() if kind.startswith(DECIDED)),
        funded_cents=given(said),
        verified=proof.holds,
        messages=len(stage.mails()),
        types=types,
        refused=refused,
        differences=tuple(proof.differences),
    )


def not_held(preset: str, why: str) -> Held:
    """A scenario that broke off: nothing of it is verified."""
    return Held(preset, UUID(int=0), "", 0, 0, 0, verified=False, differences=(why,))


def entries_of(archive: Path) -> list[dict[str, Any]]:
    """The entries of an export, in their order."""
    return [json.loads(entry) for entry in ledger_audit.read(archive).entries()]


def given(said: Iterable[Mapping[str, Any]]) -> int:
    """The cents that the record gives to projects: as decided, then as confirmed, agreed and
    reduced, without what lapsed."""
    amounts: dict[tuple[str, str], int] = {}
    for entry in said:
        body = entry["body"]
        if "option_id" not in body:
            continue
        grant = body["round_id"], body["option_id"]
        match entry["type"].split(".")[1]:
            case "option-decided" if body["funded"]:
                amounts[grant] = body.get("amount", body["cost"])
            case "funding-confirmed" | "agreement-signed" | "grant-reduced":
                amounts[grant] = body["amount"]
            case "grant-lapsed":
                amounts[grant] -= body["left"]
    return sum(amounts.values())


async def covered(client: Client, programme_id: UUID, log: str, rounds: Sequence[UUID]) -> None:
    """A checkpoint covers all that submission announced of a programme, and all that count did of
    these rounds."""

    async def proposals() -> bool:
        path = f"/programmes/{programme_id}/projects.json"
        snapshot = (await client.get("submission", path))["snapshot"]
        return bool(snapshot["waiting"] == 0 and snapshot["covered"] >= snapshot["number"])

    await until("a checkpoint over what was proposed", proposals, bool)
    for round_id in rounds:
        results = await client.get("voting.count", f"/rounds/{round_id}/results.json")
        funding = await client.get("voting.count", f"/rounds/{round_id}/funding.json")
        for event in dict.fromkeys([*named_events(results), *named_events(funding)]):
            there = partial(index_of, client, log, event)
            await until(f"a checkpoint over {event}", there, lambda index: index is not None)


def named_events(said: Any) -> Iterator[str]:
    """The ids of entries that an answer of count's names."""
    if isinstance(said, list):
        for each in said:
            yield from named_events(each)
    elif isinstance(said, dict):
        for name, value in said.items():
            if name in ("event", "agreement") and isinstance(value, str):
                yield value
            elif name == "events" and isinstance(value, dict):
                yield from (each for each in value.values() if isinstance(each, str))
            else:
                yield from named_events(value)
