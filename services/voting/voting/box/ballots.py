"""The rule of casting: which ballots the box takes. Pure: no clock, no database."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from shared import rsabssa, sealing
from shared.events.ballots import Format
from shared.events.voting import BallotCast
from shared.refusal import Refusal
from voting import ballot_keys
from voting.formats.choices import Choices, flaw, one_ballot
from voting.formats.inner import broken
from voting.refusals import KeyRefused, TierUnknown


class BallotMalformed(Refusal):
    """What was sent is not a ballot."""

    code = "ballot_malformed"


class TokenInvalid(Refusal):
    """The roll did not sign this ballot key for this round and tier."""

    code = "token_invalid"


class SignatureInvalid(Refusal):
    """The ballot is not signed by its own key."""

    code = "signature_invalid"


class SealingRefused(Refusal):
    """The round's ballots are sealed and this one is not, or the other way round."""

    code = "sealing_refused"


class SealedMalformed(Refusal):
    """What is sealed does not have the size of all ballots of the round."""

    code = "sealed_malformed"


class ChoicesRefused(Refusal):
    """The choices are not as the round's format asks; the code is that of the rule they break."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Rules:
    """What the box must know of an open round. `tiers` are the roll's keys (SPKI, DER).

    `costs` and `territories` by an option's number less 1, in cents and as numbers from 0 (-1:
    none): what formats ask for. In a sealed round every ballot is `padded` to so many bytes.
    """

    tiers: dict[str, bytes]
    format: Format
    costs: Sequence[int]
    territories: Sequence[int]
    padded: int | None = None


def check_ballot(ballot: BallotCast, rules: Rules) -> None:
    """Refuse a ballot that breaks the round's rules. A citizen could object to nothing else.

    Raises the `Refusal` of the first rule that is broken: tier, choices or sealing, key, token,
    signature.
    """
    if ballot.tier not in rules.tiers:
        raise TierUnknown(f"tier {ballot.tier} is not one of {', '.join(sorted(rules.tiers))}")
    if rules.padded is None:
        if ballot.choices is None or ballot.commitment is not None or ballot.sealed is not None:
            raise SealingRefused("a ballot of this round says its choices, and seals nothing")
        check_choices(ballot.choices, rules)
    else:
        if ballot.choices is not None or ballot.commitment is None or ballot.sealed is None:
            what = "a commitment and what is sealed, and does not say its choices"
            raise SealingRefused(f"a ballot of this round has {what}")
        check_sealed(ballot.sealed, rules.padded)
    if (found := ballot_keys.flaw(ballot.key)) is not None:
        raise KeyRefused(f"the ballot key is refused: {found}")
    try:
        _tier_key(rules.tiers[ballot.tier]).verify(
            b64decode(ballot.token),
            ballot.token_bytes(),
            rsabssa.PADDING,
            rsabssa.HASH,
        )
    except InvalidSignature:
        raise TokenInvalid(
            f"the token is not the roll's for this key, round {ballot.round} and tier {ballot.tier}"
        ) from None
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(ballot.key)).verify(
            b64decode(ballot.sig), ballot.signed_bytes()
        )
    except InvalidSignature:
        raise SignatureInvalid("the ballot is not signed by its key") from None


def check_choices(choices: Choices, rules: Rules) -> None:
    """Refuse choices outside the format's shape; and where it says so, inside its inner rules.

    A ballot that breaks an inner rule of another format is taken, and void when it is counted.
    """
    form = rules.format
    found = flaw(form, choices, len(rules.costs))
    if found is None and getattr(form, "wrong", "void") == "refused":
        found = broken(form, one_ballot(form, choices, rules.costs, rules.territories))
    if found is not None:
        raise ChoicesRefused(*found)


def check_sealed(sealed: str, padded: int) -> None:
    """Refuse what is sealed in another size than all others: it would tell one ballot apart."""
    try:
        raw = b64decode(sealed, validate=True)
    except ValueError:
        raise SealedMalformed("sealed: this is not base64") from None
    if len(raw) != padded + sealing.OVERHEAD:
        wanted = padded + sealing.OVERHEAD
        raise SealedMalformed(f"sealed: {len(raw)} bytes, ballots of this round have {wanted}")
    if b64encode(raw).decode() != sealed:
        raise SealedMalformed("sealed: its base64 is not canonical")


@lru_cache(maxsize=64)
def _tier_key(spki: bytes) -> RSAPublicKey:
    key = load_der_public_key(spki)
    assert isinstance(key, RSAPublicKey)
    return key
