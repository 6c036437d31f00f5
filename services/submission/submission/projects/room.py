"""What projects add to the process: ideas, dossiers, supporters, and the work list."""

from submission.amounts import CostRefused
from submission.freezing import LabelledOverEnvelope
from submission.projects import plans, routes
from submission.projects.deposit import routes as deposit
from submission.projects.deposit.depositor import RepresentativeRefused
from submission.projects.deposit.drafts import (
    DepositNotBegun,
    DraftChanged,
    LanguageRefused,
    TooManyLinks,
)
from submission.projects.desk import routes as desk
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
from submission.projects.naming import CategoryUnknown, PrincipleMissing, ThemeUnknown
from submission.projects.standing import (
    DossierComplete,
    MergeRefused,
    NotSuspended,
    PartsRefused,
    ProjectNotActive,
)
from submission.projects.supporting import routes as supporting
from submission.projects.supporting.rules import OwnIdea
from submission.projects.withdrawing import routes as withdrawing
from submission.projects.work import routes as work
from submission.rooms import Room
from submission.versions import ChangedMeanwhile

ROOM = Room(
    routers=(
        *(routes.router, deposit.router, dossier.router, supporting.router, withdrawing.router),
        *(desk.router, work.router),
    ),
    statuses={
        CostRefused: 422,
        NoRules: 409,
        TerritoryUnknown: 422,
        LanguageRefused: 422,
        DepositNotBegun: 409,
        DraftChanged: 409,
        RepresentativeRefused: 422,
        TooManyLinks: 429,
        CounterNotAttended: 409,
        CarrierStatusRefused: 422,
        CostOverCeiling: 422,
        DocumentUnknown: 422,
        DossierUnknown: 404,
        AlreadyDecided: 409,
        ProjectNotActive: 409,
        NotSuspended: 409,
        DossierComplete: 409,
        MergeRefused: 422,
        PartsRefused: 422,
        OwnIdea: 409,
        ChangedMeanwhile: 409,
        LabelledOverEnvelope: 409,
        ThemeUnknown: 422,
        CategoryUnknown: 422,
        PrincipleMissing: 422,
        plans.CostKindRefused: 422,
        plans.CostExcluded: 422,
        plans.NatureRefused: 422,
        plans.MonthsRefused: 422,
        plans.PlanUnbalanced: 422,
        plans.OverRate: 422,
        plans.OverBase: 422,
        plans.AskedOverCeiling: 422,
        plans.AskedUnderFloor: 422,
        plans.OwnShareMissing: 422,
        plans.PublicShareOver: 422,
        plans.BudgetMinority: 422,
    },
)
