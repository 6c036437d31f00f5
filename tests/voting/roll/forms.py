"""Ballots of every format: what tests draw, and one of each to be shown."""

from hypothesis import strategies as st

from shared.events.ballots import (
    Approval,
    Contests,
    Cumulative,
    Decision,
    Format,
    Grades,
    Knapsack,
    Limits,
    PlusMinus,
    Ranking,
    Score,
)

# One of each, over four options that cost 12 000 €, 4 500 €, 8 300,50 € and 3 000 €.
EACH: dict[str, Format] = {
    "approval": Approval(max=2, wrong="refused"),
    "contests": Contests(own=Limits(max=1), general=Limits(max=1)),
    "knapsack": Knapsack(cap=1_600_000),
    "ranking": Ranking(points=(3, 2, 1), min=2, max=3),
    "cumulative": Cumulative(total=10, least_total=4, most_each=6),
    "score": Score(low=-2, high=3, min=1),
    "score-wide": Score(low=0, high=100),
    "plus-minus": PlusMinus(most_plus=2, most_minus=1, minus_needs_plus=True),
    "grades": Grades(grades=("to-reject", "fair", "good", "remarkable"), min=2),
    "decision": Decision(members=7),
}


@st.composite
def _between(draw: st.DrawFn, most: int = 4) -> dict[str, int]:
    high = draw(st.integers(1, most))
    return {"min": draw(st.integers(0, high)), "max": high}


@st.composite
def formats(draw: st.DrawFn, kind: str) -> Format:
    """Any format of a type, with small limits."""
    limits = draw(_between())
    match kind:
        case "approval":
            return Approval(**limits)
        case "contests":
            own, general = draw(_between(2)), draw(_between(2))
            return Contests(own=Limits(**own), general=Limits(**general))
        case "knapsack":
            return Knapsack(cap=draw(st.integers(0, 6)), **limits)
        case "ranking":
            return Ranking(points=(3, 2, 1), **limits)
        case "cumulative":
            total = draw(st.integers(1, 8))
            least = draw(st.integers(0, total))
            each = draw(st.integers(1, 4))
            return Cumulative(total=total, least_total=least, most_each=each, **limits)
        case "score":
            low = draw(st.integers(-3, 3))
            return Score(low=low, high=draw(st.integers(low, 5)), **limits)
        case "plus-minus":
            return PlusMinus(
                most_plus=draw(st.integers(1, 3)),
                most_minus=draw(st.integers(0, 3)),
                min=draw(st.integers(0, 4)),
                minus_needs_plus=draw(st.booleans()),
            )
        case "grades":
            return Grades(grades=("bad", "fair", "good"), min=draw(st.integers(0, 4)))
    return Decision(members=7)
