"""What a voter opens: the rounds that are held, and the ballot of one of them.

The page casts by its script: the code goes to the roll, the ballot straight to the box, and the
rules of the round come from the ledger, which the script believes as the policy says.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.database import raw
from shared.people.guards import everybody
from shared.process import RouteDatabase, process_of
from shared.web.kit import RoutePages
from voting import page_script
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals
from voting.roll.offered import queries
from voting.roll.offered.queries import RoundShown
from voting.roll.offered.sentences import split


class Record(NamedTuple):
    """Where the script finds a round's opening in the ledger, and whom it believes: a witness
    policy (C2SP tlog-policy). Nobody can vote before all of it is known."""

    ledger: str
    log: str
    opened: UUID
    policy: str

    @classmethod
    def of(cls, shown: RoundShown, sites: Mapping[str, str], policy: str | None) -> Self | None:
        """That of a round; None where something is lacking, the box's address included."""
        if policy is None or shown.opened_event is None or not {"box", "ledger"} <= sites.keys():
            return None
        return cls(sites["ledger"].rstrip("/"), shown.log, shown.opened_event, policy)


def create_router(policy: str | None) -> APIRouter:
    """The routes of a roll whose pages name this witness policy."""
    router = APIRouter()
    digest = page_script.digest()

    @router.get("/", dependencies=[everybody], include_in_schema=False)
    async def list_rounds(request: Request, pages: RoutePages, database: RouteDatabase) -> Response:
        """The rounds that are held now or soon, with what can be done in each."""
        async with database.begin() as session:
            rounds = await queries.rounds_shown(await raw(session))
        rehearsal = only_rehearsals(rounds)
        return pages.show(request, "rounds.html", rounds=rounds, rehearsal=rehearsal)

    @router.get("/rounds/{round_id}/ballot", dependencies=[everybody])
    async def tell_ballot(round_id: UUID, database: RouteDatabase) -> dict[str, Any]:
        """What a ballot of a round can say, with the words that are known and not erased: for who
        shows it elsewhere, as the booth does. `cost` is in cents."""
        async with database.begin() as session:
            connection = await raw(session)
            shown = await queries.round_shown(connection, round_id)
            options = await queries.options_shown(connection, round_id)
        if shown is None:
            raise RoundUnknown(f"round {round_id} was never prepared")
        places = {t.name: t for t in shown.rules.territories} if shown.rules else {}
        form = None if shown.format is None else shown.format.model_dump(exclude_none=True)
        return {
            "round_id": str(round_id),
            "title": shown.title,
            "state": shown.state,
            "opens_at": shown.opens_at,
            "closes_at": shown.closes_at,
            "rehearsal": bool(shown.rehearsal),
            "secrecy": shown.secrecy,
            "assisted": shown.assisted,
            "batch": shown.batch,
            "format": form,
            "territories": [{"name": t.name, "fr": t.fr, "en": t.en} for t in places.values()],
            "options": [
                {
                    "number": option.number,
                    "cost": option.cost,
                    "title": option.title,
                    "summary": option.summary,
                    "territory": option.territory,
                    "groups": option.groups,
                    "withdrawn": option.withdrawn,
                }
                for option in options
            ],
        }

    @router.get("/limits", dependencies=[everybody], include_in_schema=False)
    async def show_limits(request: Request, pages: RoutePages) -> Response:
        """What a vote here keeps secret, and where that ends, in plain words."""
        return pages.show(request, "limits.html", rehearsal=False)

    @router.get("/rounds/{round_id}/vote", dependencies=[everybody], include_in_schema=False)
    async def show_ballot(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """The ballot of a round. Nothing of what is done with it comes back here but the code."""
        async with database.begin() as session:
            connection = await raw(session)
            shown = await queries.round_shown(connection, round_id)
            options = await queries.options_shown(connection, round_id)
        if shown is None:
            raise RoundUnknown(f"round {round_id} was never prepared")
        sites = process_of(request).settings.sites
        asked = [sites[name].rstrip("/") for name in ("box", "ledger") if name in sites]
        return pages.show(
            request,
            "vote.html",
            connect=asked,
            shown=shown,
            options=[(option, *split(option.summary or "")) for option in options],
            territories={t.name: t for t in shown.rules.territories} if shown.rules else {},
            contests=sorted(
                {each for o in options if (each := o.contest(shown.format)) is not None}
            ),
            box=sites.get("box", "").rstrip("/"),
            record=Record.of(shown, sites, policy),
            digest=digest,
            integrity=f"sha256-{b64encode(bytes.fromhex(digest)).decode()}",
        )

    return router
