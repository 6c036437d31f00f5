"""The vote of residents in a scenario: who chooses what is known, so that who wins is as well."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from comptoir.browser import Browser, NotThere
from comptoir.deciding import Deciding
from comptoir.edition import Identity
from comptoir.voter import Voter
from shared.pabulib import Choices


@dataclass
class Residents(Deciding):
    """A round in which each voter has a wish, as the ballot says it: by the numbers of projects.

    The first one chooses as the last one does at first, and changes her mind.
    """

    wishes: Sequence[Choices] = ()
    # Of each project its number on the ballot.
    numbers: dict[UUID, int] = field(default_factory=dict)
    _began: bool = False

    async def open_round(self) -> None:
        """As for everybody; from then on it is known which number a project has."""
        await super().open_round()
        path = f"/rounds/{self.round_id}/options"
        listed = await self.client.get("voting.count", path)
        self.numbers = {UUID(each["option_id"]): int(each["number"]) for each in listed}

    async def decide(self) -> None:
        """As for everybody; from then on it is known what came of it."""
        await super().decide()
        path = f"/rounds/{self.round_id}/results.json"
        self.results = await self.client.get("voting.count", path)

    def wanted(self, voter: Voter) -> Choices:
        """What a voter chooses now."""
        place = self.voters.index(voter)
        if place == 0 and not self._began:
            self._began = True
            return self.wishes[-1]
        return self.wishes[place]

    async def refused(self, identity: Identity) -> str:
        """Somebody who may not vote declares herself: the code. Raises `NotThere` where she may."""
        form = f"/rounds/{self.round_id}/register"
        async with Browser(self.desks.sites["roll"]) as browser:
            fields = await self.declaration(browser, identity)
            answer = await browser.post(form, fields, Accept="application/json")
        if answer.status < 400:
            raise NotThere(f"{form}: {answer.status}, and she may not vote")
        return str(json.loads(answer.text)["code"])
