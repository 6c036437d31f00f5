"""What a charter may say of a scheme beside its vote: who submits what, what is paid, what follows.

What is not said is not published: no rule holds that nobody stated. Money is in cents.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.events.carriers import CarrierType
from shared.events.event import Frozen, Name
from shared.events.exact import Cents
from shared.events.funding import ActNumber, PaidOn

Words = Annotated[str, Field(min_length=1, max_length=200)]
# Months and years are those of the calendar; seconds and minutes are for rehearsals.
DURATION = r"^[1-9][0-9]{0,3} (seconds|minutes|hours|days|months|years)$"
Duration = Annotated[str, Field(pattern=DURATION)]
Age = Annotated[int, Field(ge=0, le=115)]
Percent = Annotated[int, Field(ge=1, le=100)]
# How somebody belongs to a territory.
Link = Literal["live", "work", "study", "second-home", "interest", "neighbour"]
# What the scheme is.
Kind = Literal["citizen-budget", "call-for-projects", "call-for-interest", "standing-fund"]


class Labelled(Frozen):
    """What has a name in the charter and a label in each language."""

    name: Name
    fr: Words
    en: Words


class Adopted(Frozen):
    """Who adopted a charter, by which act, on which day."""

    body: Words
    act: ActNumber
    on: date


class Cycle(Frozen):
    """An edition is cycle `number` of as many as share an envelope of `total` cents."""

    number: Annotated[int, Field(ge=1, le=20)]
    of: Annotated[int, Field(ge=2, le=20)]
    total: Cents


class Territory(Labelled):
    """A territory, on a level of the charter's, and the one a level up that it lies within."""

    level: Name | None = None
    within: Name | None = None


class Links(Frozen):
    """Somebody has at least so many of these links to the territory, as is declared."""

    of: Annotated[tuple[Link, ...], Field(min_length=1)]
    least: Annotated[int, Field(ge=1, le=6)] = 1


class Submitting(Frozen):
    """Who may deposit an idea and file a dossier; ages are those on the day it is deposited.

    Below `consent_below` a legal representative agrees. An organisation is `minimum_years` old, has
    its seat (or a branch) in a territory, and an identifier of the social and solidarity economy,
    where that is asked. Carriers of the types `sponsored` need a sponsor. A carrier has at most so
    many ideas, dossiers, and projects that are voted on. Who was funded in the last `barred_years`
    is barred; costs of the kinds `winners_only` are only for projects of carriers who were funded.
    """

    minimum_age: Age | None = None
    maximum_age: Age | None = None
    consent_below: Age | None = None
    links: Links | None = None
    sworn: Literal[True] | None = None
    ideas_by: tuple[CarrierType, ...] | None = None
    dossiers_by: tuple[CarrierType, ...] | None = None
    minimum_years: Annotated[int, Field(ge=1, le=100)] | None = None
    seat: Literal["seat", "seat-or-branch"] | None = None
    sse: Literal[True] | None = None
    sponsored: tuple[CarrierType, ...] | None = None
    most_ideas: Annotated[int, Field(ge=1, le=1000)] | None = None
    most_dossiers: Annotated[int, Field(ge=1, le=1000)] | None = None
    most_voted: Annotated[int, Field(ge=1, le=1000)] | None = None
    barred_years: Annotated[int, Field(ge=1, le=20)] | None = None
    winners_only: tuple[Name, ...] | None = None


class Category(Labelled):
    """A category of projects, such as youth: of carriers from one age to another, or of types."""

    from_age: Age | None = None
    to_age: Age | None = None
    carriers: tuple[CarrierType, ...] | None = None


class Costs(Frozen):
    """What a project may spend on: these `kinds` and none of the `excluded` ones.

    Costs are before or after tax; those `before_agreement` are refused unless they are allowed. A
    project asks for no operating money for so many years, and takes so many months.
    """

    kinds: tuple[Labelled, ...] | None = None
    excluded: tuple[Labelled, ...] | None = None
    nature: Literal["operating", "investment"] | None = None
    tax: Literal["before", "after"] | None = None
    before_agreement: bool | None = None
    operating_years_free: Annotated[int, Field(ge=1, le=20)] | None = None
    months_least: Annotated[int, Field(ge=1, le=240)] | None = None
    months_most: Annotated[int, Field(ge=1, le=240)] | None = None


class GrantTerms(Frozen):
    """What may be asked for: so many percent of the eligible cost, which counts up to a ceiling.

    The carrier pays at least `least_own_percent` itself, public money is at most
    `most_public_percent`. With `majority` the grant is more than half of the cost. In the
    categories `full_for` all of the cost may be asked for.
    """

    percent: Percent | None = None
    base_ceiling: Cents | None = None
    ceiling: Cents | None = None
    floor: Cents | None = None
    least_own_percent: Percent | None = None
    most_public_percent: Percent | None = None
    majority: Literal[True] | None = None
    full_for: tuple[Name, ...] | None = None


# As a charter calls it. The class has a name of its own: events have models by their names, and
# a rule's `Grant` is another one.
Grant = GrantTerms


class Fund(Frozen):
    """An envelope for each year, which committee rounds draw from; what is left of it is lost, or
    is added to the next year's. A project gets at most so much a year."""

    year_amount: Cents
    project_year_ceiling: Cents | None = None
    carry: Literal["nowhere", "next-year"] = "nowhere"


class Document(Labelled):
    """A document that a dossier has, of carriers `of` these types: declared, or as a file."""

    of: tuple[CarrierType, ...] | None = None
    file: Literal[True] | None = None
    optional: Literal[True] | None = None


class Desk(Labelled):
    """A desk of advisers or instructors, for some territories or for all.

    It answers within `answer`, and is reminded so long before; what it does not answer goes back to
    its carrier. Ideas come to the `first` one.
    """

    role: Literal["adviser", "instructor"]
    territories: tuple[Name, ...] | None = None
    answer: Duration | None = None
    remind: Duration | None = None
    first: Literal[True] | None = None


class Counters(Frozen):
    """What counters offer, and after how many times of not coming nobody gets a place any more.
    Whoever has a place at a session is reminded of it so long before; a day where it is not said.
    """

    workshops: tuple[Labelled, ...] | None = None
    most_missed: Annotated[int, Field(ge=1, le=100)] | None = None
    remind: Duration | None = None


class InstalmentTerm(Labelled):
    """A part of a grant in percent, and what it is paid on."""

    percent: Percent
    on: PaidOn


class Funding(Frozen):
    """What is needed before an agreement, how a grant is paid, and how a project is followed.

    Before it: a number of the carrier's, the republican-commitment `contract`, what it had in three
    years together with this grant below the `de_minimis` ceiling, a `deliberation`. A lower cost
    lowers the grant where it is prorated. An agreement that is not signed, a project that is not
    begun or not finished within those times lapses.
    """

    identifiers: tuple[Literal["siret", "rna"], ...] | None = None
    contract: Literal[True] | None = None
    de_minimis: Cents | None = None
    deliberation: Literal[True] | None = None
    instalments: Annotated[tuple[InstalmentTerm, ...], Field(max_length=12)] | None = None
    prorate: Literal[True] | None = None
    sign_within: Duration | None = None
    begin_within: Duration | None = None
    finish_within: Duration | None = None
    milestones: tuple[Labelled, ...] | None = None
    duties: tuple[Labelled, ...] | None = None
    built_by: Literal["carrier", "department"] | None = None
