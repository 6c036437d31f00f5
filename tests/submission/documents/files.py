"""Files as people send them, and as those do who mean harm: made here, none is kept."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from submission.documents.kinds import EICAR

SCRIPT = b"app.alert('a script of this PDF')"
PLACE = b"48.8566N 2.3522E, a place in a file"
MIB = 1024 * 1024


def pdf(pages: int = 1, **root: Any) -> bytes:
    """A PDF with text on each page."""
    made = Pdf.new()
    for number in range(pages):
        page = made.add_blank_page(page_size=(200, 200))
        page.Contents = Stream(made, b"BT /F1 12 Tf 10 100 Td (page %d) Tj ET" % number)
        page.Resources = Dictionary(
            Font=Dictionary(
                F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            )
        )
    for key, value in root.items():
        made.Root[f"/{key}"] = value
    return saved(made)


def saved(made: Pdf, **how: Any) -> bytes:
    """The bytes of a PDF."""
    into = io.BytesIO()
    made.save(into, **{"compress_streams": False, **how})
    return into.getvalue()


def active_pdf() -> bytes:
    """A PDF that acts when it is opened, and when a page of it is; it carries files and names."""
    made = pikepdf.open(io.BytesIO(pdf()))
    script = Dictionary(S=Name.JavaScript, JS=String(SCRIPT.decode()))
    made.docinfo["/Author"] = PLACE.decode()
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("run"), script])),
        EmbeddedFiles=Dictionary(Names=Array([String("a.exe"), _attached(made, EICAR)])),
    )
    made.Root.Metadata = Stream(made, b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>")
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(made, b"<xfa>" + SCRIPT))
    launch = Dictionary(S=Name.Launch, F=String("c:/windows/calc.exe"))
    made.pages[0].obj.AA = Dictionary(O=script)
    made.pages[0].obj.Annots = Array(
        [
            made.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 50, 50]), A=launch)
            ),
            made.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.FileAttachment,
                    Rect=Array([0, 0, 9, 9]),
                    FS=_attached(made, EICAR),
                )
            ),
        ]
    )
    return saved(made)


def _attached(made: Pdf, content: bytes) -> Any:
    stream = Stream(made, content)
    return made.make_indirect(
        Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=stream))
    )


def flate_bomb(unpacked: int = 200 * MIB, packings: int = 1) -> bytes:
    """A PDF of some hundred kilobytes, one stream of which unpacks to very much more."""
    made = pikepdf.open(io.BytesIO(pdf()))
    packed = _zeros(unpacked)
    for _ in range(packings - 1):
        packed = zlib.compress(packed, 9)
    bomb = Stream(made, b"")
    filters = Array([Name.FlateDecode] * packings) if packings > 1 else Name.FlateDecode
    bomb.write(packed, filter=filters)
    made.pages[0].Contents = bomb
    return saved(made)


def object_stream_bomb() -> bytes:
    """A PDF whose objects are in a stream that unpacks to much: whoever opens it unpacks that."""
    packed = _zeros(800 * MIB)
    head = (
        b"%%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 8/Filter/FlateDecode/Length %d>>\nstream\n"
        % len(packed)
    )
    body = head + packed + b"\nendstream\nendobj\n"
    at = len(body)
    rows = bytes([0, 0, 0, 0, 0, 0]) + struct.pack(">BIB", 1, 9, 0) + struct.pack(">BIB", 2, 1, 0)
    rows += struct.pack(">BIB", 1, at, 0)
    table = zlib.compress(rows)
    xref = (
        b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
        % len(table)
    )
    return body + xref + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


def _zeros(length: int) -> bytes:
    step, packed = zlib.compressobj(9), bytearray()
    for _ in range(length // MIB):
        packed += step.compress(bytes(MIB))
    return bytes(packed + step.flush())


def picture_in_pdf(width: int, height: int) -> bytes:
    """A PDF with a picture that says to have so many points."""
    made = pikepdf.open(io.BytesIO(pdf()))
    image = Stream(
        made,
        b"\0",
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": width,
            "/Height": height,
            "/ColorSpace": Name.DeviceGray,
            "/BitsPerComponent": 8,
        },
    )
    made.pages[0].Resources.XObject = Dictionary(I=made.make_indirect(image))
    return saved(made)


def photo_in_pdf() -> bytes:
    """A PDF with a photo that says where it was taken."""
    made = pikepdf.open(io.BytesIO(pdf()))
    image = Stream(
        made,
        b"",
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": 40,
            "/Height": 30,
            "/ColorSpace": Name.DeviceRGB,
            "/BitsPerComponent": 8,
        },
    )
    image.write(photo(), filter=Name.DCTDecode)
    made.pages[0].Resources.XObject = Dictionary(I=made.make_indirect(image))
    return saved(made)


def locked_pdf() -> bytes:
    """A PDF with a password."""
    made = pikepdf.open(io.BytesIO(pdf()))
    return saved(made, encryption=pikepdf.Encryption(owner="owner", user="user"))


def photo(size: tuple[int, int] = (40, 30), orientation: int = 1, comment: bytes = b"") -> bytes:
    """A JPEG that says where it was taken, and how it is to be turned."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE.decode()
    into = io.BytesIO()
    image.save(into, "JPEG", exif=exif, comment=comment or PLACE, quality=95)
    return into.getvalue()


def png(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """A PNG that says where it was taken."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", PLACE.decode())
    into = io.BytesIO()
    Image.new(mode, size, 0 if mode in ("1", "L") else None).save(into, "PNG", pnginfo=info)
    return into.getvalue()


def huge_png(side: int = 50_000) -> bytes:
    """A PNG of a few bytes that says to have 50,000 by 50,000 points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def zipped(content: bytes = b"x") -> bytes:
    """A ZIP file."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", content)
    return into.getvalue()


def zip_bomb() -> bytes:
    """A ZIP file of some hundred kilobytes that unpacks to 200 MB."""
    return zipped(bytes(200 * MIB))
