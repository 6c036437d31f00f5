"""What is kept of a file, and what never is: the process that takes it apart is the real one."""

import csv
import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from shared.refusal import Refusal
from submission.documents.cleaning import Cleaner
from submission.documents.kinds import (
    DELIMITERS,
    EICAR,
    FileInfected,
    FileKindRefused,
    FileLocked,
    FileMissing,
    FileTooLarge,
    FileTooLargeInside,
    FileUnreadable,
    ImageTooLarge,
    TooManyPages,
)
from submission.documents.sheets import clean_sheet
from tests.submission.documents import files


async def clean(content: bytes) -> bytes:
    return (await Cleaner().clean(content)).content


async def test_a_photo_keeps_its_points_and_nothing_else() -> None:
    sent = files.photo()
    assert files.PLACE in sent
    found = await Cleaner().clean(sent)
    assert found.media == "image/jpeg"
    image = Image.open(io.BytesIO(found.content))
    assert image.size == (40, 30)
    left, right = (image.convert("RGB").getpixel((x, 15)) for x in (5, 35))
    assert isinstance(left, tuple) and isinstance(right, tuple)
    assert left[2] > left[0] and right[0] > right[2]
    assert not image.getexif() and "comment" not in image.info
    assert files.PLACE not in found.content


async def test_a_photo_is_turned_as_it_is_meant_to_be_seen() -> None:
    image = Image.open(io.BytesIO(await clean(files.photo(orientation=6))))
    assert image.size == (30, 40)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA"])
async def test_a_png_keeps_its_points_and_nothing_else(mode: str) -> None:
    found = await Cleaner().clean(files.png(mode=mode))
    image = Image.open(io.BytesIO(found.content))
    assert (found.media, image.size, image.mode) == ("image/png", (40, 30), mode)
    assert files.PLACE not in found.content


async def test_a_pdf_keeps_its_pages_and_nothing_that_acts() -> None:
    sent = files.active_pdf()
    for each in (files.SCRIPT, files.PLACE, EICAR, b"calc.exe"):
        assert each in sent, each
    found = await clean(sent)
    for each in (files.SCRIPT, files.PLACE, EICAR, b"calc.exe", b"/JavaScript", b"/Launch"):
        assert each not in found, each
    for each in (b"/OpenAction", b"/AA", b"/EmbeddedFiles", b"/AcroForm", b"/XFA", b"/Metadata"):
        assert each not in found, each
    with pikepdf.open(io.BytesIO(found)) as pdf:
        assert len(pdf.pages) == 1
        assert b"page 0" in pdf.pages[0].Contents.read_bytes()
        assert not pdf.docinfo


async def test_a_pdf_written_anew_is_the_same_each_time() -> None:
    sent = files.active_pdf()
    assert await clean(sent) == await clean(sent)


async def test_a_photo_within_a_pdf_says_nothing_of_its_place() -> None:
    sent = files.photo_in_pdf()
    assert files.PLACE in sent
    found = await clean(sent)
    assert files.PLACE not in found
    with pikepdf.open(io.BytesIO(found)) as pdf:
        image = pdf.pages[0].Resources.XObject.I
        assert Image.open(io.BytesIO(image.read_raw_bytes())).size == (40, 30)


async def test_a_table_has_no_formula() -> None:
    sent = "poste;montant\n=cmd|' /C calc'!A0;-5\nétude;12\n".encode("cp1252")
    found = await Cleaner().clean(sent)
    assert found.media == "text/csv"
    assert found.content.decode() == "poste;montant\r\n'=cmd|' /C calc'!A0;'-5\r\nétude;12\r\n"


CELLS = st.text(st.sampled_from("=+-@|%,;\t \"'a1\n"), max_size=8)


@given(st.sampled_from(DELIMITERS), st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
@example(";", [("a", "b"), ("1", "note,=1+2")])
@example("\t", [("a", "b"), ("1", 'note, "=1+2')])
@example(",", [("a", "b"), ("1|=1+2", "note;@SUM(A1)")])
def test_a_table_has_no_formula_whatever_a_program_expects_between_its_cells(
    delimiter: str, rows: list[tuple[str, str]]
) -> None:
    into = io.StringIO()
    csv.writer(into, delimiter=delimiter).writerows([("a", "b"), *rows])
    found = clean_sheet(into.getvalue().encode()).decode()
    for piece in re.split(r"[,;|\t\r\n]", found):
        assert not piece.lstrip(' "').startswith(tuple("=+-@%")), found


HTML = b"<!DOCTYPE html><script>alert(1)</script>"
REFUSED: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "nothing": (lambda: b"", FileMissing),
    "a page with a script": (lambda: HTML, FileKindRefused),
    "a picture that is a script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        FileKindRefused,
    ),
    "a program": (lambda: b"MZ\x90\0" + bytes(200), FileKindRefused),
    "a ZIP, as word processors write": (files.zipped, FileKindRefused),
    "a ZIP bomb": (files.zip_bomb, FileKindRefused),
    "EICAR": (lambda: EICAR, FileKindRefused),
    "EICAR in a table": (lambda: b"a;b\n1;" + EICAR + b"\n", FileInfected),
    "eleven megabytes": (lambda: b"%PDF-1.7\n" + bytes(11 * files.MIB), FileTooLarge),
    "a PDF that is none": (lambda: b"%PDF-1.7\nnothing of the kind", FileUnreadable),
    "a PDF with a password": (files.locked_pdf, FileLocked),
    "a PDF of 501 pages": (lambda: files.pdf(501), TooManyPages),
    "a flate bomb": (files.flate_bomb, FileTooLargeInside),
    "a flate bomb in a bomb": (lambda: files.flate_bomb(packings=3), FileTooLargeInside),
    "a PNG of 50,000 by 50,000": (files.huge_png, ImageTooLarge),
    "a PDF with a picture of 50,000 by 50,000": (
        lambda: files.picture_in_pdf(50_000, 50_000),
        ImageTooLarge,
    ),
    "a JPEG that is cut off": (lambda: files.photo()[:200], FileUnreadable),
    "a PNG that is damaged": (lambda: files.png()[:40] + bytes(100), FileUnreadable),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused(name: str) -> None:
    make, refusal = REFUSED[name]
    content = make()
    if "bomb" in name:
        assert len(content) < 2 * files.MIB
    with pytest.raises(refusal) as found:
        await Cleaner().clean(content)
    assert str(found.value)


async def test_a_bomb_in_the_objects_of_a_pdf_ends_its_process_and_nothing_else() -> None:
    with pytest.raises((FileTooLargeInside, FileUnreadable)):
        await Cleaner().clean(files.object_stream_bomb())
    assert await clean(files.pdf())


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(FileUnreadable, match="within"):
        await Cleaner(within=0.001).clean(files.pdf())


@pytest.mark.parametrize("behind", [EICAR, files.zipped(), HTML])
async def test_a_file_that_is_two_at_once_becomes_one(behind: bytes) -> None:
    for sent in (files.pdf() + behind, files.photo() + behind, files.png() + behind):
        assert behind not in await clean(sent)


async def test_eicar_in_a_comment_of_a_photo_is_gone() -> None:
    sent = files.photo(comment=EICAR)
    assert EICAR in sent
    assert EICAR not in await clean(sent)
