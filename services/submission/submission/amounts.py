"""What a project may cost."""

from shared.refusal import Refusal

HIGHEST_COST = 10**15  # cents; far below 2^53, so that JSON keeps it exactly in every language


class CostRefused(Refusal):
    """A cost is not a positive number of cents, or too high to be meant."""

    code = "cost_refused"


def check_cost(cost: int) -> None:
    """Raises `CostRefused` where a cost, in cents, cannot be one."""
    if not 1 <= cost <= HIGHEST_COST:
        raise CostRefused(f"a cost is between 1 and {HIGHEST_COST} cents")
