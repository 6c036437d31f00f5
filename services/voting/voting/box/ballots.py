"""The rule of casting: which ballots the box takes. Pure: no clock, no database."""

from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from shared.events.voting import BallotCast
from shared.refusal import Refusal
from voting import ballot_keys, token_signature
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


class TooManyChoices(Refusal):
    """More options than the round allows."""

    code = "too_many_choices"


class TooFewChoices(Refusal):
    """Fewer options than the round asks for."""

    code = "too_few_choices"


class OptionUnknown(Refusal):
    """An option that is not in the round."""

    code = "option_unknown"


class ChoicesUnordered(Refusal):
    """Choices are strictly increasing numbers: one form for one choice."""

    code = "choices_unordered"


@dataclass(frozen=True)
class Rules:
    """What the box must know of an open round. `tiers` are the roll's keys (SPKI, DER)."""

    tiers: dict[str, bytes]
    options: int
    least: int
    most: int


def check_ballot(ballot: BallotCast, rules: Rules) -> None:
    """Refuse a ballot that breaks the round's rules. A citizen could object to nothing else.

    Raises the `Refusal` of the first rule that is broken: tier, choices, key, token, signature.
    """
    if ballot.tier not in rules.tiers:
        raise TierUnknown(f"tier {ballot.tier} is not one of {', '.join(sorted(rules.tiers))}")
    check_choices(ballot.choices, rules)
    if (found := ballot_keys.flaw(ballot.key)) is not None:
        raise KeyRefused(f"the ballot key is refused: {found}")
    try:
        _tier_key(rules.tiers[ballot.tier]).verify(
            b64decode(ballot.token),
            ballot.token_bytes(),
            token_signature.PADDING,
            token_signature.HASH,
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


def check_choices(choices: tuple[int, ...], rules: Rules) -> None:
    """Refuse choices outside the format: how many, which options, in which order."""
    if len(choices) > rules.most:
        raise TooManyChoices(f"{len(choices)} choices, at most {rules.most} are allowed")
    if len(choices) < rules.least:
        raise TooFewChoices(f"{len(choices)} choices, at least {rules.least} are asked for")
    for number in choices:
        if number > rules.options:
            raise OptionUnknown(f"option {number} is not one of 1 to {rules.options}")
    for before, after in pairwise(choices):
        if before >= after:
            raise ChoicesUnordered(f"{after} follows {before}: numbers must increase")


@lru_cache(maxsize=64)
def _tier_key(spki: bytes) -> RSAPublicKey:
    key = load_der_public_key(spki)
    assert isinstance(key, RSAPublicKey)
    return key
