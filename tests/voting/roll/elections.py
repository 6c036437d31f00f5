"""An edition as the roll hears of it: a charter, a round, options and their words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.canonical import commitment
from shared.events import Event
from shared.events.ballots import Format
from shared.events.charter import CharterRules, Family, Phase, Vote
from shared.events.scheme import Labelled, Territory
from shared.events.screening import Screening
from shared.events.submission import CharterPublished, TextPublished
from shared.events.voting import OptionListed, RoundOpened
from tests.opening import HASH
from tests.voting.roll.conftest import Roll, opened, prepared
from voting import page_script

TITLE = "Budget citoyen 2027"
# (title, summary, cost in cents, territory)
OPTIONS = (
    (
        "Une ressourcerie à Liévin",
        "On y répare. On y donne ce qui sert encore.",
        1_200_000,
        "artois",
    ),
    ("Jardins partagés", "Des jardins pour tous.", 450_000, "calaisis"),
    (
        "Vélos pour la Côte d'Opale",
        "Un atelier de vélos. <script>alert(1)</script>",
        830_050,
        "artois",
    ),
    (
        "Café des aidants",
        "Un lieu pour souffler, chaque semaine, avec d'autres.",
        300_000,
        "calaisis",
    ),
)


def text(value: str) -> TextPublished:
    """Words, under their commitment."""
    salt = uuid4().bytes * 2
    return TextPublished(content_id=commitment(salt, value).hex(), value=value, salt=salt.hex())


# Figures of a rehearsal, but for what a test looks at: everybody comes from one machine.
EASY = Screening.rehearsed().model_copy(update={"proof_bits": 2})


def rules(
    opens_at: datetime,
    minimum_age: int = 11,
    screening: Screening | None = EASY,
    *,
    vouched: bool = True,
) -> CharterRules:
    """A charter of two territories, whose vote opens then; an identity provider may vouch."""
    vote = Phase(name="vote", opens_at=opens_at, closes_at=opens_at + timedelta(days=30))
    return CharterRules(
        preset="pas-de-calais-citizen-budget",
        edition="2027",
        envelope=200_000_000,
        territories=(
            Territory(name="artois", fr="Artois", en="Artois"),
            Territory(name="calaisis", fr="Calaisis", en="Calais area"),
        ),
        phases=(vote,),
        counter_attended=True,
        carrier_statuses=(Labelled(name="association", fr="Association", en="Association"),),
        families=(Family(name="cooperation", fr="Coopération", en="Cooperation", ceiling=20),),
        vote=Vote(
            minimum_age=minimum_age,
            least=0,
            most=2,
            outcome="ranked-until-exhausted",
            identity=("declared", "posted-code", "identity-provider") if vouched else None,
        ),
        second_officer=(),
        screening=screening,
    )


@dataclass
class Edition:
    """What submission and count publish of one edition, ready to be handled in any order."""

    opens: float = -60
    closes: float = 3600
    minimum_age: int = 11
    screening: Screening | None = EASY
    imported: bool = False
    vouched: bool = True
    form: Format | None = None
    general: frozenset[int] = frozenset()  # numbers of options that are of no territory
    withdrawn: Mapping[int, str] = field(default_factory=dict)  # why, by number
    said: Mapping[str, Any] = field(default_factory=dict)  # what else the opening says
    round_id: UUID = field(default_factory=uuid4)
    programme_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.title = text(TITLE)
        self.words = [(text(title), text(summary)) for title, summary, _, _ in OPTIONS]

    @property
    def opens_at(self) -> datetime:
        """When voting opens by the charter."""
        return datetime.now(UTC) + timedelta(seconds=self.opens)

    def charter(self) -> CharterPublished:
        """An import has no rules."""
        return CharterPublished(
            programme_id=self.programme_id,
            log="budget-0a1b2c3d",
            title=self.title.content_id,
            charter=HASH,
            rehearsal=True,
            rules=None
            if self.imported
            else rules(self.opens_at, self.minimum_age, self.screening, vouched=self.vouched),
        )

    def options(self) -> list[OptionListed]:
        """One event each."""
        return [
            OptionListed(
                round_id=self.round_id,
                option_id=uuid4(),
                number=number,
                cost=cost,
                title=title.content_id,
                summary=summary.content_id,
                territory=None if number in self.general else territory,
                withdrawn=self.withdrawn.get(number),
            )
            for number, ((title, summary), (_, _, cost, territory)) in enumerate(
                zip(self.words, OPTIONS, strict=True), 1
            )
        ]

    def texts(self) -> list[TextPublished]:
        """The words behind all of it."""
        return [self.title, *(each for pair in self.words for each in pair)]

    def preparation(self) -> list[Event]:
        """What count says of the round before it opens."""
        return [prepared(self.round_id, self.programme_id), *self.options()]

    async def opening(self, roll: Roll) -> RoundOpened:
        """The round opens, with the roll's own keys."""
        tiers = (await roll.client.ask("GET", f"/rounds/{self.round_id}")).body["tiers"]
        said = {"script": page_script.digest(), **self.said}
        opening = opened(self.round_id, tiers, self.opens, self.closes, self.form, **said)
        return opening.model_copy(update={"options": len(OPTIONS)})

    async def prepared(self, roll: Roll) -> None:
        """Everything but the opening arrives, in an order that no topic promises."""
        await roll.handle(*self.texts())
        await roll.handle(*self.preparation())
        await roll.handle(self.charter())

    async def held(self, roll: Roll) -> UUID:
        """Everything arrives; the round."""
        await self.prepared(roll)
        await roll.handle(await self.opening(roll))
        return self.round_id
