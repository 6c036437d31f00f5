"""The roll, put together."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from shared.contacts import contacts_subscription, public_key
from shared.covering import covering_subscription
from shared.events import Event
from shared.events.acts import RoundExtended
from shared.events.paper import PapersMarked
from shared.events.private import MessageSealed
from shared.events.roll import (
    IdentitiesDestroyed,
    RegistrationsCounted,
    RollActAsked,
    RollActConsented,
    RollActDeclined,
    TierKeysDestroyed,
)
from shared.events.submission import (
    CharterAmended,
    CharterPublished,
    PhaseRedated,
    TextPublished,
)
from shared.events.voting import (
    OptionListed,
    RollKeyAnnounced,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
    TokensIssued,
)
from shared.inbox import Subscription
from shared.people.granted import granted_roles
from shared.people.people import STATUSES as PEOPLE
from shared.people.people import People
from shared.process import Process, StillFailing
from shared.refusal import Refusal
from shared.reopening import reopening_subscription
from shared.service_key import LOOK_EVERY, announce_key, restore_keys
from shared.settings import Settings
from shared.signing import ServiceKey
from shared.versions import every_version
from shared.web.kit import Pages
from shared.web.messages import mark
from voting import refusals
from voting.roll import codes, counting, handlers, paths, routes, telling, tokens
from voting.roll.acts import ACTS
from voting.roll.ballot import routes as ballot
from voting.roll.counter import refusals as counter_refusals
from voting.roll.counter import routes as counter
from voting.roll.declared import forgetting
from voting.roll.declared import routes as declared
from voting.roll.declared.registering import Registering
from voting.roll.desk import routes as desk
from voting.roll.destroying.destroying import (
    LOOK_AT_TIER_KEYS_EVERY,
    destroy_identities,
    destroy_tier_keys,
)
from voting.roll.destroying.destroying import LOOK_EVERY as DESTROY_EVERY
from voting.roll.held import routes as held
from voting.roll.identified import routes as identified
from voting.roll.identified.routes import Client
from voting.roll.keys import RollKeys
from voting.roll.lessons import routes as lessons
from voting.roll.offered import handlers as offered
from voting.roll.paper import refusals as paper_refusals
from voting.roll.paper import routes as paper
from voting.roll.paper.handlers import extend_rounds
from voting.roll.posted import routes as posted
from voting.roll.reissues import refusals as reissue_refusals
from voting.roll.reissues import routes as reissues
from voting.roll.round_keys import RoundKeys
from voting.roll.signer import Signer, SignerUnavailable

LOOK_AT_SIGNER_EVERY = 5.0
PUBLISHES: tuple[type[Event], ...] = (
    TierKeysPrepared,
    TokensIssued,
    PapersMarked,
    RollKeyAnnounced,
    RegistrationsCounted,
    IdentitiesDestroyed,
    TierKeysDestroyed,
    RollActAsked,
    RollActConsented,
    RollActDeclined,
    MessageSealed,
)
STATUSES: dict[type[Refusal], int] = {
    **PEOPLE,
    codes.CodeMalformed: 422,
    codes.CodeUnknown: 404,
    codes.CodeUsed: 409,
    codes.VotingCodeTaken: 409,
    tokens.RequestMalformed: 422,
    tokens.BlindedRefused: 422,
    tokens.SignatureWrong: 502,
    SignerUnavailable: 503,
    paths.BoothRefused: 403,
    paths.NotAssisted: 409,
    **declared.STATUSES,
    **desk.STATUSES,
    **held.STATUSES,
    **identified.STATUSES,
    **posted.STATUSES,
    **lessons.STATUSES,
    **paper_refusals.STATUSES,
    **reissue_refusals.STATUSES,
    **counter_refusals.STATUSES,
    refusals.RoundUnknown: 404,
    refusals.TierUnknown: 404,
    refusals.NotOpen: 409,
    refusals.VotingClosed: 409,
}
# What a reader of such a refusal can do.
ADVICE = {
    refusals.RoundUnknown.code: mark(
        "Check the address in your letter or message, or start again from the list of votes."
    ),
    refusals.VotingClosed.code: mark(
        "Voting is over. Results are published once the ballots are counted."
    ),
    refusals.NotOpen.code: mark("Come back when voting has begun; your code stays good."),
}


FORGET_EVERY = 60.0


class RollSettings(Settings):
    """Its secrets are files below `keys`, and none of them signs tokens: `signer` is the socket of
    the process that does. Every `counted_every` seconds it says how many it has issued. The script
    of its voting page believes the ledger where the witnesses of `policy` do (C2SP tlog-policy).
    `address_header` is where the proxy before it says who asks, such as X-Forwarded-For; without it
    the connection's other end is who asks."""

    keys: Path
    signer: Path
    policy: Path | None = None
    # The booth has the same: who asks with it gets tokens of tier S.
    booth_key: Annotated[str, Field(min_length=16)] | None = None
    counted_every: Annotated[int, Field(ge=1)] = 900
    address_header: str | None = None
    # Who vouches for voters, as a client of its own. FranceConnect signs what it says with ES256
    # (empty: nothing has to be signed), and states one of these levels.
    voters_oidc_issuer: str | None = None
    voters_oidc_client_id: str = ""
    voters_oidc_client_secret: str = ""
    voters_oidc_scope: str = "openid given_name family_name birthdate birthplace birthcountry email"
    voters_oidc_levels: tuple[str, ...] = ("eidas1", "eidas2", "eidas3")
    voters_oidc_signed: str = "ES256"

    def voters_client(self) -> Client | None:
        """The roll as a client of the voters' provider; None where there is none."""
        if self.voters_oidc_issuer is None:
            return None
        return Client(
            self.voters_oidc_issuer,
            self.voters_oidc_client_id,
            self.voters_oidc_client_secret,
            self.voters_oidc_scope,
            self.voters_oidc_levels,
            self.voters_oidc_signed or None,
        )


def create() -> FastAPI:
    """The roll of this environment."""
    return application(RollSettings())


def application(settings: RollSettings, *, kafka: bool = True) -> FastAPI:
    """The roll; without `kafka`, nothing is consumed, and what it announces stays in the outbox."""
    keys, key = RollKeys(settings.keys), ServiceKey.of(settings.keys)
    signer = Signer(settings.signer)
    process = Process(
        "voting.roll",
        settings,
        publishes=PUBLISHES,
        subscriptions=[
            rounds(signer),
            PROPOSALS,
            WORDS,
            contacts_subscription(),
            granted_roles(),
            covering_subscription(handlers.SOURCE),
            # Who was issued a token since the backup is in no record.
            reopening_subscription(handlers.SOURCE, by_hand_alone=True),
        ],
        kafka=kafka,
        key=key,
        restores={RollKeyAnnounced.type: restore_keys},
    )
    say_key = partial(announce_key, process.database, key, RollKeyAnnounced, handlers.SOURCE)
    process.every(LOOK_EVERY, "service key", say_key)
    interval = settings.counted_every
    count = partial(counting.announce_counts, process.database, interval)
    process.every(min(counting.LOOK_EVERY, interval), "counting", count)
    release = partial(telling.release_notices, process.database)
    process.every(telling.RELEASE_EVERY, "notices", release)
    process.add_work(signer.run)
    process.every(LOOK_AT_SIGNER_EVERY, "signer", partial(look_at_signer, signer))
    process.every(FORGET_EVERY, "forgetting", partial(forgetting.forget_old, process.database))
    round_keys = RoundKeys(settings.keys)
    contacts = None if settings.contacts_key is None else public_key(settings.contacts_key)
    destroy = partial(destroy_identities, process.database, round_keys)
    process.every(DESTROY_EVERY, "destroying", destroy)
    destroy_keys = partial(destroy_tier_keys, process.database, signer)
    process.every(LOOK_AT_TIER_KEYS_EVERY, "tier keys", destroy_keys)
    registering = Registering(keys, round_keys, contacts)
    routers = [
        routes.create_router(keys, signer, settings.booth_key),
        ballot.create_router(None if settings.policy is None else settings.policy.read_text()),
        declared.create_router(registering, settings.address_header, settings.voters_oidc_issuer),
        identified.create_router(settings.voters_client(), keys, round_keys, contacts),
        desk.create_router(keys),
        held.create_router(round_keys),
        posted.create_router(keys, round_keys),
        lessons.create_router(round_keys),
        paper.create_router(keys, round_keys),
        reissues.create_router(keys, round_keys),
        counter.create_router(keys, round_keys),
    ]
    return process.app(
        routers,
        STATUSES,
        pages=Pages("voting.roll", settings, advice=ADVICE),
        people=People("voting.roll", settings, acts=ACTS),
    )


async def look_at_signer(signer: Signer) -> None:
    """Raises `StillFailing` where the signer gives no answer: readiness says so in time."""
    try:
        await signer.answers()
    except SignerUnavailable as error:
        raise StillFailing from error


def rounds(signer: Signer) -> Subscription:
    """What the roll makes of `voting.rounds`."""
    return Subscription(
        name="rounds",
        topics=(RoundPrepared.topic,),
        handlers={
            RoundPrepared.type: handlers.prepare_keys(signer),
            OptionListed.type: offered.keep_options,
            **every_version(RoundOpened, handlers.open_rounds),
            RoundExtended.type: extend_rounds,
            RoundClosed.type: handlers.close_rounds,
        },
    )


# What is put to the vote, and under which charter.
PROPOSALS = Subscription(
    name="proposals",
    topics=(CharterPublished.topic,),
    handlers={
        CharterPublished.type: offered.keep_programmes,
        CharterAmended.type: offered.keep_versions,
        PhaseRedated.type: offered.redate_votes,
    },
)
# What it is called. A restored backup shows pages, and has words that were erased since.
WORDS = Subscription(
    name="words",
    topics=(TextPublished.topic,),
    handlers={TextPublished.type: offered.keep_words},
    while_closed=True,
)
