"""A generated edition, modelled on the citizen budget of the Pas-de-Calais.

Its numbers are of the order of the published ones (2018: 122 ideas, 41 labelled; 2024: 91 dossiers,
51 labelled); its people, places and projects are invented. The same seed gives the same edition,
but for its addresses.
"""

import random
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

PRESET = "pas-de-calais-citizen-budget"
# The territories of the preset, with a town each where a counter is held.
TERRITORIES = {
    "calaisis": "Calais",
    "boulonnais": "Outreau",
    "audomarois": "Saint-Martin-lez-Tatinghem",
    "montreuillois-ternois": "Beaurainville",
    "artois": "Liévin",
    "lens-henin": "Lens",
    "arrageois": "Mont-Saint-Éloi",
}
# Family and ceiling in cents, as in the preset.
FAMILIES = {
    "sse-values": 4_500_00,
    "social-innovation": 10_000_00,
    "cooperation": 20_000_00,
}
STATUSES = ("association", "cooperative", "sse-company", "esus-company", "foundation")
WHAT = {
    "Un atelier vélo": "Apprendre à réparer son vélo avec ceux du quartier, outils compris.",
    "Une épicerie solidaire": "Des produits de la ferme voisine à un prix que chacun décide.",
    "Un jardin partagé": "Vingt parcelles, un composteur et un four à pain derrière la salle.",
    "Un café des aidants": "Deux après-midi par mois pour souffler, parler et s'informer.",
    "Une ressourcerie": "Donner une seconde vie aux meubles, et un métier à six personnes.",
    "Un chœur de voisins": "Chanter ensemble, sans audition, et visiter les maisons de retraite.",
    "Une cuisine mobile": "Une remorque équipée qui va de village en village le mercredi.",
    "Une radio d'habitants": "Des émissions faites par les jeunes avec ceux qui ont du temps.",
    "Un garage associatif": "Entretenir sa voiture à prix coûtant pour garder son travail.",
    "Une bricothèque": "Emprunter une perceuse plutôt que l'acheter, et apprendre à s'en servir.",
    "Un potager d'insertion": "Des légumes pour les cantines, cultivés par qui reprend pied.",
    "Une halte numérique": "Quelqu'un pour aider aux démarches en ligne, sans rendez-vous.",
}
WHERE = ("de la gare", "du canal", "de la cité", "du bassin minier", "du marais", "des deux ponts")
GIVEN = ("Ana", "Bilal", "Chloé", "Denis", "Éva", "Fatou", "Gaël", "Hélène", "Ismaël", "Jeanne")
FAMILY = ("Vanhoutte", "Leclercq", "Haddad", "Dewulf", "Nowak", "Carpentier", "Traoré", "Delcourt")


@dataclass(frozen=True)
class Idea:
    """Somebody's idea, and how far it goes: no further than its counter, its dossier, its label.

    `cost` is in cents. `number` is its place; the address is its carrier's alone.
    """

    number: int
    title: str
    summary: str
    territory: str
    carrier: str
    address: str
    language: str
    organisation: str
    status: str
    cost: int
    family: str
    attends: bool
    files: bool
    labelled: bool
    appeal: float = field(compare=False)


@dataclass(frozen=True)
class Identity:
    """What somebody declares to be on the roll."""

    birth_name: str
    given_name: str
    birth_date: str
    birthplace: str
    territory: str
    telephone: str
    address: str
    language: str
    child: bool  # a parent agrees


@dataclass(frozen=True)
class Edition:
    """A whole edition: what is proposed, who votes, and how many choose with a posted code."""

    title: str
    year: str
    envelope: int
    ideas: tuple[Idea, ...]
    declared: tuple[Identity, ...]
    posted: int
    chance: random.Random = field(compare=False)

    @property
    def voters(self) -> int:
        """Everybody who votes."""
        return len(self.declared) + self.posted

    def choices(self, options: dict[int, float], most: int = 3) -> tuple[int, ...]:
        """What one voter chooses, among option numbers with their appeal."""
        numbers = list(options)
        wanted = self.chance.choices(numbers, [options[n] for n in numbers], k=most)
        return tuple(dict.fromkeys(wanted))


def generated_edition(
    ideas: int = 120,
    dossiers: int = 90,
    labelled: int = 50,
    declared: int = 200,
    posted: int = 1_800,
    seed: int = 62,
) -> Edition:
    """An edition of these sizes: each stage takes the first of the one before."""
    chance = random.Random(seed)
    # Of this edition alone: a platform mails only so much to an address within an hour.
    domain = f"{secrets.token_hex(4)}.example"
    made = tuple(
        _idea(number, chance, domain, attends=number <= dossiers, labelled=number <= labelled)
        for number in range(1, ideas + 1)
    )
    return Edition(
        title="Budget citoyen du Pas-de-Calais (répétition)",
        year="2026",
        # About three in five of them; no charter's envelope is below its highest ceiling.
        envelope=max(
            sum(idea.cost for idea in made if idea.labelled) * 3 // 5 // 100 * 100,
            *FAMILIES.values(),
        ),
        ideas=made,
        declared=tuple(_identity(number, chance, domain) for number in range(1, declared + 1)),
        posted=posted,
        chance=chance,
    )


def _idea(
    number: int, chance: random.Random, domain: str, *, attends: bool, labelled: bool
) -> Idea:
    what, summary = chance.choice(list(WHAT.items()))
    territory, town = chance.choice(list(TERRITORIES.items()))
    where = chance.choice(WHERE)
    family, ceiling = chance.choice(list(FAMILIES.items()))
    carrier = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    return Idea(
        number=number,
        title=f"{what} {where}, {town} n° {number}",
        summary=f"{summary} Idée n° {number}, portée à {town} par des habitants {where}.",
        territory=territory,
        carrier=f"{carrier} ({number})",
        address=f"porteur{number}@{domain}",
        language="en" if number % 10 == 0 else "fr",
        organisation=f"Les Amis {where} n° {number}",
        status=chance.choice(STATUSES),
        cost=chance.randrange(ceiling // 3, ceiling, 50_00),
        family=family,
        attends=attends,
        files=attends,
        labelled=labelled,
        appeal=chance.paretovariate(1.2),
    )


def _identity(number: int, chance: random.Random, domain: str) -> Identity:
    child = number % 12 == 0
    year = datetime.now(UTC).year - (13 if child else chance.randint(20, 90))
    month, day = chance.randint(1, 12), chance.randint(1, 28)
    return Identity(
        birth_name=f"{chance.choice(FAMILY)}{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}",
        given_name=chance.choice(GIVEN),
        birth_date=f"{year:04d}-{month:02d}-{day:02d}",
        birthplace=f"62{chance.randint(1, 899):03d}",
        territory=chance.choice(list(TERRITORIES)),
        telephone=f"+3361{chance.randrange(10**7):07d}",  # of no département overseas
        address=f"votant{number}@{domain}",
        language="en" if number % 10 == 0 else "fr",
        child=child,
    )
