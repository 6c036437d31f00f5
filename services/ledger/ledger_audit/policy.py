"""Whom an auditor trusts (C2SP tlog-policy): logs, witnesses, and how many of these are enough."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ledger_audit.errors import Tampered, UnknownKey, Untrusted
from ledger_audit.keys import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Checkpoint,
    Malformed,
    UnknownSignature,
    VerifierKey,
    WrongSignature,
)
from ledger_audit.notes import Note

LONGEST = 1_000_000
MOST = 1_000  # of logs, of witnesses, of groups; the text asks for 32
# By how much a witness's clock may be ahead of ours.
AHEAD = 60
NONE = "none"
_LINE = re.compile(r"[ \t]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses, and groups of them, of which at least so many must have cosigned."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """A checkpoint that a policy takes: `times` say when each witness cosigned, in seconds."""

    note: bytes
    checkpoint: Checkpoint
    times: Mapping[str, int]


@dataclass
class Policy:
    """The logs that are taken, the witnesses that are known, and the name of the quorum."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @classmethod
    def parse(cls, content: bytes) -> "Policy":
        """Read a policy. Raises `Malformed`, which names the line."""
        return _Reading().read(content)

    @classmethod
    def of_key(cls, vkey: str) -> "Policy":
        """One log, and no witnesses. Raises `Malformed`."""
        key = VerifierKey.parse(vkey)
        _check_type(key, ED25519, ML_DSA_44)
        return cls(logs=[key])

    def check(self, note: bytes, *, now: int = 0, max_age: int | None = None) -> Trusted:
        """The checkpoint of a note, if this policy takes it.

        1. The note is one, and a log of the policy signed it, whose name is the origin.
        2. No signature of a known key is wrong.
        3. The quorum cosigned it, and not longer ago than `max_age` seconds.

        Raises `Tampered` for 1. and 2. (`UnknownKey` where nothing but the key is missing), and
        `Untrusted` for 3. and where a signature is of a kind that this program cannot check.
        """
        # 1.
        try:
            parts = Note.parse(note)
        except Malformed as error:
            raise Tampered(1, str(error)) from None
        # Each key's: behind one that is good, another may be wrong.
        signed = [_verified(parts, key) for key in self._logs_of(parts.checkpoint.origin)]
        if not any(signed):
            origin = parts.checkpoint.origin[:100]
            names = ", ".join(key.name for key in self.logs) or "no log at all"
            raise UnknownKey(f"the log {origin} did not sign this with a key known for {names}")
        # 2.
        times = {
            name: max(time for time in found if time is not None)
            for name, key in self.witnesses.items()
            if (found := _verified(parts, key))
        }
        # 3.
        trusted = Trusted(note, parts.checkpoint, times)
        if not self.is_met(times):
            raise Untrusted(self._too_few(times, "cosigned this checkpoint"))
        if max_age is not None:
            if self.quorum == NONE:
                raise Untrusted("without a quorum of witnesses, nobody says how old this is")
            fresh = {name: t for name, t in times.items() if now - max_age <= t <= now + AHEAD}
            if not self.is_met(fresh):
                age = f"cosigned it within {max_age} s; the last one {now - max(times.values())} s"
                raise Untrusted(self._too_few(fresh, f"{age} ago"))
        return trusted

    def check_old(self, note: bytes, *, now: int = 0, max_age: int | None = None) -> Trusted:
        """The same of a note that was kept: who signed it then may have another key today."""
        try:
            return self.check(note, now=now, max_age=max_age)
        except UnknownKey as error:
            what = "a log whose key was replaced needs one line for each of its keys in the policy"
            raise Untrusted(f"{error.what}; {what}") from None

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Whether these witnesses are the quorum, or more."""
        if self.quorum == NONE:
            return True
        met = {name for name in self.witnesses if name in cosigned}
        # A group names only what is defined before it.
        for name, group in self.groups.items():
            if sum(member in met for member in group.members) >= group.least:
                met.add(name)
        return self.quorum in met

    def _logs_of(self, origin: str) -> list[VerifierKey]:
        return [key for key in self.logs if key.name == origin]

    def _too_few(self, cosigned: Mapping[str, int], what: str) -> str:
        names = ", ".join(shown(name) for name in sorted(cosigned)) or "none"
        return f"the quorum {shown(self.quorum)} is not met: of its witnesses, {names} {what}"


def _verified(note: Note, key: VerifierKey) -> list[int | None]:
    """What each signature of a key over a note says; empty where it signed nothing."""
    found = [each[4:] for name, each in note.signatures if name == key.name and each[:4] == key.id]
    try:
        return [key.verify(each, note.text, note.checkpoint) for each in found]
    except UnknownSignature as error:
        raise Untrusted(f"the signature of {key.name[:100]} cannot be checked: {error}") from None
    except WrongSignature as error:
        raise Tampered(1, f"the signature of {key.name[:100]} is wrong: {error}") from None


def _check_type(key: VerifierKey, *types: int) -> None:
    if key.type not in types:
        raise Malformed(f"{key.name[:60]} has a key of type {key.type}, which is not for this")


class _Reading:
    """A policy while its lines are read: each may name only what stands before it."""

    def __init__(self) -> None:
        self._policy = Policy()
        self._quorum: str | None = None
        self._members: set[str] = set()

    def read(self, content: bytes) -> Policy:
        if len(content) > LONGEST:
            raise Malformed("a policy of more than a megabyte")
        if found := _CONTROL.search(content):
            raise Malformed(f"a control character, {found[0]!r}")
        for number, line in enumerate(content.split(b"\n"), start=1):
            said = line.decode(errors="surrogateescape").strip(" \t")
            if said and not said.startswith("#"):
                try:
                    self._take(*_LINE.split(said))
                except Malformed as error:
                    raise Malformed(f"line {number}: {error}") from None
        if self._quorum is None:
            raise Malformed("a policy has one line with its quorum")
        self._policy.quorum = self._quorum
        return self._policy

    def _take(self, word: str, *rest: str) -> None:
        match (word, *rest):
            case ("log", vkey) | ("log", vkey, _):
                self._take_log(VerifierKey.parse(vkey))
            case ("witness", name, vkey) | ("witness", name, vkey, _):
                self._take_witness(name, VerifierKey.parse(vkey))
            case ("group", name, least, *members) if members:
                self._take_group(name, least, members)
            case ("quorum", name):
                self._take_quorum(name)
            case _:
                raise Malformed(f"no line of a policy: {shown(' '.join((word, *rest)))}")

    def _take_log(self, key: VerifierKey) -> None:
        _check_type(key, ED25519, ML_DSA_44)
        if any(each.public_key == key.public_key for each in self._policy.logs):
            raise Malformed("this log's key is there already")
        if len(self._policy.logs) == MOST:
            raise Malformed(f"more than {MOST} logs")
        self._policy.logs.append(key)

    def _take_witness(self, name: str, key: VerifierKey) -> None:
        self._check_new(name)
        _check_type(key, COSIGNATURE, ML_DSA_44)
        if any(each.public_key == key.public_key for each in self._policy.witnesses.values()):
            raise Malformed("this witness's key is there already")
        if len(self._policy.witnesses) == MOST:
            raise Malformed(f"more than {MOST} witnesses")
        self._policy.witnesses[name] = key

    def _take_group(self, name: str, least: str, members: list[str]) -> None:
        self._check_new(name)
        for member in members:
            self._check_known(member)
            if member in self._members:
                raise Malformed(f"{shown(member)} is a member of a group already")
            self._members.add(member)
        if len(self._policy.groups) == MOST:
            raise Malformed(f"more than {MOST} groups")
        if least in ("all", "any"):
            many = len(members) if least == "all" else 1
        elif _NUMBER.fullmatch(least) and int(least) <= len(members):
            many = int(least)
        else:
            raise Malformed(f"{shown(least)} of {len(members)} members")
        self._policy.groups[name] = Group(many, tuple(members))

    def _take_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise Malformed("a second quorum")
        if name != NONE:
            self._check_known(name)
        self._quorum = name

    def _check_new(self, name: str) -> None:
        if name == NONE or name in self._policy.witnesses or name in self._policy.groups:
            raise Malformed(f"the name {shown(name)} is taken")

    def _check_known(self, name: str) -> None:
        if name not in self._policy.witnesses and name not in self._policy.groups:
            raise Malformed(f"no witness or group before this is called {shown(name)}")


def shown(text: str) -> str:
    """A name or line of a policy, as it can be printed."""
    return repr(text[:60])
