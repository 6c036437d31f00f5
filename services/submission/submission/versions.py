"""Two people, or two windows, act on one thing: the second is told, with both versions.

A form carries what its page showed of the thing: every field, and a digest of them. Where the thing
is another by now, nothing is recorded: both versions are shown side by side, and whoever acts looks
again. A program sends the digest alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.canonical import digest
from shared.refusal import Refusal

SHOWN: Final = "shown"
WAS: Final = "was-"


class ChangedMeanwhile(Refusal):
    """What this form shows was changed after it was opened."""

    code = "changed_meanwhile"


class Differs(NamedTuple):
    """A field of a form that is kept with other words than those that were sent."""

    name: str
    kept: str
    sent: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing as a page shows it: what its fields say, in their order. `version` tells two apart
    that say the same."""

    said: Mapping[str, str]
    version: str = ""

    @property
    def digest(self) -> str:
        """What it is known by."""
        said = {name: words for name, words in self.said.items() if words}
        return digest({"said": said, "version": self.version}).hex()

    @property
    def hidden(self) -> Mapping[str, str]:
        """What a form carries of it."""
        was = {f"{WAS}{name}": words for name, words in self.said.items() if words}
        return {SHOWN: self.digest, **was}

    def stale(self, data: Mapping[str, str] | None) -> bool:
        """Whether a form that was sent shows something else."""
        return bool(data) and (data or {}).get(SHOWN, "") != self.digest

    def changed(
        self, data: Mapping[str, str], fields: Sequence[str] | None = None
    ) -> tuple[Differs, ...]:
        """What a form shows otherwise than it is kept now, in the order of these fields."""
        was = {name.removeprefix(WAS): v for name, v in data.items() if name.startswith(WAS)}
        return differences(self.said, was, tuple(self.said) if fields is None else fields)

    def check(self, data: Mapping[str, str]) -> None:
        """Raises `ChangedMeanwhile`."""
        if self.stale(data):
            sent = data.get(SHOWN, "")[:12] or "nothing"
            raise ChangedMeanwhile(f"the form shows {sent}, and it is {self.digest[:12]} by now")


def differences(
    kept: Mapping[str, str], sent: Mapping[str, str], fields: Sequence[str]
) -> tuple[Differs, ...]:
    """The fields of a form that two versions say differently, in its order."""
    found = []
    for name in fields:
        ours, theirs = (_lines(each.get(name, "")) for each in (kept, sent))
        if ours != theirs:
            found.append(Differs(name, ours, theirs))
    return tuple(found)


def _lines(written: str) -> str:
    return written.replace("\r\n", "\n").replace("\r", "\n").strip()
