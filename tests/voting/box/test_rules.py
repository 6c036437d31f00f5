"""Which ballots and ballot keys the box takes; no database."""

import asyncio
import json
import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.canonical import canonical
from shared.events.ballots import Approval, Format
from shared.events.voting import BallotCast
from shared.refusal import Refusal
from tests.strategies import choices
from tests.voting.box.points import SMALL_ORDER_ENCODINGS
from tests.voting.box.voters import Voter, bytes_of, spki, tier_key, token_for, token_message
from voting import ballot_keys, refusals
from voting.ballot_keys import SMALL_ORDER, P
from voting.box import ballots
from voting.box.ballots import (
    BallotMalformed,
    ChoicesRefused,
    Rules,
    check_ballot,
    check_choices,
)
from voting.box.routes import read_ballot

ROUND, OTHER = UUID(int=1), UUID(int=2)
FORMAT = TypeAdapter[Any](Format)
FORM = Approval(min=1, max=3, wrong="refused")
RULES = Rules({"A": spki("A")}, FORM, costs=(1, 2, 3, 4, 5), territories=(-1,) * 5)
VOTER = Voter(ROUND)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# RFC 8032 §5.1: the order of the base point, and the curve's constant.
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]


def added(one: Point, other: Point) -> Point:
    """The sum of two points of edwards25519, straight from its addition law."""
    (x1, y1), (x2, y2) = one, other
    t = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P)
    return x % P, y % P


def times(factor: int, point: Point) -> Point:
    total = (0, 1)
    while factor:
        total = added(total, point) if factor & 1 else total
        point, factor = added(point, point), factor >> 1
    return total


def with_y(y: int) -> Point | None:
    """A point with this y, if the curve has one."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * pow(2, (P - 1) // 4, P) % P):
        if root * root % P == square:
            return root, y
    return None


def as_key(y: int) -> str:
    return b64encode(y.to_bytes(32, "little")).decode()


def checked(**fields: Any) -> None:
    """Read and check a ballot."""
    check_ballot(BallotCast.model_validate_json(canonical(fields)), RULES)


@given(choices(5).filter(lambda chosen: 1 <= len(chosen) <= 3), st.integers(1, 20))
def test_a_ballot_within_the_rules_is_taken(chosen: tuple[int, ...], revision: int) -> None:
    checked(**VOTER.fields(chosen, revision))


@given(st.lists(st.integers(1, 7), max_size=5))
def test_choices_are_taken_if_they_are_few_known_and_increase(chosen: list[int]) -> None:
    good = len(chosen) <= 3 and max(chosen, default=0) <= 5 and sorted(set(chosen)) == chosen
    try:
        check_choices(tuple(chosen), RULES)
    except Refusal as refusal:
        assert not good
        assert any(word.isdigit() for word in str(refusal).replace(":", " ").split())
    else:
        assert good


# What each format refuses on entry: its settings, choices, and the code.
FLAWS: list[tuple[dict[str, Any], tuple[Any, ...], str | None]] = [
    ({"type": "approval", "min": 1, "max": 3}, (1, 2, 3, 4), "too_many"),
    ({"type": "approval", "min": 2, "max": 3}, (1,), "too_few"),
    ({"type": "approval", "min": 2, "max": 3}, (), None),
    ({"type": "approval", "max": 3}, (6,), "option_unknown"),
    ({"type": "approval", "max": 3}, (2, 1), "choices_unordered"),
    ({"type": "approval", "max": 3}, (2, 2), "choices_unordered"),
    ({"type": "approval", "max": 3}, ((2, 1),), "choice_malformed"),
    ({"type": "contests", "own": {"max": 2}, "general": {"max": 1}}, (1, 2), "two_territories"),
    ({"type": "contests", "own": {"max": 2}, "general": {"max": 1}}, (2, 3, 4), "too_many"),
    ({"type": "contests", "own": {"max": 2}, "general": {"max": 1}}, (2, 5), None),
    ({"type": "knapsack", "cap": 6}, (1, 5), None),
    ({"type": "knapsack", "cap": 6}, (2, 5), "over_cap"),
    ({"type": "cumulative", "total": 5, "most_each": 4}, ((1, 1), (5, 4)), None),
    ({"type": "cumulative", "total": 5, "most_each": 4}, ((1, 2), (5, 4)), "too_many_points"),
    ({"type": "cumulative", "total": 5, "most_each": 4}, ((1, 5),), "value_out_of_bounds"),
    ({"type": "cumulative", "total": 5, "most_each": 4}, ((1, 0),), "value_out_of_bounds"),
    (
        {"type": "cumulative", "total": 5, "least_total": 3, "most_each": 4},
        ((1, 2),),
        "too_few_points",
    ),
    ({"type": "cumulative", "total": 5, "most_each": 4}, (1,), "choice_malformed"),
    ({"type": "ranking", "points": [3, 2, 1], "max": 3}, (5, 1, 2), None),
    ({"type": "ranking", "points": [3, 2, 1], "max": 3}, (5, 1, 5), "option_twice"),
    ({"type": "ranking", "points": [3, 2, 1], "max": 3}, (5, 1, 2, 3), "too_many"),
    ({"type": "score", "low": -1, "high": 2}, ((1, -1), (2, 2)), None),
    ({"type": "score", "low": -1, "high": 2}, ((1, 3),), "value_out_of_bounds"),
    ({"type": "plus-minus", "most_plus": 1, "most_minus": 1}, ((1, 1), (2, -1)), None),
    ({"type": "plus-minus", "most_plus": 1, "most_minus": 1}, ((1, 1), (2, 1)), "too_many_plus"),
    ({"type": "plus-minus", "most_plus": 1, "most_minus": 0}, ((1, -1),), "too_many_minus"),
    ({"type": "plus-minus", "most_plus": 1, "most_minus": 1}, ((1, 0),), "value_out_of_bounds"),
    (
        {"type": "plus-minus", "most_plus": 1, "most_minus": 1, "minus_needs_plus": True},
        ((1, -1),),
        "minus_over_plus",
    ),
    ({"type": "grades", "grades": ["poor", "fair", "good"], "min": 1}, ((1, 2),), None),
    ({"type": "grades", "grades": ["poor", "fair"], "min": 1}, ((1, 2),), "value_out_of_bounds"),
    ({"type": "decision", "members": 9}, ((1, 0), (2, 3)), None),
    ({"type": "decision", "members": 9}, ((1, 4),), "value_out_of_bounds"),
]
# Options 1, 3 and 4 are of the first and second territory, option 5 of none.
SHAPES = ("choice_malformed", "option_unknown", "option_twice", "choices_unordered")


@pytest.mark.parametrize(("settings", "chosen", "code"), FLAWS, ids=str)
def test_each_flaw_of_choices_has_a_code(
    settings: dict[str, Any], chosen: tuple[Any, ...], code: str | None
) -> None:
    """The shape in any case, an inner rule where the format refuses what breaks it."""
    refused = {} if settings["type"] == "decision" else {"wrong": "refused"}
    costs, territories = (1, 2, 3, 4, 5), (0, 1, 1, 1, -1)
    for how in ({}, refused):
        form = FORMAT.validate_python(settings | how)
        shape = code in (*SHAPES, "value_out_of_bounds")
        expected = code if shape or how else None
        rules = Rules({}, form, costs, territories)
        if expected is None:
            check_choices(chosen, rules)
        else:
            with pytest.raises(ChoicesRefused) as refusal:
                check_choices(chosen, rules)
            assert refusal.value.code == expected
            assert len(str(refusal.value)) > len("options")


def _another(field: str) -> dict[str, Any]:
    """A ballot whose one field is not what its voter signed, or what the roll did."""
    match field:
        case "the choices of another ballot":
            return VOTER.fields([1]) | {"choices": [2]}
        case "the revision of another ballot":
            return VOTER.fields([1], 1) | {"revision": 2}
        case "signed by another key":
            return VOTER.fields([1]) | {"sig": Voter(ROUND).fields([1])["sig"]}
        case "the key of another voter":
            return VOTER.fields([1], key=Voter(ROUND).key)
        case "a token for another round":
            return VOTER.fields([1], token=token_for(OTHER, "A", VOTER.key))
        case "a token for another tier":
            return VOTER.fields([1], token=token_for(ROUND, "B", VOTER.key))
        case "a tier that the round has not":
            return VOTER.fields([1], tier="B", token=token_for(ROUND, "B", VOTER.key))
        case "a tier under the token of another":
            return Voter(ROUND, "B").fields([1], tier="A")
    raise AssertionError(field)


@pytest.mark.parametrize(
    ("field", "refusal"),
    [
        ("the choices of another ballot", ballots.SignatureInvalid),
        ("the revision of another ballot", ballots.SignatureInvalid),
        ("signed by another key", ballots.SignatureInvalid),
        ("the key of another voter", ballots.TokenInvalid),
        ("a token for another round", ballots.TokenInvalid),
        ("a token for another tier", ballots.TokenInvalid),
        ("a tier that the round has not", refusals.TierUnknown),
        ("a tier under the token of another", ballots.TokenInvalid),
    ],
)
def test_what_was_not_signed_is_refused(field: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        checked(**_another(field))


@given(st.integers(0, 511), st.integers(0, 7))
def test_a_token_with_a_bit_turned_is_refused(byte: int, bit: int) -> None:
    token = bytearray(bytes_of(VOTER.token))
    token[byte % len(token)] ^= 1 << bit
    with pytest.raises(ballots.TokenInvalid):
        checked(**VOTER.fields([1], token=b64encode(token).decode()))


@given(st.integers(0, 63), st.integers(0, 7))
def test_a_signature_with_a_bit_turned_is_refused(byte: int, bit: int) -> None:
    fields = VOTER.fields([1])
    signature = bytearray(bytes_of(fields["sig"]))
    signature[byte] ^= 1 << bit
    with pytest.raises(ballots.SignatureInvalid):
        checked(**fields | {"sig": b64encode(signature).decode()})


def test_a_signature_whose_s_is_not_reduced_is_refused() -> None:
    """RFC 8032 §5.1.7: else everybody could make a second valid signature of a ballot."""
    fields = VOTER.fields([1])
    signature = bytes_of(fields["sig"])
    s = int.from_bytes(signature[32:], "little") + L
    again = signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(ballots.SignatureInvalid):
        checked(**fields | {"sig": b64encode(again).decode()})


def test_the_points_of_small_order_are_the_ones_that_the_curve_has() -> None:
    """Multiplied by the order of the base point, any point is one of the eight."""
    found: set[int] = set()
    for y in range(2, 60):
        if (point := with_y(y)) is not None:
            torsion = times(L, point)
            found |= {times(k, torsion)[1] for k in range(8)}
    assert found == SMALL_ORDER


# "Taming the many EdDSAs" (Chalkias, Garillot and Nikolaenko, 2020), table 1.


@pytest.mark.parametrize("encoding", SMALL_ORDER_ENCODINGS)
def test_every_known_encoding_of_a_small_order_point_is_refused(encoding: str) -> None:
    key = b64encode(bytes.fromhex(encoding)).decode()
    assert ballot_keys.flaw(key) is not None
    with pytest.raises(refusals.KeyRefused):
        checked(**VOTER.fields([1], key=key, token=token_for(ROUND, "A", key)))


@given(st.integers(0, 18), st.booleans())
def test_a_key_whose_y_is_not_reduced_is_refused(beyond: int, sign: bool) -> None:
    assert ballot_keys.flaw(as_key(P + beyond | sign << 255)) is not None


@given(st.binary(min_size=32, max_size=32))
def test_the_key_of_any_secret_is_taken(secret: bytes) -> None:
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    assert ballot_keys.flaw(b64encode(public).decode()) is None


@given(st.binary(max_size=40) | st.binary(min_size=32, max_size=32))
def test_a_key_has_32_bytes_and_a_point_off_the_curve_signs_nothing(raw: bytes) -> None:
    key = b64encode(raw).decode()
    if len(raw) != 32:
        assert ballot_keys.flaw(key) is not None
    else:
        y = int.from_bytes(raw, "little") & (2**255 - 1)
        assert (ballot_keys.flaw(key) is None) == (y < P and y not in SMALL_ORDER)
        with pytest.raises((refusals.KeyRefused, ballots.SignatureInvalid)):
            checked(**VOTER.fields([1], key=key, token=token_for(ROUND, "A", key)))


@pytest.mark.parametrize(("field", "spare"), [("key", 2), ("sig", 4)])
def test_only_one_form_of_base64_is_taken(field: str, spare: int) -> None:
    """Else one ballot had several digests, and a reader that is strict took none but one."""
    fields = VOTER.fields([1])
    text = fields[field].rstrip("=")
    padding = fields[field][len(text) :]
    last = ALPHABET.index(text[-1])
    assert last % 2**spare == 0
    for bits in range(1, 2**spare):
        other = text[:-1] + ALPHABET[last + bits] + padding
        with pytest.raises(BallotMalformed):
            read_ballot(canonical(fields | {field: other}))
    for other in (text, fields[field] + "\n", " " + fields[field], text.replace(text[0], "-")):
        with pytest.raises(BallotMalformed):
            read_ballot(canonical(fields | {field: other}))


@given(st.data())
def test_what_the_model_takes_of_a_key_is_what_the_rule_takes(data: st.DataObject) -> None:
    """Two definitions of the one form of a key, held against each other."""
    last = data.draw(st.sampled_from(ALPHABET))
    key = b64encode(bytes(31) + b"\x42").decode()[:42] + last + "="
    model = BallotCast.model_fields["key_"].metadata[0].pattern
    flaw = ballot_keys.flaw(key) or ""
    assert (re.fullmatch(model, key) is None) == ("base64" in flaw)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.just(b"[" * 20_000))
def test_any_bytes_are_refused_as_no_ballot(sent: bytes) -> None:
    with pytest.raises(BallotMalformed):
        read_ballot(sent)


def test_a_refused_ballot_is_not_quoted() -> None:
    fields = VOTER.fields([1]) | {"a voter's secret": 1}
    for sent in (canonical(fields), canonical(fields)[:-1], canonical({"key": "a voter's secret"})):
        with pytest.raises(BallotMalformed) as found:
            read_ballot(sent)
        assert "a voter's secret" not in str(found.value)


@given(st.permutations([*VOTER.fields([1])]), st.sampled_from([None, 2]))
def test_a_ballot_is_one_however_its_json_is_written(names: list[str], indent: int | None) -> None:
    fields = VOTER.fields([1])
    written = json.dumps({name: fields[name] for name in names}, indent=indent).encode()
    assert read_ballot(written).body() == canonical(fields)


def test_signed_bytes_and_body_are_the_canonical_form() -> None:
    fields = VOTER.fields([1, 2])
    ballot = read_ballot(canonical(fields))
    assert ballot.body() == canonical(fields)
    assert ballot.signed_bytes() == canonical({k: v for k, v in fields.items() if k != "sig"})
    assert ballot.token_bytes() == token_message(ROUND, "A", VOTER.key)


async def test_openssl_takes_a_token_and_refuses_an_altered_one(tmp_path: Path) -> None:
    """voting-protocol.md §6: anybody verifies with a tool that we did not write."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "there is no openssl to ask"
    pem = tier_key("A").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "tier.pem").write_bytes(pem)
    (tmp_path / "message").write_bytes(token_message(ROUND, "A", VOTER.key))
    token = bytes_of(VOTER.token)

    def verified(signature: bytes) -> bool:
        (tmp_path / "token").write_bytes(signature)
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:0"]
        command = [openssl, "dgst", "-sha384", *options, "-verify", "tier.pem"]
        asked = subprocess.run(
            [*command, "-signature", "token", "message"], cwd=tmp_path, capture_output=True
        )
        return asked.returncode == 0

    assert await asyncio.to_thread(verified, token)
    assert not await asyncio.to_thread(verified, token[:-1] + bytes([token[-1] ^ 1]))
    (tmp_path / "message").write_bytes(token_message(OTHER, "A", VOTER.key))
    assert not await asyncio.to_thread(verified, token)
