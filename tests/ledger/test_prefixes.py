"""Looking a ballot up without saying which: by the beginning of its digest."""

from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from ledger import prefixes
from ledger.app import LedgerSettings, application
from ledger.tree import leaf_hash
from ledger_audit import notes, proofs
from shared.delivery import Delivered
from shared.events.voting import BallotCast, BoxClosed
from tests.ledger.ballots import cast_ballots
from tests.ledger.conftest import EDITION, Ledger
from tests.serving import Client, served, settings

BALLOTS = 500


@pytest.fixture
async def ballots(edition: Ledger) -> list[Delivered[BallotCast]]:
    """Five hundred ballots and the closing of their box, among other events."""
    cast = cast_ballots(edition, BALLOTS)
    await edition.take(*edition.dossiers(20))
    await edition.take(*cast)
    closed = BoxClosed(
        round_id=cast[0].event.round, ballots=BALLOTS, keys=BALLOTS, last_number=BALLOTS + 1
    )
    await edition.take(edition.published(closed))
    await edition.sign()
    return cast


@pytest.fixture
async def client(edition: Ledger, ballots: object) -> AsyncIterator[Client]:
    app = application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


async def test_every_ballot_is_in_the_answer_to_its_prefix_with_a_proof(
    client: Client, ballots: list[Delivered[BallotCast]], edition: Ledger
) -> None:
    where = f"/logs/{EDITION}/by-prefix"
    assert (await client.ask("GET", where)).body == {"digits": 1}
    digests = {sha256(each.body).hexdigest() for each in ballots}
    seen = Counter[str]()
    for prefix in "0123456789abcdef":
        answer = await client.ask("GET", f"{where}/{prefix}")
        assert answer.headers["Cache-Control"] == "no-store"
        note = answer.body["checkpoint"].encode()
        checkpoint = notes.parsed(notes.split(note)[0])
        for found in answer.body["ballots"]:
            entry = found["entry"].encode()
            body = entry[len(b'{"body":') : entry.rfind(b',"id":"')]
            assert sha256(body).hexdigest() == found["digest"]
            assert found["digest"].startswith(prefix)
            path = [b64decode(each) for each in found["proof"]]
            leaf = leaf_hash(entry)
            assert proofs.includes(found["index"], checkpoint.size, leaf, path, checkpoint.root)
            seen[found["digest"]] += 1
    assert seen == Counter(digests)


async def test_a_longer_prefix_is_refused_and_the_length_is_said(client: Client) -> None:
    for prefix, code in (
        ("ab", "prefix_too_long"),
        ("a" * 64, "prefix_too_long"),
        ("", "prefix_too_short"),
    ):
        answer = await client.ask("GET", f"/logs/{EDITION}/by-prefix/{prefix}")
        assert answer.refusal == (404, code)
        assert "1 digits" in answer.body["detail"]
        assert answer.headers["Cache-Control"] == "no-store"


async def test_where_there_are_few_ballots_all_are_shown_to_everybody(client: Client) -> None:
    assert (await client.ask("GET", "/logs/platform/by-prefix")).body == {"digits": 0}
    answer = await client.ask("GET", "/logs/platform/by-prefix/")
    assert answer.body["ballots"] == []
    assert (await client.ask("GET", "/logs/platform/by-prefix/a")).refusal == (
        404,
        "prefix_too_long",
    )


@pytest.mark.parametrize(
    ("ballots", "wanted"), [(0, 0), (479, 0), (480, 1), (7679, 1), (7680, 2), (10**9, 6)]
)
def test_thirty_ballots_or_more_share_a_prefix_on_average(ballots: int, wanted: int) -> None:
    assert prefixes.digits(ballots) == wanted
    assert wanted == 0 or ballots / 16**wanted >= prefixes.AMONG
