"""Counting again, from the entries alone, and comparing with what was decided."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ledger_audit import earlier, outcome, seats
from ledger_audit.ballots import Checked, Found, Rules, Void, check_all
from ledger_audit.differences import Differences, digest
from ledger_audit.export import Export
from ledger_audit.granted import check_grants, used_again
from ledger_audit.labels import check_labels
from ledger_audit.later import check_later
from ledger_audit.openings import BROKEN, SEALED, UNOPENED, NoOpening, Opened
from ledger_audit.papers import counted_papers
from ledger_audit.papers import lacking as papers_lacking
from ledger_audit.rounds import Bodies, Round, gathered
from ledger_audit.sifting import others
from ledger_audit.verify import Verified
from ledger_audit.yearly import overdrawn


@dataclass(frozen=True)
class Recount:
    """A round, counted again. Money in cents; options by their id; `funded` in order of winning.

    `rule` names the orders of its passes. `ballots` are entries of the box, `keys` its voters, and
    `papers` ballots on paper; of their last ballots some are `void`, by code, some `blank`;
    `counted` count. `votes` are those of all that are not void. `differences` name every point
    where the log says something else, and the entry that does; `lacking` says what a published
    result cannot be compared with, since the log does not have it yet. `remarks` name the openings
    of ballots that nobody can read, whoever lied: the voter to herself, or the commission to all.
    Of a round that was `annulled` nothing is counted. `reissued` is how many second codes the roll
    gave: its tokens are among those issued, and so many voters at most are counted twice.
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
    remarks: tuple[str, ...] = ()
    papers: int = 0
    annulled: bool = False
    reissued: int = 0

    @property
    def agrees(self) -> bool | None:
        """Whether the published result is this one; None while there is none, or something is
        `lacking` to say so, and nothing is wrong."""
        if self.differences:
            return False
        if self.annulled:
            return None
        return True if self.published and not self.lacking else None

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {**asdict(self), "agrees": self.agrees}


# The tier of the booth.
ASSISTED = "S"
# In earnest, ballots leave the box among so many voters at least, and not more often, in seconds.
LEAST_K, LEAST_INTERVAL = 30, 900
# Of a round without rules, nothing.
_NOTHING = outcome.Outcome("none", 0, {})

type Heard = Callable[[Round, Mapping[str, Checked], Recount], None]


def recount(log: Export | Verified, heard: Heard | None = None) -> list[Recount]:
    """Count each round of a log again, in the order in which they were opened. One that was decided
    and never opened is not counted, and differs.

    What is read of a log that was verified is what was verified, or raises `Tampered`. `heard`
    hears of each: what was said of it, each voter's last ballot by key, and the recount.

    1. What was frozen is whole: options, their digest, the rules' digest, the roll's keys; the
       round is of its log's programme, in earnest where that is, and then hides its ballots; and
       those vote in it whom it was prepared for.
    2. Every ballot has a token of the roll, a signature of its key, and is one that the round's
       format lets the box take.
    3. Under each key the highest revision counts; of a sealed round, as it was opened after the box
       was closed: each once, by what it committed to, or void. In a named round, what counts is
       said under a seat (`seats.heard`).
    4. The closing of the box and the roll's counts agree with the ballots.
    5. Paper ballots are those of batches that were locked (`papers`), and what two officers did
       afterwards was theirs to do (`later`).
    6. The rule, followed again, decides what was published, option by option, and asked officers
       about the ties on which that depends. Labels of which the round is the ground follow from it
       (`labels`).
    7. What followed adds up, grant by grant (`granted`), and no two payments have one number; and
       all rounds of a fund together, year by year (`yearly`).
    """
    export = log.export if isinstance(log, Verified) else log
    rounds, begun, bodies, charters = gathered(others(export))
    counts = {round_id: _Count(found, begun, bodies) for round_id, found in rounds.items()}
    rules = {id: count.rules() for id, count in counts.items() if count.round.is_opened}
    for found in check_all(export, rules):
        if (count := counts.get(found.round_id)) is not None:
            count.take(found)
    come_to = {round_id: count.granted() for round_id, count in counts.items()}
    for each in overdrawn(rounds, charters, come_to):
        counts[each.round_id].differences.add(each.at, each.what)
    for round_id, at, what in used_again(rounds):
        counts[round_id].differences.add(at, what)
    results = list[Recount]()
    for count in counts.values():
        results.append(count.result())
        if heard is not None:
            heard(count.round, count.everybody, results[-1])
    return results


@dataclass
class _Count:
    """A round while its ballots come in: under each key, what counts."""

    round: Round
    begun: Mapping[str, Any]
    bodies: Bodies
    entries: int = 0
    voters: dict[str, Checked] = field(default_factory=dict)
    papers: dict[str, Checked] = field(default_factory=dict)
    differences: Differences = field(default_factory=Differences)
    remarks: Differences = field(default_factory=Differences)
    heard: seats.Heard | None = None
    # Where the first decision stands: openings are of the same publisher, and come before.
    decided_at: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.decided_at = min((said.index for said in self.round.decided()), default=None)

    @property
    def opened(self) -> dict[str, Any]:
        return self.round.said["opened"].body

    @property
    def everybody(self) -> Mapping[str, Checked]:
        """Each voter's last ballot, of the box and on paper."""
        return {**self.voters, **self.papers} if self.papers else self.voters

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
            padded=self.opened["padded"] if self.round.is_sealed else None,
        )

    def take(self, found: Found) -> None:
        """Steps 2 and 3."""
        if isinstance(found, NoOpening):
            self.differences.add(found.index, f"this opens no ballot: {found.reason}")
            return
        if isinstance(found, Opened):
            self._open(found)
            return
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

    def _open(self, found: Opened) -> None:
        """Step 3, of one sealed ballot. Its box was closed before: all its revisions are here."""
        closing, ballot = self.round.said.get("box_closed"), self.voters.get(found.key)
        if closing is None or closing.index > found.index:
            self.differences.add(found.index, "it opens a ballot before the box was closed")
        if self.decided_at is not None and self.decided_at < found.index:
            self.differences.add(found.index, "it opens a ballot after the round was decided")
        if ballot is None or ballot.commitment is None:
            self.differences.add(found.index, "it opens a ballot that nobody sealed")
        elif ballot.revision != found.revision:
            what = f"it opens revision {found.revision}, the last one is that of {ballot.index}"
            self.differences.add(found.index, what)
        elif ballot.unread != SEALED:
            what = f"the ballot of entry {ballot.index} was opened before"
            self.differences.add(found.index, what)
        elif found.choices is None:
            self.voters[found.key] = replace(ballot, unread=UNOPENED)
            self.remarks.add(found.index, f"nobody can open the ballot of entry {ballot.index}")
        elif found.commitment != ballot.commitment:
            self.voters[found.key] = replace(ballot, unread=BROKEN)
            what = f"this is not what the ballot of entry {ballot.index} committed to"
            self.remarks.add(found.index, what)
        else:
            self.voters[found.key] = replace(ballot, choices=found.choices, unread=None)

    def _check_openings(self) -> None:
        """Step 3: every ballot that counts was opened, before anything was decided."""
        left = [ballot.index for ballot in self.voters.values() if ballot.unread == SEALED]
        said = self.round.said.get("allocation") or next(iter(self.round.decisions), None)
        if left and said is not None:
            what = f"{len(left)} ballots were never opened, the first is entry {min(left)}"
            self.differences.add(said.index, f"it was decided, but {what}")

    def granted(self) -> int:
        """Step 7, and what all grants of the round come to in the end, in cents."""
        if not self.round.is_opened:
            return 0
        return sum(check_grants(self.round, self.differences).values())

    def result(self) -> Recount:
        """Everything but the ballots, and the verdict."""
        for kind, index in self.round.twice:
            self.differences.add(index, f"a second {kind} of this round")
        found, lacking = _NOTHING, tuple[str, ...]()
        if self.round.is_opened:
            if seats.is_named(self.opened):
                self._hear()
            self._check_frozen()
            self._check_counts()
            self._check_openings()
            self.papers = counted_papers(self.round, self.differences)
            check_later(self.round, self.differences)
            check_labels(self.round, self.differences)
            if "annulled" not in self.round.said:
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
            remarks=self.remarks.all(),
            papers=len(self.papers),
            annulled="annulled" in self.round.said,
            reissued=self.round.reissued(),
        )

    def _hear(self) -> None:
        """Steps 2 and 3 of a named round. Whatever the box took in it is no ballot of it."""
        self.heard = seats.heard(self.round, self.bodies, self.differences)
        self.voters = self.heard.voters
        self.entries = self.heard.ballots

    def _lacking(self) -> tuple[str, ...]:
        """The roll's last word comes by another way than the decision, and may be later."""
        if self.heard is not None:
            return ()
        if "allocation" not in self.round.said or any(s.body["final"] for s in self.round.issued):
            return papers_lacking(self.round)
        return ("the roll's final tokens-issued is not in the log", *papers_lacking(self.round))

    def _check_frozen(self) -> None:
        """Step 1."""
        opened = self.round.said["opened"]
        for name in ("programme_id", "rehearsal"):
            if name in self.begun and opened.body.get(name) != self.begun[name]:
                self.differences.add(opened.index, f"its {name} is not that of its log")
        if opened.version > 1 and _few_together(opened.body):
            least = (
                f"fewer than {LEAST_K} voters, or more often than every {LEAST_INTERVAL} seconds"
            )
            self.differences.add(opened.index, f"in earnest its ballots leave among {least}")
        if self.round.is_sealed:
            prepared = self.round.said.get("commission")
            if prepared is None or prepared.body["commission"] != opened.body["commission"]:
                what = "no voting.commission-prepared says that its holders tried this key"
                self.differences.add(opened.index, what)
            elif prepared.number > opened.number:
                what = "its round was opened before its holders had tried this key"
                self.differences.add(prepared.index, what)
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
        self._check_voters()
        if self.heard is not None:
            if opened.body["tiers"]:
                self.differences.add(opened.index, "members vote under seats, and it has tiers")
            return
        keys = self.round.said.get("tier_keys")
        if keys is None or keys.body["tiers"] != opened.body["tiers"]:
            what = "the tier keys are not those that the roll prepared"
            self.differences.add(opened.index, what)

    def _check_voters(self) -> None:
        """Step 1: who votes is who was given the options, and for whom the round was prepared."""
        opened, prepared = self.round.said["opened"], self.round.said.get("prepared")
        frozen, given = self.round.said.get("frozen"), opened.body.get("seats")
        body_name = given.get("body_name") if isinstance(given, dict) else None
        if frozen is not None and frozen.body.get("body_name") != body_name:
            what = "others vote in it than those whom submission gave the options to"
            self.differences.add(opened.index, what)
        if prepared is None:
            return
        if prepared.body.get("seats") != given:
            self.differences.add(opened.index, "it was prepared for others than vote in it")
        if (prepared.body.get("assisted") is True) != (ASSISTED in opened.body["tiers"]):
            what = "the booth has a tier, or has none, and it was prepared otherwise"
            self.differences.add(opened.index, what)

    def _check_counts(self) -> None:
        """Step 4."""
        closing = self.round.said.get("box_closed")
        if closing is not None:
            expected = {"ballots": self.entries, "keys": len(self.voters)}
            self.differences.compare(closing, expected)
        by_tier = Counter(ballot.tier for ballot in self.voters.values())
        for said in self.round.issued:
            issued, codes = (sum(said.body.get(name, {}).values()) for name in ("issued", "codes"))
            if "codes" in said.body and issued > codes:
                what = f"{issued} tokens were issued, for {codes} codes"
                self.differences.add(said.index, what)
            if said.body["final"]:
                for tier, keys in by_tier.items():
                    if said.body["issued"].get(tier, 0) < keys:
                        there = said.body["issued"].get(tier, 0)
                        what = f"{there} tokens of tier {tier} were issued, {keys} were used"
                        self.differences.add(said.index, what)

    def _outcome(self) -> outcome.Outcome:
        """Step 6."""
        round_, opened = self.round, self.round.said["opened"]
        if opened.version > 1:
            return outcome.decided_again(
                round_, opened.body, self.everybody, self.differences, self.heard
            )
        allocation = round_.said.get("allocation")
        decided = round_.decisions if allocation is None else [allocation]
        if any(said.version > 1 for said in decided) and opened.body["rule"] == "greedy":
            today = earlier.today(opened.body)
            return outcome.decided_again(round_, today, self.everybody, self.differences)
        return earlier.decided_again(round_, self.voters, self.differences)


def _few_together(opened: Mapping[str, Any]) -> bool:
    """Whether a vote in earnest lets ballots leave among fewer voters, or more often, than any may.
    What is said under a seat waits for nobody."""
    if opened.get("rehearsal") is not False or seats.is_named(opened):
        return False
    flush = opened.get("flush", {})
    return bool(flush.get("k", 0) < LEAST_K or flush.get("interval", 0) < LEAST_INTERVAL)
