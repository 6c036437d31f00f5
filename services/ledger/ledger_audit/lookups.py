"""What is asked of single entries, and of two copies: receipts, sentences, differences."""

import json
import re
import time
from pathlib import Path
from typing import Any

from ledger_audit import diff as differing
from ledger_audit import leaves, promises, reading, receipts, words
from ledger_audit.answers import (
    BROKEN,
    GOOD,
    NOT_DUE,
    TAMPERED,
    Answer,
    Asked,
    WronglyAsked,
    trust,
    witnesses,
)
from ledger_audit.errors import Tampered, Unreachable, Untrusted
from ledger_audit.export import Export, read
from ledger_audit.keys import Malformed
from ledger_audit.origins import check_asked
from ledger_audit.policy import Policy
from ledger_audit.promises import Judged, Promise
from ledger_audit.receipts import Receipt
from ledger_audit.tree import leaf_hash
from ledger_audit.verify import verify

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def proof(asked: Asked) -> Answer:
    """Make a receipt, or check one: of the log, or of what the box promised."""
    what: str = asked.entry_or_receipt
    is_index, is_digest = reading.is_number(what), _DIGEST.fullmatch(what) is not None
    if (is_index or is_digest) and not Path(what).exists():
        if asked.log is None:
            raise WronglyAsked(f"where entry {what} is, --log says")
        return _make_receipt(asked, read(asked.log), what)
    return _check_receipt(asked, what)


def _make_receipt(asked: Asked, export: Export, what: str) -> Answer:
    # Before anything of that size is read: it is anybody's so far.
    policy = trust(asked)
    _trusted(asked, policy, export.note)
    index, size = _index(export, what), export.claimed.size
    if index is None:
        raise WronglyAsked(f"no entry and no ballot of {export.source} has the digest {what}")
    if index >= size:
        raise WronglyAsked(f"entry {index} is not covered: the checkpoint has {size} entries")
    entry, receipt = export.entry(index), receipts.made(export, index)
    # What does not hold here would hold nowhere.
    trusted = _check(asked, receipt, entry, policy)
    if asked.entry is not None:
        reading.write(asked.entry, entry)
    if asked.output is not None:
        reading.write(asked.output, receipt.content())
        lines = [f"entry {index} of {size}: the receipt is in {asked.output}, and holds"]
    else:
        lines = receipt.content().decode(errors="replace").removesuffix("\n").split("\n")
    verdict = {"index": index, "receipt": receipt.content().decode(errors="replace")}
    return Answer(GOOD, {**trusted, **verdict, "entry": entry.decode(errors="replace")}, lines)


def _check_receipt(asked: Asked, path: str) -> Answer:
    if not Path(path).is_file():
        what = f"{path[:100]!r} is no index, no digest of 64 hexadecimal digits, and no file"
        raise WronglyAsked(what)
    content = reading.read(path)
    if content.startswith(promises.MAGIC):
        return _check_promise(asked, path, content)
    try:
        receipt = Receipt.parse(content)
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
        f"{witnesses(trusted['cosigned'])}; the receipt holds"
    )
    return Answer(GOOD, {**trusted, "index": receipt.index}, [line])


def _check_promise(asked: Asked, path: str, content: bytes) -> Answer:
    """What is not in a log is in no part of it: all of it is verified."""
    if asked.log is None:
        raise WronglyAsked("a promise is kept in a log, which --log gives")
    try:
        promise = Promise.parse(content)
    except Malformed as error:
        raise Untrusted(f"{path} is not a promise of the box: {error}") from None
    verified = verify(read(asked.log), trust(asked), max_age=asked.max_age, origin=asked.origin)
    found = promises.judge(verified, promise)
    code = {"kept": GOOD, "broken": BROKEN, "not due": NOT_DUE}[found.state]
    verdict = {
        "verified": True,
        "origin": verified.origin,
        "size": verified.size,
        "cosigned": dict(verified.times),
        "ballot": promise.digest,
        "round_id": promise.round_id,
        **found.summary(),
    }
    said = f"{verified.origin}{witnesses(verified.times)}: the promise is {found.state}"
    return Answer(code, verdict, [f"{said}; {_became(found, verified.size)}"])


def _became(found: Judged, size: int) -> str:
    """What became of a promised ballot."""
    due = promises.written(found.due)
    if found.index is not None:
        return f"the ballot is entry {found.index} of {size}"
    if found.box_closed is not None:
        return f"the ballot is none of {size} entries, and its box was closed at {found.box_closed}"
    if found.state == "broken":
        return f"the ballot is none of {size} entries, and had to be one by {due}"
    as_of = promises.written(found.as_of)
    return f"the ballot has to be there by {due}, and this is the log as of {as_of}"


def _trusted(asked: Asked, policy: Policy, note: bytes) -> None:
    """The checkpoint that a log shows now. Raises `Tampered` and `Untrusted`."""
    found = policy.check(note, now=int(time.time()), max_age=asked.max_age)
    check_asked(policy, asked.log, found.checkpoint.origin, asked.origin)


def _check(asked: Asked, receipt: Receipt, entry: bytes, policy: Policy) -> dict[str, Any]:
    now = int(time.time())
    found = receipt.check(leaf_hash(entry), policy, now=now, max_age=asked.max_age)
    origin, size = found.checkpoint.origin, found.checkpoint.size
    check_asked(policy, asked.log or origin, origin, asked.origin)
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
    _trusted(asked, policy, export.note)
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


def diff(asked: Asked) -> Answer:
    """Compare two copies of a log."""
    policy = trust(asked) if asked.policy or asked.vkey else None
    a, b = read(asked.a), read(asked.b)
    for each in (a, b):
        check_asked(Policy(), each.source, each.claimed.origin, asked.origin)
    found = differing.diff(a, b, policy)
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
        notes = (side.note.decode(errors="replace") for side in (a, b))
        shown = [line for note in notes for line in note.split("\n")]
        lines += ["the log's own key signed both, and they cannot be one log:", *shown]
    return lines
