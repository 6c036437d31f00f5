"""Every field of what is published about a round: whoever changes it is named with its entry."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger_audit.differences import Differences
from ledger_audit.reference import work
from ledger_audit.rounds import Said
from shared.events import Event
from shared.events.ballots import Cumulative
from shared.events.rules import Rule
from shared.events.voting import (
    AllocationPublished,
    OptionDecided,
    OptionListed,
    PrizeWon,
    RoundOpened,
)
from shared.rules.presets import equal_shares, greedy
from tests.ledger_audit.logs import Election, Log, identity, option_ids
from tests.ledger_audit.test_recount import changing, counted

IDS = option_ids(5)
RULE = Rule.model_validate(
    {
        "groups": {"area": ["north", "south"], "tier": ["A", "B"]},
        "electorate": {"blank": "counted"},
        "envelopes": [
            {"name": "all", "amount": 1000},
            {
                "name": "north",
                "within": "all",
                "amount": 450,
                "options": {"groups": {"area": ["north"]}},
                "remainder": "nowhere",
            },
        ],
        "passes": [
            {"name": "shares", "envelopes": ["north"], "order": {"type": "equal-shares"}},
            {"name": "votes", "envelopes": ["all"], "order": {"type": "votes"}},
        ],
        "ties": {"criteria": ["cost", "option"]},
        "prizes": {"prizes": [{"place": 1, "sponsor": "a bank", "amount": 70}]},
    }
)
# By number: 1 wins in the north, whose rest is lost; 3 wins by votes; 2 does not fit, 4 is nobody's
# and 5 is withdrawn. One ballot is blank, one void.
ELECTION = Election(
    costs=[250, 400, 350, 100, 50],
    votes=[[[1, 3]], [[1, 2], [3, 4]], [[1, 1], [3, 1]], [[2, 4]], [], [[2, 5], [3, 5]]],
    rule=RULE,
    form=Cumulative(total=6, most_each=5),
    facts={
        0: {"groups": {"area": ["north"]}, "jury_rank": 2, "other_money": 10},
        1: {"groups": {"area": ["south"]}},
        4: {"withdrawn": "by its carrier"},
    },
    declared=2,
)


def about(number: int, **changes: Any) -> Callable[[Event], Event]:
    """Change what was decided about one option."""

    def change(event: Event) -> Event:
        decided = isinstance(event, OptionDecided) and event.number == number
        return event.model_copy(update=changes) if decided else event

    return change


def listed(number: int, **changes: Any) -> Callable[[Event], Event]:
    """Change how one option is listed."""

    def change(event: Event) -> Event:
        same = isinstance(event, OptionListed) and event.number == number
        return event.model_copy(update=changes) if same else event

    return change


def step(place: int, **changes: Any) -> Callable[[Event], Event]:
    """Change what is said of one step."""

    def change(event: Event) -> Event:
        if not isinstance(event, AllocationPublished):
            return event
        steps = [*event.steps]
        steps[place] = steps[place].model_copy(update=changes)
        return event.model_copy(update={"steps": tuple(steps)})

    return change


def of_result(**changes: Any) -> Callable[[Event], Event]:
    return changing(AllocationPublished, **changes)


OTHER = "0" * 64
DECISIONS: dict[str, tuple[Callable[[Event], Event], str]] = {
    "votes": (about(1, votes=7), "it says votes 7, not 6"),
    "votes against": (about(1, votes=-6), "it says votes -6, not 6"),
    "cost": (about(1, cost=1), "it says cost 1, not 250"),
    "funded": (about(1, funded=False), "it says funded False, not True"),
    "reason": (about(2, reason="no_votes"), "it says reason no_votes, not does_not_fit"),
    "amount": (about(1, amount=249), "it says amount 249, not 250"),
    "amount of a loser": (about(2, amount=1), "it says amount 1, not 0"),
    "place": (about(3, place=1), "it says place 1, not 2"),
    "no place": (about(3, place=None), "it says place None, not 2"),
    "a loser's place": (about(2, place=3), "it says place 3, not None"),
    "rank": (about(2, rank=1), "it says rank 1, not 2"),
    "no rank": (about(2, rank=None), "it says rank None, not 2"),
    "a refused option's rank": (about(4, rank=3), "it says rank 3, not None"),
    "pass": (about(2, step=("shares", "all")), "it says step.0 shares, not votes"),
    "envelope": (about(2, step=("votes", "north")), "it says step.1 north, not all"),
    "no step": (about(2, step=None), "it says step None, not"),
    "a step for who was out": (about(5, step=("votes", "all")), "not None"),
    "a number": (
        about(2, facts={"needs": 400, "left": 200, "cheaper_by": 199, "more_votes": 2}),
        "it says facts.cheaper_by 199, not 200",
    ),
    "votes that would not do": (
        about(2, facts={"needs": 400, "left": 200, "cheaper_by": 200, "more_votes": 1}),
        "it says facts.more_votes 1, not 2",
    ),
    "no numbers": (about(2, facts={}), "it says facts.needs None, not 400"),
    "one more number": (about(4, facts={"needs": 1}), "it says facts.needs 1, not None"),
    "option": (about(2, option_id=identity("elsewhere")), "there is no such option"),
    "an option twice": (about(2, option_id=IDS[0]), "its option is decided already"),
}
RESULTS: dict[str, tuple[Callable[[Event], Event], str]] = {
    "rules": (of_result(rules_digest=OTHER), "it says rules_digest 000"),
    "budget": (of_result(budget=999), "it says budget 999, not 1000"),
    "spent": (of_result(spent=601), "it says spent 601, not 600"),
    "ballots": (of_result(ballots=7), "it says ballots 7, not 6"),
    "blank": (of_result(blank=0), "it says blank 0, not 1"),
    "counted": (of_result(counted=6), "it says counted 6, not 5"),
    "void": (of_result(void={}), "it says void.too_many_points None, not 1"),
    "another code": (
        of_result(void={"too_many_points": 1, "malformed": 1}),
        "it says void.malformed 1, not None",
    ),
    "options": (of_result(options=4), "it says options 4, not 5"),
    "how many": (of_result(funded=3), "it says funded 3, not 2"),
    "order of winners": (of_result(winners=(IDS[2], IDS[0])), f"it says winners.0 {IDS[2]}, not"),
    "one winner less": (of_result(winners=(IDS[0],)), "it says winners"),
    "no steps": (of_result(steps=()), "it says steps []"),
    "name of a step": (step(1, step=("votes", "north")), "it says steps.1.step.1 north, not all"),
    "winners of a step": (step(1, funded=()), "it says steps.1.funded []"),
    "what is left": (step(1, left={"all": 1, "north": 0}), "it says steps.1.left.all 1, not 200"),
    "an envelope": (step(1, left={"all": 200}), "it says steps.1.left.north None, not 0"),
    "share": (step(0, facts={"share": "90", "last_share": "1"}), "steps.0.facts.last_share 1, not"),
    "reserve": (of_result(reserve=()), "it says reserve []"),
    "gone": (of_result(gone={}), "it says gone.north None, not 200"),
    "prize": (
        of_result(prizes=(PrizeWon(option_id=IDS[2], place=1, sponsor="a bank", amount=70),)),
        "it says prizes.0.option_id",
    ),
    "what a prize is": (
        of_result(prizes=(PrizeWon(option_id=IDS[0], place=1, sponsor="a bank", amount=71),)),
        "it says prizes.0.amount 71, not 70",
    ),
    "sponsor": (
        of_result(prizes=(PrizeWon(option_id=IDS[0], place=1, sponsor="the town", amount=70),)),
        "it says prizes.0.sponsor the town, not a bank",
    ),
    "digest": (of_result(digest=OTHER), "it says digest 000"),
}
OPENINGS: dict[str, tuple[Callable[[Event], Event], str]] = {
    "another rule": (changing(RoundOpened, rule=greedy(1000)), "the digest of the rules"),
    "another order": (changing(RoundOpened, rule=equal_shares(1000)), "the digest of the rules"),
    "another format": (
        changing(RoundOpened, format=Cumulative(total=9, most_each=5)),
        "the digest of the rules",
    ),
    "what the rule sees": (changing(RoundOpened, listed=OTHER), "what the rule sees of the"),
    "digest of the rules": (changing(RoundOpened, rules_digest=OTHER), "the digest of the rules"),
    "digest of the options": (changing(RoundOpened, digest=OTHER), "the digest of the options"),
    "how many": (changing(RoundOpened, options=4), "4 options were frozen, 5 are listed"),
    "keys of tiers": (changing(RoundOpened, tiers={"A": "AAAA"}), "the tier keys are not those"),
}
LISTED: dict[str, Callable[[Event], Event]] = {
    "groups": listed(1, groups={"area": ("south",)}),
    "no groups": listed(1, groups=None),
    "one more group": listed(1, groups={"area": ("north",), "x": ("y",)}),
    "territory": listed(1, territory="north"),
    "family": listed(1, family="trees"),
    "place in filing": listed(1, filed=9),
    "jury's rank": listed(1, jury_rank=1),
    "other money": listed(1, other_money=11),
    "withdrawn": listed(1, withdrawn="by its carrier"),
    "not withdrawn": listed(5, withdrawn=None),
}


def entries_apart(lying: Election) -> set[str]:
    """The entries that somebody changed, as a difference names them."""
    pairs = zip(ELECTION.log().entries, lying.log().entries, strict=True)
    return {f"entry {n}" for n, (one, other) in enumerate(pairs) if one != other}


def test_the_honest_one_agrees(tmp_path: Path) -> None:
    found = counted(ELECTION.log(), tmp_path)
    assert (found.differences, found.agrees) == ((), True)
    assert found.funded == (str(IDS[0]), str(IDS[2]))
    assert (found.keys, found.blank, found.counted, dict(found.void)) == (
        6,
        1,
        5,
        {"too_many_points": 1},
    )
    assert sorted(found.votes.values()) == [0, 0, 4, 5, 6]


@pytest.mark.parametrize("what", [*DECISIONS, *RESULTS, *OPENINGS])
def test_a_lie_is_named_with_its_entry(tmp_path: Path, what: str) -> None:
    change, complaint = {**DECISIONS, **RESULTS, **OPENINGS}[what]
    lying = replace(ELECTION, change=change)
    found = counted(lying.log(), tmp_path)
    assert found.agrees is False
    named = {each.partition(":")[0] for each in found.differences if complaint in each}
    assert named, found.differences
    assert named <= entries_apart(lying)


@pytest.mark.parametrize("what", LISTED)
def test_what_the_rule_sees_of_an_option_is_frozen(tmp_path: Path, what: str) -> None:
    log = replace(ELECTION, change=LISTED[what]).log()
    opened = next(n for n, entry in enumerate(log.entries) if b"round-opened" in entry)
    found = counted(log, tmp_path)
    complaint = f"entry {opened}: the digest of what the rule sees of the options is another one"
    assert complaint in found.differences


def test_a_decision_that_is_missing_is_missed(tmp_path: Path) -> None:
    def kept_back(event: Event) -> Event | None:
        return None if isinstance(event, OptionDecided) and event.number == 2 else event

    log = replace(ELECTION, change=kept_back).log()
    found = counted(log, tmp_path)
    assert f"entry {len(log.entries) - 1}: 1 options are not decided" in found.differences


def test_a_result_of_an_earlier_version_is_none_of_todays_rules(tmp_path: Path) -> None:
    log = ELECTION.log()
    log.entries[-1] = (
        log.entries[-1]
        .replace(b"allocation-published.v2", b"allocation-published.v1")
        .replace(b'"v":2}', b'"v":1}')
    )
    found = counted(log, tmp_path)
    of_before = f"entry {len(log.entries) - 1}: it is of a version before that of the rules"
    assert found.differences == (of_before,)


def test_a_second_opening_is_named_whatever_its_version(tmp_path: Path) -> None:
    log = ELECTION.log()
    opened = next(n for n, entry in enumerate(log.entries) if b"round-opened" in entry)
    again = RoundOpened.model_validate_json(_body(log, opened))
    log.append(again.model_copy(update={"rule": greedy(9)}).hashed())
    found = counted(log, tmp_path)
    assert found.differences == (
        f"entry {len(log.entries) - 1}: a second voting.round-opened.v2 of this round",
    )


def test_more_work_than_anybody_waits_for_is_said_and_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that grows by a cent towards ten million euros."""
    endless = Rule.model_validate(
        {
            "envelopes": [{"name": "all", "amount": 10**9}],
            "passes": [
                {
                    "name": "p",
                    "order": {
                        "type": "equal-shares",
                        "completion": {"cents": 1, "stop": "overspend"},
                    },
                }
            ],
            "ties": {"criteria": ["option"]},
        }
    )
    small = Election([10**9, 10**9], [[1]] * 3 + [[2]] * 4)
    log = replace(small, change=changing(RoundOpened, rule=endless)).log()
    monkeypatch.setattr(work, "MOST", 10_000)
    found = counted(log, tmp_path)
    assert any("more work than this auditor does" in each for each in found.differences)
    assert (found.agrees, found.keys, found.funded) == (False, 7, ())


def _body(log: Log, index: int) -> bytes:
    body = log.entries[index].removeprefix(b'{"body":')
    return body[: body.index(b',"id":"')]


def test_true_is_not_one() -> None:
    differences = Differences()
    said = Said(3, 1, 2, {"funded": 1, "void": {"a": True}, "facts": {}})
    differences.compare(said, {"funded": True, "void": {"a": 1}, "facts": {}, "place": None})
    assert differences.all() == (
        "entry 3: it says funded 1, not True",
        "entry 3: it says void.a True, not 1",
    )


def test_very_many_differences_are_counted() -> None:
    differences = Differences()
    for index in range(105):
        differences.add(index, "x" * 9)
    assert len(differences.all()) == 101
    assert differences.all()[-1] == "and 5 more"
