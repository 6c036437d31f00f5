"""The process in which a file is taken apart: one file, then it ends.

    python -I -m submission.documents.worker MEDIA < FILE > CLEANED

It has no secret, no database and, where the kernel lets it, no network; memory, time, files and
processes are bounded. Whatever a hostile file makes of the library that reads it, it makes it
here. A refusal is its code and its words on the standard error, and status 3.
"""

import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, cast, get_args

from shared.media import Media
from shared.refusal import Refusal
from submission.documents.kinds import EICAR, FileInfected, FileUnreadable

REFUSED: Final = 3
MEMORY: Final = 640 * 1024 * 1024
SECONDS: Final = 20


def confine() -> None:
    """Bound what this process can take, and take away the network."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    with suppress(OSError):  # Not everywhere may a process do so.
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)


def cleaned(media: Media, content: bytes) -> bytes:
    """A file of this kind, written anew. Raises the refusals of `kinds`."""
    found = _reader(media)(content)
    if EICAR in found:  # what stands in a page's own text, or behind a photo's end within a PDF
        raise FileInfected("the file holds the test file of virus scanners")
    return found


def _reader(media: Media) -> Callable[[bytes], bytes]:
    """What reads this kind, with its library, which the files of other kinds do not need."""
    match media:
        case "application/pdf":
            from submission.documents.pdfs import clean_pdf

            return clean_pdf
        case "text/csv":
            from submission.documents.sheets import clean_sheet

            return clean_sheet
        case _:
            from submission.documents.pictures import clean_picture

            return partial(clean_picture, media=media)


def main() -> None:
    """Clean the file on the standard input."""
    media = cast(Media, sys.argv[1])
    assert media in get_args(Media)
    content = sys.stdin.buffer.read()
    _reader(media)  # imported while files may be opened still
    confine()
    try:
        found = cleaned(media, content)
    except Refusal as refused:
        _refuse(refused)
    except MemoryError:
        _refuse(FileUnreadable("the file takes more memory than is given to one"))
    else:
        sys.stdout.buffer.write(found)
        sys.stdout.buffer.flush()


def _refuse(refused: Refusal) -> None:
    sys.stderr.write(f"{refused.code}\n{refused}")
    sys.stderr.flush()
    os._exit(REFUSED)


if __name__ == "__main__":
    main()
