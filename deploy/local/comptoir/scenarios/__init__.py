"""Schemes held from their charter to what became of the money, one for each preset.

Each walks its scheme as the people do whose step it is, through the forms that they fill in, with
the services and Kafka between them; what came of it is read in the record.
"""

from collections.abc import Awaitable, Callable

from comptoir.scenarios import bid_54, moselle, rebound_fund
from comptoir.scenarios.held import Held
from comptoir.scenarios.stage import Stage

type Scenario = Callable[[Stage], Awaitable[Held]]

# In the order in which `comptoir demo --all` holds them.
SCENARIOS: dict[str, Scenario] = {
    bid_54.PRESET: bid_54.hold,
    rebound_fund.PRESET: rebound_fund.hold,
    moselle.PRESET: moselle.hold,
}
