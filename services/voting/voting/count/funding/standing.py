"""Where a grant stands, from its rows: what was decided, confirmed, agreed, paid. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.events.scheme import Funding, Submitting
from shared.refusal import Refusal
from voting.count.funding.conditions import Condition, Party, answering, missing
from voting.count.funding.instalments import Part, paid_in_all
from voting.count.funding.tables import Granted, Instalment, Milestone
from voting.count.tables import Option, Round

type State = Literal["provisional", "decided", "confirmed", "signed", "settled", "lapsed"]


class GrantUnknown(Refusal):
    """The round gives this option no money."""

    code = "grant_unknown"


class WrongStep(Refusal):
    """A grant is not where this can be done: too early, or it was done before."""

    code = "wrong_step"


@dataclass(frozen=True, slots=True)
class Line:
    """A grant: an option that was chosen, and all that followed. Money in cents."""

    row: Round
    option: Option
    granted: Granted | None = None
    instalments: tuple[Instalment, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    parties: tuple[Party, ...] = ()
    withdrawn: bool = False
    # What the charter asks of who submits: whose sponsor signs.
    submitting: Submitting | None = None
    # Its amount is deliberated once it is chosen.
    open_amount: bool = False

    @property
    def amount(self) -> int:
        """What the grant is of now."""
        return (self.option.amount or 0) if self.granted is None else self.granted.amount

    @property
    def answers(self) -> Party | None:
        """Who signs its agreement and gets the money."""
        return answering(self.submitting, self.parties)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its instalments, as arithmetic needs them."""
        return tuple(
            Part(each.name, each.amount, each.paid_event is not None) for each in self.instalments
        )

    @property
    def paid(self) -> int:
        """What the finance system paid so far."""
        return paid_in_all(self.parts)

    def has_payment(self, name: str, reference: str, on: date) -> bool:
        """Whether just this payment was entered: a form was sent twice."""
        return any(
            (each.name, each.reference, each.paid_on) == (name, reference, on)
            for each in self.instalments
        )

    def has_milestone(self, name: str, on: date) -> bool:
        """Whether it is entered that it came so far on this day."""
        return any((each.name, each.reached_on) == (name, on) for each in self.milestones)

    @property
    def lapsed(self) -> int:
        """What is paid no more."""
        return (self.granted and self.granted.lapsed) or 0

    @property
    def left(self) -> int:
        """What is still to be paid."""
        return self.amount - self.paid - self.lapsed

    @property
    def waits(self) -> bool:
        """Whether its amount is not deliberated yet: nothing is left to pay of it, and whoever
        carries it can renounce it."""
        return self.open_amount and self.state == "decided"

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.row.validated_event is None or self.row.state != "decided":
            return "provisional"
        if self.granted is not None and self.granted.lapsed is not None:
            return "lapsed"
        if self.option.agreement_event is not None:
            return "signed" if self.left else "settled"
        if self.granted is not None and self.granted.confirmed_event is not None:
            return "confirmed"
        return "decided"

    def missing(self, terms: Funding | None, on: date) -> tuple[Condition, ...]:
        """What an agreement would lack on a day; without an amount there is none to sign."""
        confirmed = self.granted is not None and self.granted.confirmed_event is not None
        found = missing(
            terms,
            self.submitting,
            self.answers,
            amount=self.amount,
            confirmed=confirmed,
            withdrawn=self.withdrawn,
            on=on,
        )
        if self.open_amount and not confirmed and "deliberation" not in found:
            return (*found, "deliberation")
        return found

    def check(self, *states: State) -> None:
        """Raises `WrongStep` unless it stands at one of these."""
        if self.state not in states:
            raise WrongStep(
                f"grant {self.option.number} is {self.state}, not {' or '.join(states)}"
            )


def is_grant(option: Option, *, deliberated: bool) -> bool:
    """Whether an option was given money, or is to be: a label or an opinion has none."""
    return bool(option.funded) and (deliberated or bool(option.amount))


def lines(
    row: Round,
    options: Sequence[Option],
    *,
    deliberated: bool,
    granted: Mapping[Any, Granted],
    instalments: Mapping[Any, Sequence[Instalment]],
    milestones: Mapping[Any, Sequence[Milestone]],
    parties: Sequence[Mapping[str, Any]],
    withdrawn: set[Any],
    submitting: Submitting | None,
) -> list[Line]:
    """The grants of a round, in the order of the rule; all that is known by option."""
    of = [option for option in options if is_grant(option, deliberated=deliberated)]
    return [
        Line(
            row=row,
            option=option,
            granted=granted.get(option.option_id),
            instalments=tuple(instalments.get(option.option_id, ())),
            milestones=tuple(milestones.get(option.option_id, ())),
            parties=tuple(party(p) for p in parties if p["project_id"] == option.option_id),
            withdrawn=option.option_id in withdrawn,
            submitting=submitting,
            open_amount=deliberated,
        )
        for option in sorted(of, key=lambda option: option.place or 0)
    ]


def party(row: Mapping[str, Any]) -> Party:
    """Who carries a project, from its row."""
    return Party(
        carrier_id=row["carrier_id"],
        part=row["part"],
        carrier_type=row["carrier_type"],
        identifiers=tuple(name for name in ("siret", "rna") if row[name] is not None),
        checked=tuple(row["checked"]),
        contract_on=row["contract_on"],
        de_minimis=row["de_minimis"],
        agreed=row["agreed"],
        sse_until=row["sse_until"],
    )
