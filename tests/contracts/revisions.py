"""The committed contracts: where they lie, how they are made, and how they grow.

`schemas/<type>.json` is the current schema of a version, `schemas/earlier/<type>.<n>.json` what it
was before, oldest first; `samples/<type>.json` is a list with a golden sample of each of these.
Nothing that was committed is ever changed or removed.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.envelope import Envelope, leaf_bytes
from shared.events import ALL, Event
from shared.events.event import PLATFORM_LOG, Ledgered
from tests.contracts.compatibility import Schema, incompatibilities
from tests.contracts.examples import examples
from tests.contracts.made import LOG, NOON
from tests.contracts.processes import source_of

HERE = Path(__file__).parent
SCHEMAS, SAMPLES = HERE / "schemas", HERE / "samples"
LOGS = {Ledgered.PLATFORM: PLATFORM_LOG, Ledgered.EDITION: LOG, Ledgered.NO: None}

Sample = dict[str, Any]


class Incompatible(Exception):
    """A changed event can no longer be read by who knows its version: it needs a new version."""


def schema_of(event: type[Event]) -> Schema:
    """What is promised about an event: its body, its topic, and whether the ledger keeps it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:comptoir:event:{event.type}",
        "x-topic": event.topic,
        "x-ledgered": event.ledgered.name.lower(),
        **event.model_json_schema(),
    }


def sample_of(event: Event) -> Sample:
    """An event as it goes over the wire, and what the ledger makes of it."""
    log = LOGS[event.ledgered]
    envelope = Envelope(
        id=uuid5(NAMESPACE_URL, event.type),
        type=event.type,
        source=source_of(type(event)),
        subject=event.subject,
        time=NOON,
        log=log,
        number=None if log is None else 17,
    )
    body = event.body()
    sample: Sample = {
        "key": event.key,
        "headers": {name: value.decode() for name, value in envelope.headers()},
        "body": body.decode(),
    }
    if log is not None:
        leaf = leaf_bytes(envelope, body)
        sample |= {"leaf": leaf.decode(), "leaf_hash": hashlib.sha256(b"\0" + leaf).hexdigest()}
    return sample


def current(event: type[Event]) -> Schema | None:
    """The schema in its file, if there is one."""
    file = SCHEMAS / f"{event.type}.json"
    return _read(file) if file.exists() else None


def earlier(event: type[Event]) -> list[Schema]:
    """The schemas that this version had before, oldest first."""
    files = [SCHEMAS / "earlier" / f"{event.type}.{n}.json" for n in range(1, 1_000)]
    return [_read(file) for file in files if file.exists()]


def samples(event: type[Event]) -> list[Sample]:
    """The golden samples of all revisions, oldest first."""
    file = SAMPLES / f"{event.type}.json"
    return list(_read(file)) if file.exists() else []


def committed(path: Path) -> Iterator[tuple[str, Any]]:
    """Every content that a file has had on the line of HEAD; nothing outside of a repository.

    What was written on a branch before it was merged was promised to nobody.
    """
    named = str(path.relative_to(HERE))
    commits = _git("log", "--first-parent", "--format=%H", "HEAD", "--", named)
    for commit in (commits or "").split():
        if content := _git("show", f"{commit}:./{path.relative_to(HERE)}"):
            yield commit[:12], json.loads(content)


def write() -> list[str]:
    """Bring the files up to date; the names of those that changed. Raises `Incompatible`."""
    changed = []
    for event in ALL:
        before, now, known = current(event), schema_of(event), earlier(event)
        if before == now and len(samples(event)) == len(known) + 1:
            continue
        for old in [*known, *([before] if before else [])]:
            if found := incompatibilities(old, now):
                raise Incompatible(f"{event.type} needs a new version: {'; '.join(found)}")
        if before is not None and before != now:
            _write(SCHEMAS / "earlier" / f"{event.type}.{len(known) + 1}.json", before)
        _write(SCHEMAS / f"{event.type}.json", now)
        [example] = [each for each in examples() if type(each) is event]
        _write(SAMPLES / f"{event.type}.json", [*samples(event), sample_of(example)])
        changed.append(event.type)
    return changed


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _git(*arguments: str) -> str | None:
    asked = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True)
    return asked.stdout if asked.returncode == 0 else None
