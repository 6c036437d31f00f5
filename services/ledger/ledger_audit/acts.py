"""What is done with a whole log: fetched, verified, followed, counted again, reported."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger_audit import fetch as fetching
from ledger_audit import pb, reading, timestamps
from ledger_audit import report as reporting
from ledger_audit.answers import (
    DIFFERS,
    GOOD,
    TAMPERED,
    UNREACHABLE,
    UNTRUSTED,
    Answer,
    Asked,
    WronglyAsked,
    as_json,
    shown,
    trust,
    witnesses,
)
from ledger_audit.ballots import Checked
from ledger_audit.errors import AuditError, Tampered, Unreachable
from ledger_audit.export import read
from ledger_audit.follow import Follower
from ledger_audit.reading import Bar
from ledger_audit.recount import Recount
from ledger_audit.recount import recount as count_again
from ledger_audit.remarks import remarks
from ledger_audit.report.gathering import now
from ledger_audit.rounds import Round
from ledger_audit.verify import Verified, remembered
from ledger_audit.verify import verify as verify_log


def fetch(asked: Asked) -> Answer:
    """Take a log home."""
    policy = trust(asked) if asked.policy or asked.vkey else None
    with Bar("files", shown=not asked.json) as progress:
        found = fetching.fetch(
            read(asked.log), Path(asked.directory), progress, policy=policy, origin=asked.origin
        )
    line = (
        f"{found.origin}: {found.size} entries in {asked.directory}; {found.fetched} files fetched"
        f" ({found.bytes} bytes), {found.kept} were there. Nothing is verified yet."
    )
    return Answer(GOOD, vars(found), [line])


def verify(asked: Asked) -> Answer:
    """Check a whole log."""
    roots = None if asked.timestamps is None else reading.certificates(asked.timestamps)
    verified = _verified(asked)
    verdict = {"verified": True, **verified.summary()}
    lines = [_line(verified), *remarks(verified)]
    if roots is not None:
        try:
            stamps = timestamps.check(verified, trust(asked), roots)
        except timestamps.NotInstalled as error:
            raise WronglyAsked(str(error)) from None
        verdict["timestamps"] = [stamp.summary() for stamp in stamps]
        lines += [
            f"its first {stamp.size} entries were there at {stamp.at:%Y-%m-%dT%H:%M:%SZ},"
            f" says {stamp.authority}"
            for stamp in stamps
        ]
    return Answer(*_signed(asked, verified, verdict, lines))


def recount(asked: Asked) -> Answer:
    """Check a whole log, and count its rounds again."""
    verified, files = _verified(asked), list[str]()

    def heard(round_: Round, voters: Mapping[str, Checked], found: Recount) -> None:
        if asked.pb is not None and round_.is_opened:
            files.append(_numbered(asked.pb, len(files) + 1))
            content = "\n".join(pb.election(round_, voters, found)) + "\n"
            reading.write(files[-1], content.encode())

    recounts = count_again(verified, heard)
    rounds = [found.summary() for found in recounts]
    lines = [_line(verified), *remarks(verified)]
    lines += [line for found in recounts for line in _recounted(found)]
    differs = any(found.agrees is False for found in recounts)
    lines += [f"written for other programs: {file}" for file in files]
    verdict = {"verified": True, **verified.summary(), "rounds": rounds, "pb": files}
    if differs:
        return Answer(DIFFERS, verdict, lines)
    return Answer(*_signed(asked, verified, verdict, lines))


def _signed(
    asked: Asked, verified: Verified, verdict: dict[str, Any], lines: list[str]
) -> tuple[int, dict[str, Any], list[str]]:
    """All is well, unless something is decided that its service did not sign."""
    if not verified.unsigned or asked.allow_unsigned:
        return GOOD, verdict, lines
    what = "what no service signed is taken with --allow-unsigned"
    return UNTRUSTED, {**verdict, "trusted": False, "error": what}, [*lines, what]


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
    follower, code = Follower(read(asked.log), policy, seen, asked.max_age, asked.origin), GOOD
    looks = iter(range(1, asked.times)) if asked.times else iter(int, 1)

    def pause() -> bool:
        if next(looks, None) is None:
            return False
        time.sleep(asked.interval)
        return True

    try:
        with Bar("entries", shown=not asked.json) as progress:
            for found in follower.follow(pause, progress):
                if isinstance(found, AuditError):
                    code = UNREACHABLE if isinstance(found, Unreachable) else UNTRUSTED
                    _say(asked, {"verified": None, "error": str(found)}, str(found))
                    continue
                _save(asked, found)
                lines = [_line(found), *remarks(found)]
                code, verdict, lines = _signed(
                    asked, found, {"verified": True, **found.summary()}, lines
                )
                _say(asked, verdict, "; ".join(lines))
    except KeyboardInterrupt:
        pass
    return Answer(code, None, [])


def _say(asked: Asked, verdict: Any, line: str) -> None:
    at = datetime.now(UTC).strftime("%H:%M:%SZ")
    said = as_json(verdict) if asked.json else f"{at} {shown(line)}"
    print(said, flush=True)


def report(asked: Asked) -> Answer:
    """Write what an audit finds as one page; it is written whatever is found."""
    export, policy = read(asked.log), trust(asked)
    with Bar("entries", shown=not asked.json) as progress:
        found = reporting.gathered(
            export, policy, max_age=asked.max_age, origin=asked.origin, progress=progress
        )
    found.allow_unsigned = asked.allow_unsigned
    made = reporting.page(found, asked.language, at=now())
    reading.write(asked.output, made.encode(errors="replace"))
    code = GOOD
    if found.wrong is not None:
        code = TAMPERED if isinstance(found.wrong, Tampered) else UNTRUSTED
    elif found.differs:
        code = DIFFERS
    elif found.lacks_signatures:
        code = UNTRUSTED
    wrong = [] if found.wrong is None else [str(found.wrong)]
    wrong += [each for _, result in found.rounds for each in result.differences]
    said = [] if found.verified is None else remarks(found.verified)
    said += [each for _, result in found.rounds for each in result.lacking]
    verdict = {
        "verified": found.wrong is None,
        "index": found.wrong.index if isinstance(found.wrong, Tampered) else None,
        "rounds": [result.summary() for _, result in found.rounds],
        "wrong": wrong,
        "remarks": said,
        "output": asked.output,
    }
    return Answer(code, verdict, [*wrong, *said, f"the report is in {asked.output}"])


def _verified(asked: Asked) -> Verified:
    policy = trust(asked)
    since = None if asked.since is None else reading.read(asked.since)
    with Bar("entries", shown=not asked.json) as progress:
        found = verify_log(
            read(asked.log),
            policy,
            since=since,
            max_age=asked.max_age,
            origin=asked.origin,
            progress=progress,
        )
    _save(asked, found)
    return found


def _save(asked: Asked, verified: Verified) -> None:
    if asked.save is not None:
        reading.write(asked.save, verified.export.note)


def _line(verified: Verified) -> str:
    spilled = f", {verified.spilled} bytes spilled to disk" if verified.spilled else ""
    rehearsal = " (a rehearsal)" if verified.rehearsal else ""
    return (
        f"{verified.origin}{rehearsal}: {verified.size} entries, root {verified.root.hex()},"
        f" verified{witnesses(verified.times)}{spilled}"
    )


def _recounted(found: Recount) -> list[str]:
    verdict = {True: "agrees", False: "DIFFERS", None: "is not decided yet"}[found.agrees]
    if found.agrees is None and found.published:
        verdict = "cannot be compared yet"
    if found.agrees is None and found.annulled:
        verdict = "is annulled: nothing of it counts"
    papers = f" and {found.papers} on paper" if found.papers else ""
    head = (
        f"round {found.round_id}: {found.ballots} ballots of {found.keys} voters{papers},"
        f" {len(found.funded)} options funded, {found.spent / 100:.2f} of {found.budget / 100:.2f};"
        f" the published result {verdict}"
    )
    said = [*found.differences, *found.lacking, *found.remarks]
    if found.reissued:
        said.append(f"{found.reissued} second codes were given: so many voters at most voted twice")
    return [head, *(f"  {each}" for each in said)]
