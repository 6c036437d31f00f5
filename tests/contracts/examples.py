"""One event of each type, with every field set: what golden samples are made of."""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.canonical import canonical
from shared.events import Event
from shared.events.dead import DeadLetter
from shared.events.ledger import CheckpointPublished, LogBegun, LogOpened
from shared.events.submission import (
    CharterPublished,
    DossierAmended,
    DossierFiled,
    OptionsFrozen,
    TextPublished,
    options_digest,
)
from shared.events.voting import (
    AllocationPublished,
    Approval,
    BallotCast,
    BoxClosed,
    FlushRule,
    OptionDecided,
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TallyUpdated,
    TierKeysPrepared,
    TokensIssued,
)

LOG = "budget-citoyen-2026"
PROGRAMME = UUID("5b1f6c1e-0000-4000-8000-000000000001")
ROUND = UUID("5b1f6c1e-0000-4000-8000-000000000002")
BENCH, TREES = [UUID(f"5b1f6c1e-0000-4000-8000-00000000001{n}") for n in (0, 1)]
NOON = datetime(2026, 9, 1, 12, 0, 30, tzinfo=UTC)
# Who publishes on a topic; on no topic, the ledger alone writes.
SOURCES = {
    "submission.programmes": "submission",
    "submission.projects": "submission",
    "submission.texts": "submission",
    "voting.rounds": "voting.count",
    "voting.roll": "voting.roll",
    "voting.ballots": "voting.box",
    "voting.tallies": "voting.count",
    "voting.decisions": "voting.count",
    "ledger.checkpoints": "ledger",
    "none": "ledger",
    "*.dead": "voting.count",
}


def hashed(text: str) -> str:
    """A hash that is one."""
    return hashlib.sha256(text.encode()).hexdigest()


def base64(text: str, length: int) -> str:
    """So many bytes that follow from a text; no key and no signature."""
    return b64encode(hashlib.shake_256(text.encode()).digest(length)).decode()


def ballot() -> BallotCast:
    """Signed by its key; the token is none, since that key would have to be kept here."""
    voter = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    fields = {
        "v": 1,
        "round": str(ROUND),
        "tier": "A",
        "key": b64encode(voter.public_key().public_bytes_raw()).decode(),
        "token": base64("a token", 384),
        "revision": 2,
        "choices": [1, 2],
    }
    signature = b64encode(voter.sign(canonical(fields))).decode()
    return BallotCast.model_validate(fields | {"sig": signature})


def opened() -> RoundOpened:
    """With a rules digest that is that of its rules."""
    event = RoundOpened(
        round_id=ROUND,
        programme_id=PROGRAMME,
        rehearsal=True,
        secrecy="live",
        format=Approval(min=0, max=15),
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
    rules_digest = RoundOpened.hashed(event.model_dump(mode="json"))
    return event.model_copy(update={"rules_digest": rules_digest})


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
        ),
        DossierFiled(
            project_id=BENCH, programme_id=PROGRAMME, title=hashed("a bench"), cost=4_500_00
        ),
        DossierAmended(
            project_id=BENCH, programme_id=PROGRAMME, title=hashed("two benches"), cost=9_000_00
        ),
        OptionsFrozen(
            round_id=ROUND,
            programme_id=PROGRAMME,
            options=(BENCH, TREES),
            digest=options_digest(
                [(BENCH, 9_000_00, hashed("two benches")), (TREES, 95_000_00, hashed("trees"))]
            ),
        ),
        TextPublished(
            content_id=hashed("two benches"),
            value="Deux bancs à l'ombre, place de l'Église 🌳",
            salt=hashed("a salt"),
        ),
        RoundPrepared(
            round_id=ROUND, programme_id=PROGRAMME, options=2, digest=hashed("the options")
        ),
        OptionListed(
            round_id=ROUND, option_id=BENCH, number=1, cost=9_000_00, title=hashed("two benches")
        ),
        opened(),
        RoundClosed(round_id=ROUND, closed_at=datetime(2026, 9, 15, 18, tzinfo=UTC)),
        TierKeysPrepared(round_id=ROUND, tiers={"A": base64("a tier key", 422)}),
        TokensIssued(round_id=ROUND, issued={"A": 2_000}, final=True),
        ballot(),
        BoxClosed(round_id=ROUND, ballots=2_100, keys=2_000, last_number=2_100),
        TallyUpdated(round_id=ROUND, ballots=2_100, votes={"1": 1_200, "2": 900}, final=True),
        OptionDecided(
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
        AllocationPublished(
            round_id=ROUND,
            rule="greedy",
            budget=100_000_00,
            spent=9_000_00,
            ballots=2_000,
            options=2,
            funded=1,
            digest=hashed("the decisions"),
        ),
        CheckpointPublished(
            log=LOG,
            origin=f"ledger.localhost/{LOG}",
            size=2_107,
            root=hashed("the root"),
            note=f"ledger.localhost/{LOG}\n2107\nAAAA\n\n— ledger.localhost/{LOG} AAAA\n",
            numbers={"submission": 4, "voting.box": 2_101, "voting.count": 7},
        ),
        LogOpened(
            log=LOG, origin=f"ledger.localhost/{LOG}", vkey=f"ledger.localhost/{LOG}+0a1b2c3d+AAAA"
        ),
        LogBegun(
            log=LOG,
            origin=f"ledger.localhost/{LOG}",
            programme_id=PROGRAMME,
            charter=hashed("its rules"),
            rehearsal=True,
        ),
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
