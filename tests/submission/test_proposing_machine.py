"""Any steps in any order: what the model says is possible happens, all else changes nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comptoir.browser import Browser
from shared.people import Role
from tests.submission.proposing import DOSSIER, REASON, Town

STEPS = (
    *("ask", "accept", "decline", "attend", "miss", "return", "withdraw"),
    *("file", "amend", "complete", "incomplete", "label", "refuse"),
)


# From which states an act leads, and what it announces.
LEADS = {
    "accept": (("requested",), ("accepted", "scheduled")),
    "decline": (("requested",), ("returned",)),
    "attend": (("scheduled",), ("attended",)),
    "miss": (("scheduled",), ("missed",)),
    "return": (("attended", "missed"), ("returned",)),
    "withdraw": (("requested", "scheduled", "missed"), ("returned",)),
}


@dataclass
class Model:
    """What a project may do next, said a second time and more simply than the rules do."""

    handoff: str = "none"
    attended: bool = False
    cost: int | None = None
    review: str | None = None
    decided: bool = False
    events: list[str] = field(default_factory=lambda: ["idea-deposited"])

    def step(self, name: str) -> str | None:
        """The code of a refusal, or None for what happens."""
        match name:
            case "ask":
                if self.handoff in ("requested", "scheduled"):
                    return "handoff_waiting"
                if self.handoff in ("attended", "missed"):
                    self._hand("returned")
                self._hand("requested")
            case _ if name in LEADS:
                if self.handoff == "none":
                    return "handoff_unknown"
                wanted, to = LEADS[name]
                if self.handoff not in wanted:
                    return "handoff_decided"
                self.attended = self.attended or name == "attend"
                for state in to:
                    self._hand(state)
            case "file" | "amend":
                return self._file(4_000_00 if name == "file" else 5_000_00)
            case _:
                return self._desk(name)
        return None

    def _hand(self, state: str) -> None:
        self.handoff = state
        self.events.append(f"handoff-{state}")

    def _file(self, cost: int) -> str | None:
        if self.cost is None:
            if not self.attended:
                return "counter_not_attended"
            self.events.append("dossier-filed")
        elif self.decided:
            return "already_decided"
        elif self.cost != cost:
            self.events.append("dossier-amended")
        else:
            return None
        self.cost, self.review = cost, None
        return None

    def _desk(self, name: str) -> str | None:
        if self.cost is None:
            return "dossier_unknown"
        if self.decided:
            return "already_decided"
        if name in ("complete", "incomplete"):
            self.review = name
            self.events.append("dossier-reviewed")
            return None
        if name == "label":
            if self.review != "complete":
                return "dossier_incomplete"
            if self.cost > 4_500_00:
                return "cost_over_ceiling"
        self.decided = True
        self.events.append({"label": "project-labelled", "refuse": "label-refused"}[name])
        return None


@dataclass
class Walk:
    """A project that steps are tried on, by whoever may take each."""

    town: Town
    carrier: Browser
    adviser: Browser
    member: Browser
    project_id: UUID
    gathering_id: UUID

    async def take(self, name: str) -> str | None:
        """Take a step; the code of its refusal."""
        sender, path, said = await self._form(name)
        seen = await self.town.send(sender, path, **said)
        if seen.status == 200:
            return None
        assert 400 <= seen.status < 500, seen.text
        code: str = json.loads(seen.text)["code"]
        return code

    async def _form(self, name: str) -> tuple[Browser, str, dict[str, str]]:
        idea, desk = f"/projects/{self.project_id}", f"/desk/projects/{self.project_id}"
        match name:
            case "ask":
                return self.carrier, f"{idea}/counter", {"counter": str(self.gathering_id)}
            case "file" | "amend":
                cost = "4 000" if name == "file" else "5 000"
                said = {"cost": cost, "revision": await self._revision()}
                return self.carrier, f"{idea}/dossier", DOSSIER | said
            case "complete":
                return self.member, f"{desk}/review", await self._shown()
            case "incomplete":
                said = {"missing-statutes": "yes", **await self._shown()}
                return self.member, f"{desk}/review", said
            case "label" | "refuse":
                said = {"family": "sse-values", "reason": REASON, **await self._shown()}
                return self.member, f"{desk}/{name}", said
        handoff = await self.town.connection.fetchval(
            "select handoff_id from handoff where project_id = $1"
            " order by requested_at desc limit 1",
            self.project_id,
        )
        if name == "withdraw":
            return self.carrier, f"{idea}/handoffs/{handoff or uuid4()}/withdraw", {}
        act = {"attend": "attended", "miss": "missed"}.get(name, name)
        return self.adviser, f"/desk/handoffs/{handoff or uuid4()}/{act}", {"reason": REASON}

    async def _shown(self) -> dict[str, str]:
        """The same of the forms of the desk, as long as there are such."""
        page = f"/desk/projects/{self.project_id}"
        fields = (await self.member.get(page)).forms().get(f"{page}/review", {})
        return {name: value for name, value in fields.items() if name == "shown"}

    async def _revision(self) -> str:
        """What a form that is opened now would show."""
        kept = await self.town.connection.fetchval(
            "select revision from project where project_id = $1", self.project_id
        )
        return str(kept or 0)


@st.composite
def walks(draw: st.DrawFn) -> list[str]:
    """Steps that lead somewhere more often than chance would, with any others among them."""
    way = ["ask", "accept", "attend", "file", "complete", "label"]
    steps = [*way[: draw(st.integers(0, len(way)))]]
    for _ in range(draw(st.integers(1, 8))):
        steps.insert(draw(st.integers(0, len(steps))), draw(st.sampled_from(STEPS)))
    return steps


@given(steps=walks())
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_what_the_model_forbids_is_refused_and_changes_nothing(
    town: Town, steps: Sequence[str]
) -> None:
    await town.begin()
    adviser, member = await town.officer(Role.ADVISER), await town.officer(Role.COMMITTEE)
    carrier = town.browser()
    project_id = await town.deposit(carrier)
    walk = Walk(town, carrier, adviser, member, project_id, await town.counter(adviser, 99))
    model = Model()
    for name in steps:
        before = await town.snapshot()
        events = list(model.events)
        code = model.step(name)
        assert await walk.take(name) == code, (name, model)
        if code is not None:
            assert await town.snapshot() == before
        assert await town.events() == model.events, (name, events)
    await town.leave()
