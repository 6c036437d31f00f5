"""Bodies that somebody made up: each is refused with its entry, or counted; nothing stumbles."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger_audit
from tests.ledger_audit.logs import VKEY, ElectionBefore, Log, identity, publish
from tests.ledger_audit.test_lies import ELECTION
from tests.ledger_audit.test_outcomes import FORMATS, RULES, election
from tests.ledger_audit.test_recount import COSTS, VOTES, counted
from tests.ledger_audit.test_ties import LEVEL, forwards

TINY = ["approval", "cumulative", "grades", "ranking"]
type Path_ = tuple[str | int, ...]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    "",
    "x" * 300,
    "1/0",
    "all",
    [],
    [None],
    {},
    {"type": "approval"},
    {"a": {"b": []}},
    nested(200),
]


def at(log: Log, kind: str) -> int:
    return next(n for n, entry in enumerate(log.entries) if f'"type":"{kind}' in entry.decode())


def altered(log: Log, index: int, path: Path_, value: Any) -> Log:
    """A log in which one value of one entry's body is another."""
    leaf = json.loads(log.entries[index])
    inner = leaf["body"]
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    entry = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    return Log([*log.entries[:index], entry, *log.entries[index + 1 :]], log.numbers)


def paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a value."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*path, place))


LOGS = [
    ELECTION.log(),
    *(election(form, name).log() for form, name in zip(TINY, RULES, strict=False)),
    election("grades", "the median grade").log(),
    election("score", "equal shares to the end").log(),
    type(LEVEL)(**{**vars(LEVEL), "answers": [forwards]}).log(),
]
KINDS = [
    "voting.round-opened",
    "voting.option-listed",
    "voting.option-decided",
    "voting.allocation-published",
    "voting.tie-asked",
    "voting.tie-ordered",
    "voting.tier-keys-prepared",
    "voting.tokens-issued",
    "voting.box-closed",
    "voting.ballot-cast",
]
EVERYWHERE = [
    (number, at(log, kind), path)
    for number, log in enumerate(LOGS)
    for kind in KINDS
    if any(f'"type":"{kind}' in entry.decode() for entry in log.entries)
    for path in paths(json.loads(log.entries[at(log, kind)])["body"])
    if path
]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(EVERYWHERE), st.sampled_from(JUNK))
def test_no_value_in_any_place_makes_the_auditor_stumble(
    tmp_path_factory: pytest.TempPathFactory, where: tuple[int, int, Path_], junk: Any
) -> None:
    number, index, path = where
    log = altered(LOGS[number], index, path, deepcopy(junk))
    export = ledger_audit.read(publish(log.entries, tmp_path_factory.mktemp("log")))
    try:
        ledger_audit.recount(ledger_audit.verify(export, VKEY))
    except ledger_audit.Tampered as refused:
        assert refused.index is None or refused.index < len(log.entries)


MEANT: dict[str, tuple[int, Path_, Any, str]] = {
    "no format": (0, ("format",), None, "format: no object"),
    "an unknown format": (0, ("format", "type"), "lottery", "format.type: none of approval"),
    "a limit that is no number": (0, ("format", "total"), "6", "format.total: no whole number"),
    "a limit beyond all": (0, ("format", "most_each"), 10**9, "format.most_each: no whole"),
    "a field unknown here": (0, ("format", "bonus"), 1, "format: bonus means nothing here"),
    "no rule": (0, ("rule",), "greedy", "rule: no object"),
    "no envelope": (0, ("rule", "envelopes"), [], "rule.envelopes: a list of 0"),
    "a root that is none": (0, ("rule", "envelopes", 0, "within"), "north", "exactly one envelope"),
    "a circle": (0, ("rule", "envelopes", 1, "within"), "north", "north is within nothing"),
    "nowhere": (0, ("rule", "envelopes", 1, "within"), "elsewhere", "north is within nothing"),
    "a root without money": (0, ("rule", "envelopes", 0, "kind"), "most", "exactly one envelope"),
    "one name twice": (0, ("rule", "envelopes", 1, "name"), "all", "two envelopes of one name"),
    "a pass over nothing": (0, ("rule", "passes", 0, "envelopes"), ["east"], "does not exist"),
    "an order unknown": (0, ("rule", "passes", 1, "order"), {"type": "luck"}, "none of votes"),
    "a median without grades": (
        0,
        ("rule", "passes", 1, "order"),
        {"type": "median-grade"},
        "a median grade of ballots without grades",
    ),
    "a grade unknown": (
        5,
        ("rule", "passes", 0, "order", "at_least"),
        "superb",
        "at_least: a grade that no ballot says",
    ),
    "two growths": (
        6,
        ("rule", "passes", 0, "order", "completion", "cents"),
        1,
        "completion: exactly one of cents, share",
    ),
    "a ratio by zero": (
        6,
        ("rule", "passes", 0, "order", "completion", "share"),
        "1/0",
        "no text of the form",
    ),
    "a threshold of nothing": (
        0,
        ("rule", "thresholds"),
        [{"of": "votes"}],
        "rule.thresholds.0: exactly one of votes",
    ),
    "a misfit without its part": (
        0,
        ("rule", "passes", 1, "misfit", "policy"),
        "part-fund",
        "misfit.at_least: missing",
    ),
    "options beyond all": (0, ("options",), 10**15, "options: no whole number of 1 to 10000"),
    "a tie by chance": (0, ("rule", "ties", "criteria"), ["chance"], "criteria.0: none of cost"),
    "money below zero": (0, ("rule", "envelopes", 0, "amount"), -1, "amount: no whole number"),
}


@pytest.mark.parametrize("what", MEANT)
def test_a_rule_that_cannot_be_counted_is_refused_with_its_entry(tmp_path: Path, what: str) -> None:
    number, path, value, complaint = MEANT[what]
    index = at(LOGS[number], "voting.round-opened")
    with pytest.raises(ledger_audit.Tampered) as caught:
        counted(altered(LOGS[number], index, path, value), tmp_path)
    assert (caught.value.step, caught.value.index) == (9, index)
    assert complaint in str(caught.value)


def test_an_option_without_what_ties_go_by_is_refused(tmp_path: Path) -> None:
    log = altered(
        LOGS[0],
        at(LOGS[0], "voting.round-opened"),
        ("rule", "ties", "criteria"),
        ["filed", "option"],
    )
    listed = at(log, "voting.option-listed")
    leaf = json.loads(log.entries[listed])
    del leaf["body"]["filed"]
    log.entries[listed] = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(ledger_audit.Tampered, match="filed: missing") as caught:
        counted(log, tmp_path)
    assert caught.value.index == listed


def test_a_question_about_very_many_options_is_answered(tmp_path: Path) -> None:
    log = LOGS[-1]
    asked = at(log, "voting.tie-asked")
    many = [f"00000000-0000-5000-8000-{n:012}" for n in range(1200)]
    found = counted(altered(log, asked, ("options",), many), tmp_path)
    assert any("nothing depends on the order" in each for each in found.differences)


@pytest.mark.parametrize("depth", [100, 300, 2_000, 5_000, 20_000])
def test_a_body_nested_beyond_reading_is_no_entry(tmp_path: Path, depth: int) -> None:
    log = LOGS[0]
    index = at(log, "voting.round-opened")
    deep = b'"deep":' + b"[" * depth + b"]" * depth
    leaf = log.entries[index]
    entries = [*log.entries]
    entries[index] = leaf.replace(b'"digest":', deep + b',"digest":', 1)
    with pytest.raises(ledger_audit.Tampered) as caught:
        counted(Log(entries, log.numbers), tmp_path)
    assert (caught.value.step, caught.value.index) == (4, index)


def appended(log: Log, kind: str, body: dict[str, Any]) -> Log:
    """A log with one more entry of count."""
    last = json.loads(log.entries[-1])
    leaf = {**last, "body": body, "id": str(uuid4()), "number": last["number"] + 1, "type": kind}
    leaf["v"] = int(kind[-1])
    entry = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    return Log([*log.entries, entry], log.numbers)


def test_a_decision_of_before_has_a_number(tmp_path: Path) -> None:
    body = {"round_id": str(ELECTION.round_id), "option_id": "x", "rank": 1}
    kind = "voting.option-decided.v1"
    found = counted(appended(LOGS[0], kind, {**body, "number": 9}), tmp_path / "1")
    assert any("there is no such option" in each for each in found.differences)
    for number, wrong in enumerate(({"number": "z"}, {}), start=2):
        with pytest.raises(ledger_audit.Tampered, match="number: ") as caught:
            counted(appended(LOGS[0], kind, body | wrong), tmp_path / str(number))
        assert (caught.value.step, caught.value.index) == (9, len(LOGS[0].entries))


@pytest.mark.parametrize("rank", ["first", None, [], 10**9])
def test_a_decision_of_today_in_a_round_of_before_may_say_any_rank(
    tmp_path: Path, rank: Any
) -> None:
    log = ElectionBefore(COSTS, VOTES).log()
    body = {"round_id": str(identity("round")), "option_id": "x", "number": 1, "rank": rank}
    found = counted(appended(log, "voting.option-decided.v2", body), tmp_path)
    assert any("not exactly one decision" in each for each in found.differences)


def test_all_formats_are_here() -> None:
    assert {*TINY} < {*FORMATS}
