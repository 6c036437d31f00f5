"""What an officer was shown of who would sign an agreement: she finds that in order, and nothing
newer."""

from collections.abc import Sequence
from typing import Final

from submission.carriers.tables import Aid, Carriage, Organisation
from submission.projects.plans import in_euros
from submission.versions import Shown

# What an organisation says of itself, beside its name.
OF_ORGANISATION: Final = ("siret", "rna", "founded_on", "seat", "branch", "sse", "sse_until")


def shown(
    who: Carriage,
    of: Organisation | None,
    name: str,
    aids: Sequence[Aid],
    cost: int | None,
) -> Shown:
    """Who would sign, as the page shows it now, with what it declares to have had, and what is
    asked for; a person says no more than that she carries it."""
    said = {"name": name, "type": who.type, "status": who.status or ""}
    if of is not None:
        said |= {each: str(getattr(of, each) or "") for each in OF_ORGANISATION}
        said["ambassador"] = "yes" if of.ambassador else ""
    lines = [f"{a.granted_on} · {in_euros(a.amount)} € · {a.granted_by}" for a in aids]
    said["aids"] = "\n".join(sorted(lines))
    said["cost"] = "" if cost is None else in_euros(cost)
    return Shown(said, f"{who.carrier_id}")
