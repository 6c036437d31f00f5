"""What projects add to the process: ideas and their dossiers."""

from submission.amounts import CostRefused
from submission.projects import routes
from submission.projects.deposit import routes as deposit
from submission.projects.deposit.drafts import (
    DepositNotBegun,
    DraftChanged,
    LanguageRefused,
    TooManyLinks,
)
from submission.projects.dossier import routes as dossier
from submission.projects.dossiers import (
    AlreadyDecided,
    CarrierStatusRefused,
    CostOverCeiling,
    CounterNotAttended,
    DocumentUnknown,
    DossierUnknown,
)
from submission.projects.ideas import NoRules, TerritoryUnknown
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, deposit.router, dossier.router),
    statuses={
        CostRefused: 422,
        NoRules: 409,
        TerritoryUnknown: 422,
        LanguageRefused: 422,
        DepositNotBegun: 409,
        DraftChanged: 409,
        TooManyLinks: 429,
        CounterNotAttended: 409,
        CarrierStatusRefused: 422,
        CostOverCeiling: 422,
        DocumentUnknown: 422,
        DossierUnknown: 404,
        AlreadyDecided: 409,
    },
)
