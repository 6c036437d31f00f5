"""The drawings of a process: each is made once, since outlines change with its start only."""

import asyncio
from collections.abc import Mapping, Sequence

from submission.map.drawing import Drawing, by_name, drawn, grid, inner_point
from submission.map.outlines import Outline, Point

MOST = 64


class Drawings:
    """What is drawn of the operator's outlines, by the territories that are shown."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.outlines = outlines
        self._made: dict[tuple[str, ...], Drawing] = {}

    async def of(self, names: Sequence[str]) -> Drawing:
        """These territories; where none of them has an outline, a cell for each."""
        key = tuple(names)
        if key not in self._made:
            # Two hundred thousand points take a second, and others are waited for meanwhile.
            made = await asyncio.to_thread(self._drawn, key)
            while len(self._made) >= MOST:
                del self._made[next(iter(self._made))]
            self._made[key] = made
        return self._made[key]

    def _drawn(self, names: tuple[str, ...]) -> Drawing:
        known = by_name(self.outlines, names)
        return drawn(known) if known else grid(names)

    def point(self, name: str) -> Point | None:
        """A place inside a territory, as longitude and latitude; None where nobody knows it."""
        outline = self.outlines.get(name)
        return None if outline is None else inner_point(outline.rings)
