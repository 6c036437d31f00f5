"""Who may deposit an idea and file a dossier: what a charter's `submitting` asks, of whom.

Pure: rules, what somebody says or an organisation's row, and the day in Paris. What a charter does
not say, it does not ask.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from shared.events.carriers import CarrierType
from shared.events.charter import CharterRules
from shared.events.scheme import Link, Submitting
from shared.refusal import Refusal
from shared.rules.agreeing import PEOPLE
from submission.carriers.tables import Organisation
from submission.carriers.types import AUTHORITIES, CarrierTypeRefused

PARIS: Final = ZoneInfo("Europe/Paris")
NOTHING: Final = Submitting()
OLDEST: Final = 115


class BirthRefused(Refusal):
    """The charter asks for an age, and this is no day of birth of somebody alive."""

    code = "birth_refused"


class AgeRefused(Refusal):
    """Somebody is younger or older than the charter takes, on the day of the deposit."""

    code = "age_refused"


class LinksMissing(Refusal):
    """Somebody has fewer of the charter's links to the territory than it asks for."""

    code = "links_missing"


class NotSworn(Refusal):
    """The charter asks for a sworn statement."""

    code = "not_sworn"


class ConsentMissing(Refusal):
    """A minor's legal representative has not agreed."""

    code = "consent_missing"


class CarrierTooYoung(Refusal):
    """An organisation exists for fewer years than the charter asks for, or does not say since
    when."""

    code = "carrier_too_young"


class SeatElsewhere(Refusal):
    """An organisation has neither its seat, nor a branch where that is enough, in a territory."""

    code = "seat_elsewhere"


class SseMissing(Refusal):
    """The charter asks for an identifier of the social and solidarity economy: there is none."""

    code = "sse_missing"


class SseExpired(Refusal):
    """An identifier of the social and solidarity economy holds no more."""

    code = "sse_expired"


class SponsorMissing(Refusal):
    """Carriers of this type need a sponsor."""

    code = "sponsor_missing"


class TooManyIdeas(Refusal):
    """A carrier has as many ideas as the charter takes of one."""

    code = "too_many_ideas"


class TooManyDossiers(Refusal):
    """A carrier has filed as many dossiers as the charter takes of it."""

    code = "too_many_dossiers"


class TooManyOfCarrier(Refusal):
    """More projects of one carrier would be voted on than the charter takes."""

    code = "too_many_of_carrier"


class NumberMissing(Refusal):
    """The charter limits what one organisation has: it is known by its numbers, and gives none."""

    code = "number_missing"


class EarlierWinner(Refusal):
    """A carrier was funded within the years in which the charter bars it."""

    code = "earlier_winner"


class WinnersOnly(Refusal):
    """Costs of this kind are only for carriers who were funded before."""

    code = "winners_only"


@dataclass(frozen=True, slots=True)
class Depositor:
    """What somebody says when she deposits an idea. It is checked, and `born` is not kept."""

    carrier_type: CarrierType = "person"
    born: date | None = None
    links: frozenset[Link] = frozenset()
    sworn: bool = False


def submitting(rules: CharterRules) -> Submitting:
    """What a charter says of who submits; nothing where it says nothing."""
    return rules.submitting or NOTHING


def asks_age(rules: CharterRules) -> bool:
    """Whether somebody who deposits is asked when she was born."""
    of = submitting(rules)
    return any(age is not None for age in (of.minimum_age, of.maximum_age, of.consent_below))


def read_birth(written: str, today: date) -> date:
    """A day of birth. Raises `BirthRefused`."""
    try:
        found = date.fromisoformat(written.strip())
    except ValueError:
        raise BirthRefused(f"{written[:40]!r} is no day") from None
    if not 0 <= age_on(found, today) <= OLDEST or found > today:
        raise BirthRefused(f"nobody alive was born on {found}")
    return found


def age_on(born: date, day: date) -> int:
    """How old somebody is on a day; who was born on 29 February is a year older from 1 March on."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def years_before(day: date, years: int) -> date:
    """The same day, so many years earlier; 28 February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def years_after(day: date, years: int) -> date:
    """The same day, so many years later; 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def check_depositor(rules: CharterRules, who: Depositor, today: date) -> None:
    """Whether somebody may deposit an idea, by what she says.

    Ages are those of people: a class, or an organisation, has none. Raises `CarrierTypeRefused`,
    `BirthRefused`, `AgeRefused`, `LinksMissing`, `NotSworn`.
    """
    of = submitting(rules)
    if of.ideas_by is not None and who.carrier_type not in of.ideas_by:
        raise CarrierTypeRefused(_none_of(who.carrier_type, of.ideas_by))
    if has_age(who.carrier_type) and asks_age(rules):
        if who.born is None:
            raise BirthRefused("the charter asks when you were born")
        age = age_on(who.born, today)
        if of.minimum_age is not None and age < of.minimum_age:
            raise AgeRefused(f"{age} years on {today}, at least {of.minimum_age} are asked for")
        if of.maximum_age is not None and age > of.maximum_age:
            raise AgeRefused(f"{age} years on {today}, at most {of.maximum_age} are taken")
    if of.links is not None and len(who.links & {*of.links.of}) < of.links.least:
        raise LinksMissing(
            f"{of.links.least} of the links {', '.join(of.links.of)} to the territory are asked for"
        )
    if of.sworn and not who.sworn:
        raise NotSworn("the charter asks for a sworn statement")


def has_age(carrier_type: str) -> bool:
    """Whether the age of who deposits counts."""
    return carrier_type in PEOPLE and carrier_type != "class"


def needs_consent(rules: CharterRules, who: Depositor, today: date) -> bool:
    """Whether somebody's legal representative has to agree."""
    below = submitting(rules).consent_below
    if below is None or not has_age(who.carrier_type) or who.born is None:
        return False
    return age_on(who.born, today) < below


def check_sponsored(rules: CharterRules, lead: str, sponsored: bool) -> None:
    """Raises `SponsorMissing`."""
    if lead in (submitting(rules).sponsored or ()) and not sponsored:
        raise SponsorMissing(f"a carrier of the type {lead} needs a sponsor")


def check_carrier(
    rules: CharterRules,
    carrier_type: str,
    organisation: Organisation | None,
    today: date,
) -> None:
    """Whether whoever answers for a project is as the charter asks.

    Raises `CarrierTooYoung`, `SeatElsewhere`, `SseMissing`, `SseExpired`.
    """
    of = submitting(rules)
    legal = organisation if carrier_type not in PEOPLE else None
    if of.minimum_years is not None and legal is not None and carrier_type not in AUTHORITIES:
        _check_years(legal, of.minimum_years, today)
    if of.seat is not None and legal is not None:
        _check_seat(rules, legal, of.seat == "seat-or-branch")
    if of.sse:
        if legal is None or legal.sse is None or legal.sse_until is None:
            raise SseMissing(
                "an identifier of the social and solidarity economy is asked for, and until when"
                " it holds"
            )
        if legal.sse_until < today:
            raise SseExpired(f"the identifier held until {legal.sse_until}, today is {today}")


def _check_years(organisation: Organisation, years: int, today: date) -> None:
    founded = organisation.founded_on
    if founded is None:
        raise CarrierTooYoung(f"{years} years are asked for; since when it exists is not said")
    if founded > years_before(today, years):
        raise CarrierTooYoung(f"it exists since {founded}, {years} years are asked for")


def _check_seat(rules: CharterRules, organisation: Organisation, branch: bool) -> None:
    known = {each.name for each in rules.territories}
    if organisation.seat in known or (branch and organisation.branch in known):
        return
    raise SeatElsewhere(
        f"its seat is {organisation.seat or 'not said'}, in none of the programme's territories"
    )


def counts_carriers(rules: CharterRules) -> bool:
    """Whether a charter says how much one carrier may have, or for how long it is barred."""
    of = submitting(rules)
    limits = (of.most_ideas, of.most_dossiers, of.most_voted, of.barred_years)
    return any(each is not None for each in limits)


def check_numbers(
    rules: CharterRules, carrier_type: str, organisation: Organisation | None
) -> None:
    """Whether an organisation has the numbers that it is counted by, where a charter counts and
    takes any: an association each of them, or it would be counted once by its SIRET and once by its
    RNA number; others have no RNA number. Raises `NumberMissing`."""
    wanted = (rules.funding.identifiers if rules.funding else None) or ()
    if not wanted or not counts_carriers(rules) or carrier_type in PEOPLE:
        return
    known = {"siret": organisation and organisation.siret, "rna": organisation and organisation.rna}
    lacks = [each for each in wanted if not known[each]]
    if lacks and (carrier_type == "association" or len(lacks) == len(wanted)):
        between = " and " if carrier_type == "association" else " or "
        numbers = between.join(each.upper() for each in lacks)
        raise NumberMissing(
            f"the charter counts what one {carrier_type} has: its {numbers} is not said"
        )


def check_dossier_type(rules: CharterRules, lead: str) -> None:
    """Raises `CarrierTypeRefused`."""
    taken = submitting(rules).dossiers_by
    if taken is not None and lead not in taken:
        raise CarrierTypeRefused(_none_of(lead, taken))


def check_ideas(rules: CharterRules, carried: int) -> None:
    """Whether a carrier of so many ideas may have another. Raises `TooManyIdeas`."""
    most = submitting(rules).most_ideas
    if most is not None and carried >= most:
        raise TooManyIdeas(f"it carries {carried} ideas, at most {most} are taken of one carrier")


def check_dossiers(rules: CharterRules, filed: int) -> None:
    """Whether a carrier with so many other dossiers may file one. Raises `TooManyDossiers`."""
    most = submitting(rules).most_dossiers
    if most is not None and filed >= most:
        raise TooManyDossiers(f"it has filed {filed} dossiers, at most {most} are taken")


def check_not_barred(rules: CharterRules, funded_on: date | None, today: date) -> None:
    """Whether a carrier that was last funded that day may file. Raises `EarlierWinner`."""
    years = submitting(rules).barred_years
    if years is None or funded_on is None:
        return
    if funded_on > years_before(today, years):
        raise EarlierWinner(f"it was funded on {funded_on}, and is barred for {years} years")


def check_kinds(rules: CharterRules, kinds: Sequence[str], won: bool) -> None:
    """Raises `WinnersOnly` for a kind of costs that needs an earlier support."""
    reserved = submitting(rules).winners_only or ()
    if not won and (asked := [kind for kind in kinds if kind in reserved]):
        raise WinnersOnly(f"{', '.join(asked)}: only for carriers who were funded before")


def check_voted(rules: CharterRules, of_carrier: Sequence[Sequence[str]]) -> None:
    """Whether these projects, each carrier's together, may all be voted on.

    Nobody but the carrier or an officer says which one goes: raises `TooManyOfCarrier`, naming
    them.
    """
    most = submitting(rules).most_voted
    for projects in of_carrier:
        if most is not None and len(projects) > most:
            raise TooManyOfCarrier(
                f"{len(projects)} projects of one carrier, at most {most} are voted on:"
                f" {', '.join(sorted(projects))}"
            )


def _none_of(carrier_type: str, taken: Collection[str]) -> str:
    return f"a carrier of the type {carrier_type} is none of {', '.join(taken)}"
