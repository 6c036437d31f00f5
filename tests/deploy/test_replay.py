"""`comptoir replay` before any platform: what will be cast, by which rule, and what is refused."""

from base64 import b64decode
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comptoir.cli import comptoir
from comptoir.client import Client
from comptoir.errors import LauncherError
from comptoir.pabulib import REPLAYED, Held, NotAnElection, held, read_election
from comptoir.replay import Rehearsal, Replayed
from comptoir.rules import read_rule
from comptoir.voter import Voter
from shared.events.ballots import Approval, Cumulative
from shared.events.rules import ByVotes, EqualShares
from shared.events.voting import BallotCast
from tests.shared.pabulib.files import VOTES, small
from voting.count.rounds import RoundIn
from voting.formats.choices import flaw

RULE = """
groups: {category: []}
envelopes:
  - {name: all, amount: 100000}
  - {name: parks, within: all, amount: 60000, options: {groups: {category: [park]}}}
passes: [{name: all, order: {type: votes}}]
ties: {criteria: [cost, option]}
"""


def written(directory: Path, text: str, name: str = "town.pb") -> Path:
    file = directory / name
    file.write_text(text)
    return file


def asked(directory: Path, kind: str, name: str = "greedy", **changes: str) -> Held:
    """A small file of this vote type by a rule; c is listed before a, which is listed before b."""
    text = small(kind)
    [last] = [line for line in text.splitlines() if line.startswith("c;400")]
    text = text.replace(f"{last}\n", "").replace("\na;600", f"\n{last}\na;600")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return held(read_election(written(directory, text)), name)


def cast(asked: Held, place: int) -> BallotCast:
    """The ballot of a voter as the box reads it. No roll signed its token."""
    voter = Voter(uuid4(), "A" * 12)
    voter.tier, voter.token = "A", "A" * 512
    voter.make_key()
    rehearsal = Rehearsal(Client(None), asked, lambda *_: None)  # type: ignore[arg-type]
    rehearsal.voters = [voter] * len(asked.choices)
    return BallotCast.model_validate_json(rehearsal.ballot(place))


def said(asked: Held, ballot: BallotCast) -> dict[str, int]:
    """What a ballot says of projects by the file's ids, best first; 1 where it only names them."""
    names = {option.number: option.id for option in asked.options}
    pairs = [(each, 1) if isinstance(each, int) else each for each in ballot.choices or ()]
    return {names[number]: value for number, value in pairs}


@pytest.mark.parametrize("kind", VOTES)
def test_ballots_are_the_file_s_in_every_vote_type(tmp_path: Path, kind: str) -> None:
    replayed = asked(tmp_path, kind)
    election = replayed.election
    points = election.points if kind in ("cumulative", "scoring") else None
    for place, vote in enumerate(election.votes):
        ballot = cast(replayed, place)
        found = said(replayed, ballot)
        assert found == dict(zip(vote, points[place] if points else [1] * len(vote), strict=True))
        if kind == "ordinal":
            assert tuple(found) == vote
        assert flaw(replayed.form, ballot.choices or (), 3) is None
        key = Ed25519PublicKey.from_public_bytes(b64decode(ballot.key))
        key.verify(b64decode(ballot.sig), ballot.signed_bytes())


def test_numbers_follow_the_ids_whatever_the_file_s_order(tmp_path: Path) -> None:
    replayed = asked(tmp_path, "ordinal")
    assert [project.id for project in replayed.election.projects] == ["c", "a", "b"]
    assert [option.id for option in replayed.options] == ["a", "b", "c"]
    assert replayed.choices == ([1, 2], [3, 1], [2, 3])


@pytest.mark.parametrize("kind", VOTES)
def test_a_ballot_that_no_box_takes_is_there_in_every_vote_type(tmp_path: Path, kind: str) -> None:
    """The box knows the round once it refuses it, for no other reason."""
    replayed = asked(tmp_path, kind)
    choices = [each if isinstance(each, int) else (each[0], each[1]) for each in replayed.unlisted]
    found = flaw(replayed.form, choices, len(replayed.options))
    assert found is not None and found[0] == "option_unknown"


def test_a_ballot_that_breaks_the_file_s_limits_is_cast_and_not_refused(tmp_path: Path) -> None:
    limits = "vote_type;approval\nmax_length;1"
    replayed = asked(tmp_path, "approval", **{"vote_type;approval": limits})
    assert replayed.form == Approval(min=0, max=1, wrong="void")
    assert replayed.choices[0] == [1, 2]
    assert flaw(replayed.form, [1, 2], 3) is None


def test_a_limit_that_no_format_has_is_said(tmp_path: Path) -> None:
    meta = "max_sum_points;6\nmin_points;2"
    replayed = asked(tmp_path, "cumulative", **{"max_sum_points;6": meta})
    assert replayed.form == Cumulative(total=6, most_each=4)
    assert replayed.notes == ("no ballot is held to min_points",)


def test_what_the_rule_may_ask_of_an_option_is_told_to_the_round(tmp_path: Path) -> None:
    text = small("approval").replace(";selected", ";selected;category;district")
    text = text.replace("Benches;1", "Benches;1;park;North").replace("b;500.25", "b;999999999")
    replayed = held(read_election(written(tmp_path, text)))
    ids = [str(uuid4()) for _ in replayed.options]
    assert replayed.facts(ids) == {
        ids[0]: {"groups": {"category": ["park"], "district": ["North"]}},
        ids[1]: {"withdrawn": "withdrawn after the vote"},
    }
    rehearsal = Rehearsal(Client(None), replayed, lambda *_: None)  # type: ignore[arg-type]
    assert len(RoundIn.model_validate(rehearsal._rules()).facts) == 2


def test_greedy_is_the_cities_and_not_the_library_s(tmp_path: Path) -> None:
    """Points and not points per cost, of equals the cheaper, nothing without votes."""
    rule = asked(tmp_path, "cumulative").rule
    [only] = rule.passes
    assert (only.order, only.below_threshold) == (ByVotes(), "refused")
    assert rule.ties.criteria == ("cost", "option")


@pytest.mark.parametrize(("kind", "utility"), [("approval", "cost"), ("cumulative", "cardinality")])
def test_equal_shares_take_points_for_utility(tmp_path: Path, kind: str, utility: str) -> None:
    order = asked(tmp_path, kind, "equal-shares").rule.passes[0].order
    assert isinstance(order, EqualShares) and order.utility == utility


@pytest.mark.parametrize("name", REPLAYED)
def test_every_name_is_a_rule_over_the_file_s_budget(tmp_path: Path, name: str) -> None:
    replayed = asked(tmp_path, "approval", name)
    assert (replayed.name, replayed.rule.budget) == (name, 1000_00)


def test_as_declared_is_the_rule_of_the_file(tmp_path: Path) -> None:
    named = {"rule;greedy": "rule;greedy-no-skip"}
    assert (
        asked(tmp_path, "approval", "as-declared", **named).rule.passes[0].misfit.policy == "stop"
    )


def test_a_file_that_declares_no_rule_is_not_replayed_by_it(tmp_path: Path) -> None:
    with pytest.raises(NotAnElection, match=r"town\.pb: not counted; the rule 'by heart'"):
        asked(tmp_path, "approval", "as-declared", **{"rule;greedy": "rule;by heart"})


def test_what_no_round_can_hold_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(NotAnElection, match=r"town\.pb:13: max_points is 0, not between 1 and "):
        asked(tmp_path, "cumulative", **{"max_points;4": "max_points;0"})


def result(tmp_path: Path, rules: str = RULE, **facts: object) -> Replayed:
    """A replay by a written rule in which a, then c won, here and in the count of the file."""
    election = read_election(written(tmp_path, small("approval")))
    rule = read_rule(written(tmp_path, rules, "rules.yaml"))
    found = Replayed(held(election, "rules.yaml", rule), funded=["a", "c"], counted=["a", "c"])
    found.checkpoint_verified = found.recount_agrees = True
    for name, value in facts.items():
        setattr(found, name, value)
    return found


def test_a_replay_holds_where_everything_agrees(tmp_path: Path) -> None:
    assert result(tmp_path).holds
    for wrong in ({"checkpoint_verified": False}, {"recount_agrees": False}, {"counted": ["a"]}):
        assert not result(tmp_path, **wrong).holds


def test_the_same_winners_in_another_order_do_not_agree(tmp_path: Path) -> None:
    swapped = result(tmp_path, counted=["c", "a"])
    assert (swapped.counted_agrees, swapped.holds) == (False, False)


def test_a_count_that_takes_void_ballots_may_differ(tmp_path: Path) -> None:
    """It takes every ballot of the file, and the difference is said all the same."""
    void = result(tmp_path, counted=["a"], void={"too_many": 1})
    assert (void.counted_agrees, void.holds) == (False, True)


def test_lots_over_other_ids_are_not_compared(tmp_path: Path) -> None:
    lots = RULE.replace("[cost, option]", "[lot]").replace(
        "ties: {", f"ties: {{seed: '{'0' * 32}', "
    )
    drawn = result(tmp_path, lots, counted=["c", "a"])
    assert (drawn.counted_agrees, drawn.holds) == (None, True)
    assert drawn.line()["counted"] == ["c", "a"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(comptoir, ["replay", *map(str, arguments)])


def refused(state: Path, *arguments: str | Path) -> str:
    """Why a replay is refused before a platform is started for it."""
    said = run(*arguments, "--state", state)
    assert not state.exists()
    assert isinstance(said.exception, LauncherError), said.output
    return str(said.exception)


def test_a_rule_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    said = run(written(tmp_path, small("approval")), "--rule", "loudest-first")
    assert said.exit_code == 2
    for name in REPLAYED:
        assert name in said.output


def test_a_round_is_decided_by_one_rule(tmp_path: Path) -> None:
    rules = written(tmp_path, RULE, "rules.yaml")
    said = run(written(tmp_path, small("approval")), "--rule", "greedy", "--rules", rules)
    assert said.exit_code == 2
    assert "one of --rule and --rules" in said.output


def test_help_says_what_greedy_means_here(tmp_path: Path) -> None:
    said = " ".join(run("--help").output.split())
    assert "of equals the cheaper" in said
    assert "comptoir count --rule greedy" in said


def test_a_rule_with_an_error_is_refused_with_its_field(tmp_path: Path) -> None:
    file = written(tmp_path, small("approval"))
    rules = written(tmp_path, RULE.replace("amount: 60000", "amount: -1"), "rules.yaml")
    message = refused(tmp_path / "state", file, "--rules", rules)
    assert message.startswith(f"{rules}: envelopes.1.amount: ")


def test_a_rule_that_contradicts_the_file_is_refused_with_the_option(tmp_path: Path) -> None:
    text = small("approval").replace(";selected", ";selected;category")
    file = written(tmp_path, text.replace('gates";0', 'gates";0;road'))
    rules = written(tmp_path, RULE.replace("category: []", "category: [park]"), "rules.yaml")
    message = refused(tmp_path / "state", file, "--rules", rules)
    assert message == f"{file}: options.c.groups.category: the rule declares no category road"


def test_a_tie_that_officers_must_break_is_refused_with_who_is_level(tmp_path: Path) -> None:
    file = written(tmp_path, small("approval"))
    rules = written(tmp_path, RULE.replace("[cost, option]", "[ask]"), "rules.yaml")
    message = refused(tmp_path / "state", file, "--rules", rules)
    assert message.startswith(f"{file}: officers must say the order of ")
