"""The lists of decided rounds as they were rendered last, so that a crowd costs one rendering.

The key is all that can still change in them, titles and agreements, beside round and language: a
list whose title was erased is not found again, and forgotten within a minute.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST = 32
FOR = 60.0


class Kept:
    """Texts by their key, the oldest forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._texts: OrderedDict[Hashable, tuple[float, str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """The text under a key, made now where there is none."""
        self.forget()
        known = self._texts.get(key)
        if known is not None:
            return known[1]
        text = make()
        self._texts[key] = (self._clock(), text)
        return text

    def forget(self) -> None:
        """Forget what is old, and the oldest of too many."""
        while self._texts:
            made, _ = next(iter(self._texts.values()))
            if len(self._texts) < MOST and self._clock() - made < FOR:
                return
            self._texts.popitem(last=False)
