"""A commission's key and its shares: made offline, rebuilt of enough shares, kept by nobody.

Ballots are sealed to an X25519 key whose 32 bytes are the secret of SLIP-39: each share is 33
words, of which any `threshold` give the key and fewer nothing. Besides its holders' shares there
are spares, which a third party keeps under seal: they are shares like all others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from shamir_mnemonic import generate_mnemonics

from comptoir.errors import LauncherError
from shared import sealing, shares, unsealing
from shared.refusal import Refusal
from shared.sealing import Place, Unopenable
from shared.shares import public_key

THRESHOLD, HOLDERS, SPARES = 3, 5, 2


@dataclass(frozen=True)
class Commission:
    """What is public of a commission: its key (raw X25519, base64), and how many open with it."""

    key: str
    threshold: int
    shares: int

    def said(self) -> dict[str, Any]:
        """As processes are told."""
        return {"key": self.key, "threshold": self.threshold, "shares": self.shares}


def create(
    threshold: int = THRESHOLD, holders: int = HOLDERS, spares: int = SPARES
) -> tuple[Commission, list[str]]:
    """A new commission, and its shares: those of the holders first, the spares behind them."""
    private = X25519PrivateKey.generate()
    count = holders + spares
    [made] = generate_mnemonics(
        1,
        [(threshold, count)],
        private.private_bytes_raw(),
        iteration_exponent=shares.ITERATIONS,
    )
    return Commission(public_key(private), threshold, count), made


def read_share(words: str) -> str:
    """A share in its one form. Raises `LauncherError`: a word is no word, or the check fails."""
    with _said("this is no share: "):
        return shares.read_share(words)


def threshold_of(share: str) -> int:
    """How many shares a share says that there must be."""
    with _said("this is no share: "):
        return shares.threshold_of(share)


def rebuild(entered: Sequence[str], commission: Commission | None = None) -> X25519PrivateKey:
    """The key of these shares, as many as the threshold or more; that of a known commission.

    Raises `LauncherError` where they are too few, of different commissions, or of another one.
    """
    read = [read_share(each) for each in entered]
    with _said():
        return shares.rebuild(read, None if commission is None else commission.key)


def check_shares(commission: Commission, entered: Sequence[str]) -> None:
    """Whether every share, as its holder entered it again, is one of this commission: each gives
    the key with others, and a ballot that is sealed to the key opens.

    Raises `LauncherError`.
    """
    read = [read_share(each) for each in entered]
    with _said():
        private = shares.check_each(read, commission.threshold, commission.key)
    try_key(private, commission)


def try_key(private: X25519PrivateKey, commission: Commission) -> None:
    """Open a ballot that was sealed to the commission. Raises `LauncherError`."""
    place, salt = Place("a test", "A", "a test", 1), sealing.new_salt()
    sealed = sealing.seal(commission.key, place, [1], salt, sealing.padded_size(3))
    try:
        opened = sealing.open_sealed(private, place, sealed)
    except Unopenable as error:
        raise LauncherError(f"a test ballot does not open: {error}") from None
    if opened != ([1], salt):
        raise LauncherError("a test ballot says something else than what was sealed")


def salt_of_test(private: X25519PrivateKey, test: Mapping[str, Any]) -> str:
    """What count's test ballot says, in hexadecimal. Raises `LauncherError`."""
    try:
        return unsealing.salt_of_test(private, test)
    except Unopenable:
        raise LauncherError("the test ballot is sealed to another key than these shares'") from None


@contextmanager
def _said(before: str = "") -> Iterator[None]:
    """A refusal as whoever entered shares reads it."""
    try:
        yield
    except Refusal as refusal:
        raise LauncherError(f"{before}{refusal}") from None
