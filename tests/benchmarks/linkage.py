"""`linkage`: which share of voters the best attacker links (`tests/linkage`)."""

from collections.abc import AsyncIterator

from tests.benchmarks.figure import Figure, say
from tests.clusters import own_broker
from tests.linkage.attackers import shares, threshold
from tests.linkage.town import Plan, town

PLANS = (Plan(10, 600), Plan(1000, 1000))


async def linkage() -> AsyncIterator[Figure]:
    """A town of ten voters an hour, and one of a thousand."""
    async with own_broker() as broker:
        for plan in PLANS:
            async with town(plan, broker) as voted:
                await voted.vote(seed=1)
            found = shares(voted.found, voted.truth)
            best = next(iter(found))
            name = f"linkage-{plan.rate:g}"
            say(f"{name}: {len(found)} attackers, the best by {best}")
            yield Figure(name, found[best], "of voters", target=f"<= {threshold(plan.voters):.4f}")
