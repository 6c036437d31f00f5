"""What a person reads of scenarios that are over, and what a program does."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from comptoir.display import euros
from comptoir.scenarios.held import Held


def line(held: Held) -> str:
    """A scenario as a line of JSON; money in cents."""
    return json.dumps(
        {
            "preset": held.preset,
            "events": held.events,
            "decisions": held.decisions,
            "funded_cents": held.funded_cents,
            "verified": held.verified,
        }
    )


def table(all_held: Sequence[Held]) -> Table:
    """A row for each scenario."""
    shown = Table(title="Schemes held on this platform, as their records say")
    shown.add_column("preset")
    for name in ("events", "decisions", "funded"):
        shown.add_column(name, justify="right")
    shown.add_column("verified")
    for held in all_held:
        figures = (f"{held.events:,}", f"{held.decisions:,}", euros(held.funded_cents))
        shown.add_row(
            held.preset,
            *(figure.replace(",", " ") for figure in figures),
            "yes" if held.verified else "NO",
        )
    return shown


def report(console: Console, held: Held) -> None:
    """One scenario: what its record has, whom it told and refused what, and the verdict."""
    console.print(table([held]))
    refused = ", ".join(held.refused) or "nothing"
    lines = [
        f"Ledger {held.log}, by type of entry:",
        *(f"    {many:5} {kind}" for kind, many in sorted(held.types.items())),
        f"Messages that people of it were sent: {held.messages}",
        f"What they were refused, by its code: {refused}",
        *_wrong(held),
    ]
    for each in lines:
        console.print(each, highlight=False, soft_wrap=True, markup=False)


def report_all(console: Console, all_held: Sequence[Held]) -> None:
    """All scenarios, and what is wrong with those that are not verified."""
    console.print(table(all_held))
    for held in all_held:
        for each in _wrong(held):
            said = f"{held.preset}: {each.strip()}"
            console.print(said, highlight=False, soft_wrap=True, markup=False)


def _wrong(held: Held) -> list[str]:
    """Why a scenario is not verified."""
    return [f"    {difference}" for difference in held.differences]
