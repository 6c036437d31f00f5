"""Files of whoever means harm: refused, or written anew without it, and nothing else happens."""

import io
import itertools
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from comptoir.browser import Seen
from shared.people import Role
from shared.refusal import Refusal
from submission.documents.cleaning import Cleaner
from submission.documents.kinds import (
    EICAR,
    FileInfected,
    FileKindRefused,
    FileLocked,
    FileTooLargeInside,
    FileUnreadable,
)
from tests.submission.carrying import resident
from tests.submission.documents import files
from tests.submission.documents.attaching import PDF, fetched, filed, redirected
from tests.submission.proposing import Town

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ZEROS = zlib.compress(bytes(200 * files.MIB), 9)


def pdf_of(content: bytes, filters: Any = None) -> bytes:
    """A PDF whose page says this, packed by these filters."""
    made = pikepdf.open(io.BytesIO(files.pdf()))
    stream = Stream(made, b"")
    stream.write(content, filter=filters) if filters else stream.write(content)
    made.pages[0].Contents = stream
    return files.saved(made)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(*chunks: bytes, size: tuple[int, int] = (40, 30)) -> bytes:
    """A PNG of grey points, with these parts behind its head."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def points(size: tuple[int, int] = (40, 30)) -> bytes:
    return chunk(b"IDAT", zlib.compress(bytes((size[0] + 1) * size[1])))


def acting() -> bytes:
    """A PDF with every action that the format has, at every place that runs one."""
    made = pikepdf.open(io.BytesIO(files.pdf()))
    far = String("https://evil.example/")
    actions = [
        Dictionary(S=Name.URI, URI=far),
        Dictionary(S=Name.SubmitForm, F=far),
        Dictionary(S=Name.ImportData, F=far),
        Dictionary(S=Name.GoToR, F=far, D=Array([0, Name.Fit])),
        Dictionary(S=Name.GoToE, F=far, D=Array([0, Name.Fit])),
        Dictionary(S=Name.Rendition, JS=String(files.SCRIPT.decode())),
        Dictionary(S=Name.RichMediaExecute, TA=far),
        Dictionary(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String("/c calc"))),
        Dictionary(S=Name.JavaScript, JS=Stream(made, files.SCRIPT)),
    ]
    for one, other in itertools.pairwise(actions):
        one.Next = other
    first = made.make_indirect(actions[0])
    field = made.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("a"),
            Rect=Array([0, 0, 50, 20]),
            A=first,
            AA=Dictionary(K=first, F=first, V=first, C=first),
        )
    )
    made.Root.OpenAction = first
    made.Root.URI = Dictionary(Base=far)
    made.Root.Outlines = Dictionary(First=made.make_indirect(Dictionary(Title=far, A=first)))
    made.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=Array([far, first]))
    made.pages[0].obj.Annots = Array([field])
    made.pages[0].obj.AA = Dictionary(O=first, C=first)
    return files.saved(made)


def only_owned() -> bytes:
    """A PDF that everybody can open and nobody may change."""
    made = pikepdf.open(io.BytesIO(files.pdf()))
    return files.saved(made, encryption=pikepdf.Encryption(owner="owner", user=""))


def endless() -> bytes:
    """A PDF whose pages are their own parents' children, without an end."""
    made = pikepdf.open(io.BytesIO(files.pdf()))
    made.Root.Pages.Kids.append(made.Root.Pages)
    return files.saved(made)


REFUSED: dict[str, tuple[Callable[[], bytes], tuple[type[Refusal], ...]]] = {
    "a page before a PDF": (lambda: HTML + files.pdf(), (FileKindRefused,)),
    "an animation": (lambda: b"GIF89a" + bytes(200), (FileKindRefused,)),
    "a TIFF": (lambda: b"II*\0" + bytes(200), (FileKindRefused,)),
    "a packed file": (lambda: b"\x1f\x8b\x08" + bytes(200), (FileKindRefused,)),
    "JSON": (lambda: b'{"a": 1,\n "b": 2}', (FileKindRefused,)),
    "a page whose lines have commas": (lambda: b"<html>,\n<script>,\n", (FileKindRefused,)),
    "a PDF for its owner alone": (only_owned, (FileLocked, FileUnreadable)),
    "a PDF without an end": (endless, (FileUnreadable, FileTooLargeInside)),
    "a bomb behind another filter": (
        lambda: pdf_of(ZEROS.hex().encode(), Array([Name.ASCIIHexDecode, Name.FlateDecode])),
        (FileTooLargeInside, FileUnreadable),
    ),
    "a bomb of one byte again and again": (
        lambda: pdf_of(b"\x81\x00" * (4 * files.MIB), Name.RunLengthDecode),
        (FileTooLargeInside, FileUnreadable),
    ),
    "a stream in another file": (
        lambda: files.pdf().replace(b"/Length", b"/F (/etc/passwd) /Length", 1),
        (FileUnreadable,),
    ),
    "a PNG whose note unpacks to 200 MB": (
        lambda: png_of(chunk(b"zTXt", b"Comment\0\0" + ZEROS), points()),
        (FileUnreadable,),
    ),
    "EICAR as the words of a page": (lambda: pdf_of(EICAR), (FileInfected,)),
    "EICAR as the packed words of a page": (
        lambda: pdf_of(zlib.compress(EICAR), Name.FlateDecode),
        (FileInfected,),
    ),
    "EICAR in the second column of a table": (
        lambda: b"a;b\n1;" + EICAR + b"\n",
        (FileInfected,),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused(name: str) -> None:
    make, refusals = REFUSED[name]
    content = make()
    assert len(content) < 10 * files.MIB
    with pytest.raises(refusals):
        await Cleaner().clean(content)


CLEANED: dict[str, Callable[[], bytes]] = {
    "every action of a PDF": acting,
    "EICAR attached to a PDF": files.active_pdf,
    "EICAR in a note of a PNG": lambda: png_of(chunk(b"tEXt", b"Comment\0" + EICAR), points()),
    "EICAR in a part of a PNG that nobody knows": lambda: png_of(chunk(b"eIcA", EICAR), points()),
    "EICAR in a note of a photo": lambda: files.photo(comment=EICAR),
    "a page in a note of a photo": lambda: files.photo(comment=HTML),
    "a PDF behind a photo": lambda: files.photo() + files.active_pdf(),
    "a script in front of the points of a PNG": lambda: png_of(
        chunk(b"tEXt", b"Comment\0" + HTML), points()
    ),
    "200 MB of points where 1,200 are said to be": lambda: png_of(chunk(b"IDAT", ZEROS)),
    "many points in few bytes": lambda: png_of(points((6_300, 6_300)), size=(6_300, 6_300)),
}
HARM = (
    *(EICAR, HTML, files.SCRIPT, b"evil.example", b"cmd.exe", b"calc"),
    *(b"/AA", b"/OpenAction", b"/Launch", b"/XFA", b"/EmbeddedFiles", b"/Annots", b"/Outlines"),
)


@pytest.mark.parametrize("name", CLEANED)
async def test_it_is_written_anew_without_what_harms(name: str) -> None:
    sent = CLEANED[name]()
    found = await Cleaner().clean(sent)
    assert not [each for each in HARM if each in found.content]
    if found.media == "application/pdf":
        with pikepdf.open(io.BytesIO(found.content)) as pdf:
            assert len(pdf.pages) == 1
    else:
        assert Image.open(io.BytesIO(found.content)).format == found.media[6:].upper()


NAMES = {
    "../../../etc/passwd": "passwd.pdf",
    "a\0b.pdf": "ab.pdf",
    "a\x1b\u2028b.pdf": "ab.pdf",
    "a\r\nContent-Type: text/html\r\n\r\n<script>.pdf": None,
    "bilan\u202efdp.exe": "bilanfdp.pdf",
    '"><script>alert(1)</script>.pdf': "script.pdf",
    "=HYPERLINK(1)": "=HYPERLINK(1).pdf",
    "page.html": "page.pdf",
    "x" * 3_000: None,
    "🌳é.pdf": "🌳é.pdf",
    "": None,
}


@pytest.mark.parametrize("called", NAMES, ids=lambda name: ascii(name[:30]))
async def test_a_name_is_shown_without_what_harms(town: Town, called: str) -> None:
    dossier = await filed(town)
    status = await dossier.attach_raw(PDF, called)
    assert status == 303 or (NAMES[called] is None and 400 <= status < 500)
    shown = await town.connection.fetch(
        "select shown_name from document where project_id = $1", dossier.project_id
    )
    if NAMES[called] is not None:
        assert [row["shown_name"] for row in shown] == [NAMES[called]]
    for document in await dossier.ids():
        _, address = await redirected(dossier.carrier, f"/documents/{document}")
        got = await fetched(address)
        assert (got.status, got.headers["Content-Type"]) == (200, "application/pdf")
        assert got.headers["Content-Disposition"].isascii()
        assert not set(got.headers["Content-Disposition"]) & set('\r\n\0"<>/\\')


@pytest.mark.parametrize("media", ["text/html", "image/svg+xml", "application/x-sh"])
async def test_a_file_is_what_it_holds_whatever_its_sender_says(town: Town, media: str) -> None:
    dossier = await filed(town)
    page = dossier.page
    said = {"document": "budget", "media": media}
    seen: Seen = await dossier.carrier.upload(page, page, HTML, "budget.pdf", **said)
    assert (seen.status, await dossier.ids()) == (422, [])
    await dossier.carrier.upload(page, page, PDF, "a.html", **said)
    _, address = await redirected(dossier.carrier, f"/documents/{await dossier.one()}")
    assert (await fetched(address)).headers["Content-Type"] == "application/pdf"


async def test_a_ticket_is_of_no_use_to_who_lost_her_role_or_her_project(town: Town) -> None:
    dossier = await filed(town)
    await dossier.attach(PDF)
    path = f"/documents/{await dossier.one()}"
    member = await town.officer(Role.COMMITTEE, programme_id=town.programme_id)
    _, good = await redirected(member, path)
    assert (await fetched(good)).status == 200
    _, late = await redirected(member, path)
    await town.connection.execute(
        "delete from role_grant where programme_id = $1", town.programme_id
    )
    assert (await fetched(late)).status == 404
    _, hers = await redirected(dossier.carrier, path)
    await town.connection.execute(
        "update carrier set resident = $2 where project_id = $1",
        dossier.project_id,
        await resident(town, "bo@example.org"),
    )
    assert (await fetched(hers)).status == 404
