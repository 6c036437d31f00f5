"""What the voting page's script believes of the public record, in Node, beside who writes it."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger.notes import Checkpoint, Signature, key_id, signed, verifier_key
from ledger.policy import Policy
from ledger.verifier_keys import COSIGNATURE, cosignature, cosigned
from tests.node import Ask

ORIGIN = "ledger.example.org/edition"
NOW = 1_800_000_000
GROUPS = {
    "two": "group two 2 w1 w2 w3",
    "every": "group every all w1 w2",
    "either": "group either any w2 w3",
}


def root_hash(entries: list[str]) -> bytes:
    """RFC 6962 §2.1."""
    if len(entries) == 1:
        return sha256(b"\0" + entries[0].encode()).digest()
    half = 1 << (len(entries) - 1).bit_length() - 1
    return sha256(b"\1" + root_hash(entries[:half]) + root_hash(entries[half:])).digest()


def path(entries: list[str], index: int) -> list[bytes]:
    """RFC 6962 §2.1.1."""
    if len(entries) == 1:
        return []
    half = 1 << (len(entries) - 1).bit_length() - 1
    if index < half:
        return [*path(entries[:half], index), root_hash(entries[half:])]
    return [*path(entries[half:], index - half), root_hash(entries[:half])]


def encoded(hashes: list[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in hashes]


ROOTS = """
return given.map((one) => {
    const { entry, index, size, hashes } = one;
    try {
        return vote.toBase64(vote.rootOf(entry, index, size, hashes.map(vote.fromBase64)));
    } catch (error) { return error.message; }
});
"""


@given(st.lists(st.text(max_size=3), min_size=1, max_size=40), st.data())
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_proof_leads_to_the_root_and_nothing_else_does(
    ask: Ask, entries: list[str], data: st.DataObject
) -> None:
    index, size = data.draw(st.integers(0, len(entries) - 1)), len(entries)
    one = {"entry": entries[index], "index": index, "size": size}
    hashes = encoded(path(entries, index))
    wrong = [
        {**one, "entry": entries[index] + "x", "hashes": hashes},
        {**one, "hashes": [*hashes, hashes[0] if hashes else encoded([bytes(32)])[0]]},
        *([{**one, "hashes": hashes[1:]}] if hashes else []),
        {**one, "index": size, "hashes": hashes},
    ]
    root = encoded([root_hash(entries)])[0]
    made = ask(ROOTS, [{**one, "hashes": hashes}, *wrong])
    assert made[0] == root
    assert root not in made[1:]


class Parties:
    """A log and three witnesses, with their keys."""

    def __init__(self) -> None:
        self.log = Ed25519PrivateKey.generate()
        self.witnesses = {f"w{n}": Ed25519PrivateKey.generate() for n in (1, 2, 3)}
        self.checkpoint = Checkpoint(ORIGIN, 7, sha256(b"a tree").digest())

    @property
    def vkey(self) -> str:
        return verifier_key(ORIGIN, self.log.public_key().public_bytes_raw())

    def witness(self, name: str) -> str:
        """Its verifier key."""
        public = self.witnesses[name].public_key().public_bytes_raw()
        return verifier_key(f"witness.example.org/{name}", public, COSIGNATURE)

    def line(self, name: str, text: bytes | None = None) -> str:
        """Its cosignature."""
        text = self.checkpoint.text.encode() if text is None else text
        key, whose = self.witnesses[name], f"witness.example.org/{name}"
        made = cosignature(NOW, key.sign(cosigned(text, NOW)))
        return Signature(
            whose, key_id(whose, key.public_key().public_bytes_raw(), COSIGNATURE), made
        ).line

    def note(self, *names: str) -> str:
        """The checkpoint, signed by the log and these witnesses."""
        return signed(self.checkpoint, self.log) + "".join(map(self.line, names))

    def policy(self, quorum: str) -> str:
        """A file that names all three, with their addresses."""
        lines = [f"witness {n} {self.witness(n)} http://{n}" for n in self.witnesses]
        group = GROUPS.get(quorum, "")
        return "\n".join(["# whom we trust", "", *lines, group, f"quorum {quorum}", ""])


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties()


@pytest.mark.parametrize("names", [(), ("w1",), ("w2",), ("w1", "w2"), ("w1", "w2", "w3")])
def test_a_quorum_is_reached_as_the_policy_says(
    ask: Ask, parties: Parties, names: tuple[str, ...]
) -> None:
    """As by the signer's own reading of the same file."""
    quorums = ["w1", *GROUPS, "none"]
    policies = [parties.policy(quorum) for quorum in quorums]
    body = "return given.policies.map((policy) => vote.witnessed(given.note, policy));"
    made = ask(body, {"note": parties.note(*names), "policies": policies})
    assert made == [Policy.parse(policy.encode()).reached(names) for policy in policies]


def test_a_policy_without_a_quorum_that_it_knows_is_reached_by_nobody(
    ask: Ask, parties: Parties
) -> None:
    policies = [parties.policy("w4"), parties.policy("none").replace("quorum", "quota"), ""]
    body = "return given.policies.map((policy) => vote.witnessed(given.note, policy));"
    note = parties.note("w1", "w2", "w3")
    assert ask(body, {"note": note, "policies": policies}) == [False, False, False]


def test_a_signature_holds_for_its_text_name_and_key(ask: Ask, parties: Parties) -> None:
    note, other = parties.note("w1"), Parties()
    moved = note.replace("\n7\n", "\n8\n")
    swapped = signed(parties.checkpoint, parties.log) + parties.line("w1", b"another text\n")
    asked: list[tuple[str, str, Any]] = [
        (note, parties.vkey, True),
        (note, parties.witness("w1"), True),
        (note, parties.witness("w2"), False),
        (note, other.vkey, False),
        (note, other.witness("w1"), False),
        (moved, parties.vkey, False),
        (moved, parties.witness("w1"), False),
        (swapped, parties.witness("w1"), False),
        (note, parties.vkey.replace("+", "+0", 1)[:-1], False),
        (note, "", False),
    ]
    made = ask("return given.map(([note, vkey]) => vote.signed(note, vkey));", asked)
    assert made == [expected for _, _, expected in asked]
