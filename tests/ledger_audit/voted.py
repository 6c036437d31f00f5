"""A log of a round with very many real ballots, for figures: `python -m … DIR BALLOTS [live]`.

Every ballot has a key of its own, signs with it, and has a token that the announced tier key
verifies. Ballots of a sealed round commit to their choices, and each is opened behind the box's
closing; what is sealed in them is random bytes of the right size, which nobody but the commission
could tell from others, and no auditor reads.

**The tier key has sixteen primes of 192 bits instead of two of 1,536.** Its modulus has 3,072 bits
and its exponent is 65,537 as ever: who verifies does the same work, and never sees a prime. Who
signs works modulo each prime, which is some sixty times as fast, so that a million tokens take
minutes. Such a key is good for nothing but this: it could be factored.
"""

import itertools
import os
import random
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID

import gmpy2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.canonical import canonical
from shared.envelope import Envelope, leaf_bytes
from shared.events.ballots import Approval, Format
from shared.events.openings import BallotOpened
from shared.events.rules import Rule
from shared.events.voting import BallotCast, BoxClosed, TierKeysPrepared, TokensIssued, token_bytes
from shared.rsabssa import encode
from shared.rules import presets
from shared.sealing import OVERHEAD, Place, commitment, new_salt
from tests.ledger_audit import large
from tests.ledger_audit.logs import EUROS, NOW, PADDED, Election, Log, SealedElection
from voting.count import rounds
from voting.count.round_count import counted
from voting.count.tables import Option, Round

EXPONENT, BITS, PRIMES = 65537, 3072, 16
OPTIONS, MOST, TIER = 40, 5, "A"
CHUNK = 2_000


class TierKey(NamedTuple):
    """A key that signs fast, since it has many small primes."""

    modulus: int
    primes: tuple[int, ...]
    exponents: tuple[int, ...]
    # Of each prime what is 1 modulo it, and 0 modulo all others.
    parts: tuple[int, ...]

    @classmethod
    def new(cls) -> "TierKey":
        """Draw one."""
        each, primes = BITS // PRIMES, set[int]()
        while len(primes) < PRIMES:
            # So near to 2^192 that the product of all has 3,072 bits.
            drawn = (1 << each) - 1 - random.getrandbits(each - 5)
            prime = int(gmpy2.next_prime(drawn))
            if prime.bit_length() == each and gmpy2.gcd(prime - 1, EXPONENT) == 1:
                primes.add(prime)
        n = prod(primes)
        parts = tuple(n // p * pow(n // p, -1, p) for p in primes)
        return cls(n, tuple(primes), tuple(pow(EXPONENT, -1, p - 1) for p in primes), parts)

    def public(self) -> RSAPublicKey:
        """The half that is announced."""
        return RSAPublicNumbers(EXPONENT, self.modulus).public_key()

    def spki(self) -> str:
        """The same as events have it."""
        der = self.public().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(der).decode()

    def sign(self, message: bytes) -> bytes:
        """RSASSA-PSS with SHA-384 and no salt."""
        encoded = gmpy2.mpz(int.from_bytes(encode(message, BITS - 1)))
        powers = map(partial(gmpy2.powmod, encoded), self.exponents, self.primes)
        signed = sum(map(gmpy2.mul, powers, self.parts)) % self.modulus
        return int(signed).to_bytes(BITS // 8)


class Made(NamedTuple):
    """Ballots of some voters: their entries, the bodies of their openings, and what they chose."""

    entries: list[bytes]
    openings: list[bytes]
    chosen: Counter[tuple[int, ...]]


class Voters:
    """Who casts in one round, in any process; one tier, one revision each."""

    def __init__(self, key: TierKey, round_id: UUID, *, sealed: bool) -> None:
        self._key, self._round_id, self._sealed = key, round_id, sealed

    def cast(self, numbers: range) -> Made:
        """The ballots that have these numbers in the log."""
        made = Made([], [], Counter())
        for number in numbers:
            choices = sorted(random.sample(range(1, OPTIONS + 1), random.randint(1, MOST)))
            private = Ed25519PrivateKey.generate()
            key = b64encode(private.public_key().public_bytes_raw()).decode()
            place = Place(str(self._round_id), TIER, key, 1)
            said = self._said(place, choices, made.openings)
            fields: dict[str, Any] = {
                "v": 1,
                "round": place.round_id,
                "tier": TIER,
                "key": key,
                "token": b64encode(self._key.sign(token_bytes(self._round_id, TIER, key))).decode(),
                "revision": 1,
                **said,
            }
            fields["sig"] = b64encode(private.sign(canonical(fields))).decode()
            body = canonical(fields)
            made.entries.append(entry(BallotCast.type, "voting.box", number, body))
            made.chosen[tuple(choices)] += 1
        return made

    def _said(self, place: Place, choices: list[int], openings: list[bytes]) -> dict[str, Any]:
        if not self._sealed:
            return {"choices": choices}
        salt = new_salt()
        opening = {
            "choices": choices,
            "key": place.key,
            "revision": 1,
            "round_id": place.round_id,
            "salt": salt.hex(),
        }
        openings.append(canonical(opening))
        filler = b64encode(os.urandom(PADDED + OVERHEAD)).decode()
        return {"commitment": commitment(place, choices, salt), "sealed": filler}


def entry(kind: str, src: str, number: int, body: bytes) -> bytes:
    """An event as it stands in the log."""
    identity = UUID(bytes=os.urandom(16), version=4)
    return leaf_bytes(Envelope(identity, kind, src, "-", NOW, "edition", number), body)


@dataclass
class _Lines:
    """Counts what was chosen, without asking who did."""

    chosen: Counter[tuple[int, ...]] = field(default_factory=Counter)

    def counted(self, row: Round, options: Sequence[Option], answers: list[str]) -> dict[str, Any]:
        """What the counting process answers."""
        asked = {
            "rule": row.rule,
            "format": row.format,
            "options": [option.seen for option in options],
            "answers": answers,
            "unread": {},
        }
        groups = [
            f'[{[*choices]}, null, "{TIER}", {voters}]' for choices, voters in self.chosen.items()
        ]
        return counted(asked, [*groups, "null"])


@dataclass
class VotedInTheOpen(_Lines, Election):
    """A live round of many."""


@dataclass
class VotedUnderSeal(_Lines, SealedElection):
    """A sealed round of many."""


def log_of(many: int, secrecy: Literal["live", "sealed"] = "sealed") -> Iterator[bytes]:
    """The entries of a whole round, from its options to its decisions; at most so many at a time
    are in memory as some processes make."""
    log = Log()
    costs = [(20 + 3 * number) * 1_000 * EUROS for number in range(OPTIONS)]
    form: Format = Approval(max=MOST, wrong="refused")
    rule: Rule = presets.greedy(sum(costs) // 3)
    of = VotedUnderSeal if secrecy == "sealed" else VotedInTheOpen
    election = of(costs=costs, votes=(), rule=rule, form=form)
    round_id, key = election.round_id, TierKey.new()

    def say(*events: Any) -> None:
        for event in events:
            log.append(event)

    row, options = election.opened(say)
    row.tiers = {TIER: key.spki()}
    election.before(say)
    say(TierKeysPrepared(round_id=round_id, tiers=row.tiers), opening := election.opening(row))
    row.script, row.state = getattr(opening, "script", None), "open"
    yield from _drained(log)
    voters = Voters(key, round_id, sealed=secrecy == "sealed")
    with tempfile.TemporaryFile() as openings:
        for made in _cast(voters.cast, many):
            election.chosen += made.chosen
            openings.writelines(body + b"\n" for body in made.openings)
            yield from made.entries
        log.numbers["voting.box"] += many
        say(rounds.closed(row, NOW + timedelta(hours=1)))
        say(BoxClosed(round_id=round_id, ballots=many, keys=many, last_number=many))
        say(TokensIssued(round_id=round_id, issued={TIER: many}, codes={TIER: many}, final=True))
        yield from _drained(log)
        openings.seek(0)
        for body in openings:
            log.numbers["voting.count"] += 1
            number = log.numbers["voting.count"]
            yield entry(BallotOpened.type, "voting.count", number, body.rstrip())
    election.decide(row, options, say)
    yield from _drained(log)


def _drained(log: Log) -> list[bytes]:
    entries, log.entries = log.entries, []
    return entries


def _cast(cast: Callable[[range], Made], many: int) -> Iterator[Made]:
    """In order, on all cores; few are under way at a time."""
    chunks = (range(first, min(first + CHUNK, many + 1)) for first in range(1, many + 1, CHUNK))
    with ProcessPoolExecutor() as pool:
        for some in itertools.batched(chunks, 8, strict=False):
            yield from pool.map(cast, some)


if __name__ == "__main__":
    secrecy: Literal["live", "sealed"] = "live" if "live" in sys.argv[3:] else "sealed"
    large.write(log_of(int(sys.argv[2]), secrecy), Path(sys.argv[1]))
