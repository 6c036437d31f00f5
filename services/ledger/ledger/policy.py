"""Whom one trusts, as a file (C2SP tlog-policy): logs, witnesses, and the quorum of these."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from ledger.notes import Malformed
from ledger.verifier_keys import COSIGNATURE, ED25519, ML_DSA_44, VerifierKey

NONE = "none"
LONGEST = 1_000_000
_WHITE = re.compile(r"[ \t]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key, and where it answers, where that is said."""

    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses, or groups of them, of which so many must have cosigned."""

    least: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """Logs, witnesses and groups by name, and the name of the quorum; None where none is said."""

    logs: list[Party] = field(default_factory=list)
    witnesses: dict[str, Party] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    @classmethod
    def parse(cls, content: bytes) -> "Policy":
        """Read a file. Raises `Malformed`, which names the line."""
        policy = cls.lines(content)
        if policy.quorum is None:
            raise Malformed("a policy says its quorum, be it `quorum none`")
        return policy

    @classmethod
    def lines(cls, content: bytes) -> "Policy":
        """Read a file that need not say a quorum. Raises `Malformed`, which names the line."""
        if len(content) > LONGEST:
            raise Malformed(f"a policy has at most {LONGEST} bytes here")
        policy = cls()
        for number, line in enumerate(content.split(b"\n"), 1):
            try:
                policy._take(line)
            except Malformed as error:
                raise Malformed(f"line {number}: {error}") from None
        return policy

    def reached(self, cosigned: Collection[str]) -> bool:
        """Whether these witnesses, by name, are a quorum."""
        return self.quorum in (None, NONE) or self._witnessed(self.quorum or NONE, cosigned)

    def _witnessed(self, name: str, cosigned: Collection[str]) -> bool:
        if (group := self.groups.get(name)) is None:
            return name in cosigned
        return sum(self._witnessed(m, cosigned) for m in group.members) >= group.least

    def _take(self, line: bytes) -> None:
        if _CONTROL.search(line):
            raise Malformed("there are control characters in it")
        # Whatever is not ASCII is opaque, and may be no UTF-8.
        text = line.decode(errors="surrogateescape").strip(" \t")
        match [] if not text or text.startswith("#") else _WHITE.split(text):
            case []:
                pass
            case ["log", vkey, *url] if len(url) <= 1:
                party = Party(_key(vkey, ED25519, ML_DSA_44), *(url or [None]))
                self._refuse_twice(party, self.logs)
                self.logs.append(party)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                party = Party(_key(vkey, COSIGNATURE, ML_DSA_44), *(url or [None]))
                self._refuse_twice(party, self.witnesses.values())
                self.witnesses[self._fresh(name)] = party
            case ["group", name, least, *members] if members:
                self.groups[self._fresh(name)] = self._group(least, members)
            case ["quorum", name] if self.quorum is None:
                self.quorum = NONE if name == NONE else self._known(name)
            case ["quorum", _]:
                raise Malformed("there is one quorum already")
            case [word, *_]:
                raise Malformed(f"this is no line of a policy: {word[:40]!a}")

    def _group(self, least: str, members: list[str]) -> Group:
        taken = {member for group in self.groups.values() for member in group.members}
        for place, member in enumerate(members):
            if self._known(member) in taken or member in members[:place]:
                raise Malformed(f"{member[:40]!a} is a member already")
        numbers = {"all": len(members), "any": 1}
        count = int(least) if _NUMBER.fullmatch(least) else numbers.get(least, 0)
        if not 1 <= count <= len(members):
            raise Malformed("a group says all, any, or how many of its members")
        return Group(count, tuple(members))

    def _fresh(self, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise Malformed(f"the name {name[:40]!a} is taken")
        return name

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise Malformed(f"{name[:40]!a} is not defined above")
        return name

    @staticmethod
    def _refuse_twice(party: Party, others: Collection[Party]) -> None:
        if any(party.key.public_key == other.key.public_key for other in others):
            raise Malformed("this public key is there already")


def _key(vkey: str, *kinds: int) -> VerifierKey:
    key = VerifierKey.parse(vkey)
    if key.kind not in kinds:
        raise Malformed(f"the key of {key.name[:80]} is of the wrong kind for this")
    return key
