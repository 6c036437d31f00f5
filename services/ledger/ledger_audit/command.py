"""`ledger-audit`: the auditor's command.

It ends with 0 where all is well, 1 where the log was tampered with, 2 where it cannot be reached or
read, 4 where the recount differs from what was published.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ledger_audit.errors import Tampered, Unreachable
from ledger_audit.export import read
from ledger_audit.recount import Recount, recount
from ledger_audit.verify import Verified, verify

GOOD, TAMPERED, UNREACHABLE, DIFFERS = 0, 1, 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        verified = verify(read(asked.log), _key(asked.vkey))
        recounts = recount(verified) if asked.command == "recount" else []
    except Tampered as error:
        what = {"verified": False, "step": error.step, "index": error.index, "error": str(error)}
        return _end(asked, TAMPERED, what, [str(error)])
    except Unreachable as error:
        return _end(asked, UNREACHABLE, {"verified": None, "error": str(error)}, [str(error)])
    verdict: dict[str, Any] = {"verified": True, **verified.summary()}
    lines = [_verified(verified)]
    if asked.command == "recount":
        verdict["rounds"] = [found.summary() for found in recounts]
        lines += [line for found in recounts for line in _recounted(found)]
    differs = any(found.agrees is False for found in recounts)
    return _end(asked, DIFFERS if differs else GOOD, verdict, lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("ledger-audit", description="Check a public ledger.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("verify", "check signature, tree, entries and numbers"),
        ("recount", "verify, then count every round again from its ballots"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.add_argument("log", help="an export's directory or tar, or the log's URL")
        command.add_argument("--vkey", required=True, help="the log's key, or a file with it")
        command.add_argument("--json", action="store_true", help="answer with one JSON object")
    return parser


def _key(vkey: str) -> str:
    try:
        return Path(vkey).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return vkey


def _end(asked: argparse.Namespace, code: int, verdict: Any, lines: Sequence[str]) -> int:
    if asked.json:
        print(json.dumps(verdict, ensure_ascii=False))
    else:
        print("\n".join(lines), file=sys.stdout if code == GOOD else sys.stderr)
    return code


def _verified(verified: Verified) -> str:
    return f"{verified.origin}: {verified.size} entries, root {verified.root.hex()}, verified"


def _recounted(found: Recount) -> list[str]:
    verdict = {True: "agrees", False: "DIFFERS", None: "is not decided yet"}[found.agrees]
    head = (
        f"round {found.round_id}: {found.ballots} ballots of {found.keys} voters,"
        f" {len(found.funded)} options funded, {found.spent / 100:.2f} of {found.budget / 100:.2f};"
        f" the published result {verdict}"
    )
    return [head, *(f"  {difference}" for difference in found.differences)]


def run() -> None:
    """The console script."""
    sys.exit(main())
