"""What carriers add to the process."""

from submission.carriers import categories, checking, clearing, limits, parts, routes, types
from submission.carriers.account import routes as account
from submission.carriers.consent import routes as consent
from submission.carriers.consenting import ConsentGiven
from submission.carriers.desk import routes as desk
from submission.carriers.erasing import ContentUnknown, ErasedBefore, IdeasCarried
from submission.carriers.identifiers import RnaRefused, SiretRefused
from submission.carriers.organisations import declaring
from submission.carriers.organisations import routes as organisations
from submission.carriers.own import routes as own
from submission.carriers.routes import ConfirmationMissing, GroundUnknown
from submission.rooms import Room

ROOM = Room(
    routers=(
        *(routes.router, organisations.router, own.router, consent.router, desk.router),
        account.router,
    ),
    statuses={
        ConfirmationMissing: 422,
        GroundUnknown: 422,
        ContentUnknown: 404,
        ErasedBefore: 409,
        IdeasCarried: 409,
        types.CarrierTypeRefused: 422,
        types.PartRefused: 422,
        SiretRefused: 422,
        RnaRefused: 422,
        categories.CategoryRefused: 422,
        limits.BirthRefused: 422,
        limits.AgeRefused: 422,
        limits.LinksMissing: 422,
        limits.NotSworn: 422,
        limits.ConsentMissing: 409,
        limits.CarrierTooYoung: 409,
        limits.SeatElsewhere: 409,
        limits.SseMissing: 409,
        limits.SseExpired: 409,
        limits.SponsorMissing: 409,
        limits.TooManyIdeas: 409,
        limits.TooManyDossiers: 409,
        limits.TooManyOfCarrier: 409,
        limits.NumberMissing: 409,
        limits.EarlierWinner: 409,
        limits.WinnersOnly: 409,
        checking.CarrierBusy: 409,
        ConsentGiven: 409,
        declaring.DayRefused: 422,
        declaring.SseTooLong: 422,
        declaring.OrganisationUnknown: 404,
        declaring.NumberTaken: 409,
        declaring.OrganisationCleared: 409,
        declaring.AidsCounted: 409,
        declaring.OrganisationCarries: 409,
        declaring.TooManyAids: 409,
        parts.JoinedBefore: 409,
        parts.TooManyParts: 409,
        parts.LeadFixed: 409,
        clearing.CarrierUnknown: 404,
        clearing.ClearingRefused: 409,
        clearing.ContractDayRefused: 422,
        clearing.DeMinimisPassed: 409,
        clearing.ClearedBefore: 409,
        clearing.NotCleared: 409,
    },
)
