"""Any steps in any order, by anybody: no handoff is ever lost between two desks."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comptoir.browser import Browser
from shared.people import Role
from tests.submission.counters.desks import begin_with_desks, fire, handoffs, lost
from tests.submission.proposing import REASON, Town

ACTS = (
    *("accept", "schedule", "redirect", "decline", "attended", "missed", "return"),
    *("ask", "ask a desk", "withdraw", "late", "cancel a session", "a larger session"),
)
steps = st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 1))


class Walk:
    """Three ideas, two sessions of one place each, three desks, and whoever works at them."""

    def __init__(self, town: Town, officer: Browser) -> None:
        self.town, self.officer = town, officer
        self.carriers: list[tuple[Browser, UUID]] = []
        self.sessions: list[UUID] = []

    async def begin(self) -> None:
        for number in range(3):
            carrier = self.town.browser()
            address = f"carrier{number}@example.org"
            self.carriers.append((carrier, await self.town.deposit(carrier, address)))
        for desk in ("artois-desk", "reception"):
            self.sessions.append(await self.town.counter(self.officer, capacity=1, desk=desk))

    async def take(self, act: str, whose: int, which: int) -> int:
        """Take a step; the status it was answered with."""
        carrier, project_id = self.carriers[whose]
        found = await handoffs(self.town, project_id)
        handoff = found[-1]["handoff_id"] if found else UUID(int=7)
        desk = f"/desk/handoffs/{handoff}"
        match act:
            case "ask":
                said = {"counter": str(self.sessions[which])}
                seen = await self.town.send(carrier, f"/projects/{project_id}/counter", **said)
            case "ask a desk":
                seen = await self.town.send(
                    carrier, f"/projects/{project_id}/desk", desk="reception"
                )
            case "withdraw":
                path = f"/projects/{project_id}/handoffs/{handoff}/withdraw"
                seen = await self.town.send(carrier, path)
            case "late":
                await self.town.connection.execute(
                    "update deadline set due_at = now()"
                    " where kind = 'handoff' and subject = $1 and fired_at is null",
                    handoff,
                )
                await fire(self.town)
                return 200
            case "cancel a session":
                path = f"/desk/counters/{self.sessions[which]}/cancel"
                seen = await self.town.send(self.officer, path, reason=REASON)
                if seen.status == 200:
                    self.sessions[which] = await self.town.counter(
                        self.officer, capacity=1, desk=("artois-desk", "reception")[which]
                    )
            case "a larger session":
                path = f"/desk/counters/{self.sessions[which]}/amend"
                fields = (await self.officer.get(path)).fields(path)
                capacity = str(int(fields["capacity"]) + 1)
                seen = await self.officer.post(
                    path, {**fields, "capacity": capacity, "reason": REASON}
                )
            case _:
                to = ("arrageois-desk", "reception")[which]
                said = {"reason": REASON, "desk": to, "counter": str(self.sessions[which])}
                seen = await self.town.send(self.officer, f"{desk}/{act}", **said)
        return seen.status


@given(taken=st.lists(steps, min_size=4, max_size=14))
@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_handoff_is_ever_lost(town: Town, taken: Sequence[tuple[str, int, int]]) -> None:
    await begin_with_desks(town, counters=None)
    officer = await town.officer(Role.ADVISER, Role.INSTRUCTOR)
    walk = Walk(town, officer)
    await walk.begin()
    for act, whose, which in taken:
        status = await walk.take(act, whose, which)
        assert status < 500, (act, status)
        await fire(town)
        assert not await lost(town), (act, whose, which)
    # Left alone, all of it comes back: every deadline comes in the end.
    for _ in range(6):
        await town.connection.execute(
            "update deadline set due_at = now() where kind = 'handoff' and fired_at is null"
            " and subject in (select handoff_id from handoff where programme_id = $1)",
            town.programme_id,
        )
        await fire(town)
    assert not await town.connection.fetchval(
        "select count(*) from handoff where programme_id = $1"
        " and state not in ('redirected', 'returned')",
        town.programme_id,
    )
    chains = await town.connection.fetch(
        "select project_id from handoff where programme_id = $1 and state = 'redirected'"
        " and not exists (select from handoff n where n.after = handoff.handoff_id)",
        town.programme_id,
    )
    assert not chains
    await town.leave()
