"""A picture, decoded and encoded anew: its points stay, and nothing else that came with it."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from shared.media import Media
from submission.documents.kinds import FileUnreadable, ImageTooLarge

MOST_POINTS: Final = 40_000_000
LONGEST_SIDE: Final = 20_000
QUALITY: Final = 85
# Sizes are looked at below, before any point is decoded.
Image.MAX_IMAGE_PIXELS = None
_FORMATS: Final[dict[Media, str]] = {"image/jpeg": "JPEG", "image/png": "PNG"}


def clean_picture(content: bytes, media: Media) -> bytes:
    """The same points in a new file, turned as they are meant to be seen.

    Where it was taken, by what and when is gone, and so is whatever stood behind its end. Raises
    `ImageTooLarge` before a point is decoded, `FileUnreadable`.
    """
    kind = _FORMATS[media]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are looked at here
            image: Image.Image = Image.open(io.BytesIO(content), formats=[kind])
        check_points(*image.size)
        image.load()
        image = ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise FileUnreadable(f"the picture cannot be decoded: {type(error).__name__}") from None
    image = _plain(image, kind)
    image.info.clear()
    into = io.BytesIO()
    if kind == "JPEG":
        image.save(into, kind, quality=QUALITY, optimize=False)
    else:
        image.save(into, kind)
    return into.getvalue()


def check_points(width: int, height: int) -> None:
    """Raises `ImageTooLarge` for a picture that is not decoded here."""
    if width * height > MOST_POINTS or max(width, height) > LONGEST_SIDE:
        raise ImageTooLarge(
            f"{width} by {height} points: at most {MOST_POINTS}, and {LONGEST_SIDE} on a side"
        )


def _plain(image: Image.Image, kind: str) -> Image.Image:
    """In a mode that needs nothing beside its points to be shown."""
    if kind == "JPEG":
        return image if image.mode in ("L", "RGB") else image.convert("RGB")
    clear = "transparency" in image.info or image.mode in ("LA", "PA", "RGBA")
    if clear:
        return image.convert("RGBA")
    return image if image.mode in ("1", "L", "RGB", "I;16") else image.convert("RGB")
