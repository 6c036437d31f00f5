"""Published elections in Pabulib's `.pb` format, as far as the platform can hold them again."""

from pathlib import Path

from comptoir.errors import LauncherError
from shared import pabulib
from shared.events.submission import MOST_OPTIONS
from shared.pabulib import Election

REPLAYED = ("approval", "choose-1")


class NotAnElection(LauncherError):
    """A file is not an election that can be replayed; the message begins with file and line."""


def read_election(path: Path) -> Election:
    """Read a file. Raises `NotAnElection`: not in the format, a kind of vote that is not replayed
    yet, or more projects than a round has options."""
    try:
        election = pabulib.read(path)
    except pabulib.NotPabulib as refused:
        raise NotAnElection(str(refused)) from None
    kind = election.terms.vote_type
    if kind not in REPLAYED:
        line = election.terms.line("vote_type")
        raise NotAnElection(f"{path}:{line}: votes of type {kind!r} cannot be replayed yet")
    if len(election.projects) > MOST_OPTIONS:
        line = election.projects[MOST_OPTIONS].line
        raise NotAnElection(f"{path}:{line}: more than {MOST_OPTIONS} projects")
    return election
