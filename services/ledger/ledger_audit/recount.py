"""Counting again, from the entries alone, and comparing with what was decided."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ledger_audit import jcs
from ledger_audit.ballots import Checked, Rules, Void, check_all
from ledger_audit.export import Export
from ledger_audit.reference import Looked, greedy
from ledger_audit.rounds import BALLOT, Round, Said, gathered
from ledger_audit.verify import Verified

MOST_DIFFERENCES = 100


@dataclass(frozen=True)
class Recount:
    """A round, counted again. Money in cents; options by their id; `funded` in the rule's order.

    `ballots` are entries, `keys` voters. `differences` name every point where the log says
    something else, and the entry that does.
    """

    round_id: str
    rule: str
    budget: int
    spent: int
    ballots: int
    keys: int
    votes: Mapping[str, int]
    funded: tuple[str, ...]
    published: bool
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool | None:
        """Whether the published result is this one; None while there is none and nothing is
        wrong."""
        if self.differences:
            return False
        return True if self.published else None

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {**asdict(self), "agrees": self.agrees}


def recount(log: Export | Verified) -> list[Recount]:
    """Count each round of a log again, in the order in which they were opened.

    1. What was frozen is whole: options, their digest, the rules' digest, the roll's keys.
    2. Every ballot has a token of the roll, a signature of its key, and the round's format.
    3. Under each key the highest revision counts.
    4. The closing of the box and the roll's counts agree with the ballots.
    5. The rule, followed again, decides what was published, option by option.
    """
    export = log.export if isinstance(log, Verified) else log
    rounds, expected = gathered(export.entries())
    counts = {round_id: _Count(found) for round_id, found in rounds.items()}
    rules = {round_id: count.rules() for round_id, count in counts.items()}
    for found in check_all(_ballots(export), rules, expected=expected):
        if (count := counts.get(found.round_id)) is not None:
            count.take(found)
    return [count.result() for count in counts.values()]


def _ballots(export: Export) -> Iterator[tuple[int, bytes]]:
    for index, entry in enumerate(export.entries()):
        if entry.endswith(BALLOT):
            yield index, entry


@dataclass
class _Count:
    """A round while its ballots come in: under each key, what counts."""

    round: Round
    entries: int = 0
    voters: dict[str, Checked] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def opened(self) -> dict[str, Any]:
        return self.round.said["opened"].body

    def rules(self) -> Rules:
        """What the round's ballots must be."""
        closing = self.round.said.get("box_closed")
        return Rules(
            tiers=self.opened["tiers"],
            options=self.opened["options"],
            least=self.opened["format"]["min"],
            most=self.opened["format"]["max"],
            closed_by=None if closing is None else closing.number,
        )

    def take(self, found: Checked | Void) -> None:
        """Steps 2 and 3."""
        self.entries += 1
        if isinstance(found, Void):
            self._differ(found.index, f"this is no ballot: {found.reason}")
            return
        before = self.voters.get(found.key)
        if before is not None and before.revision == found.revision:
            self._differ(found.index, f"revision {found.revision} is at entry {before.index} too")
        elif before is None or before.revision < found.revision:
            self.voters[found.key] = found

    def result(self) -> Recount:
        """Everything but the ballots, and the verdict."""
        for kind, index in self.round.twice:
            self._differ(index, f"a second {kind} of this round")
        self._check_frozen()
        self._check_counts()
        votes = self._votes()
        rule, looked = self.opened["rule"], list[Looked]()
        if rule == "greedy":
            budget, ties = self.opened["budget"], self.opened["tie_order"]
            looked = greedy(self.round.costs(), votes, budget, ties)
            self._check_decisions(looked, votes)
        else:
            self._differ(self.round.said["opened"].index, f"the rule {rule} is unknown here")
        costs = self.round.costs()
        funded = tuple(found.option for found in looked if found.funded)
        return Recount(
            round_id=self.round.round_id,
            rule=rule,
            budget=self.opened["budget"],
            spent=sum(costs[option] for option in funded),
            ballots=self.entries,
            keys=len(self.voters),
            votes={option: votes[option] for option in costs},
            funded=funded,
            published="allocation" in self.round.said,
            differences=_shortened(self.differences),
        )

    def _check_frozen(self) -> None:
        """Step 1."""
        opened = self.round.said["opened"]
        rules = {name: value for name, value in opened.body.items() if name != "rules_digest"}
        if _digest(rules) != opened.body["rules_digest"]:
            self._differ(opened.index, "the digest of the rules is another one")
        options = sorted(self.round.options, key=lambda said: said.body["number"])
        if [said.body["number"] for said in options] != [*range(1, opened.body["options"] + 1)]:
            what = f"{opened.body['options']} options were frozen, {len(options)} are listed"
            self._differ(opened.index, what)
        listed = [
            {"cost": o.body["cost"], "option": o.body["option_id"], "title": o.body["title"]}
            for o in options
        ]
        if listed != sorted(listed, key=lambda option: str(option["option"])):
            self._differ(opened.index, "the options are not numbered in the order of their ids")
        digest = _digest(listed)
        for name in ("opened", "prepared", "frozen"):
            said = self.round.said.get(name)
            if said is not None and said.body["digest"] != digest:
                self._differ(said.index, "the digest of the options is another one")
        keys = self.round.said.get("tier_keys")
        if keys is None or keys.body["tiers"] != opened.body["tiers"]:
            self._differ(opened.index, "the tier keys are not those that the roll prepared")

    def _check_counts(self) -> None:
        """Step 4."""
        closing = self.round.said.get("box_closed")
        if closing is not None:
            self._compare(closing, {"ballots": self.entries, "keys": len(self.voters)})
        by_tier = Counter(ballot.tier for ballot in self.voters.values())
        for said in self.round.issued:
            if said.body["final"]:
                for tier, keys in by_tier.items():
                    if said.body["issued"].get(tier, 0) < keys:
                        issued = said.body["issued"].get(tier, 0)
                        what = f"{issued} tokens of tier {tier} were issued, {keys} were used"
                        self._differ(said.index, what)

    def _votes(self) -> Counter[str]:
        numbers = self.round.numbers()
        chosen = Counter(n for ballot in self.voters.values() for n in ballot.choices)
        return Counter({numbers[number]: n for number, n in chosen.items() if number in numbers})

    def _check_decisions(self, looked: Sequence[Looked], votes: Mapping[str, int]) -> None:
        """Step 5."""
        allocation = self.round.said.get("allocation")
        decided = {said.body["option_id"]: said for said in self.round.decisions}
        if allocation is None:
            return
        if len(decided) != len(self.round.decisions) or decided.keys() != self.round.costs().keys():
            self._differ(allocation.index, "there is not exactly one decision for each option")
        costs, options = self.round.costs(), {o: n for n, o in self.round.numbers().items()}
        for rank, found in enumerate(looked, start=1):
            if (said := decided.get(found.option)) is not None:
                expected = {
                    "number": options.get(found.option),
                    "rank": rank,
                    "votes": votes[found.option],
                    "cost": costs[found.option],
                    "funded": found.funded,
                    "reason": found.reason,
                    "left": found.left,
                }
                self._compare(said, expected)
        funded = [found.option for found in looked if found.funded]
        in_order = sorted(self.round.decisions, key=lambda said: said.body["rank"])
        self._compare(
            allocation,
            {
                "rule": self.opened["rule"],
                "budget": self.opened["budget"],
                "spent": sum(costs[option] for option in funded),
                "ballots": len(self.voters),
                "options": len(looked),
                "funded": len(funded),
                "digest": _digest([said.body for said in in_order]),
            },
        )

    def _compare(self, said: Said, expected: Mapping[str, Any]) -> None:
        for name, value in expected.items():
            if said.body.get(name) != value:
                self._differ(said.index, f"it says {name} {said.body.get(name)}, not {value}")

    def _differ(self, index: int, what: str) -> None:
        self.differences.append(f"entry {index}: {what}")


def _digest(value: Any) -> str:
    return hashlib.sha256(jcs.canonical(value)).hexdigest()


def _shortened(differences: Sequence[str]) -> tuple[str, ...]:
    if len(differences) <= MOST_DIFFERENCES:
        return tuple(differences)
    more = f"and {len(differences) - MOST_DIFFERENCES} more"
    return (*differences[:MOST_DIFFERENCES], more)
