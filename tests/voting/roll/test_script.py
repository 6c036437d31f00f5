"""The pure half of the voting page's script, in Node, beside what Python makes of the same."""

from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared.canonical import MOST, canonical
from shared.events.voting import MOST_REVISIONS, BallotCast
from tests.voting.roll.script import SCRIPT, Ask

ROUND = "00000000-0000-4000-8000-00000000000a"


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
        "seed": b64encode(draw(st.integers(0, 2**256 - 1)).to_bytes(32)).decode(),
        "tier": draw(st.sampled_from("AB")),
        "token": b64encode(draw(st.integers(0, 2**3072 - 1)).to_bytes(384)).decode(),
        "revision": draw(st.integers(1, MOST_REVISIONS)),
        "choices": draw(choices()),
    }


@given(st.lists(votes(), min_size=1, max_size=9))
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_ballot_is_byte_for_byte_what_python_makes(ask: Ask, drawn: list[dict[str, Any]]) -> None:
    made = ask("return Promise.all(given.map(vote.signedBallot));", drawn)
    for vote, written in zip(drawn, made, strict=True):
        key = Ed25519PrivateKey.from_private_bytes(b64decode(vote["seed"]))
        fields = {
            "v": 1,
            **{name: vote[name] for name in ("round", "tier", "token", "revision")},
            "key": b64encode(key.public_key().public_bytes_raw()).decode(),
            "choices": vote["choices"],
        }
        signed = fields | {"sig": b64encode(key.sign(canonical(fields))).decode()}
        assert written.encode() == canonical(signed)
        assert BallotCast.model_validate_json(written).body() == written.encode()


@given(st.lists(json_values(), min_size=1, max_size=30))
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_canonical_form_is_pythons_at_every_depth(ask: Ask, drawn: list[Any]) -> None:
    made = ask("return given.map(vote.canonical);", drawn)
    assert [each.encode() for each in made] == [canonical(value) for value in drawn]


def test_a_promise_holds_for_its_ballot_round_and_key(ask: Ask) -> None:
    key = Ed25519PrivateKey.generate()
    ballot = '{"v":1}'
    [digest] = ask("return [await vote.sha256(given)];", ballot)
    promised = {"ballot": digest, "round_id": ROUND, "published_by": "2027-10-01T17:00:00Z"}
    promise = promised | {"signature": b64encode(key.sign(canonical(promised))).decode()}
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    other = b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    body = "return Promise.all(given.map((one) => vote.promiseHolds(...one)));"
    asked = [
        [promise, ballot, ROUND, public],
        [promise, ballot + " ", ROUND, public],
        [promise, ballot, ROUND.replace("a", "b"), public],
        [promise, ballot, ROUND, other],
        [promise | {"published_by": "2028-10-01T17:00:00Z"}, ballot, ROUND, public],
    ]
    assert ask(body, asked) == [True, False, False, False, False]


def test_a_fresh_seed_is_of_32_bytes_and_no_other_twice(ask: Ask) -> None:
    body = "return Promise.all(given.map(async () => [...await vote.newSeed()]));"
    seeds = ask(body, list(range(20)))
    assert {len(seed) for seed in seeds} == {32}
    assert len({tuple(seed) for seed in seeds}) == 20


@pytest.mark.parametrize(
    ("tried", "choices", "revision"),
    [
        (None, [3], 1),
        ({"revision": 4, "choices": [3, 10]}, [3, 10], 4),
        ({"revision": 4, "choices": [3, 10]}, [3], 5),
        ({"revision": 4, "choices": [3, 10]}, [10, 3], 5),  # a ranking
        ({"revision": 4, "choices": [[3, 1], [10, 2]]}, [[3, 1], [10, 2]], 4),
        ({"revision": 4, "choices": [[3, 1], [10, 2]]}, [[3, 1], [10, 1]], 5),
        ({"revision": 4, "choices": [[3, 10]]}, [3, 10], 5),
        ({"revision": 4, "choices": []}, [], 4),
    ],
)
def test_other_choices_are_another_revision(
    ask: Ask, tried: Any, choices: list[Any], revision: int
) -> None:
    assert ask("return vote.nextRevision(given[0], given[1]);", [tried, choices]) == revision


def test_the_order_is_a_seeds_own_and_loses_nothing(ask: Ask) -> None:
    body = "return given.map((seed) => vote.shuffled([...Array(30).keys()], seed));"
    seeds = [0, 1, 2, 2**31, 2**32 - 1]
    orders = ask(body, seeds)
    assert orders == ask(body, seeds)
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert len({tuple(order) for order in orders}) == len(seeds)


def test_every_place_is_as_likely_for_every_option(ask: Ask) -> None:
    body = """
        const first = [0, 0, 0, 0, 0];
        for (let i = 0; i < given; i += 1) {
            first[vote.shuffled([0, 1, 2, 3, 4], i * 2654435761)[0]] += 1;
        }
        return first;
    """
    firsts = ask(body, 10_000)
    assert all(1_800 < count < 2_200 for count in firsts)


def test_the_voting_key_is_read_as_it_was_written(ask: Ask) -> None:
    vote = {"round": ROUND, "seed": b64encode(bytes(range(32))).decode()}
    tried = vote | {"tried": {"revision": 3, "choices": [1]}}
    other = vote | {"round": ROUND.replace("a", "b")}
    body = "return given.map((one) => vote.readKeyText(`  ${vote.keyText(one)}`, given[0].round));"
    assert ask(body, [vote, tried, other]) == [
        {"seed": vote["seed"], "revision": 0},
        {"seed": vote["seed"], "revision": 3},
        None,
    ]
    for broken in ("", "key: short", vote["seed"]):
        assert ask("return vote.readKeyText(given[0], given[1]);", [broken, ROUND]) is None


def test_the_script_is_short_and_reaches_for_nothing(ask: Ask) -> None:
    source = SCRIPT.read_text()
    assert len(source.splitlines()) < 500
    for reach in ("import ", "innerHTML", "eval(", "document.cookie", "XMLHttpRequest", "http:"):
        assert reach not in source
