"""Who may say that a project is in a category that the charter keeps for some.

A category such as youth is for people from one age to another, or for carriers of certain types.
Ages are asked once, when an idea is deposited, and are not kept: what its category is for is
checked there, and a dossier cannot come into a category of ages later.
"""

from datetime import date

from shared.events.charter import CharterRules
from shared.events.scheme import Category
from shared.refusal import Refusal
from submission.carriers.limits import BirthRefused, Depositor, age_on, has_age


class CategoryRefused(Refusal):
    """The charter keeps the category for carriers of other ages or types."""

    code = "category_refused"


def category_of(rules: CharterRules, name: str | None) -> Category | None:
    """A category of the charter by its name; None where it has none of it."""
    return next((each for each in rules.categories or () if each.name == name), None)


def asks_age(rules: CharterRules, name: str | None) -> bool:
    """Whether a category is for people of certain ages."""
    of = category_of(rules, name)
    return of is not None and (of.from_age, of.to_age) != (None, None)


def asks_type(rules: CharterRules) -> bool:
    """Whether any category is for carriers of certain types."""
    return any(each.carriers is not None for each in rules.categories or ())


def check_category(rules: CharterRules, name: str | None, who: Depositor, today: date) -> None:
    """Whether somebody may deposit an idea in a category: she has the age that it is for, or is of
    a type that it is for. Raises `CategoryRefused`, `BirthRefused`."""
    of = category_of(rules, name)
    if of is None or not _kept_for_some(of) or who.carrier_type in (of.carriers or ()):
        return
    if asks_age(rules, name) and has_age(who.carrier_type):
        if who.born is None:
            raise BirthRefused(f"the category {of.name} asks when you were born")
        age = age_on(who.born, today)
        if not _is_of(of, age):
            raise CategoryRefused(f"{age} years on {today}, the category {of.name} is {_ages(of)}")
        return
    raise CategoryRefused(f"the category {of.name} is for others than {who.carrier_type}")


def check_dossier_category(
    rules: CharterRules, before: str | None, name: str | None, carrier_type: str
) -> None:
    """Whether a dossier whose idea was in the category `before` may be in this one: where it is the
    same, whoever deposited the idea was of it. Raises `CategoryRefused`."""
    of = category_of(rules, name)
    if of is None or name == before or not _kept_for_some(of):
        return
    if carrier_type not in (of.carriers or ()):
        raise CategoryRefused(f"the idea was deposited outside of the category {of.name}")


def _kept_for_some(of: Category) -> bool:
    return (of.from_age, of.to_age, of.carriers) != (None, None, None)


def _is_of(of: Category, age: int) -> bool:
    return (of.from_age is None or of.from_age <= age) and (of.to_age is None or age <= of.to_age)


def _ages(of: Category) -> str:
    return f"from {of.from_age or 0} years" + ("" if of.to_age is None else f" to {of.to_age}")
