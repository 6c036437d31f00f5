"""One event of each type, with every field set: what golden samples are made of."""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.canonical import canonical, digest
from shared.events import Event, acts, earlier, ledger, paper, submission, voting
from shared.events.ballots import Cumulative
from shared.events.dead import DeadLetter
from shared.events.ledger import (
    CheckpointPublished,
    GapAccepted,
    IngestRejected,
    KeyRotated,
    LogBegun,
    LogFrozen,
    LogOpened,
    ServiceKeyAdded,
    ServiceKeyReplaced,
)
from shared.events.notification import (
    KeyDestroyed,
    MessageAccepted,
    MessageBounced,
    MessageDelivered,
)
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.private import MessageSealed
from shared.events.roll import (
    AgeBand,
    IdentitiesDestroyed,
    RegistrationsCounted,
    RollActAsked,
    RollActConsented,
    RollActDeclined,
    TierKeysDestroyed,
)
from shared.events.rules import (
    ByVotes,
    Cap,
    Comparison,
    Completion,
    Electorate,
    Envelope,
    EqualShares,
    Grant,
    Misfit,
    Options,
    Pass,
    Prize,
    Prizes,
    Quota,
    Rule,
    Threshold,
    Ties,
    Voters,
)
from shared.events.seats import (
    SeatBallotCast,
    SeatGranted,
    SeatRecused,
    SeatsClosed,
    SeatWithdrawn,
)
from shared.events.submission import (
    CharterAmended,
    CharterPublished,
    ContentErased,
    ImportBegun,
    OptionsFrozen,
    PhaseClosed,
    PhaseOpened,
    PhaseRedated,
    RoleGranted,
    RoleRevoked,
    TextPublished,
    options_digest,
)
from shared.events.voting import (
    AllocationPublished,
    BallotCast,
    BoxClosed,
    Commission,
    FlushRule,
    OptionDecided,
    OptionListed,
    PrizeWon,
    ResultValidated,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    StepDone,
    TallyUpdated,
    TieAsked,
    TieOrdered,
    TierKeysPrepared,
    TokensIssued,
)
from tests.contracts.charters import ADOPTED, rules
from tests.contracts.made import (
    ACT,
    ADVISER,
    BATCH,
    BENCH,
    CHAIR,
    EVENING,
    JURY,
    LOG,
    MESSAGE,
    NOON,
    OTHER,
    PROGRAMME,
    ROUND,
    SEAT,
    TREES,
    asked,
    b64,
    base64,
    hashed,
    public_key,
    signature,
)
from tests.contracts.proposals import (
    of_carriers,
    of_funding,
    of_gatherings,
    of_handoffs,
    of_projects,
)


def ballot() -> BallotCast:
    """Sealed, and signed by its key; the token is none, since that key would have to be kept here,
    and nobody can open what is sealed."""
    voter = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    fields = {
        "v": 1,
        "round": str(ROUND),
        "tier": "A",
        "key": b64encode(voter.public_key().public_bytes_raw()).decode(),
        "token": base64("a token", 384),
        "revision": 2,
        "commitment": hashed("choices and a salt"),
        "sealed": base64("choices for the commission", 32 + 512 + 16),
    }
    signature = b64encode(voter.sign(canonical(fields))).decode()
    return BallotCast.model_validate(fields | {"sig": signature})


def opened() -> RoundOpened:
    """With a rules digest that is that of its rules."""
    event = RoundOpened(
        round_id=ROUND,
        programme_id=PROGRAMME,
        rehearsal=True,
        secrecy="sealed",
        format=Cumulative(total=10, most_each=5),
        rule=rule(),
        opens_at=NOON,
        closes_at=datetime(2026, 9, 15, 18, tzinfo=UTC),
        tiers={"A": base64("a tier key", 422)},
        flush=FlushRule(k=1, interval=0),
        options=2,
        digest=hashed("the options"),
        listed=hashed("what the rule sees of them"),
        paper=True,
        rules_digest=hashed(""),
        commission=Commission(key=public_key("a commission"), threshold=3, shares=5),
        padded=512,
        script=hashed("the page's script"),
        seats=JURY,
        identity=("declared", "posted-code", "identity-provider"),
    )
    return event.hashed()


def opened_before() -> earlier.RoundOpenedV1:
    """As version 1 was."""
    event = earlier.RoundOpenedV1(
        round_id=ROUND,
        programme_id=PROGRAMME,
        rehearsal=True,
        secrecy="live",
        format=earlier.Approval(min=0, max=15),
        rule="greedy",
        budget=100_000_00,
        tie_order=("cost", "option"),
        opens_at=NOON,
        closes_at=datetime(2026, 9, 15, 18, tzinfo=UTC),
        tiers={"A": base64("a tier key", 422)},
        flush=FlushRule(k=1, interval=0),
        options=2,
        digest=hashed("the options"),
        rules_digest=hashed(""),
    )
    rules_digest = digest(event.model_dump(mode="json", exclude={"rules_digest"})).hex()
    return event.model_copy(update={"rules_digest": rules_digest})


def rule() -> Rule:
    """One that sets every field of a rule somewhere."""
    inside = Options(groups={"territory": ("artois",)}, cost_from=1, cost_below=90_000_00)
    return Rule(
        groups={"territory": ("artois",), "carrier": (), "tier": ("A", "B")},
        electorate=Electorate(blank="counted"),
        thresholds=(Threshold(of="supporters", share="1/20"),),
        caps=(Cap(of="carrier", most=1),),
        most_winners=20,
        envelopes=(
            Envelope(name="all", amount=100_000_00, overshoot=1),
            Envelope(
                name="artois",
                within="all",
                amount=40_000_00,
                options=inside,
                voters=Voters(groups={"tier": ("A",)}),
                remainder="next",
            ),
        ),
        passes=(
            Pass(
                name="first",
                envelopes=("artois",),
                options=inside,
                order=EqualShares(
                    completion=Completion(share="1/1000", stop="overspend"),
                    top_up="votes",
                    comparison=Comparison(by="projects"),
                ),
                quotas=(Quota(of="territory", value="artois", most=3, required=True),),
                most=10,
            ),
            Pass(
                name="second",
                order=ByVotes(),
                misfit=Misfit(policy="part-fund", at_least="1/2", otherwise="stop"),
                below_threshold="taken",
            ),
        ),
        ties=Ties(criteria=("cost", "lot"), seed="ab" * 16),
        grants=(Grant(options=inside, percent=80, ceiling=50_000_00, floor=1, cofinanced=10),),
        prizes=Prizes(prizes=(Prize(place=1, sponsor="A sponsor", amount=1_000_00),)),
    )


def role() -> dict[str, Any]:
    """A role in one territory."""
    scope = {"programme_id": PROGRAMME, "territory": "artois"}
    return {"officer": ADVISER, "role": "adviser", "by": OTHER, **scope}


def of_paper() -> tuple[Event, ...]:
    """A batch with one ballot and one void paper, annulled; and all that is said of papers."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a batch").digest())
    batch = {"round_id": ROUND, "batch_id": BATCH}
    unsigned = paper.PaperBallotEntered(
        **batch, v=1, tier="P", number=1, choices=((1, 4), (2, 6)), sig=signature("nothing")
    )
    sig = b64(private.sign(unsigned.signed_bytes()))
    ballot = unsigned.model_copy(update={"sig": sig})
    return (
        paper.PaperBatchOpened(**batch, place=hashed("a town hall"), stubs=2),
        paper.PaperBatchLocked(
            **batch,
            batch_key=b64(private.public_key().public_bytes_raw()),
            stubs=2,
            ballots=1,
            void={"unreadable": 1},
            digest=paper.PaperBatchLocked.hashed([ballot]),
            signature=signature("a batch"),
        ),
        ballot,
        paper.PaperBatchAnnulled(**batch, reason="entered-wrongly", officers=(ADVISER, OTHER)),
        paper.PapersClosed(
            round_id=ROUND,
            batches=1,
            stubs=2,
            ballots=1,
            void={"missing": 1},
            officers=(ADVISER, OTHER),
            last_number=80,
            signature=signature("all papers"),
        ),
        paper.PapersMarked(
            round_id=ROUND, marked=3, set_aside=1, last_number=14, signature=signature("marks")
        ),
    )


@cache
def examples() -> tuple[Event, ...]:
    """One of each, in the order of `ALL`."""
    return (
        CharterPublished(
            programme_id=PROGRAMME,
            log=LOG,
            title=hashed("its title"),
            charter=hashed("its rules"),
            rehearsal=True,
            rules=rules(),
            adopted=ADOPTED,
        ),
        CharterAmended(
            programme_id=PROGRAMME,
            version=2,
            charter=hashed("its rules, amended"),
            previous=hashed("its rules"),
            rules=rules(),
            takes_effect_at=EVENING,
            reason=hashed("the counters were closed"),
            officers=(ADVISER, OTHER),
            adopted=ADOPTED,
        ),
        PhaseOpened(programme_id=PROGRAMME, phase="ideas", at=NOON),
        PhaseClosed(programme_id=PROGRAMME, phase="ideas", at=EVENING),
        PhaseRedated(
            programme_id=PROGRAMME,
            phase="ideas",
            opens_at=NOON,
            closes_at=EVENING,
            reason=hashed("a storm"),
        ),
        ImportBegun(
            programme_id=PROGRAMME,
            import_id=ROUND,
            kind="ideas",
            file=hashed("the SHA-256 of a file, and what it is called"),
            rows=20_000,
            reason=hashed("what the towns sent by post"),
            officer=ADVISER,
        ),
        OptionsFrozen(
            round_id=ROUND,
            programme_id=PROGRAMME,
            options=(BENCH, TREES),
            digest=options_digest(
                [(BENCH, 9_000_00, hashed("two benches")), (TREES, 95_000_00, hashed("trees"))]
            ),
            body_name="jury",
            charter=hashed("its rules"),
        ),
        RoleGranted(**role(), reason=hashed("a new adviser")),
        RoleRevoked(**role(), reason=hashed("she moved")),
        ContentErased(
            content_ids=(hashed("a bench"),),
            by=ADVISER,
            reason=hashed("as its carrier asked"),
            ground="carrier-asked",
        ),
        submission.ResidentErased(resident=OTHER),
        submission.SecondOfficerAsked(**asked("redate-phase")),
        submission.SecondOfficerConsented(act_id=ACT, officer=OTHER),
        submission.SecondOfficerDeclined(act_id=ACT, officer=OTHER, reason=hashed("too late")),
        TextPublished(
            content_id=hashed("two benches"),
            value="Deux bancs à l'ombre, place de l'Église 🌳",
            salt=hashed("a salt"),
        ),
        *of_projects(),
        *of_carriers(),
        *of_gatherings(),
        *of_handoffs(),
        RoundPrepared(
            round_id=ROUND,
            programme_id=PROGRAMME,
            options=2,
            digest=hashed("the options"),
            seats=JURY,
            assisted=True,
        ),
        OptionListed(
            round_id=ROUND,
            option_id=BENCH,
            number=1,
            cost=9_000_00,
            title=hashed("two benches"),
            summary=hashed("where one can rest"),
            territory="artois",
            family="sse-values",
            groups={"carrier": ("a-carrier",)},
            filed=3,
            jury_rank=1,
            other_money=1_000_00,
            on_top=2_000_00,
            withdrawn="by its carrier",
        ),
        opened(),
        RoundClosed(
            round_id=ROUND,
            closed_at=datetime(2026, 9, 15, 18, tzinfo=UTC),
            signature=signature("a closing"),
        ),
        TierKeysPrepared(round_id=ROUND, tiers={"A": base64("a tier key", 422)}),
        TokensIssued(
            round_id=ROUND,
            issued={"A": 2_000},
            codes={"A": 2_400},
            reissued={"A": 3},
            final=True,
            last_number=12,
            signature=signature("a count"),
        ),
        ballot(),
        BoxClosed(
            round_id=ROUND,
            ballots=2_100,
            keys=2_000,
            last_number=2_100,
            signature=signature("a closing of the box"),
        ),
        TallyUpdated(
            round_id=ROUND,
            ballots=2_100,
            votes={"1": 1_200, "2": 900},
            final=True,
            voters=2_000,
            annulled=True,
        ),
        TieAsked(round_id=ROUND, step=("second", "all"), options=(BENCH, TREES)),
        TieOrdered(round_id=ROUND, order=(TREES, BENCH), officers=(ADVISER, OTHER)),
        OptionDecided(
            round_id=ROUND,
            option_id=BENCH,
            number=1,
            votes=1_200,
            cost=9_000_00,
            funded=True,
            reason="part_funded",
            amount=8_000_00,
            place=1,
            rank=1,
            step=("second", "all"),
            facts={"wanted": 9_000_00},
            signature=signature("a decision"),
        ),
        AllocationPublished(
            round_id=ROUND,
            rules_digest=hashed("the rules"),
            budget=100_000_00,
            spent=8_000_00,
            ballots=2_000,
            blank=3,
            counted=1_998,
            void={"too_many_points": 2},
            options=2,
            funded=1,
            winners=(BENCH,),
            steps=(
                StepDone(
                    step=("second", "all"),
                    funded=(BENCH,),
                    left={"all": 92_000_00, "artois": 0},
                    facts={"runs": 1},
                ),
            ),
            reserve=(TREES,),
            gone={"artois": 1},
            prizes=(PrizeWon(option_id=BENCH, place=1, sponsor="A sponsor", amount=1_000_00),),
            digest=hashed("the decisions"),
            last_number=89,
            signature=signature("a result"),
        ),
        ResultValidated(
            round_id=ROUND, allocation=hashed("the decisions"), officers=(ADVISER, OTHER)
        ),
        voting.SecondOfficerAsked(**asked("open-round")),
        voting.SecondOfficerConsented(act_id=ACT, officer=OTHER),
        voting.SecondOfficerDeclined(act_id=ACT, officer=OTHER, reason=hashed("too early")),
        voting.ServiceReopened(
            service="voting.box",
            recovery=ACT,
            reason="disk-lost",
            by_hand=False,
            officers=(ADVISER, OTHER),
        ),
        *(
            kind(service_key=public_key(kind.type), signature=signature(kind.type))
            for kind in (
                voting.CountKeyAnnounced,
                voting.RollKeyAnnounced,
                voting.BoxKeyAnnounced,
            )
        ),
        *of_paper(),
        acts.RoundExtended(
            round_id=ROUND, closes_at=EVENING, reason="box-down", officers=(ADVISER, OTHER)
        ),
        acts.RoundAnnulled(
            round_id=ROUND,
            reason="court-ruling",
            act="TA Lille, 12 October 2026, no. 2609876",
            officers=(ADVISER, OTHER),
        ),
        *of_funding(),
        CommissionPrepared(
            round_id=ROUND,
            commission=Commission(key=public_key("a commission"), threshold=3, shares=5),
        ),
        BallotOpened.model_validate(
            {
                "round_id": ROUND,
                "key": public_key("a voter"),
                "revision": 2,
                "choices": [[1, 4], [2, 1]],
                "salt": hashed("a salt of the voter"),
            }
        ),
        SeatGranted(
            seat_id=SEAT,
            programme_id=PROGRAMME,
            body_name="jury",
            officer=ADVISER,
            member=hashed("a name"),
            chair=False,
        ),
        SeatWithdrawn(
            seat_id=SEAT,
            programme_id=PROGRAMME,
            body_name="jury",
            officer=ADVISER,
            reason=hashed("why it was withdrawn"),
        ),
        SeatBallotCast(round_id=ROUND, seat_id=SEAT, revision=1, choices=((1, 3), (2, 0))),
        SeatRecused(
            round_id=ROUND, seat_id=SEAT, revision=2, number=1, by=CHAIR, reason=hashed("a cousin")
        ),
        SeatsClosed(
            round_id=ROUND,
            ballots=9,
            seats=7,
            quorum=True,
            last_number=40,
            signature=signature("a closing of seats"),
        ),
        RegistrationsCounted(
            round_id=ROUND,
            registered={"A": 12, "B": 1_950},
            held={"identity": 2, "telephone": 1, "burst": 30, "age-run": 3, "night": 1},
            waiting=3,
            admitted=31,
            declined=2,
            contested=1,
            flagged=False,
            final=True,
            ages=(
                AgeBand(since=0, until=35, registered=400, used=120),
                AgeBand(since=35, registered=1_500, used=611),
            ),
        ),
        IdentitiesDestroyed(round_id=ROUND, persons=1_962, registrations=36),
        TierKeysDestroyed(round_id=ROUND, tiers=("A", "B")),
        RollActAsked(**asked("admit-registrations")),
        RollActConsented(act_id=ACT, officer=OTHER),
        RollActDeclined(act_id=ACT, officer=OTHER, reason=hashed("too early")),
        opened_before(),
        earlier.OptionDecidedV1(
            round_id=ROUND,
            option_id=TREES,
            number=2,
            rank=2,
            votes=900,
            cost=95_000_00,
            funded=False,
            reason="does_not_fit",
            left=91_000_00,
        ),
        earlier.AllocationPublishedV1(
            round_id=ROUND,
            rule="greedy",
            budget=100_000_00,
            spent=9_000_00,
            ballots=2_000,
            options=2,
            funded=1,
            digest=hashed("the decisions"),
        ),
        MessageSealed(message_id=MESSAGE, sealed=base64("a sealed message", 300)),
        MessageAccepted(message_id=MESSAGE),
        MessageDelivered(message_id=MESSAGE),
        MessageBounced(message_id=MESSAGE),
        KeyDestroyed(public_key="A" * 43 + "="),
        CheckpointPublished(
            log=LOG,
            origin=f"ledger.localhost/{LOG}",
            size=2_107,
            root=hashed("the root"),
            note=f"ledger.localhost/{LOG}\n2107\nAAAA\n\n— ledger.localhost/{LOG} AAAA\n",
            numbers={"submission": 4, "voting.box": 2_101, "voting.count": 7},
            frozen=True,
        ),
        LogOpened(
            log=LOG, origin=f"ledger.localhost/{LOG}", vkey=f"ledger.localhost/{LOG}+0a1b2c3d+AAAA"
        ),
        KeyRotated(
            log=LOG,
            origin=f"ledger.localhost/{LOG}",
            vkey=f"ledger.localhost/{LOG}+4e5f6a7b+AAAA",
            previous=f"ledger.localhost/{LOG}+0a1b2c3d+AAAA",
            both_until=EVENING,
            reason="planned",
        ),
        LogBegun(
            log=LOG,
            origin=f"ledger.localhost/{LOG}",
            programme_id=PROGRAMME,
            charter=hashed("its rules"),
            rehearsal=True,
            schemas={RoundClosed.type: hashed("its schema")},
            service_keys={"voting.count": (public_key("count's"),)},
            policy="witness w1 witness.example.org/w1+0a1b2c3d+AAAA\nquorum w1\n",
            retention_years=10,
        ),
        ServiceKeyAdded(
            src="voting.count",
            service_key=public_key("count's next"),
            event_id=MESSAGE,
            event_type=voting.CountKeyAnnounced.type,
            signature=signature("count's next key"),
        ),
        ServiceKeyReplaced(
            src="voting.count",
            service_key=public_key("count's next"),
            reason=hashed("the disk is lost"),
            officers=(ADVISER, OTHER),
        ),
        LogFrozen(
            log=LOG, numbers={"voting.box": 2_101, "voting.count": 90}, officers=(ADVISER, OTHER)
        ),
        IngestRejected(
            src="voting.count",
            number=17,
            digest=hashed("an event"),
            reason="not_readable",
            log=LOG,
            officers=(ADVISER, OTHER),
        ),
        GapAccepted(
            src="voting.count",
            from_=18,
            to=20,
            reason=hashed("the disk is lost"),
            officers=(ADVISER, OTHER),
        ),
        ledger.SecondOfficerAsked(**asked("accept-gap")),
        ledger.SecondOfficerConsented(act_id=ACT, officer=OTHER),
        ledger.SecondOfficerDeclined(act_id=ACT, officer=OTHER, reason=hashed("it was found")),
        DeadLetter(
            process="voting.count",
            origin="voting.ballots",
            partition=0,
            offset=17,
            reason="the body is not JSON",
            record_key=b64encode(b"a key").decode(),
            headers=(("ce_id", b64encode(b"17").decode()),),
            value=b64encode(b"{").decode(),
        ),
    )
