"""A whole count: from a rule, a format, options and ballots to who gets what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ledger_audit.reference import equal_shares, greedy
from ledger_audit.reference.envelopes import Purses, steps
from ledger_audit.reference.formats import void
from ledger_audit.reference.grants import amount, prizes
from ledger_audit.reference.groups import Won, admits, admits_voter, size, still_allowed
from ledger_audit.reference.questions import Question, question
from ledger_audit.reference.result import Decided, Result, StepDone, reserve
from ledger_audit.reference.step import Step
from ledger_audit.reference.tally import Tally, voters
from ledger_audit.reference.ties import Ties
from ledger_audit.reference.work import Work

type Data = Mapping[str, Any]


class Suspended(Exception):
    """The outcome depends on the order of these options, which officers have to say."""

    def __init__(self, question: Question) -> None:
        super().__init__(f"officers have to say the order of {', '.join(question.options)}")
        self.question = question


def count(
    rule: Data,
    form: Data,
    options: Sequence[Data],
    ballots: Sequence[Data],
    said: Sequence[str] = (),
) -> Result:
    """Count a round. `said`: the order of tied options that officers said, all they said as one.

    Raises `Suspended` where the rule asks and the outcome depends on the answer.
    """
    return Count(rule, form, options, ballots).result(said)


class Count:
    """A round to be counted, with one order of tied options or another.

    A ballot has `choices`, `groups`, and in `voters` how many cast the same, if more than one did.
    """

    def __init__(
        self,
        rule: Data,
        form: Data,
        options: Sequence[Data],
        ballots: Sequence[Data],
        work: Work | None = None,
        *,
        quorum: bool = True,
        recused: Mapping[int, int] | None = None,
    ) -> None:
        """In a named round: whether it has its `quorum`, and by an option's number, how many of the
        ballots are `recused`."""
        self._rule, self._form, self._options = rule, form, options
        self._quorum, self._recused = quorum, recused
        self._work = work or Work()
        self._tallies: dict[str, Tally] = {}
        self.void, valid = Counter[str](), []
        numbers = {option["number"]: option for option in options}
        for ballot in ballots:
            if (code := void(form, ballot["choices"], numbers)) is not None:
                self.void[code] += voters(ballot)
            else:
                valid.append(ballot)
        self.votes = Tally(form, options, valid).votes
        self.blank = sum(voters(ballot) for ballot in valid if not ballot["choices"])
        set_aside = rule["electorate"]["blank"] == "set-aside"
        self._ballots = [b for b in valid if b["choices"] or not set_aside]
        self.counted = sum(map(voters, self._ballots))
        self._size = sum(map(size, options))
        granted = {option["id"]: amount(option, rule["grants"]) for option in options}
        self._amounts = {id: cents for id, cents in granted.items() if isinstance(cents, int)}
        self._out = {id: code for id, code in granted.items() if isinstance(code, str)}

    def result(self, said: Sequence[str] = ()) -> Result:
        """The result, in the order that officers said. Raises `Suspended` where they have to."""
        found = self._counted(said)
        if found.asked and (question := self.question(said)) is not None:
            raise Suspended(question)
        return found

    def question(self, said: Sequence[str] = ()) -> Question | None:
        """What officers have to be asked after what they said."""
        return question(self._counted, said)

    def _tally(self, electorate: Data) -> Tally:
        """The ballots that an envelope's predicate admits."""
        key = repr(electorate)
        if key not in self._tallies:
            here = [ballot for ballot in self._ballots if admits_voter(electorate, ballot)]
            self._tallies[key] = Tally(self._form, self._options, here, self._recused)
            self._work.spend(len(self._ballots))
            self._work.compare(len(self._ballots) * size(electorate))
        return self._tallies[key]

    def _counted(self, said: Sequence[str]) -> Result:
        rule = self._rule
        ties = Ties(rule["ties"]["criteria"], rule["ties"].get("seed") or "", said)
        purses, won, done = Purses(rule), list[Won](), list[StepDone]()
        decided = {
            option["id"]: Decided(self._out.get(option["id"], "not_admitted"))
            for option in self._options
        }
        visited = steps(rule)
        for number, (each, envelope) in enumerate(visited):
            # Every step looks at those to come, at each envelope, and at the winners in it.
            self._work.compare(len(visited))
            limits = [size(e["options"]) for e in rule["envelopes"] if e["kind"] == "most"]
            self._work.compare(sum(limits) * (1 + sum(winner.size for winner in won)))
            self._work.spend(len(rule["envelopes"]))
            step = self._step(number, each, envelope, won, ties)
            ties.step, before = number, len(won)
            step.refuse()
            way = equal_shares if each["order"]["type"] == "equal-shares" else greedy
            way.fund(step, won, purses)
            decided |= _said(step, before)
            purses.step_over()
            allowed = {
                e["name"]: still_allowed(e, won) for e in rule["envelopes"] if e["kind"] == "most"
            }
            ids = tuple(winner.option["id"] for winner in won[before:])
            done.append(StepDone(step.names, ids, purses.left | allowed, step.facts))
        return Result(
            winners=tuple(winner.option["id"] for winner in won),
            decided=decided,
            steps=tuple(done),
            reserve=reserve(decided),
            out=purses.out,
            awards=tuple(prizes(rule, won)),
            void=self.void,
            blank=self.blank,
            counted=self.counted,
            votes=self.votes,
            asked=tuple(ties.asked),
        )

    def _step(
        self, number: int, each: Data, envelope: Data, won: Sequence[Won], ties: Ties
    ) -> Step:
        self._work.spend(len(self._options))
        asked = size(envelope["options"]) + size(each["options"])
        self._work.compare(self._size * asked)
        winners = {winner.option["id"] for winner in won}
        admitted = [
            option
            for option in self._options
            if option["id"] in self._amounts
            and option["id"] not in winners
            and admits(envelope["options"], option)
            and admits(each["options"], option)
        ]
        return Step(
            number=number,
            rule=self._rule,
            each=each,
            envelope=envelope,
            form=self._form,
            options=admitted,
            amounts=self._amounts,
            tally=self._tally(envelope["voters"]),
            ties=ties,
            work=self._work,
            quorum=self._quorum,
        )


def _said(step: Step, before: int) -> dict[str, Decided]:
    """What a step says of the options that it looked at; `before`: winners of earlier ones."""
    found, place = dict[str, Decided](), before
    for rank, look in enumerate([*step.looks, *step.refused], start=1):
        won = look.paid is not None
        place += won
        found[look.option["id"]] = Decided(
            reason=look.code,
            facts=look.facts,
            amount=look.paid or 0,
            place=place if won else None,
            rank=rank if rank <= len(step.looks) else None,
            step=step.names,
            votes=step.votes[look.option["id"]],
        )
    return found
