"""Numbers of organisations that nobody has, with the check digits that services look at."""

import secrets


def new_siret() -> str:
    """The number of an establishment, drawn by lot."""
    bare = f"{secrets.randbelow(10**13):013}"
    return bare + str(-luhn(f"{bare}0") % 10)


def luhn(digits: str) -> int:
    """Luhn's sum: each second digit from the right counts double, its own digits added up."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits[::-1], 1))
    return sum(each - 9 if each > 9 else each for each in doubled)
