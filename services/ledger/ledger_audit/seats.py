"""Named rounds: which seats could vote, and what counts of what was said under each.

All of it is said by one publisher, whose numbers tell what came before what.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ledger_audit.ballots import Checked
from ledger_audit.differences import Differences
from ledger_audit.reference import void
from ledger_audit.rounds import Bodies, Round, Said

# The tier under which members' ballots are counted.
TIER = "M"
RECUSED = 3


@dataclass(frozen=True)
class Heard:
    """What counts: by seat its ballot, and by an option's number the ballots without a say."""

    voters: dict[str, Checked]
    recused: dict[int, int]
    ballots: int
    quorum: bool


def is_named(opened: Mapping[str, Any]) -> bool:
    """Whether members vote, under their seats."""
    return isinstance(opened.get("seats"), dict)


def heard(round_: Round, bodies: Bodies, differences: Differences) -> Heard:
    """Go through everything that was said under the seats of a round, in its publisher's order.

    1. The body has no more seats than members, each given once.
    2. What is said is said while the round is open, under a seat that was given before it opened,
       and before the seat was withdrawn; it is numbered from 1 on.
    3. A ballot is one that the round's format takes, and says nothing of what its seat is recused
       on; a recusal is said by the seat itself, or by the chair with a reason.
    4. The last ballot under each seat counts, without what the seat is recused on; in a decision,
       to be recused is an answer.
    5. The closing states how many ballots and seats there are, and whether the quorum is reached.
    """
    opened = round_.said["opened"]
    form, seats = opened.body["format"], opened.body["seats"]
    may_vote = bodies.standing(opened)
    for index in bodies.twice:  # 1
        differences.add(index, "this seat was given or withdrawn before")
    if len(may_vote) > seats["members"]:
        what = f"{len(may_vote)} seats were given, the body has {seats['members']} members"
        differences.add(opened.index, what)
    hearing = _Hearing(round_, bodies, may_vote, differences)
    for said in sorted([*round_.seat_ballots, *round_.recusals], key=lambda each: each.number):
        if hearing.could_say(said):  # 2
            hearing.take(said)  # 3
    voters, recused = dict[str, Checked](), dict[int, int]()
    blank_counts = opened.body["rule"]["electorate"]["blank"] == "counted"
    for seat_id in may_vote:  # 4
        ballot, without = hearing.ballots.get(seat_id), hearing.recused.get(seat_id, set())
        choices = counted(form, None if ballot is None else ballot.body["choices"], without)
        if choices is None:
            continue
        at = (ballot or hearing.last[seat_id]).index
        revision = hearing.revisions[seat_id]
        voters[seat_id] = Checked(at, round_.round_id, TIER, seat_id, revision, choices)
        if form["type"] == "grades" and (choices or blank_counts):
            for number in without:
                recused[number] = recused.get(number, 0) + 1
    reached = len(voters) >= Fraction(seats["quorum"]) * seats["members"]
    closing = round_.said.get("seats_closed")
    if closing is not None:  # 5
        expected = {
            "ballots": len(round_.seat_ballots),
            "seats": len(voters),
            "quorum": reached,
        }
        differences.compare(closing, expected)
    quorum = reached or form["type"] == "decision"
    return Heard(voters, recused, len(round_.seat_ballots), quorum)


def counted(
    form: Mapping[str, Any], choices: Sequence[Any] | None, recused: Collection[int]
) -> tuple[int | tuple[int, int], ...] | None:
    """What counts of a seat's last ballot; None where nothing does."""
    if form["type"] == "decision":
        if choices is None and not recused:
            return None
        pairs = [each for each in choices or () if isinstance(each, list)]
        said = {each[0]: each[1] for each in pairs} | dict.fromkeys(recused, RECUSED)
        return tuple(sorted(said.items()))
    if choices is None:
        return None
    numbers = [(each[0] if isinstance(each, list) else each, each) for each in choices]
    return tuple(
        tuple(each) if isinstance(each, list) else each
        for number, each in numbers
        if number not in recused
    )


@dataclass
class _Hearing:
    """What was said so far under each seat of a round."""

    round: Round
    bodies: Bodies
    may_vote: Mapping[str, Said]
    differences: Differences
    ballots: dict[str, Said] = field(default_factory=dict)
    recused: dict[str, set[int]] = field(default_factory=dict)
    last: dict[str, Said] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def could_say(self, said: Said) -> bool:
        """Step 2."""
        seat_id = said.body["seat_id"]
        opened = self.round.said["opened"].number
        ended = [self.round.said[n] for n in ("closed", "seats_closed") if n in self.round.said]
        if seat_id not in self.may_vote:
            why = "its seat was not given before the round opened"
        elif self.bodies.gone(seat_id, said.number):
            why = "its seat was withdrawn before"
        elif said.number < opened:
            why = "the round was not open yet"
        elif any(said.number > each.number for each in ended):
            why = "the round was closed before"
        else:
            return True
        self.differences.add(said.index, f"it does not count: {why}")
        return False

    def take(self, said: Said) -> None:
        """Step 3."""
        seat_id, revision = said.body["seat_id"], self.revisions.get(said.body["seat_id"], 0) + 1
        if said.body["revision"] != revision:
            what = f"it is number {revision} under its seat, not {said.body['revision']}"
            self.differences.add(said.index, what)
        self.revisions[seat_id], self.last[seat_id] = revision, said
        if "choices" in said.body:
            self._ballot(said)
        else:
            self._recusal(said)

    def _ballot(self, said: Said) -> None:
        seat_id, choices = said.body["seat_id"], said.body["choices"]
        numbers = {option["number"]: option for option in self.round.seen()}
        form = self.round.said["opened"].body["format"]
        if (code := void(form, choices, numbers)) is not None:
            self.differences.add(said.index, f"count had to refuse this ballot, it is void: {code}")
        named = {each[0] if isinstance(each, list) else each for each in choices}
        if named & self.recused.get(seat_id, set()):
            self.differences.add(said.index, "it speaks of an option on which its seat is recused")
        elif form["type"] == "decision" and any(
            isinstance(each, list) and each[1] == RECUSED for each in choices
        ):
            self.differences.add(said.index, "a ballot says no recusal")
        self.ballots[seat_id] = said

    def _recusal(self, said: Said) -> None:
        seat_id, by, number = (said.body[name] for name in ("seat_id", "by", "number"))
        recused = self.recused.setdefault(seat_id, set())
        if number in recused or number not in self.round.numbers():
            self.differences.add(said.index, "its seat is recused before, or on no option")
        if by != seat_id:
            chair = self.may_vote.get(by)
            if chair is None or not chair.body["chair"] or self.bodies.gone(by, said.number):
                self.differences.add(said.index, "it is said by neither the seat nor the chair")
            if "reason" not in said.body:
                self.differences.add(said.index, "the chair gave no reason")
        if number in self.round.numbers():
            recused.add(number)
