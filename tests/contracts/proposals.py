"""One event of each type of projects, carriers, gatherings, handoffs and grants."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.events import Event
from shared.events.carriers import (
    AidEntered,
    AidRemoved,
    CarrierAsked,
    CarrierCleared,
    CarrierJoined,
    CarrierLeft,
    ClearanceWithdrawn,
)
from shared.events.funding import (
    AgreementSigned,
    FundingConfirmed,
    GrantLapsed,
    GrantReduced,
    Instalment,
    InstalmentPaid,
    MilestoneReached,
)
from shared.events.gatherings import (
    GatheringAmended,
    GatheringAnnounced,
    GatheringCancelled,
    GatheringHeld,
)
from shared.events.handoffs import (
    HandoffAccepted,
    HandoffAttended,
    HandoffDeclined,
    HandoffMissed,
    HandoffRedirected,
    HandoffRequested,
    HandoffReturned,
    HandoffScheduled,
    PlaceAwaited,
)
from shared.events.projects import (
    CostLine,
    DocumentAttached,
    DocumentRemoved,
    DossierAmended,
    DossierFiled,
    DossierReviewed,
    IdeaDeposited,
    IdeaSupported,
    IncomeLine,
    LabelRefused,
    ProjectLabelled,
    ProjectResumed,
    ProjectsMerged,
    ProjectSplit,
    ProjectSuspended,
    ProjectWithdrawn,
)
from tests.contracts.made import (
    ADVISER,
    BENCH,
    COUNTER,
    EVENING,
    HANDOFF,
    NOON,
    OTHER,
    PROGRAMME,
    ROUND,
    TREES,
    hashed,
    project,
)

CARRIER = UUID("5b1f6c1e-0000-4000-8000-000000000051")
DOCUMENT = UUID("5b1f6c1e-0000-4000-8000-000000000052")
NEXT = UUID("5b1f6c1e-0000-4000-8000-000000000053")
DAY = date(2026, 10, 12)


def of_projects() -> tuple[Event, ...]:
    """In the order of `ALL`."""
    reason = {"reason": hashed("they are the same"), "officer": ADVISER}
    return (
        IdeaDeposited(
            **project(),
            territory="artois",
            title=hashed("a bench"),
            summary=hashed("where one can rest"),
            carrier=hashed("somebody"),
            theme="nature",
            category="youth",
            source="import",
        ),
        IdeaSupported(**project(), supporters=12),
        _dossier(DossierFiled, "a bench", 4_500_00),
        _dossier(DossierAmended, "two benches", 9_000_00),
        DossierReviewed(
            **project(), missing=("budget",), officer=ADVISER, family="sse-values", until=EVENING
        ),
        ProjectLabelled(**project(), family="sse-values", ceiling=4_500_00, round_id=ROUND),
        LabelRefused(**project(), round_id=ROUND),
        ProjectsMerged(**project(), merged=(TREES,), **reason),
        ProjectSplit(**project(), into=(TREES, NEXT), **reason),
        ProjectWithdrawn(**project(), **reason),
        ProjectSuspended(**project(), **reason),
        ProjectResumed(**project(), **reason),
        DocumentAttached(
            **project(),
            document_id=DOCUMENT,
            document="budget",
            commitment=hashed("a file"),
            length=48_213,
            media="application/pdf",
        ),
        DocumentRemoved(**project(), document_id=DOCUMENT, ground="replaced"),
    )


def _dossier[D: DossierFiled](kind: type[D], title: str, cost: int) -> D:
    """A dossier with everything in it."""
    return kind(
        **project(),
        title=hashed(title),
        cost=cost,
        summary=hashed("where one can rest"),
        territory="artois",
        carrier=hashed("an association"),
        carrier_status="association",
        documents=("budget",),
        theme="nature",
        category="youth",
        carrier_id=CARRIER,
        carrier_type="association",
        nature="investment",
        months=12,
        principles=("secularity",),
        costs=(CostLine(kind="equipment", amount=cost + 1_000_00),),
        income=(
            IncomeLine(source="asked", amount=cost),
            IncomeLine(source="own", amount=1_000_00),
        ),
        charter_version=2,
        revision=3,
    )


def of_carriers() -> tuple[Event, ...]:
    """In the order of `ALL`."""
    who = {**project(), "carrier_id": CARRIER}
    aid: dict[str, Any] = {**who, "granted_on": DAY, "amount": 12_000_00, "officer": ADVISER}
    return (
        CarrierJoined(
            **who,
            part="lead",
            carrier_type="association",
            name=hashed("an association"),
            status="association",
            siret=hashed("73282932000074"),
            rna=hashed("W751000001"),
            founded_on=date(2019, 5, 2),
            seat="artois",
            sse=hashed("62-2025-117"),
            sse_until=date(2027, 5, 2),
        ),
        CarrierLeft(**who, part="lead", reason=hashed("it was dissolved")),
        CarrierCleared(
            **who,
            checked=("identifier", "status", "contract", "de-minimis"),
            officer=ADVISER,
            contract_on=DAY,
            de_minimis=12_000_00,
            sse_until=date(2027, 5, 2),
        ),
        ClearanceWithdrawn(**who, reason=hashed("the contract is another one's"), officer=ADVISER),
        CarrierAsked(**who, missing=("status", "sse"), officer=ADVISER),
        AidEntered(**aid, reason=hashed("as its letter of March declares")),
        AidRemoved(**aid, reason=hashed("it was entered twice")),
    )


def of_gatherings() -> tuple[Event, ...]:
    """In the order of `ALL`."""
    counter = {"gathering_id": COUNTER, "programme_id": PROGRAMME}
    what: dict[str, Any] = {
        **counter,
        "kind": "counter",
        "territory": "artois",
        "place": hashed("a library"),
        "begins_at": NOON,
        "ends_at": EVENING,
        "capacity": 12,
        "title": hashed("from an idea to a project"),
        "host": hashed("an association"),
        "desk": "reception",
        "workshops": ("finance",),
        "online": True,
    }
    return (
        GatheringAnnounced(**what),
        GatheringAmended(**what, reason=hashed("another room"), officer=ADVISER),
        GatheringCancelled(**counter, reason=hashed("a storm"), officer=ADVISER),
        GatheringHeld(**counter, registered=12, attended=10, missed=2, waited=3),
    )


def of_handoffs() -> tuple[Event, ...]:
    """In the order of `ALL`."""
    handoff = {
        **project(),
        "handoff_id": HANDOFF,
        "gathering_id": COUNTER,
        "desk": "reception",
    }
    return (
        HandoffRequested(**handoff, due_at=EVENING, after=NEXT),
        HandoffAccepted(**handoff, officer=ADVISER, due_at=EVENING),
        HandoffRedirected(
            **handoff,
            to_desk="instruction",
            next_id=NEXT,
            reason=hashed("another competence"),
            officer=ADVISER,
        ),
        HandoffScheduled(**handoff, officer=ADVISER, due_at=EVENING),
        PlaceAwaited(**handoff, ahead=2, officer=ADVISER),
        HandoffDeclined(**handoff, officer=ADVISER, reason=hashed("full")),
        HandoffAttended(**handoff, officer=ADVISER, due_at=EVENING),
        HandoffMissed(**handoff, officer=ADVISER, reason=hashed("ill"), due_at=EVENING),
        HandoffReturned(**handoff, cause="declined", reason=hashed("full"), officer=ADVISER),
    )


def of_funding() -> tuple[Event, ...]:
    """In the order of `ALL`."""
    what = {"round_id": ROUND, "option_id": BENCH}
    officers = (ADVISER, OTHER)
    return (
        FundingConfirmed(**what, amount=9_000_00, act="CD62-2026-41", on=DAY, officers=officers),
        AgreementSigned(
            **what,
            amount=9_000_00,
            officers=officers,
            act="2026-C-17",
            signed_on=DAY,
            cost=10_000_00,
            instalments=(
                Instalment(name="first", amount=4_500_00, on="order"),
                Instalment(name="balance", amount=4_500_00, on="invoice"),
            ),
        ),
        InstalmentPaid(
            **what,
            instalment="first",
            amount=4_500_00,
            reference="2026/M-1187",
            paid_on=DAY,
            officer=ADVISER,
        ),
        GrantReduced(
            **what,
            before=9_000_00,
            amount=8_100_00,
            spent=9_000_00,
            officers=officers,
            reason=hashed("it was cheaper"),
        ),
        MilestoneReached(**what, milestone="begun", on=DAY, officer=ADVISER),
        GrantLapsed(
            **what,
            left=3_600_00,
            ground="not-finished",
            officers=officers,
            reason=hashed("the site was sold"),
        ),
    )
