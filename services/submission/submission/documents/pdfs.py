"""A PDF, taken apart and written anew: its pages stay, and nothing that acts, hides or tells.

What a reader's program would run, open or fetch goes: actions, scripts, attached files, forms to be
sent, notes and links, outlines, and what says who made it when. Forms that were filled in and notes
that are seen become part of their pages. Every stream is unpacked once, in small steps, before
anything is kept: what unpacks to more than `MOST_INSIDE` is refused (a "flate bomb").
"""

import io
import zlib
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from submission.documents.kinds import (
    EICAR,
    FileInfected,
    FileLocked,
    FileTooLargeInside,
    FileUnreadable,
    TooManyPages,
)
from submission.documents.pictures import check_points

MOST_PAGES: Final = 500
MOST_INSIDE: Final = 64 * 1024 * 1024
STEP: Final = 64 * 1024
# What a document says about itself that its pages need; all else of its root goes.
_ROOT: Final = {"/Type", "/Pages", "/Lang", "/PageLabels", "/MarkInfo", "/StructTreeRoot"}
_PAGE: Final = {
    *("/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox"),
    *("/ArtBox", "/Rotate", "/Contents", "/UserUnit", "/Group", "/Tabs", "/StructParents"),
}
# Wherever they stand: what acts, what is attached, what another program left, what names files.
_GONE: Final = (
    *("/AA", "/OpenAction", "/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/AF", "/Launch"),
    *("/Metadata", "/PieceInfo", "/LastModified", "/RichMediaContent", "/OPI", "/Ref", "/XFA"),
)
_FLATE: Final = {"/FlateDecode", "/Fl"}
# A filter may unpack what another one has packed again, as often as this.
_MOST_FILTERS: Final = 4


def clean_pdf(content: bytes) -> bytes:
    """The same pages in a new file.

    Raises `FileLocked`, `TooManyPages`, `FileTooLargeInside`, `ImageTooLarge`, `FileInfected`,
    `FileUnreadable`.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise FileLocked("the PDF is encrypted")
            if len(pdf.pages) > MOST_PAGES:
                raise TooManyPages(f"{len(pdf.pages)} pages, at most {MOST_PAGES} are taken")
            if not len(pdf.pages):
                raise FileUnreadable("the PDF has no page")
            _check_inside(pdf)
            found = _written(pdf)
        _check_harmless(found)
        return found
    except pikepdf.PasswordError:
        raise FileLocked("the PDF is protected by a password") from None
    except MemoryError:
        raise FileTooLargeInside(f"the PDF unpacks to more than {MOST_INSIDE} bytes") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise FileUnreadable(f"the PDF cannot be read: {type(error).__name__}") from None


def _check_inside(pdf: Pdf) -> None:
    left = MOST_INSIDE
    for each in pdf.objects:
        if not isinstance(each, Stream):
            continue
        if each.get("/Subtype") == Name.Image:
            check_points(_number(each, "/Width"), _number(each, "/Height"))
        left -= len(_unpacked(each, left))


def _check_harmless(content: bytes) -> None:
    """Look into what is kept, not into what is left out of it: the words of a page, packed as they
    are, would be found by nobody who looks at the file's bytes alone. Raises `FileInfected`."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in pdf.objects:
            if isinstance(each, Stream) and EICAR in _unpacked(each, MOST_INSIDE):
                raise FileInfected("the PDF holds the test file of virus scanners")


def _number(stream: Stream, key: str) -> int:
    value: Any = stream.get(key, 0)
    return int(value)


def _unpacked(stream: Stream, most: int) -> bytes:
    """What a stream unpacks to. Raises `FileTooLargeInside` beyond `most`."""
    filters = _filters(stream)
    if len(filters) > _MOST_FILTERS:
        raise FileTooLargeInside(f"a stream is packed {len(filters)} times")
    packed = stream.read_raw_bytes()
    if len(packed) > most:
        raise FileTooLargeInside(f"the PDF unpacks to more than {MOST_INSIDE} bytes")
    while filters and filters[0] in _FLATE:
        packed = _inflated(packed, most)
        filters = filters[1:]
    if not filters or filters[0] in ("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"):
        return packed
    # Packed otherwise, as hardly anything is: within the memory that the process has.
    found = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    if len(found) > most:
        raise FileTooLargeInside(f"the PDF unpacks to more than {MOST_INSIDE} bytes")
    return found


def _filters(stream: Stream) -> list[str]:
    found: Any = stream.get("/Filter")
    if found is None:
        return []
    return [str(each) for each in found] if isinstance(found, Array) else [str(found)]


def _inflated(packed: bytes, most: int) -> bytes:
    unpacked, step = bytearray(), zlib.decompressobj()
    try:
        rest = packed
        while rest and not step.eof:
            unpacked += step.decompress(rest, STEP)
            rest = step.unconsumed_tail
            if len(unpacked) > most:
                raise FileTooLargeInside(f"the PDF unpacks to more than {MOST_INSIDE} bytes")
    except zlib.error:
        pass  # Cut off or damaged: readers show what came before, and so it counts.
    return bytes(unpacked)


def _written(pdf: Pdf) -> bytes:
    pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")
    for key in [str(key) for key in pdf.Root if str(key) not in _ROOT]:
        del pdf.Root[key]
    for page in pdf.pages:
        for key in [str(key) for key in page.obj if str(key) not in _PAGE]:
            del page.obj[key]
    for each in pdf.objects:
        _strip(each)
    for key in [key for key in ("/Info", "/ID") if key in pdf.trailer]:
        del pdf.trailer[key]
    into = io.BytesIO()
    pdf.save(
        into,
        linearize=False,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        recompress_flate=False,
        preserve_pdfa=False,
        fix_metadata_version=False,
    )
    return into.getvalue()


def _strip(found: Object, depth: int = 0) -> None:
    """Take out of an object, and out of those that stand within it, whatever is in `_GONE`."""
    if depth > 20:
        raise FileUnreadable("objects within objects, without an end")
    if isinstance(found, Stream):
        if "/F" in found:
            raise FileUnreadable("a stream is in another file")
        if found.get("/Filter") == Name.DCTDecode and "/DecodeParms" not in found:
            raw = found.read_raw_bytes()
            if (bare := without_notes(raw)) != raw:
                found.write(bare, filter=Name.DCTDecode)
    if isinstance(found, Stream | Dictionary):
        for key in _GONE:
            if key in found:
                del found[key]
        if found.get("/Type") == Name.OBJR and "/Obj" in found:
            del found["/Obj"]
        parts: list[Any] = [found[str(key)] for key in found]
    elif isinstance(found, Array):
        parts = list(found)
    else:
        return
    for part in parts:
        if isinstance(part, Dictionary | Array) and not part.is_indirect:
            _strip(part, depth + 1)


def without_notes(jpeg: bytes) -> bytes:
    """A JPEG stream (ITU-T T.81, annex B) without comments and applications' segments, but those
    that its colours are read by; what is no such stream stays as it is."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = bytearray(jpeg[:2]), 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == 0xDA:  # start of scan: points from here on
            return bytes(kept + jpeg[at:])
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if not (marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xEE))):
            kept += jpeg[at : at + length]
        at += length
    return jpeg
