"""Drawings as SVG within a page, readable without colours."""

from collections.abc import Sequence
from html import escape

_WIDTH = 640
_LABEL = 90
_BAR = 18
_STEP = 24


def bars(title: str, rows: Sequence[tuple[str, int, str, bool]]) -> str:
    """A bar a row: its label, value, the value in words, and whether it is a full one."""
    most = max((abs(value) for _, value, _, _ in rows), default=0) or 1
    drawn = []
    for place, (label, value, words, full) in enumerate(rows):
        y, width = place * _STEP, round((_WIDTH - _LABEL - 150) * max(value, 0) / most, 1)
        kind = "full" if full else "empty"
        drawn.append(
            f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect class="{kind}" x="{_LABEL}" y="{y + 1}" width="{width}" height="{_BAR}"/>'
            f'<text x="{_LABEL + width + 8}" y="{y + 14}">{escape(words)}</text>'
        )
    return _svg(title, max(len(rows), 1) * _STEP, "".join(drawn))


def share(title: str, part: int, whole: int, words: str) -> str:
    """A part of a whole, as a bar that is filled so far."""
    width = round((_WIDTH - 2) * min(max(part, 0), whole) / whole, 1) if whole > 0 else 0
    return _svg(
        title,
        48,
        f'<rect class="empty" x="1" y="1" width="{_WIDTH - 2}" height="{_BAR}"/>'
        f'<rect class="full" x="1" y="1" width="{width}" height="{_BAR}"/>'
        f'<text x="1" y="40">{escape(words)}</text>',
    )


def growth(title: str, points: Sequence[tuple[float, int]], first: str, last: str) -> str:
    """How something grew: points of a time and a number, both rising."""
    height = 120
    start, end = points[0][0], points[-1][0]
    most = points[-1][1] or 1
    line = []
    for at, many in points:
        x = 1 + (_WIDTH - 2) * ((at - start) / (end - start) if end > start else 1)
        line.append(f"{x:.1f},{height - (height - 6) * many / most:.1f}")
    shape = f"1,{height} " + " ".join(line) + f" {_WIDTH - 1},{height}"
    return _svg(
        title,
        height + 24,
        f'<polygon class="empty" points="{shape}"/>'
        f'<line x1="0" y1="{height}" x2="{_WIDTH}" y2="{height}"/>'
        f'<text x="0" y="{height + 18}">{escape(first)}</text>'
        f'<text x="{_WIDTH}" y="{height + 18}" text-anchor="end">{escape(last)}</text>',
    )


def _svg(title: str, height: int, content: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f"<title>{escape(title)}</title>{content}</svg>"
    )
