"""A whole count: what ballots, options and a rule decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.events.ballots import Decision, Format
from shared.events.exact import fraction
from shared.events.rules import EqualShares, Option, Pass, Rule, Threshold
from voting.count.allocation import grants
from voting.count.allocation.asking import Counted, Tie, question
from voting.count.allocation.chances import chances
from voting.count.allocation.equal import Divide, equal_shares
from voting.count.allocation.limits import Limits
from voting.count.allocation.ordering import Met, below, ordering
from voting.count.allocation.profile import Profile
from voting.count.allocation.purses import Purses, steps
from voting.count.allocation.ranked import Look, go_through
from voting.count.allocation.result import RESERVE, Decided, Result, Step
from voting.count.allocation.tally import Tally
from voting.count.allocation.valid import valid
from voting.formats.decision import verdict

FUNDED = ("funded", "part_funded")


@dataclass(frozen=True, slots=True)
class Present:
    """Who was there, in a named round: whether it has its `quorum`, and by an option's place how
    many ballots have no say on it."""

    quorum: bool = True
    recused: Mapping[int, int] = field(default_factory=dict)


EVERYBODY = Present()


def count(
    rule: Rule,
    form: Format,
    options: Sequence[Option],
    ballots: Profile,
    answers: Sequence[str] = (),
    present: Present = EVERYBODY,
) -> Result:
    """Count ballots by a rule. `ballots` speaks of options by their place in `options`.

    Raises `Tied` where the rule asks officers to order options, and who gets what depends on it;
    their `answers`, all orders that they said as one (`said.merged`), then go into the next count.
    """
    kept, codes = valid(form, ballots, options)
    filled = kept.lengths > 0
    blank = int(kept.weights[~filled].sum())
    counts = kept if rule.electorate.blank == "counted" else kept.kept(filled)
    tallies: dict[str, Tally] = {}

    def counted(said: Sequence[str]) -> Counted:
        counting = _Count(rule, form, options, counts, tallies, said, present)
        for number, envelope in steps(rule):
            counting.step(rule.passes[number], envelope)
        voters = {"ballots": ballots.voters, "blank": blank, "counted": counts.voters}
        return Counted(counting.result({**voters, "void": codes}), tuple(counting.ties))

    found = counted(answers)
    if (asked := question(counted, found, answers)) is not None:
        raise asked
    return found.result


class _Count:
    """A count on its way."""

    def __init__(
        self,
        rule: Rule,
        form: Format,
        options: Sequence[Option],
        ballots: Profile,
        tallies: dict[str, Tally],
        said: Sequence[str],
        present: Present,
    ) -> None:
        self._present = present
        self._rule, self._form, self._options = rule, form, options
        self._ballots, self._tallies = ballots, tallies
        self._said = {option: place for place, option in enumerate(said)}
        self.ties: list[Tie] = []
        self._purses = Purses(rule)
        self._limits = Limits(rule, options, self._purses)
        self._winners: list[tuple[int, object]] = []
        self._steps: list[Step] = []
        self._amounts, self._decided = self._granted()

    def _granted(self) -> tuple[list[int], dict[int, Decided]]:
        """What each option would be paid, and who is out before any vote."""
        amounts, out = [], {}
        for index, option in enumerate(self._options):
            granted = grants.amount(option, self._rule.grants)
            reason = "withdrawn" if option.withdrawn is not None else granted
            if not isinstance(reason, int):
                out[index] = Decided(option.id, False, reason)
            amounts.append(granted if isinstance(granted, int) else 0)
        self._out = set(out)
        return amounts, out

    def step(self, each: Pass, envelope: str) -> None:
        """Do a pass over an envelope."""
        tally = self._tally(envelope)
        self._limits.start(each)
        candidates, refused = self._candidates(each, envelope, tally)
        room = self._purses.room(envelope)
        facts: dict[str, int | str] = {}
        met: list[Met] = []
        by = ordering(
            each.order, self._rule.ties, self._options, self._amounts, tally, self._said, met
        )
        if isinstance(each.order, EqualShares):
            outcome = equal_shares(
                Divide(
                    each,
                    each.order,
                    self._rule.ties,
                    candidates,
                    self._options,
                    self._amounts,
                    tally,
                    self._limits,
                    self._limits.divided(envelope),
                    self._said,
                    met,
                )
            )
            looks, facts = outcome.looks, outcome.facts
        else:
            looks = go_through(
                each, candidates, self._options, self._amounts, by, self._limits, room
            )
            chances(each, looks, self._amounts, tally.votes, by)
        self.ties += [Tie(len(self._steps), *tie) for tie in dict.fromkeys(met)]
        self._record(each, envelope, looks, refused, tally, facts)

    def _tally(self, envelope: str) -> Tally:
        voters = self._purses.envelopes[envelope].voters
        key = voters.model_dump_json()
        if key not in self._tallies:
            self._tallies[key] = Tally(
                self._form, self._ballots.admitted(voters), self._present.recused
            )
        return self._tallies[key]

    def _candidates(self, each: Pass, envelope: str, tally: Tally) -> tuple[list[int], list[Look]]:
        """Whom the step looks at, and whom it refuses before it begins."""
        candidates, refused = [], []
        won = {index for index, _ in self._winners}
        inside = self._purses.envelopes[envelope].options
        for index, option in enumerate(self._options):
            admitted = grants.admits(inside, option) and grants.admits(each.options, option)
            if index in self._out or index in won or not admitted:
                continue
            why = self._refused(each, tally, index)
            if why is None:
                candidates.append(index)
            else:
                refused.append(why)
        return candidates, refused

    def _refused(self, each: Pass, tally: Tally, index: int) -> Look | None:
        option = self._options[index]
        if not self._present.quorum:
            return Look(index, "no_quorum")
        if isinstance(self._form, Decision):
            decided = verdict(self._form, *tally.answers[index])
            if decided != "adopted":
                return Look(index, decided)
        jury = each.order.type == "jury-rank"
        if jury and option.jury_rank is None:
            return Look(index, "not_ranked")
        if each.below_threshold == "taken":
            return None
        if not jury and tally.votes[index] <= 0:
            return Look(index, "no_votes")
        for number, threshold in enumerate(self._rule.thresholds):
            if not _reached(threshold, option, tally, index):
                return Look(index, "below_threshold", facts={"threshold": number})
        if below(each.order, tally, index):
            return Look(index, "below_threshold", facts={"threshold": -1})
        return None

    def _record(
        self,
        each: Pass,
        envelope: str,
        looks: Sequence[Look],
        refused: Sequence[Look],
        tally: Tally,
        facts: dict[str, int | str],
    ) -> None:
        """Pay the winners of a step, and keep what it said of every option."""
        name = (each.name, envelope)
        for rank, look in enumerate([*looks, *refused], start=1):
            option, place = self._options[look.index], None
            won = look.reason in FUNDED
            if won:
                self._purses.pay(envelope, option, look.amount)
                self._winners.append((look.index, (name, look.level)))
                place = len(self._winners)
            self._decided[look.index] = Decided(
                option=option.id,
                funded=won,
                reason=look.reason,
                amount=look.amount if won else 0,
                votes=tally.votes[look.index],
                place=place,
                step=name,
                rank=rank if rank <= len(looks) else None,
                facts=look.facts,
            )
        self._purses.stepped(envelope)
        funded = tuple(self._options[look.index].id for look in looks if look.reason in FUNDED)
        self._steps.append(Step(name, funded, dict(self._purses.left), facts))

    def result(self, ballots: dict[str, Any]) -> Result:
        """Everything, once all steps are done."""
        decided = tuple(
            self._decided.get(index) or Decided(option.id, False, "not_admitted")
            for index, option in enumerate(self._options)
        )
        waiting = [d for d in decided if not d.funded and d.reason in RESERVE]
        won = [(self._options[index].id, level) for index, level in self._winners]
        prizes = self._rule.prizes
        return Result(
            winners=tuple(option for option, _ in won),
            options=decided,
            steps=tuple(self._steps),
            reserve=tuple(d.option for d in sorted(waiting, key=lambda d: (-d.votes, d.option))),
            gone=self._purses.gone,
            prizes=() if prizes is None else grants.won(won, prizes),
            **ballots,
        )


def _reached(threshold: Threshold, option: Option, tally: Tally, index: int) -> bool:
    has = (tally.votes if threshold.of == "votes" else tally.supporters)[index]
    if threshold.votes is not None:
        return has >= threshold.votes
    if threshold.share is not None:
        return has >= fraction(threshold.share) * tally.counted
    return has * 100 >= fraction(threshold.per_euro or "0") * option.cost
