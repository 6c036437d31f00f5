"""A commission's key and its shares: made offline, rebuilt of enough shares, kept by nobody.

Ballots are sealed to an X25519 key whose 32 bytes are the secret of SLIP-39: each share is 33
words, of which any `threshold` give the key and fewer nothing. Besides its holders' shares there
are spares, which a third party keeps under seal: they are shares like all others.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

from comptoir.errors import LauncherError
from shared import sealing
from shared.sealing import Place, Unopenable

THRESHOLD, HOLDERS, SPARES = 3, 5, 2
WORDS = 33


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
    [shares] = generate_mnemonics(1, [(threshold, count)], private.private_bytes_raw())
    return Commission(public_key(private), threshold, count), shares


def public_key(private: X25519PrivateKey) -> str:
    """The key that ballots are sealed to."""
    return b64encode(private.public_key().public_bytes_raw()).decode()


def read_share(words: str) -> str:
    """A share in its one form. Raises `LauncherError`: a word is no word, or the check fails."""
    share = " ".join(words.lower().split())
    try:
        Share.from_mnemonic(share)
    except MnemonicError as error:
        raise LauncherError(f"this is no share: {error}") from None
    return share


def threshold_of(share: str) -> int:
    """How many shares a share says that there must be."""
    found: int = Share.from_mnemonic(read_share(share)).member_threshold
    return found


def rebuild(shares: Sequence[str], commission: Commission | None = None) -> X25519PrivateKey:
    """The key of these shares, as many as the threshold or more; that of a known commission.

    Raises `LauncherError` where they are too few, of different commissions, or of another one.
    """
    known = {read_share(each): None for each in shares}
    read = {Share.from_mnemonic(each).index: each for each in known}
    if not read:
        raise LauncherError("there is no share")
    threshold = threshold_of(next(iter(known)))
    if len(read) < threshold:
        raise LauncherError(f"{len(read)} shares, {threshold} different ones are needed")
    try:
        secret = combine_mnemonics([*read.values()][:threshold])
    except MnemonicError as error:
        raise LauncherError(f"these shares do not belong together: {error}") from None
    if len(secret) != 32:
        raise LauncherError("these shares are of no commission: their secret has another size")
    private = X25519PrivateKey.from_private_bytes(secret)
    if commission is not None and not hmac.compare_digest(public_key(private), commission.key):
        raise LauncherError("these shares are of another commission")
    return private


def check_shares(commission: Commission, shares: Sequence[str]) -> None:
    """Whether every share, as its holder entered it again, is one of this commission: each gives
    the key with others, and a ballot that is sealed to the key opens.

    Raises `LauncherError`.
    """
    if len({read_share(each) for each in shares}) < len(shares):
        raise LauncherError("a share was entered twice")
    for some in _quorums(shares, commission.threshold):
        try_key(rebuild(some, commission), commission)


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


def salt_of_test(private: X25519PrivateKey, test: dict[str, Any]) -> str:
    """What count's test ballot says, in hexadecimal. Raises `LauncherError`."""
    place = Place(test["round"], test["tier"], test["key"], test["revision"])
    try:
        return sealing.open_sealed(private, place, test["sealed"])[1].hex()
    except Unopenable:
        raise LauncherError("the test ballot is sealed to another key than these shares'") from None


def _quorums(shares: Sequence[str], threshold: int) -> Iterator[Sequence[str]]:
    """Sets of just enough shares in which every share is."""
    for some in batched(shares, threshold, strict=False):
        others: Iterable[str] = (each for each in shares if each not in some)
        yield [*some, *others][:threshold]
