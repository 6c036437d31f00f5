"""The shares of a commission's key (SLIP-39): read, and put together again. Pure.

A share is 33 words, of which any `threshold` give the 32 bytes of an X25519 key and fewer nothing.
No refusal quotes a word of one: what is wrong is named by its place.
"""

import hmac
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from shamir_mnemonic import MnemonicError, combine_mnemonics
from shamir_mnemonic.share import Share
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from shared.refusal import Refusal

WORDS = 33
# What commissions are made with; more would keep whoever is handed such shares computing for hours.
ITERATIONS = 1


class ShareLengthWrong(Refusal):
    """A share has 33 words."""

    code = "share_length_wrong"

    def __init__(self, words: int) -> None:
        super().__init__(f"{words} words, a share has {WORDS}")
        self.words = words


class ShareWordUnknown(Refusal):
    """A word is none that shares are written in; `word` is its place, from 1."""

    code = "share_word_unknown"

    def __init__(self, word: int) -> None:
        super().__init__(f"word {word} is not in the list")
        self.word = word


class ShareCheckWrong(Refusal):
    """Every word is one of a share's, and the check at its end fails: a word is another one, or two
    are in each other's place."""

    code = "share_check_wrong"


class SharesTooFew(Refusal):
    """Fewer different shares than the threshold: they give nothing."""

    code = "shares_too_few"


class ShareTwice(Refusal):
    """A share was entered twice."""

    code = "share_twice"


class SharesApart(Refusal):
    """The shares do not belong together; `stranger` is the place, from 1, of one that is of another
    key than most, where that can be told."""

    code = "shares_apart"

    def __init__(self, stranger: int | None = None) -> None:
        super().__init__("these shares do not belong together")
        self.stranger = stranger


class OtherCommission(Refusal):
    """The shares give a key, and it is not that of this commission."""

    code = "other_commission"


def read_share(words: str) -> str:
    """A share in its one form. Raises `ShareLengthWrong`, `ShareWordUnknown`, `ShareCheckWrong`."""
    said = words.lower().split()
    for place, word in enumerate(said, start=1):
        if word not in WORD_INDEX_MAP:
            raise ShareWordUnknown(place)
    if len(said) != WORDS:
        raise ShareLengthWrong(len(said))
    share = " ".join(said)
    try:
        Share.from_mnemonic(share)
    except MnemonicError:
        # The library's message quotes the first words.
        raise ShareCheckWrong("a word is another one, or two are swapped") from None
    return share


def threshold_of(share: str) -> int:
    """How many shares a share says that there must be. Raises what `read_share` does."""
    found: int = Share.from_mnemonic(read_share(share)).member_threshold
    return found


def public_key(private: X25519PrivateKey) -> str:
    """The key that ballots are sealed to: raw X25519, base64."""
    return b64encode(private.public_key().public_bytes_raw()).decode()


def rebuild(shares: Sequence[str], key: str | None = None) -> X25519PrivateKey:
    """The key of these shares, as many as the threshold or more; the one whose public half is `key`
    where that is known.

    Raises `SharesTooFew`, `SharesApart`, `OtherCommission`, and what `read_share` does.
    """
    read = [Share.from_mnemonic(read_share(each)) for each in shares]
    if not read:
        raise SharesTooFew("there is no share")
    _check_together(read)
    by_index = {each.index: each for each in read}
    threshold = read[0].member_threshold
    if len(by_index) < threshold:
        raise SharesTooFew(f"{len(by_index)} shares, {threshold} different ones are needed")
    if read[0].iteration_exponent > ITERATIONS:
        raise OtherCommission("these shares are of no commission: they were made otherwise")
    try:
        secret = combine_mnemonics([each.mnemonic() for each in by_index.values()][:threshold])
    except MnemonicError:
        raise SharesApart from None
    private = X25519PrivateKey.from_private_bytes(secret)
    if key is not None and not hmac.compare_digest(public_key(private), key):
        raise OtherCommission("these shares are of another commission")
    return private


def check_each(shares: Sequence[str], threshold: int, key: str) -> X25519PrivateKey:
    """The key, where each of these shares gives it together with others of them, and no fewer than
    `threshold` do: what is published of a commission is what its shares are.

    Raises `ShareTwice`, and what `rebuild` does.
    """
    if len({read_share(each) for each in shares}) < len(shares):
        raise ShareTwice("a share was entered twice")
    private = rebuild(shares, key)
    if (needed := threshold_of(shares[0])) != threshold:
        raise OtherCommission(f"{needed} of these shares are the key, and not {threshold}")
    for some in _quorums(shares, threshold):
        rebuild(some, key)
    return private


def _check_together(read: Sequence[Share]) -> None:
    """Raises `SharesApart` unless all are of one key, as they say themselves."""
    sets = Counter(each.group_parameters() for each in read)
    if len(sets) == 1:
        return
    [(most, count), *_] = sets.most_common()
    strangers = [n for n, each in enumerate(read, start=1) if each.group_parameters() != most]
    raise SharesApart(strangers[0] if 2 * count > len(read) else None)


def _quorums(shares: Sequence[str], threshold: int) -> Iterator[Sequence[str]]:
    """Sets of just enough shares in which every share is."""
    for some in batched(shares, threshold, strict=False):
        others: Iterable[str] = (each for each in shares if each not in some)
        yield [*some, *others][:threshold]
