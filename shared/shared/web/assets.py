"""Stylesheets, fonts and scripts: read once, kept in memory, each under an address that names its
content, so that a browser keeps it for a year and never asks again."""

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from shared.web import accents, fonts

STYLESHEET: Final = "comptoir.css"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_URL = re.compile(r"url\(([A-Za-z0-9_./-]+)\)")
FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; `zipped` where that is shorter."""

    address: str
    kind: str
    content: bytes
    zipped: bytes | None


class Assets:
    """Every file below the rooms' `static/`, by its path there. Of two with one path, the first."""

    def __init__(self, folders: Iterable[Path], accent: str) -> None:
        found: dict[str, bytes] = {}
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                if file.suffix in _KINDS:
                    found.setdefault(file.relative_to(folder).as_posix(), file.read_bytes())
        self._assets: dict[str, Asset] = {}
        sheets = [path for path in found if path.endswith(".css")]
        for path in (*(path for path in found if path not in sheets), *sheets):
            content = found[path]
            if path == STYLESHEET:
                content = _whole(found, accent)
            if path in sheets:
                content = self._addressed(content)
            self._assets[path] = _asset(path, content)

    def address(self, path: str) -> str:
        """Where a file is. Raises `KeyError` where there is none."""
        return self._assets[path].address

    def __contains__(self, path: str) -> bool:
        return path in self._assets

    async def serve(self, request: Request) -> Response:
        """The file. Under another version's address it is today's, and not to be kept."""
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            return Response("no such file", 404, media_type="text/plain")
        current = request.url.path == asset.address
        headers = {"Cache-Control": FOR_EVER if current else "no-cache"}
        content = asset.content
        if asset.zipped is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                content = asset.zipped
        return Response(content, headers=headers, media_type=asset.kind)

    def _addressed(self, sheet: bytes) -> bytes:
        """A stylesheet that names other files by their addresses."""
        return _URL.sub(lambda found: f"url({self.address(found[1])})", sheet.decode()).encode()


def _whole(found: Mapping[str, bytes], accent: str) -> bytes:
    """The stylesheet of every page: the faces of those fonts that were made, the kit's sheet, those
    of the other rooms, and the operator's accent.

    In one file: each one more is a round trip on a slow phone.
    """
    others = sorted(path for path in found if path.endswith(".css") and path != STYLESHEET)
    sheets = b"".join(found[path] for path in (STYLESHEET, *others))
    return fonts.faces(found).encode() + sheets + accents.stylesheet(accent).encode()


def _asset(path: str, content: bytes) -> Asset:
    name = hashlib.sha256(content).hexdigest()[:12]
    zipped = None if path.endswith((".woff2", ".png")) else gzip.compress(content, mtime=0)
    if zipped is not None and len(zipped) >= len(content):
        zipped = None
    kind = _KINDS[Path(path).suffix]
    return Asset(f"/static/{name}/{path}", kind, content, zipped)
