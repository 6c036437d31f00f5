"""`ledger-audit`: the auditor's command.

It ends with 0 where all is well, 1 where the log was tampered with, 2 where it cannot be reached or
read, 3 where the policy does not take its checkpoint or that is too old, 4 where the recount
differs from what was published, 5 where the box broke a promise, 6 where one is not due yet, 64
where it was not asked as it can be, 70 where this program itself could not go on, which says
nothing of the log, and 130 where it was interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from ledger_audit import acts, lookups, reading
from ledger_audit.answers import (
    FAILED,
    INTERRUPTED,
    TAMPERED,
    UNREACHABLE,
    UNTRUSTED,
    WRONGLY_ASKED,
    Answer,
    WronglyAsked,
    shown,
)
from ledger_audit.answers import as_json as json_of
from ledger_audit.errors import Tampered, Unreachable, Untrusted


class _Parser(argparse.ArgumentParser):
    """argparse ends with 2, which says here that a log cannot be reached."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONGLY_ASKED, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    asked = parser().parse_args(arguments)
    try:
        answer: Answer = asked.act(asked)
    except Tampered as error:
        what = {"verified": False, "step": error.step, "index": error.index, "error": str(error)}
        notes = [note.decode(errors="replace") for note in error.evidence]
        lines = [line for note in notes for line in note.split("\n")]
        answer = Answer(TAMPERED, {**what, "evidence": notes}, [str(error), *lines])
    except Untrusted as error:
        what = {"verified": None, "trusted": False, "error": str(error)}
        answer = Answer(UNTRUSTED, what, [str(error)])
    except Unreachable as error:
        answer = Answer(UNREACHABLE, {"verified": None, "error": str(error)}, [str(error)])
    except WronglyAsked as error:
        answer = Answer(WRONGLY_ASKED, {"error": str(error)}, [str(error)])
    except KeyboardInterrupt:
        answer = Answer(INTERRUPTED, {"error": "interrupted"}, ["interrupted"])
    except Exception as error:
        # Python would end with 1, which accuses the log.
        failed = (
            f"this is no verdict on the log, the auditor failed: {type(error).__name__}: {error}"
        )
        answer = Answer(FAILED, {"verified": None, "error": failed}, [failed])
    try:
        return _end(answer, as_json=asked.json)
    except OSError:
        # Nobody hears the answer, and Python would say so once more at its end.
        _silence()
        return answer.code or FAILED


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def _end(answer: Answer, *, as_json: bool) -> int:
    # What a terminal cannot show may be in a name of ours, too.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if as_json and answer.verdict is not None:
        print(json_of(answer.verdict), flush=True)
    elif not as_json and answer.lines:
        print(
            "\n".join(map(shown, answer.lines)),
            file=sys.stderr if answer.code else sys.stdout,
            flush=True,
        )
    return answer.code


def parser() -> argparse.ArgumentParser:
    """What can be asked."""
    whole = _Parser("ledger-audit", description="Check a public ledger.", epilog=__doc__)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, meaning: str, act: object) -> _Parser:
        found: _Parser = commands.add_parser(name, help=meaning, description=meaning)
        found.set_defaults(act=act)
        found.add_argument("--json", action="store_true", help="answer with one JSON object")
        one = found.add_mutually_exclusive_group()
        one.add_argument("--policy", metavar="FILE", help="whom to trust, a C2SP tlog-policy")
        one.add_argument("--vkey", metavar="KEY", help="the log's key alone, or a file with it")
        found.add_argument(
            "--origin",
            metavar="ORIGIN",
            help="which log it must be, where a policy takes several or a mirror has another name",
        )
        return found

    def log(found: _Parser, name: str = "log") -> None:
        found.add_argument(name, help="an export's directory or tar, or the log's URL")

    def since(found: _Parser) -> None:
        found.add_argument("--since", metavar="NOTE", help="a checkpoint that was saved before")
        found.add_argument("--save", metavar="NOTE", help="save the checkpoint that was verified")
        age(found)
        unsigned(found)

    def unsigned(found: _Parser) -> None:
        found.add_argument(
            "--allow-unsigned",
            action="store_true",
            help="take a log with decisions from before it knew a key of their service",
        )

    def age(found: _Parser) -> None:
        found.add_argument(
            "--max-age",
            metavar="SECONDS",
            type=_whole,
            help="how long ago the quorum may have cosigned the checkpoint",
        )

    def language(found: _Parser) -> None:
        found.add_argument("--language", choices=("en", "fr"), default=_language())

    found = command("fetch", "take a log home; again, what is new of it", acts.fetch)
    found.add_argument("log", help="the log's URL, or an export")
    found.add_argument("directory", help="where to")

    found = command("verify", "check signatures, tree, entries and numbers", acts.verify)
    log(found)
    since(found)
    found.add_argument(
        "--timestamps",
        metavar="CA.pem",
        help="check time stamps too: the certificates of those who vouch for authorities",
    )

    found = command("follow", "verify what is new, again and again, until stopped", acts.follow)
    log(found)
    since(found)
    found.add_argument(
        "--interval", metavar="SECONDS", type=_whole, default=10, help="between looks (10)"
    )
    found.add_argument("--times", type=_whole, metavar="N", help="look so often, then end")

    found = command(
        "proof",
        "make an entry's receipt (.tlog-proof), or check one, or what the box promised",
        lookups.proof,
    )
    found.add_argument(
        "entry_or_receipt",
        metavar="INDEX|DIGEST|FILE",
        help="an index, a ballot's digest or a leaf hash in hexadecimal; or a receipt to check: of"
        " the log, or the voting page's, of the box's promise",
    )
    found.add_argument("--log", help="an export or URL: where the entry is")
    found.add_argument(
        "--entry", metavar="FILE", help="the entry's bytes: read with a receipt, written with one"
    )
    found.add_argument("-o", "--output", metavar="FILE", help="where to write the receipt")
    age(found)

    found = command(
        "recount", "verify, then count every round again from its ballots", acts.recount
    )
    log(found)
    since(found)
    found.add_argument("--pb", metavar="FILE", help="write the election for other programs")

    found = command("explain", "an entry in plain words, checked for inclusion", lookups.explain)
    log(found)
    found.add_argument("index", type=_whole, help="the index of the entry")
    age(found)
    language(found)

    found = command("report", "what an audit finds, as one page for anybody", acts.report)
    log(found)
    found.add_argument("-o", "--output", metavar="FILE", required=True, help="the page (HTML)")
    age(found)
    unsigned(found)
    language(found)

    found = command("diff", "where two copies of a log part, and who forked them", lookups.diff)
    log(found, "a")
    log(found, "b")
    return whole


def _language() -> str:
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if said.startswith("fr") else "en"


def _whole(text: str) -> int:
    if not reading.is_number(text):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number")
    return int(text)


def run() -> None:
    """The console script."""
    sys.exit(main())
