"""What a charter's words do, as pure rules of the services: a code where somebody is refused, what
is decided, who is paid what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from gettext import NullTranslations
from typing import Any, NamedTuple
from uuid import UUID

from shared.charters import Charter
from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.events.carriers import CarrierType
from shared.events.charter import CharterRules
from shared.events.projects import CostLine, IncomeLine
from shared.events.rules import Option
from shared.events.scheme import Link
from shared.refusal import Refusal
from shared.rules.saying import of_scheme, speech
from submission.carriers import limits
from submission.carriers.categories import check_category
from submission.carriers.limits import Depositor
from submission.carriers.tables import Organisation
from submission.documents.completeness import missing_documents
from submission.programmes import tables
from submission.programmes.phases import is_open
from submission.projects.dossiers import read_cost
from submission.projects.plans import Nature, Plan, check_plan
from tests.variants.charters import BASE, rule_with
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result
from voting.count.charters import ballot_of, rule_of, vote_of
from voting.count.funding import asking
from voting.count.funding.standing import Line
from voting.count.funding.tables import Granted, Milestone
from voting.count.tables import Option as Voted
from voting.count.tables import Round
from voting.roll import identity
from voting.roll.declared.form import charter_of

BASE_CHARTER = charter(read_yaml(BASE))
TAKEN = "taken"
MILESTONES = "funding: {milestones: [{name: begun, fr: Début, en: Begun}]}"
TODAY = date(2027, 3, 1)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SIGNED = datetime(2027, 6, 1, 12, tzinfo=UTC)
A = UUID(int=1)
type Effect = Callable[[Charter], object]


class Bullet(NamedTuple):
    """A part of a line, the fragment that says it, and its effect."""

    line: str
    part: str
    said: str
    effect: Effect
    becomes: object


class Always(NamedTuple):
    """A part of a line that holds under every charter: what the rules do under the base."""

    line: str
    part: str
    effect: Effect
    becomes: object


class Forbidden(NamedTuple):
    """A part of a line that no charter may say, with the code and the place of its refusal."""

    line: str
    part: str
    said: str
    code: str
    path: str


def code(act: Callable[[], object]) -> str:
    """The code by which this is refused, or that it is taken."""
    try:
        act()
    except CharterRefused as refused:
        return ", ".join(problem.code for problem in refused.problems)
    except Refusal as refused:
        return refused.code
    return TAKEN


def born(years: int) -> date:
    """The birthday of somebody who is so old today."""
    return TODAY.replace(year=TODAY.year - years)


# Who deposits, and who files.


def deposits(
    years: int = 30,
    *links: Link,
    carrier: CarrierType = "person",
    sworn: bool = False,
    category: str | None = None,
) -> Effect:
    """Whether somebody of this age, with these links, may deposit an idea."""
    who = Depositor(carrier, born(years), frozenset(links), sworn)

    def effect(of: Charter) -> str:
        found = code(lambda: limits.check_depositor(of.rules, who, TODAY))
        if found == TAKEN:
            found = code(lambda: check_category(of.rules, category, who, TODAY))
        return found

    return effect


def organised(carrier: CarrierType = "association", **said: Any) -> Effect:
    """Whether an organisation with this seat, age and identifier may answer for a dossier."""
    of = Organisation(organisation_id=A, type=carrier, name="0" * 64, **said)
    return lambda c: code(lambda: limits.check_carrier(c.rules, carrier, of, TODAY))


def files(carrier: str) -> Effect:
    """Whether a carrier of this type may file a dossier."""
    return lambda c: code(lambda: limits.check_dossier_type(c.rules, carrier))


def votes(years: int = 30, *links: Link, **said: Any) -> Effect:
    """Whether somebody of this age comes on the roll."""
    declared = {"territory": "north", "sworn": True, "consent": False, "links": links, **said}

    def effect(of: Charter) -> str:
        found = charter_of(of.rules, NOON)
        who = identity.Identity("martin", "ada", born(years), "fr")
        return code(lambda: identity.check(who, identity.Declared(**declared), found, TODAY))

    return effect


# What a dossier says.


def plan(
    asked: int,
    cost: int,
    *,
    own: int | None = None,
    public: int = 0,
    nature: Nature | None = None,
    category: str | None = None,
) -> Effect:
    """Whether a plan may ask for so many euros of a cost, with own and other public money."""
    rest = cost - asked - public if own is None else own
    income = [("asked", asked), ("own", rest), ("other-public", public)]
    lines = [IncomeLine(source=s, amount=a * 100) for s, a in income if a]
    found = Plan((CostLine(kind="total", amount=cost * 100),), tuple(lines), nature)
    return lambda c: code(lambda: check_plan(c.rules, found, category))


def lacks(carrier: str, *declared: str, attached: Sequence[str] = ()) -> Effect:
    """Which documents a dossier of a carrier of this type lacks."""
    return lambda c: missing_documents(c.rules, carrier, declared, attached)


def asks(euros: int) -> Effect:
    """Whether a dossier may ask for so much."""
    return lambda c: code(lambda: read_cost(c.rules, str(euros)))


def open_on(day: date) -> Effect:
    """The phases that are open at noon of a day, once they were announced so."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    def effect(of: Charter) -> tuple[str, ...]:
        rows = [
            tables.Phase(
                programme_id=A,
                name=phase.name,
                state="open" if phase.opens_at <= at else "coming",
                opens_at=phase.opens_at,
                closes_at=phase.closes_at,
            )
            for phase in of.rules.phases
        ]
        return tuple(row.name for row in rows if is_open(row, at))

    return effect


# What ballots decide.

type Projects = Sequence[tuple[Option, int]]


def project(id: str, cost: int, votes: int, **groups: str) -> tuple[Option, int]:
    """A project of so many euros, with what ballots give it."""
    named = {kind: (value,) for kind, value in groups.items()}
    number = ord(id[0]) - ord("a") + 1
    return Option(id=id, number=number, cost=cost * 100, groups=named, filed=number), votes


def result(rules: CharterRules, projects: Projects) -> Result:
    """The result where each project gets its votes from so many ballots of its own."""
    form = ballot_of(vote_of(rules))
    ballots = [[(place, 1)] for place, (_, many) in enumerate(projects) for _ in range(many)]
    options = [option for option, _ in projects]
    return count(
        rule_of(rules), form.model_copy(update={"min": 0}), options, profile(ballots, len(options))
    )


def wins(*projects: tuple[Option, int]) -> Effect:
    """Which of these projects win, in the order of their names."""
    return lambda c: "".join(sorted(result(c.rules, projects).winners))


def paid(*projects: tuple[Option, int]) -> Effect:
    """What each of these projects is paid, in euros."""

    def effect(of: Charter) -> Mapping[str, int]:
        return {each.option: each.amount // 100 for each in result(of.rules, projects).options}

    return effect


def reasons(*projects: tuple[Option, int]) -> Effect:
    """Why each of these projects won, or did not."""
    return lambda c: {each.option: each.reason for each in result(c.rules, projects).options}


LETTERS = {"n": "north", "s": "south", "w": "water", "a": "air", "y": "youth"}


def void(ballot: str | Sequence[tuple[str, int]], **groups: str) -> Effect:
    """Why a ballot is void, or that it counts. Each of the projects a to h has in a kind of groups
    the value that its letter stands for, if it stands for one."""
    entries = [(each, 1) for each in ballot] if isinstance(ballot, str) else ballot

    def effect(of: Charter) -> str:
        options = [
            project(id, 1, 0, **{k: LETTERS[v[n]] for k, v in groups.items() if v[n] in LETTERS})[0]
            for n, id in enumerate("abcdefgh")
        ]
        named = [[("abcdefgh".index(id), value) for id, value in entries]]
        form = ballot_of(vote_of(of.rules))
        found = count(rule_of(of.rules), form, options, profile(named, len(options)))
        return next(iter(found.void), TAKEN)

    return effect


def read(rules: CharterRules) -> list[str]:
    """The sentences of the rules' page."""
    said = of_scheme(rules, speech("en", NullTranslations(), rules))
    return [sentence for part in said.values() for sentence in part]


# What follows.


def grant(
    *,
    amount: int = 100_00,
    cost: int | None = None,
    reached: Sequence[str] = (),
    signed: bool = True,
) -> Line:
    """A grant of so many cents that was validated and confirmed, and signed on 1 June 2027."""
    row = Round(
        round_id=A, programme_id=A, log="log", state="decided", budget=100, format={}, rule={},
        listed="", opens_at=NOON, closes_at=NOON, options=1, digest="", flush={},
        validated_event=A, validated_at=NOON,
    )  # fmt: skip
    option = Voted(
        round_id=A, option_id=A, number=1, cost=cost or 2 * amount, title="", seen={},
        amount=amount, funded=True,
    )  # fmt: skip
    option.agreement_event, option.agreed_at = (A, SIGNED) if signed else (None, None)
    kept = Granted(round_id=A, option_id=A, amount=amount, confirmed_event=A)
    kept.signed_on = SIGNED.date() if signed else None
    kept.cost = cost
    milestones = tuple(
        Milestone(round_id=A, option_id=A, name=n, reached_on=SIGNED.date(), reached_event=A)
        for n in reached
    )
    return Line(row=row, option=option, granted=kept, milestones=milestones)


def begun(on: date) -> Effect:
    """Whether a project may have begun on a day, where its agreement is of 1 June 2027."""

    def effect(of: Charter) -> str:
        known = of.rules.funding.milestones if of.rules.funding else None
        said = of if known else charter(merged(read_yaml(BASE), read_yaml(MILESTONES)))
        return code(lambda: asking.check_milestone(grant(), said.rules, "begun", on))

    return effect


def changed(said: str) -> Charter:
    """The base with these words. Raises `CharterRefused`."""
    return charter(merged(read_yaml(BASE), read_yaml(said)))


def ballots(form: str) -> str:
    return f"vote: {{format: {form}}}"


DEFAULT = "[{name: all, order: {type: votes}}]"


def ruled(envelopes: str, passes: str = DEFAULT, more: str = "") -> str:
    return "vote:\n  " + rule_with(envelopes, passes, more)


def counted_again(of: Charter) -> bool:
    projects = [project(id, 300_000, 5) for id in "abcd"]
    return result(of.rules, projects) == result(of.rules, projects)
