"""Counting again, from the entries alone, and comparing with what was decided."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ledger_audit import earlier, outcome
from ledger_audit.ballots import Checked, Rules, Void, check_all
from ledger_audit.differences import Differences, digest
from ledger_audit.export import Export
from ledger_audit.rounds import BALLOT, Round, gathered
from ledger_audit.verify import Verified


@dataclass(frozen=True)
class Recount:
    """A round, counted again. Money in cents; options by their id; `funded` in order of winning.

    `rule` names the orders of its passes. `ballots` are entries, `keys` voters; of their last
    ballots some are `void`, by code, some `blank`; `counted` count. `votes` are those of all that
    are not void. `differences` name every point where the log says something else, and the entry
    that does; `lacking` says what a published result cannot be compared with, since the log does
    not have it yet.
    """

    round_id: str
    rule: str
    budget: int
    spent: int
    ballots: int
    keys: int
    void: Mapping[str, int]
    blank: int
    counted: int
    votes: Mapping[str, int]
    funded: tuple[str, ...]
    published: bool
    differences: tuple[str, ...]
    lacking: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Whether the published result is this one; None while there is none, or something is
        `lacking` to say so, and nothing is wrong."""
        if self.differences:
            return False
        return True if self.published and not self.lacking else None

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {**asdict(self), "agrees": self.agrees}


# Of a round without rules, nothing.
_NOTHING = outcome.Outcome("none", 0, {})

type Heard = Callable[[Round, Mapping[str, Checked], Recount], None]


def recount(log: Export | Verified, heard: Heard | None = None) -> list[Recount]:
    """Count each round of a log again, in the order in which they were opened. One that was decided
    and never opened is not counted, and differs.

    What is read of a log that was verified is what was verified, or raises `Tampered`. `heard`
    hears of each: what was said of it, each voter's last ballot by key, and the recount.

    1. What was frozen is whole: options, their digest, the rules' digest, the roll's keys; and the
       round is of its log's programme, in earnest where that is.
    2. Every ballot has a token of the roll, a signature of its key, and is one that the round's
       format lets the box take.
    3. Under each key the highest revision counts.
    4. The closing of the box and the roll's counts agree with the ballots.
    5. The rule, followed again, decides what was published, option by option, and asked officers
       about the ties on which that depends.
    """
    export = log.export if isinstance(log, Verified) else log
    rounds, expected, begun = gathered(export.entries())
    counts = {round_id: _Count(found, begun) for round_id, found in rounds.items()}
    rules = {id: count.rules() for id, count in counts.items() if count.round.is_opened}
    for found in check_all(_ballots(export), rules, expected=expected):
        if (count := counts.get(found.round_id)) is not None:
            count.take(found)
    results = list[Recount]()
    for count in counts.values():
        results.append(count.result())
        if heard is not None:
            heard(count.round, count.voters, results[-1])
    return results


def _ballots(export: Export) -> Iterator[tuple[int, bytes]]:
    for index, entry in enumerate(export.entries()):
        if entry.endswith(BALLOT):
            yield index, entry


@dataclass
class _Count:
    """A round while its ballots come in: under each key, what counts."""

    round: Round
    begun: Mapping[str, Any]
    entries: int = 0
    voters: dict[str, Checked] = field(default_factory=dict)
    differences: Differences = field(default_factory=Differences)

    @property
    def opened(self) -> dict[str, Any]:
        return self.round.said["opened"].body

    def rules(self) -> Rules:
        """What the round's ballots must be."""
        closing, opened = self.round.said.get("box_closed"), self.round.said["opened"]
        numbers = {option["number"]: option for option in self.round.seen()}
        return Rules(
            tiers=self.opened["tiers"],
            form=self.opened["format"],
            options=numbers if opened.version > 1 else None,
            numbers=self.opened["options"],
            closed_by=None if closing is None else closing.number,
        )

    def take(self, found: Checked | Void) -> None:
        """Steps 2 and 3."""
        self.entries += 1
        if isinstance(found, Void):
            self.differences.add(found.index, f"this is no ballot: {found.reason}")
            return
        if found.refused is not None:
            what = f"the box had to refuse this ballot, which is void: {found.refused}"
            self.differences.add(found.index, what)
        before = self.voters.get(found.key)
        if before is not None and before.revision == found.revision:
            what = f"revision {found.revision} is at entry {before.index} too"
            self.differences.add(found.index, what)
        elif before is None or before.revision < found.revision:
            self.voters[found.key] = found

    def result(self) -> Recount:
        """Everything but the ballots, and the verdict."""
        for kind, index in self.round.twice:
            self.differences.add(index, f"a second {kind} of this round")
        found, lacking = _NOTHING, tuple[str, ...]()
        if self.round.is_opened:
            self._check_frozen()
            self._check_counts()
            found, lacking = self._outcome(), self._lacking()
        else:
            for said in self.round.outcome():
                what = "its round was never opened: nothing says its rules"
                self.differences.add(said.index, what)
        return Recount(
            round_id=self.round.round_id,
            rule=found.rule,
            budget=found.budget,
            spent=found.spent,
            ballots=self.entries,
            keys=len(self.voters),
            void=found.void,
            blank=found.blank,
            counted=found.counted,
            votes=found.votes,
            funded=tuple(found.funded),
            published="allocation" in self.round.said,
            differences=self.differences.all(),
            lacking=lacking,
        )

    def _lacking(self) -> tuple[str, ...]:
        """The roll's last word comes by another way than the decision, and may be later."""
        if "allocation" not in self.round.said or any(s.body["final"] for s in self.round.issued):
            return ()
        return ("the roll's final tokens-issued is not in the log",)

    def _check_frozen(self) -> None:
        """Step 1."""
        opened = self.round.said["opened"]
        for name in ("programme_id", "rehearsal"):
            if name in self.begun and opened.body.get(name) != self.begun[name]:
                self.differences.add(opened.index, f"its {name} is not that of its log")
        rules = {name: value for name, value in opened.body.items() if name != "rules_digest"}
        if digest(rules) != opened.body["rules_digest"]:
            self.differences.add(opened.index, "the digest of the rules is another one")
        options = sorted(self.round.options, key=lambda said: said.body["number"])
        if [said.body["number"] for said in options] != [*range(1, opened.body["options"] + 1)]:
            what = f"{opened.body['options']} options were frozen, {len(options)} are listed"
            self.differences.add(opened.index, what)
        listed = [
            {"cost": o.body["cost"], "option": o.body["option_id"], "title": o.body["title"]}
            for o in options
        ]
        if listed != sorted(listed, key=lambda option: str(option["option"])):
            what = "the options are not numbered in the order of their ids"
            self.differences.add(opened.index, what)
        if "frozen" not in self.round.said:
            what = "no submission.options-frozen says that these are its options"
            self.differences.add(opened.index, what)
        frozen = digest(listed)
        for name in ("opened", "prepared", "frozen"):
            said = self.round.said.get(name)
            if said is not None and said.body["digest"] != frozen:
                self.differences.add(said.index, "the digest of the options is another one")
        if opened.version > 1 and opened.body["listed"] != digest(self.round.seen()):
            what = "the digest of what the rule sees of the options is another one"
            self.differences.add(opened.index, what)
        keys = self.round.said.get("tier_keys")
        if keys is None or keys.body["tiers"] != opened.body["tiers"]:
            what = "the tier keys are not those that the roll prepared"
            self.differences.add(opened.index, what)

    def _check_counts(self) -> None:
        """Step 4."""
        closing = self.round.said.get("box_closed")
        if closing is not None:
            expected = {"ballots": self.entries, "keys": len(self.voters)}
            self.differences.compare(closing, expected)
        by_tier = Counter(ballot.tier for ballot in self.voters.values())
        for said in self.round.issued:
            if said.body["final"]:
                for tier, keys in by_tier.items():
                    if said.body["issued"].get(tier, 0) < keys:
                        issued = said.body["issued"].get(tier, 0)
                        what = f"{issued} tokens of tier {tier} were issued, {keys} were used"
                        self.differences.add(said.index, what)

    def _outcome(self) -> outcome.Outcome:
        """Step 5."""
        round_, opened = self.round, self.round.said["opened"]
        if opened.version > 1:
            return outcome.decided_again(round_, opened.body, self.voters, self.differences)
        allocation = round_.said.get("allocation")
        decided = round_.decisions if allocation is None else [allocation]
        if any(said.version > 1 for said in decided) and opened.body["rule"] == "greedy":
            today = earlier.today(opened.body)
            return outcome.decided_again(round_, today, self.voters, self.differences)
        return earlier.decided_again(round_, self.voters, self.differences)
