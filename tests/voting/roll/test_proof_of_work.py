"""The proof of work: what the page's script finds, the roll takes; both hash as SHA-256 does."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.proof_of_work import holds, solve
from tests.node import Ask, answering, module
from voting.roll import declared

SCRIPT = Path(declared.__file__).parents[1] / "static" / "register.js"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """What the script exports as `page`."""
    with answering("page", module(SCRIPT, "page")) as ask:
        yield ask


def test_the_script_hashes_texts_of_every_length_around_a_block(ask: Ask) -> None:
    texts = ["x" * length for length in (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 200)]
    hashed = ask("return given.map((text) => [...page.sha256(text)].map((w) => w >>> 0));", texts)
    for text, words in zip(texts, hashed, strict=True):
        digest = hashlib.sha256(text.encode()).digest()
        assert b"".join(word.to_bytes(4) for word in words) == digest, len(text)


def test_what_the_script_finds_is_what_the_roll_would(ask: Ask) -> None:
    challenges = [[f"a-round/2026-11-29/{n}", bits] for n in range(8) for bits in (0, 1, 8, 11)]
    found = ask(
        "return Promise.all(given.map(([text, bits]) => page.solved(text, bits)));", challenges
    )
    for (challenge, bits), number in zip(challenges, found, strict=True):
        assert holds(str(challenge), number, int(str(bits)))
        assert number == solve(str(challenge), int(str(bits)))
