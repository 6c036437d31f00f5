"""The citizen budget of a scenario: what its nine ideas are, who votes for which, and its charter.

Each idea goes another way: see the names below.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from comptoir.edition import TERRITORIES, Edition, Identity, generated_edition
from comptoir.proposing import PARIS
from comptoir.scenarios.carrying import Idea
from comptoir.scenarios.stage import Stage

RANKED, ALL = "ranked-until-exhausted", "all-labelled"
NEEDED: Final = ("budget", "statutes", "registration", "bank-details")


@dataclass(frozen=True)
class Project:
    """What somebody proposes; `euros` are asked for, and the label that is voted on is `family`."""

    title: str
    territory: str
    status: str
    euros: int
    family: str

    @property
    def idea(self) -> Idea:
        """In a few lines."""
        town = TERRITORIES[self.territory]
        summary = f"{self.title}, avec les habitants de {town} et pour eux."
        return Idea(f"{self.title}, {town}", summary, self.territory)

    def dossier(self, without: str = "") -> dict[str, str]:
        """Whole; all that it costs is asked for, to be spent on operation."""
        return {
            "title": self.idea.title,
            "carrier": self.organisation,
            "status": self.status,
            "cost": str(self.euros),
            "cost-amount-1": str(self.euros),
            "nature": "operating",
            "summary": self.idea.summary,
            **{f"document-{name}": "yes" for name in NEEDED if name != without},
        }

    @property
    def organisation(self) -> str:
        """Who carries it."""
        return f"Les Amis : {self.title}"


# The orchard goes on with the garden in it; the workshop is handed on to another desk; the grocery
# misses its first session; the radio is guided without one; the choir gets no label; the kitchen is
# withdrawn; nobody answers the café in time; the hall has nobody who may file it.
ORCHARD = Project("Un verger partagé", "boulonnais", "association", 18_000, "cooperation")
GARDEN = Project("Un jardin potager", "boulonnais", "association", 6_000, "cooperation")
WORKSHOP = Project("Un atelier vélo", "boulonnais", "cooperative", 9_000, "social-innovation")
GROCERY = Project("Une épicerie solidaire", "lens-henin", "association", 4_500, "sse-values")
RADIO = Project("Une radio d'habitants", "artois", "foundation", 12_000, "cooperation")
CHOIR = Project("Un chœur de voisins", "lens-henin", "association", 3_000, "sse-values")
KITCHEN = Project("Une cuisine mobile", "boulonnais", "esus-company", 8_000, "social-innovation")
CAFE = Project("Un café des aidants", "calaisis", "association", 2_000, "sse-values")
HALL = Project("Une salle des fêtes", "lens-henin", "association", 15_000, "cooperation")

PROJECTS: Final = (ORCHARD, GARDEN, WORKSHOP, GROCERY, RADIO, CHOIR, KITCHEN, CAFE, HALL)
LABELLED: Final = (ORCHARD, WORKSHOP, GROCERY, RADIO)
FILED: Final = (*LABELLED, CHOIR, KITCHEN)
# What each voter chooses at last, at most three projects: they have 5, 4, 3 and 2 votes.
WISHES: Final = (
    (ORCHARD, WORKSHOP, RADIO),
    (ORCHARD, WORKSHOP, RADIO),
    (ORCHARD, WORKSHOP, GROCERY),
    (ORCHARD, RADIO),
    (ORCHARD, WORKSHOP),
    (GROCERY,),
)
# Ranked, the envelope takes the first two; the third is beyond what is left, and the fourth fits.
ENVELOPES: Final = {RANKED: 32_000, ALL: 45_000}
FUNDED: Final = {RANKED: (ORCHARD, WORKSHOP, GROCERY), ALL: LABELLED}
# Whose desk answers nobody, and how long an idea waits there.
SILENT, SILENCE = "calaisis", "10 seconds"
MILESTONES: Final = (
    {"name": "begun", "fr": "Le projet a commencé", "en": "The project has begun"},
    {"name": "open", "fr": "Ouvert au public", "en": "Open to the public"},
)


def says(outcome: str) -> Mapping[str, Any]:
    """What the edition says otherwise than the preset, or beside it."""
    now = datetime.now(PARIS).replace(second=0, microsecond=0)
    begin, end = now - timedelta(minutes=10), now + timedelta(hours=1)
    windows = {name: (begin, end) for name in ("ideas", "counters", "dossiers", "labelling")}
    windows["vote"] = (end, end + timedelta(hours=6))
    return {
        "envelope": f"{ENVELOPES[outcome]} EUR",
        "phases": {
            name: {"opens": opens.isoformat(), "closes": closes.isoformat()}
            for name, (opens, closes) in windows.items()
        },
        "desks": [_desk(name, town) for name, town in TERRITORIES.items()],
        "vote": {"outcome": outcome},
        "funding": {"milestones": list(MILESTONES)},
    }


def voters(stage: Stage) -> Edition:
    """As many voters as there are wishes: one with a posted code, the others declare who they are,
    the first of whom is eleven years old today."""
    made = generated_edition(
        ideas=0,
        dossiers=0,
        labelled=0,
        declared=len(WISHES) - 1,
        posted=1,
        seed=secrets.randbits(32),
    )
    declared = [
        replace(who, address=stage.address(f"votant{n}"), language="fr", child=False)
        for n, who in enumerate(made.declared, start=1)
    ]
    eleven = born(declared[0], 11)
    return replace(made, declared=(eleven, *declared[1:]))


def born(who: Identity, years: int, days_ago: int = 0) -> Identity:
    """Somebody who became so old so many days ago, and whose parents agree."""
    day = datetime.now(PARIS).date() - timedelta(days=days_ago)
    birthday = day.replace(year=day.year - years, day=min(day.day, 28))
    return replace(who, birth_date=birthday.isoformat(), child=True)


def _desk(name: str, town: str) -> dict[str, Any]:
    silent = name == SILENT
    return {
        "name": name,
        "fr": f"Comptoir de {town}",
        "en": f"Counter of {town}",
        "role": "adviser",
        "territories": [name],
        "answer": SILENCE if silent else "10 days",
        "remind": "5 seconds" if silent else "3 days",
    }
