"""What each command does, and what it answers."""

import argparse
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger_audit import diff as differing
from ledger_audit import fetch as fetching
from ledger_audit import leaves, pb, reading, receipts, words
from ledger_audit import report as reporting
from ledger_audit.ballots import Checked
from ledger_audit.errors import Tampered, Unreachable, Untrusted
from ledger_audit.export import Export, read
from ledger_audit.follow import Follower
from ledger_audit.keys import Malformed
from ledger_audit.policy import Policy
from ledger_audit.reading import Bar
from ledger_audit.receipts import Receipt
from ledger_audit.recount import Recount
from ledger_audit.recount import recount as count_again
from ledger_audit.report.gathering import now
from ledger_audit.rounds import Round
from ledger_audit.tree import leaf_hash
from ledger_audit.verify import Verified, remembered
from ledger_audit.verify import verify as verify_log

GOOD, TAMPERED, UNREACHABLE, UNTRUSTED, DIFFERS, WRONGLY_ASKED = 0, 1, 2, 3, 4, 64
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

type Asked = argparse.Namespace


class WronglyAsked(Exception):
    """The command was not asked as it can be; the message says with which value."""


@dataclass(frozen=True)
class Answer:
    """An exit code, the verdict as JSON (None: it was said already), and in lines."""

    code: int
    verdict: Any
    lines: Sequence[str]


def fetch(asked: Asked) -> Answer:
    """Take a log home."""
    with Bar("files", shown=not asked.json) as progress:
        found = fetching.fetch(read(asked.log), Path(asked.directory), progress)
    line = (
        f"{found.origin}: {found.size} entries in {asked.directory}; {found.fetched} files fetched"
        f" ({found.bytes} bytes), {found.kept} were there. Nothing is verified yet."
    )
    return Answer(GOOD, vars(found), [line])


def verify(asked: Asked) -> Answer:
    """Check a whole log."""
    verified = _verified(asked)
    return Answer(GOOD, {"verified": True, **verified.summary()}, [_line(verified)])


def recount(asked: Asked) -> Answer:
    """Check a whole log, and count its rounds again."""
    verified, files = _verified(asked), list[str]()

    def heard(round_: Round, voters: Mapping[str, Checked], found: Recount) -> None:
        if asked.pb is not None:
            files.append(_numbered(asked.pb, len(files) + 1))
            content = "\n".join(pb.election(round_, voters, found)) + "\n"
            reading.write(files[-1], content.encode())

    recounts = count_again(verified, heard)
    rounds = [found.summary() for found in recounts]
    lines = [_line(verified), *(line for found in recounts for line in _recounted(found))]
    differs = any(found.agrees is False for found in recounts)
    lines += [f"written for other programs: {file}" for file in files]
    verdict = {"verified": True, **verified.summary(), "rounds": rounds, "pb": files}
    return Answer(DIFFERS if differs else GOOD, verdict, lines)


def _numbered(path: str, number: int) -> str:
    """The file of a round: the one that was asked for, and others beside it for further rounds."""
    plain = Path(path)
    name = plain.name if number == 1 else f"{plain.stem}-{number}{plain.suffix}"
    return str(plain.with_name(name))


def follow(asked: Asked) -> Answer:
    """Check what is new, again and again."""
    policy = trust(asked)
    since = None if asked.since is None else reading.read(asked.since)
    seen = None if since is None else remembered(policy, since)
    follower, code = Follower(read(asked.log), policy, seen, asked.max_age), GOOD
    looks = iter(range(1, asked.times)) if asked.times else iter(int, 1)

    def pause() -> bool:
        if next(looks, None) is None:
            return False
        time.sleep(asked.interval)
        return True

    try:
        with Bar("entries", shown=not asked.json) as progress:
            for found in follower.follow(pause, progress):
                if isinstance(found, Unreachable):
                    code = UNREACHABLE
                    _say(asked, {"verified": None, "error": str(found)}, str(found))
                    continue
                code = GOOD
                _save(asked, found)
                _say(asked, {"verified": True, **found.summary()}, _line(found))
    except KeyboardInterrupt:
        pass
    return Answer(code, None, [])


def _say(asked: Asked, verdict: Any, line: str) -> None:
    at = datetime.now(UTC).strftime("%H:%M:%SZ")
    said = json.dumps(verdict, ensure_ascii=False) if asked.json else f"{at} {line}"
    print(said, flush=True)


def proof(asked: Asked) -> Answer:
    """Make a receipt, or check one."""
    what: str = asked.entry_or_receipt
    is_index, is_digest = reading.is_number(what), _DIGEST.fullmatch(what) is not None
    if (is_index or is_digest) and not Path(what).exists():
        if asked.log is None:
            raise WronglyAsked(f"where entry {what} is, --log says")
        return _make_receipt(asked, read(asked.log), what)
    return _check_receipt(asked, what)


def _make_receipt(asked: Asked, export: Export, what: str) -> Answer:
    index = _index(export, what)
    size = export.claimed.size
    if index is None:
        raise WronglyAsked(f"no entry and no ballot of {export.source} has the digest {what}")
    if index >= size:
        raise WronglyAsked(f"entry {index} is not covered: the checkpoint has {size} entries")
    policy, entry, receipt = trust(asked), export.entry(index), receipts.made(export, index)
    # What does not hold here would hold nowhere.
    trusted = _check(asked, receipt, entry, policy)
    if asked.entry is not None:
        reading.write(asked.entry, entry)
    if asked.output is not None:
        reading.write(asked.output, receipt.content())
        line = f"entry {index} of {size}: the receipt is in {asked.output}, and holds"
    else:
        line = receipt.content().decode(errors="replace").removesuffix("\n")
    verdict = {"index": index, "receipt": receipt.content().decode(errors="replace")}
    return Answer(GOOD, {**trusted, **verdict, "entry": entry.decode(errors="replace")}, [line])


def _check_receipt(asked: Asked, path: str) -> Answer:
    if not Path(path).is_file():
        what = f"{path[:100]!r} is no index, no digest of 64 hexadecimal digits, and no file"
        raise WronglyAsked(what)
    try:
        receipt = Receipt.parse(reading.read(path))
    except Malformed as error:
        raise Tampered(11, f"{path} is not a receipt: {error}") from None
    if asked.entry is not None:
        entry = reading.read(asked.entry)
    elif asked.log is not None:
        export = read(asked.log)
        if receipt.index >= export.claimed.size:
            raise Unreachable(f"{asked.log} ends before entry {receipt.index}")
        entry = export.entry(receipt.index)
    else:
        raise WronglyAsked("a receipt is about an entry, which --entry or --log gives")
    trusted = _check(asked, receipt, entry, trust(asked))
    line = (
        f"{trusted['origin']}: this is entry {receipt.index} of {trusted['size']}"
        f"{_witnesses(trusted['cosigned'])}; the receipt holds"
    )
    return Answer(GOOD, {**trusted, "index": receipt.index}, [line])


def _check(asked: Asked, receipt: Receipt, entry: bytes, policy: Policy) -> dict[str, Any]:
    now = int(time.time())
    found = receipt.check(leaf_hash(entry), policy, now=now, max_age=asked.max_age)
    origin, size = found.checkpoint.origin, found.checkpoint.size
    return {"verified": True, "origin": origin, "size": size, "cosigned": dict(found.times)}


def _index(export: Export, what: str) -> int | None:
    if _DIGEST.fullmatch(what) is None:
        return int(what)
    digest = bytes.fromhex(what)
    index = receipts.index_of_leaf(export, digest)
    return receipts.index_of_body(export, digest) if index is None else index


def explain(asked: Asked) -> Answer:
    """Say what an entry says, and check that it is in the log."""
    export, policy = read(asked.log), trust(asked)
    size = export.claimed.size
    if asked.index >= size:
        raise WronglyAsked(f"entry {asked.index} is not covered: the checkpoint has {size} entries")
    entry = export.entry(asked.index)
    trusted = _check(asked, receipts.made(export, asked.index), entry, policy)
    try:
        leaf = leaves.read(entry)
    except (ValueError, RecursionError) as error:
        raise Tampered(4, f"it is {error}", asked.index) from None
    said = words.sentence(leaf.type, leaf.body, asked.language)
    values = {
        "index": asked.index,
        "src": leaf.src,
        "number": leaf.number,
        "minute": words.moment(leaf.minute, asked.language),
        "type": leaf.type,
        "size": words.number(size, asked.language),
        "witnesses": len(trusted["cosigned"]),
        "digest": leaf_hash(entry).hex(),
    }
    lines = [said, *words.place(values, asked.language)]
    verdict = {**trusted, "index": asked.index, "says": said, "entry": json.loads(entry)}
    return Answer(GOOD, {**verdict, "leaf": values["digest"]}, lines)


def report(asked: Asked) -> Answer:
    """Write what an audit finds as one page; it is written whatever is found."""
    export, policy = read(asked.log), trust(asked)
    with Bar("entries", shown=not asked.json) as progress:
        found = reporting.gathered(export, policy, max_age=asked.max_age, progress=progress)
    made = reporting.page(found, asked.language, at=now())
    reading.write(asked.output, made.encode(errors="replace"))
    code = GOOD
    if found.wrong is not None:
        code = TAMPERED if isinstance(found.wrong, Tampered) else UNTRUSTED
    elif found.differs:
        code = DIFFERS
    wrong = [] if found.wrong is None else [str(found.wrong)]
    wrong += [each for _, result in found.rounds for each in result.differences]
    verdict = {
        "verified": found.wrong is None,
        "index": found.wrong.index if isinstance(found.wrong, Tampered) else None,
        "rounds": [result.summary() for _, result in found.rounds],
        "wrong": wrong,
        "output": asked.output,
    }
    return Answer(code, verdict, [*wrong, f"the report is in {asked.output}"])


def diff(asked: Asked) -> Answer:
    """Compare two copies of a log."""
    policy = trust(asked) if asked.policy or asked.vkey else None
    found = differing.diff(read(asked.a), read(asked.b), policy)
    return Answer(TAMPERED if found.differs else GOOD, found.summary(), _differing(found))


def _differing(found: differing.Difference) -> list[str]:
    a, b = found.a, found.b
    sizes = f"{a.checkpoint.size} entries in {a.source}, {b.checkpoint.size} in {b.source}"
    if a.checkpoint.origin != b.checkpoint.origin:
        lines = [f"two logs: {a.checkpoint.origin} and {b.checkpoint.origin}"]
    elif found.index is not None:
        lines = [f"entry {found.index} is the first that differs; {sizes}"]
    elif a.checkpoint.size == b.checkpoint.size:
        lines = [f"the same entries; {sizes}"]
    else:
        lines = [f"one continues the other; {sizes}"]
    for side in (a, b):
        if not side.is_whole:
            lines.append(f"{side.source}: its entries are not those of its checkpoint")
    if found.forked:
        notes = [side.note.decode(errors="replace") for side in (a, b)]
        lines += ["the log's own key signed both, and they cannot be one log:", *notes]
    return lines


def _verified(asked: Asked) -> Verified:
    policy = trust(asked)
    since = None if asked.since is None else reading.read(asked.since)
    with Bar("entries", shown=not asked.json) as progress:
        found = verify_log(
            read(asked.log), policy, since=since, max_age=asked.max_age, progress=progress
        )
    _save(asked, found)
    return found


def _save(asked: Asked, verified: Verified) -> None:
    if asked.save is not None:
        reading.write(asked.save, verified.export.note)


def trust(asked: Asked) -> Policy:
    """Whom the asker trusts. Raises `Untrusted` where a policy or key is none."""
    if asked.policy is not None:
        found = reading.policy(asked.policy)
        if not found.logs:
            raise Untrusted(f"{asked.policy} names no log, so that none can be verified by it")
        return found
    if asked.vkey is not None:
        return reading.policy_of_key(asked.vkey)
    raise WronglyAsked("whom to trust, --policy FILE or --vkey KEY says")


def _line(verified: Verified) -> str:
    spilled = f", {verified.spilled} bytes spilled to disk" if verified.spilled else ""
    return (
        f"{verified.origin}: {verified.size} entries, root {verified.root.hex()}, verified"
        f"{_witnesses(verified.times)}{spilled}"
    )


def _witnesses(times: dict[str, int] | Any) -> str:
    if not times:
        return ""
    last = datetime.fromtimestamp(min(max(times.values()), 253402300799), UTC)
    names = ", ".join(sorted(times)).encode(errors="backslashreplace").decode()
    return f", cosigned by {names} until {last:%Y-%m-%dT%H:%M:%SZ}"


def _recounted(found: Recount) -> list[str]:
    verdict = {True: "agrees", False: "DIFFERS", None: "is not decided yet"}[found.agrees]
    head = (
        f"round {found.round_id}: {found.ballots} ballots of {found.keys} voters,"
        f" {len(found.funded)} options funded, {found.spent / 100:.2f} of {found.budget / 100:.2f};"
        f" the published result {verdict}"
    )
    return [head, *(f"  {difference}" for difference in found.differences)]
