"""Everything that is parsed is others' bytes: it is read, or refused; nothing else happens."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from itertools import islice

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import ledger_audit
from ledger.notes import Checkpoint, signed
from ledger_audit import AuditError, Policy
from ledger_audit.export import unbundled
from ledger_audit.keys import Malformed, VerifierKey
from ledger_audit.leaves import numbered
from ledger_audit.notes import Note, split
from ledger_audit.receipts import Receipt, made
from tests.ledger_audit.large import ballots
from tests.ledger_audit.logs import KEY, ORIGIN, VKEY, publish
from tests.ledger_audit.witnesses import ONE, POLICY, TWO

ENTRIES = [*islice(ballots(40), 40)]
NOTE = TWO.cosigned(ONE.cosigned(signed(Checkpoint(ORIGIN, 7, bytes(32)), KEY).encode(), 5), 6)
RECEIPT = b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\n" + b"A" * 43 + b"=\n\n" + NOTE
BUNDLE = b"".join(len(each).to_bytes(2) + each for each in ENTRIES[:3])


def check_bundle(content: bytes) -> None:
    for entry in unbundled(content, 0, 3):
        assert len(entry) <= 0xFFFF


PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "note": (split, NOTE),
    "checkpoint": (Note.parse, NOTE),
    "vkey": (lambda content: VerifierKey.parse(content.decode(errors="replace")), VKEY.encode()),
    "policy": (Policy.parse, POLICY.encode()),
    "checked note": (Policy.parse(POLICY.encode()).check, NOTE),
    "proof": (Receipt.parse, RECEIPT),
    "bundle": (check_bundle, BUNDLE),
    "entry": (numbered, ENTRIES[0]),
}
PIECES = [
    b"",
    b"\n",
    b"\n\n",
    b" ",
    b"+",
    b"=",
    b"\xff",
    "—".encode(),
    b"0",
    b"-1",
    b"9" * 25,
    b"\0",
]


def parsed_or_refused(name: str, content: bytes) -> None:
    try:
        PARSERS[name][0](content)
    except (Malformed, AuditError):
        pass
    except (ValueError, RecursionError):
        assert name == "entry"


@pytest.mark.parametrize("name", PARSERS)
def test_what_each_parser_is_for_is_read(name: str) -> None:
    PARSERS[name][0](PARSERS[name][1])


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
@example(b"")
@example(b"\n\n")
@example("—".encode() * 100)
def test_any_bytes_are_parsed_or_refused(name: str, content: bytes) -> None:
    parsed_or_refused(name, content)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_change_is_parsed_or_refused(name: str, data: st.DataObject) -> None:
    content = PARSERS[name][1]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        removed = data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))
        content = content[:at] + put + content[at + removed :]
    parsed_or_refused(name, content)


LARGE = 8_000_000
HUGE = {
    "lines": b"\n" * LARGE,
    "spaces": b" " * LARGE,
    "digits": b"x\n" + b"9" * LARGE + b"\nAAAA\n\n",
    "base64": b"A" * LARGE,
    "signatures": NOTE + NOTE.rpartition(b"\n\n")[2] * 40_000,
    "comments": b"# \n" * (LARGE // 3),
    "members": b"group g 1 " + b"x " * (LARGE // 2),
    "open brackets": b'{"body":' + b"[" * LARGE,
    "numbers": b'{"body":[' + b"1," * (LARGE // 2),
}


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("what", HUGE)
def test_very_much_takes_little_memory(name: str, what: str) -> None:
    content = HUGE[what] if name not in ("entry", "bundle") else HUGE[what][:0xFFFF]
    tracemalloc.start()
    try:
        parsed_or_refused(name, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * LARGE


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_log_with_a_change_anywhere_is_verified_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log = publish(ENTRIES, tmp_path_factory.mktemp("log"))
    paths = sorted(path for path in log.rglob("*") if path.is_file() and path.name != "vkey")
    path = data.draw(st.sampled_from(paths))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + data.draw(st.binary(max_size=3)) + content[at + 1 :]
    path.write_bytes(changed)
    try:
        found = ledger_audit.verify(ledger_audit.read(log), VKEY)
        assert changed == content or path.name == "checkpoint"
        assert found.size == len(ENTRIES)
    except AuditError:
        assert changed != content
    export = ledger_audit.read(log)
    with suppress(AuditError, ValueError):
        made(export, min(3, export.claimed.size - 1))
