"""A trust file is read as C2SP tlog-policy says, or refused with its line."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.notes import Malformed, verifier_key
from ledger.policy import Policy
from ledger.verifier_keys import COSIGNATURE

NAMES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
KEYS = {name: verifier_key(f"{name}.example", bytes([at] * 32), COSIGNATURE)
        for at, name in enumerate(NAMES)}  # fmt: skip
LOG = verifier_key("log.example/a", bytes([200] * 32))
# c2sp.org/tlog-policy, its example, with keys.
EXAMPLE = f"""
log {LOG}

witness X1 {KEYS["X1"]}
witness X2 {KEYS["X2"]}
witness X3 {KEYS["X3"]}
group X-witnesses 2 X1 X2 X3

\t# the others
witness Y1 {KEYS["Y1"]}  https://y1.example/w
witness Y2 {KEYS["Y2"]}
witness Y3 {KEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification_is_read() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    assert [str(log.key) for log in policy.logs] == [LOG]
    assert list(policy.witnesses) == NAMES
    assert policy.witnesses["Y1"].url == "https://y1.example/w"
    for count in range(len(NAMES) + 1):
        for cosigned in combinations(NAMES, count):
            of_x = sum(name.startswith("X") for name in cosigned)
            assert policy.reached(cosigned) == (of_x >= 2 and of_x < count)


def test_a_quorum_may_be_one_witness_or_none() -> None:
    one = Policy.parse(f"witness w {KEYS['X1']}\nquorum w\n".encode())
    assert one.reached({"w"}) and not one.reached({"v"}) and not one.reached(())
    assert Policy.parse(b"quorum none").reached(())
    assert Policy().reached(())


def test_names_are_opaque_bytes() -> None:
    policy = Policy.parse(b"witness \xff\xe9 " + KEYS["X1"].encode() + b"\nquorum \xff\xe9\n")
    assert policy.reached(policy.witnesses)


WRONG = {
    "no quorum": f"witness w {KEYS['X1']}\n",
    "two quorums": "quorum none\nquorum none\n",
    "a quorum that comes too early": f"quorum w\nwitness w {KEYS['X1']}\n",
    "a group of itself": "group a any a\nquorum none\n",
    "an empty group": "group a any\nquorum none\n",
    "a group of too many": f"witness w {KEYS['X1']}\ngroup a 2 w\nquorum a\n",
    "a group of none": f"witness w {KEYS['X1']}\ngroup a 0 w\nquorum a\n",
    "a member twice": f"witness w {KEYS['X1']}\ngroup a 2 w w\nquorum a\n",
    "a member of two groups": f"witness w {KEYS['X1']}\ngroup a 1 w\ngroup b 1 w\nquorum a\n",
    "a name twice": f"witness w {KEYS['X1']}\nwitness w {KEYS['X2']}\nquorum w\n",
    "a key twice": f"witness w {KEYS['X1']}\nwitness v {KEYS['X1']}\nquorum w\n",
    "a witness called none": f"witness none {KEYS['X1']}\nquorum none\n",
    "none in a group": "group a any none\nquorum a\n",
    "a log's key for a witness": f"witness w {LOG}\nquorum w\n",
    "a witness's key for a log": f"log {KEYS['X1']}\nquorum none\n",
    "a key of another id": f"witness w {KEYS['X1'].replace('X1.', 'Z1.')}\nquorum w\n",
    "too many words": f"witness w {KEYS['X1']} https://a https://b\nquorum w\n",
    "an unknown line": "hello\nquorum none\n",
    "carriage returns": "quorum none\r\n",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_policy_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        Policy.parse(WRONG[what].encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_policy_or_refused(content: bytes) -> None:
    check(content)


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["log", "witness", "group", "quorum", "any", "all", "1", "2", "none", "a", "b",
                 LOG, *KEYS.values()]
            ),
            max_size=6,
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_words_are_a_policy_or_refused(lines: list[list[str]]) -> None:
    check("\n".join(" ".join(line) for line in lines).encode())


def check(content: bytes) -> None:
    """Of what is read, all witnesses together are a quorum."""
    try:
        policy = Policy.parse(content)
    except Malformed:
        return
    assert policy.reached(policy.witnesses)
