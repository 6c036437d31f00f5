"""The voting page's script, in Node, beside what Python and others make of the same."""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from pathlib import Path
from subprocess import run
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared import rsabssa, sealing, voting_code
from shared.canonical import MOST, canonical
from shared.events.voting import MOST_REVISIONS, BallotCast, token_bytes
from shared.promises import promised
from tests.node import Ask
from tests.voting.roll.script import FOLDER, MODULES, ROOT
from voting import page_script
from voting.signer.signing import TierKey

ROUND = "00000000-0000-4000-8000-00000000000a"
RFC_9474 = json.loads((ROOT / "tests" / "shared" / "rfc9474.json").read_text())
few = hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.binary(min_size=16, max_size=16)


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


@pytest.fixture(scope="session")
def tier_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def spki(key: rsa.RSAPrivateKey) -> str:
    """Its public half, as the roll announces it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return encoded(key.public_key().public_bytes(serialization.Encoding.DER, form))


def json_values() -> st.SearchStrategy[Any]:
    """What may be signed: no fractions, no integer that a double does not hold."""
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    leaves = st.none() | st.booleans() | st.integers(-MOST, MOST) | text
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=12,
    )


def choices() -> st.SearchStrategy[list[Any]]:
    """Numbers in any order, as in a ranking, or pairs."""
    numbers = st.lists(st.integers(1, 10_000), max_size=6, unique=True)
    pairs = st.dictionaries(st.integers(1, 10_000), st.integers(-(10**6), 10**6), max_size=6)
    return numbers | pairs.map(lambda said: [list(pair) for pair in sorted(said.items())])


@st.composite
def votes(draw: st.DrawFn) -> dict[str, Any]:
    """What the page knows of a vote when it signs."""
    return {
        "round": ROUND,
        "seed": encoded(draw(seeds)),
        "tier": draw(st.sampled_from("AB")),
        "token": encoded(draw(st.integers(0, 2**3072 - 1)).to_bytes(384)),
        "revision": draw(st.integers(1, MOST_REVISIONS)),
        "choices": draw(choices()),
    }


SIGNED = """
return Promise.all(given.votes.map(async (one) => {
    const keys = vote.ballotKey(vote.fromBase64(one.seed), one.round, one.tier);
    return vote.signedBallot(given.opened, keys, one);
}));
"""


def ballot_key(vote: dict[str, Any]) -> Ed25519PrivateKey:
    """The key that Python derives of a vote's seed."""
    seed = b64decode(vote["seed"])
    derived = voting_code.derive(seed, UUID(ROUND), vote["tier"], voting_code.BALLOT_KEY)
    return Ed25519PrivateKey.from_private_bytes(derived)


@given(st.lists(votes(), min_size=1, max_size=9))
@few
def test_a_live_ballot_is_byte_for_byte_what_python_makes(
    ask: Ask, drawn: list[dict[str, Any]]
) -> None:
    made = ask(SIGNED, {"opened": {"secrecy": "live"}, "votes": drawn})
    for vote, written in zip(drawn, made, strict=True):
        key = ballot_key(vote)
        fields = {
            "v": 1,
            **{name: vote[name] for name in ("round", "tier", "token", "revision")},
            "key": encoded(key.public_key().public_bytes_raw()),
            "choices": vote["choices"],
        }
        signed = fields | {"sig": encoded(key.sign(canonical(fields)))}
        assert written.encode() == canonical(signed)
        assert BallotCast.model_validate_json(written).body() == written.encode()


@given(st.lists(votes(), min_size=1, max_size=9))
@few
def test_a_sealed_ballot_opens_for_the_commission_to_what_it_commits_to(
    ask: Ask, drawn: list[dict[str, Any]]
) -> None:
    """All are of one size, and two of the same choices have nothing in common."""
    commission = X25519PrivateKey.generate()
    opened = {
        "secrecy": "sealed",
        "commission": {"key": encoded(commission.public_key().public_bytes_raw())},
        "padded": 320,
    }
    made = ask(SIGNED, {"opened": opened, "votes": [*drawn, *drawn]})
    ballots = [BallotCast.model_validate_json(written) for written in made]
    for vote, written, ballot in zip([*drawn, *drawn], made, ballots, strict=True):
        assert ballot.body() == written.encode()
        assert ballot.choices is None and ballot.sealed is not None
        key = ballot_key(vote).public_key()
        key.verify(b64decode(ballot.sig), ballot.signed_bytes())
        assert len(ballot.sealed) == sealing.sealed_length(320)
        place = sealing.Place(ROUND, vote["tier"], ballot.key, vote["revision"])
        found, salt = sealing.open_sealed(commission, place, ballot.sealed)
        assert found == vote["choices"]
        assert sealing.commitment(place, found, salt) == ballot.commitment
    assert len({ballot.sealed for ballot in ballots}) == len(ballots)
    assert len({ballot.commitment for ballot in ballots}) == len(ballots)


def test_choices_that_do_not_fit_are_not_sealed_shorter(ask: Ask) -> None:
    body = "try { vote.padded(new Uint8Array(65), 64); } catch (error) { return error.name; }"
    assert ask(body, None) == "RangeError"


def test_sealing_makes_what_rfc_9180_prints(ask: Ask) -> None:
    """Appendix A.2.1, whose `aad` changes the tag alone; that is checked by opening."""
    body = """
    const [info, plain, ekm, key] = given.map(hex);
    return vote.toHex(await vote.sealed(key, info, plain, ekm.buffer));
    """
    info, plain = (
        "4f6465206f6e2061204772656369616e2055726e",
        ("4265617574792069732074727574682c20747275746820626561757479"),
    )
    made = ask(
        body,
        [
            info,
            plain,
            "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
            "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
        ],
    )
    enc = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
    sealed = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b"
    assert made[: len(enc + sealed)] == enc + sealed
    secret = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"
    recipient = X25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    opened = sealing._SUITE.decrypt(bytes.fromhex(made), recipient, bytes.fromhex(info))
    assert opened.hex() == plain


def test_blinding_makes_what_rfc_9474_prints(ask: Ask) -> None:
    """Appendix A.4, RSABSSA-SHA384-PSSZERO-Deterministic."""
    body = """
    const { n, e, msg, inv, blind_sig } = given;
    const key = { n: BigInt(`0x${n}`), e: BigInt(`0x${e}`), bits: 4096, length: 512 };
    const message = hex(msg), how = vote.factor(hex(inv), key);
    const r = { r: how.inverse, inverse: how.r };
    return {
        encoded_msg: vote.toHex(vote.toBytes(vote.encoded(message, key), 512)),
        blinded_msg: vote.toHex(vote.blinded(key, message, r)),
        sig: vote.toHex(vote.finalized(key, message, hex(blind_sig), r)),
    };
    """
    vector = RFC_9474["vectors"]["RSABSSA-SHA384-PSSZERO-Deterministic"]
    made = ask(body, {**RFC_9474["key"], **vector})
    assert made == {name: vector[name] for name in ("encoded_msg", "blinded_msg", "sig")}


def test_the_second_implementation_signs_and_verifies_our_token(ask: Ask) -> None:
    body = """
    const suite = oracle.RSABSSA.SHA384.PSSZero.Deterministic();
    const { privateKey, publicKey } = await suite.generateKey({
        modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1),
    });
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
    const key = await vote.publicKey(spki), message = vote.utf8(given);
    const how = vote.factor(vote.derived(new Uint8Array(16), "r", "A", "blinding", 400), key);
    const signature = await suite.blindSign(privateKey, vote.blinded(key, message, how));
    const token = vote.finalized(key, message, signature, how);
    const other = await suite.blind(publicKey, message);
    const answer = await suite.blindSign(privateKey, other.blindedMsg);
    const theirs = await suite.finalize(publicKey, message, answer, other.inv);
    const verified = await suite.verify(publicKey, token, message);
    return [verified, vote.toHex(token) === vote.toHex(theirs)];
    """
    assert ask(body, "a message") == [True, True]


def test_the_second_implementation_finalises_what_our_signer_signs(
    ask: Ask, tier_key: rsa.RSAPrivateKey
) -> None:
    """It blinds with randomness of its own; the signer, which sees nothing else, answers it. The
    token is the one that our own client gets from the same signer."""
    blinding = """
    const suite = oracle.RSABSSA.SHA384.PSSZero.Deterministic();
    const how = { name: "RSA-PSS", hash: "SHA-384" };
    const key = await crypto.subtle.importKey(
        "spki", vote.fromBase64(given.spki), how, true, ["verify"],
    );
    """
    message, announced = b"what is signed", spki(tier_key)
    blinded, inverse = ask(
        f"""{blinding}
        const made = await suite.blind(key, vote.utf8(given.message));
        return [made.blindedMsg, made.inv].map(vote.toBase64);""",
        {"spki": announced, "message": message.decode()},
    )
    signature = TierKey(tier_key).sign(b64decode(blinded))
    token, verified = ask(
        f"""{blinding}
        const [signature, inverse] = [given.signature, given.inverse].map(vote.fromBase64);
        const message = vote.utf8(given.message);
        const token = await suite.finalize(key, message, signature, inverse);
        return [vote.toBase64(token), await suite.verify(key, token, message)];""",
        {
            "spki": announced,
            "message": message.decode(),
            "signature": encoded(signature),
            "inverse": inverse,
        },
    )
    assert verified is True
    public, r = tier_key.public_key(), 2**3000 + 1
    ours = rsabssa.blind(public, message, r)
    assert ours != b64decode(blinded)
    assert b64decode(token) == rsabssa.finalize(public, message, TierKey(tier_key).sign(ours), r)


def test_a_token_is_what_python_makes_and_openssl_verifies(
    ask: Ask, tier_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    """The same seed gives the same request and the same token, in both languages."""
    seed, public = bytes(range(16)), tier_key.public_key()
    derived = voting_code.derive(seed, UUID(ROUND), "A", voting_code.BLINDING)
    r = rsabssa.factor(public, derived)
    key = encoded(ballot_key({"seed": encoded(seed), "tier": "A"}).public_key().public_bytes_raw())
    message = token_bytes(UUID(ROUND), "A", key)
    blinded = rsabssa.blind(public, message, r)
    signature = TierKey(tier_key).sign(blinded)
    token = rsabssa.finalize(public, message, signature, r)
    body = """
    const [seed, spki, signature] = given.slice(0, 3).map(vote.fromBase64), round = given[3];
    const key = await vote.publicKey(spki), ballot = vote.ballotKey(seed, round, "A");
    const how = vote.factor(vote.derived(seed, round, "A", "blinding", 400), key);
    const said = { v: "comptoir-token-v1", round, tier: "A", key: ballot.key };
    const message = vote.utf8(vote.canonical(said));
    const other = signature.with(200, signature[200] ^ 1);
    const token = vote.finalized(key, message, signature, how);
    const made = [vote.blinded(key, message, how), token].map(vote.toBase64);
    return [...made, vote.finalized(key, message, other, how)];
    """
    made = ask(body, [encoded(seed), spki(tier_key), encoded(signature), ROUND])
    assert made == [encoded(blinded), encoded(token), None]
    names = {"key": b64decode(spki(tier_key)), "token": b64decode(made[1]), "message": message}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    command = (
        "openssl dgst -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0"
        " -verify key -keyform DER -signature token message"
    )
    verified = run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert verified.stdout == "Verified OK\n", verified.stderr


def test_a_factor_without_an_inverse_is_refused(ask: Ask) -> None:
    body = """
    return given.map((each) => vote.factor(hex(each), { n: 35n }) === null);
    """
    assert ask(body, ["00", "23", "05", "0e", "01", "22"]) == [True, True, True, True, False, False]


@given(st.lists(seeds, min_size=1, max_size=20))
@few
def test_a_voting_code_is_pythons_and_is_read_again(ask: Ask, drawn: list[bytes]) -> None:
    body = """
    return given.map((each) => {
        const code = vote.codeOf(vote.fromBase64(each));
        const typed = code.toLowerCase().replaceAll("0", "o").replaceAll("1", "l");
        return [code, vote.toBase64(vote.seedOf(` ${typed.replaceAll("-", " ")}\\n`))];
    });
    """
    made = ask(body, [encoded(seed) for seed in drawn])
    assert made == [[voting_code.written(seed), encoded(seed)] for seed in drawn]


def test_a_slip_of_the_pen_is_no_voting_code(ask: Ask) -> None:
    """Each character changed to each other one, and each pair of neighbours swapped."""
    body = """
    const code = vote.codeOf(hex(given)).replaceAll("-", ""), places = [...Array(28).keys()];
    const put = (at, ...s) => code.slice(0, at) + s.join("") + code.slice(at + s.length);
    const changed = places.flatMap((at) => [..."0123456789ABCDEFGHJKMNPQRSTVWXYZU"]
        .map((other) => put(at, other)));
    const swapped = places.slice(1).map((at) => put(at - 1, code[at], code[at - 1]));
    return [...changed, ...swapped, "", code.slice(1), `${code}0`]
        .filter((each) => each !== code && vote.seedOf(each) !== null);
    """
    assert ask(body, "000102030405060708090a0b0c0d0e0f") == []


@given(st.lists(json_values(), min_size=1, max_size=30))
@few
def test_the_canonical_form_is_pythons_at_every_depth(ask: Ask, drawn: list[Any]) -> None:
    made = ask("return given.map(vote.canonical);", drawn)
    assert [each.encode() for each in made] == [canonical(value) for value in drawn]


def test_a_promise_holds_for_its_ballot_round_and_key(ask: Ask) -> None:
    key = Ed25519PrivateKey.generate()
    ballot = '{"v":1}'
    digest = hashlib.sha256(ballot.encode()).hexdigest()

    def signed(**changed: Any) -> dict[str, Any]:
        said = promised(bytes.fromhex(digest), UUID(ROUND)) | changed
        return said | {"signature": encoded(key.sign(canonical(said)))}

    promise = signed()
    public = encoded(key.public_key().public_bytes_raw())
    other = encoded(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    asked = [
        [promise, ballot, ROUND, public],
        [promise, ballot + " ", ROUND, public],
        [promise, ballot, ROUND.replace("a", "b"), public],
        [promise, ballot, ROUND, other],
        [signed(published_within=7200), ballot, ROUND, public],
        [signed(extensions="excluded"), ballot, ROUND, public],
        [signed(more="than that"), ballot, ROUND, public],
        [promise | {"v": "comptoir-promise-v2"}, ballot, ROUND, public],
    ]
    body = "return given.map((one) => vote.promiseHolds(...one));"
    assert ask(body, asked) == [True, *[False] * 7]


def test_the_order_is_a_seeds_own_and_loses_nothing(ask: Ask) -> None:
    body = "return given.map((seed) => vote.shuffled([...Array(30).keys()], seed));"
    drawn = [f"{seed:016x}" for seed in (0, 1, 2, 2**31, 2**64 - 1)]
    orders = ask(body, drawn)
    assert orders == ask(body, drawn)
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert len({tuple(order) for order in orders}) == len(drawn)


def test_every_place_is_as_likely_for_every_option(ask: Ask) -> None:
    body = """
        const first = [0, 0, 0, 0, 0];
        for (let i = 0; i < given; i += 1) first[vote.shuffled([0, 1, 2, 3, 4], `${i}`)[0]] += 1;
        return first;
    """
    firsts = ask(body, 10_000)
    assert all(1_800 < count < 2_200 for count in firsts)


def test_the_script_is_short_and_reaches_for_nothing() -> None:
    """Of its lines those count that are neither empty nor a comment."""
    source = "\n".join(module.read_text() for module in MODULES)
    lines = [line.strip() for line in source.splitlines()]
    assert len([line for line in lines if line and not line.startswith("//")]) < 500
    assert max(map(len, source.splitlines())) <= 150
    for reach in ("innerHTML", "eval(", "document.cookie", "XMLHttpRequest", "http:"):
        assert reach not in source
    assert {*re.findall(r'from "([^."][^"]*)"', source)} <= {
        "@hpke/chacha20poly1305",
        "@hpke/core",
        "@hpke/dhkem-x25519",
        "@noble/curves/abstract/modular.js",
        "@noble/curves/ed25519.js",
        "@noble/curves/utils.js",
        "@noble/hashes/hkdf.js",
        "@noble/hashes/sha2.js",
        "lean-qr",
        "lean-qr/extras/svg",
    }


def test_the_same_sources_are_the_same_bytes_and_those_are_served(tmp_path: Path) -> None:
    """From elsewhere too, and what lies there already does not matter."""
    made = tmp_path / "vote.js"
    run(["sh", FOLDER / "build.sh", made], cwd=ROOT, check=True, capture_output=True)
    assert made.read_bytes() == page_script.content()
    assert hashlib.sha256(made.read_bytes()).hexdigest() == page_script.digest()
    for name in (b"/home", str(ROOT).encode(), b"sourceMappingURL"):
        assert name not in made.read_bytes()
