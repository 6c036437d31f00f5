"""`deposit`, `deposit-p99`: ideas deposited over HTTP by residents who are signed in."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlencode
from uuid import uuid4

from shared.people.forms import form_token
from shared.people.guards import token_hash
from submission.projects.deposit.drafts import WRITTEN, written
from tests.benchmarks.figure import Figure, median_of, say
from tests.benchmarks.proposals import Proposing, Vocabulary, proposing
from tests.benchmarks.requests import ask, ask_at, post

TIMES, DEPOSITS, WARM_UP, RESIDENTS = 3, 6_000, 500, 64
CONNECTIONS, MOST_CONNECTIONS = 32, 256
HALF_LOAD_SECONDS = 10
SEE_OTHER = 303


async def depositing() -> AsyncIterator[Figure]:
    """The last step of a deposit, which records it: the two before are done, their drafts are kept.

    Each is one idea with its words, its carrier, its event in the outbox, the mail that says so and
    what it is found by, committed before the answer. In turn with a bare insert of about the same.
    """
    async with proposing() as found:
        form = urlencode({"name": "Ada Martin"}).encode()
        plain = [post("/deposit", form, "a=b")] * DEPOSITS
        await ask([found.bare], plain[:WARM_UP], CONNECTIONS)
        deposits = await _prepared(found, WARM_UP)
        (await ask([found.submission], deposits, CONNECTIONS)).only(SEE_OTHER)
        rates, references = [], []
        for _ in range(TIMES):
            references.append((await ask([found.bare], plain, CONNECTIONS)).only(SEE_OTHER).rate)
            deposits = await _prepared(found, DEPOSITS)
            rates.append(
                (await ask([found.submission], deposits, CONNECTIONS)).only(SEE_OTHER).rate
            )
        rate = median_of("deposits/s", rates)
        reference = median_of("bare inserts/s", references)
        yield Figure("deposit", rate, "ideas/s", ">= 300", reference)
        deposits = await _prepared(found, int(rate / 2 * HALF_LOAD_SECONDS))
        sent = (await ask_at([found.submission], deposits, rate / 2, MOST_CONNECTIONS)).only(303)
        yield Figure("deposit-p99", sent.percentile(99), "ms p99", "<= 150")
        await _all_there(found, WARM_UP + TIMES * DEPOSITS + len(deposits))


async def _prepared(found: Proposing, many: int) -> list[bytes]:
    """So many last steps of residents who are signed in, each with a draft of its own."""
    connection, vocabulary = await found.connect(), Vocabulary()
    signed_in = []
    for _ in range(RESIDENTS):
        resident, token, visitor = uuid4(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        address = f"{resident}@example.org"
        await connection.execute(
            "insert into resident (resident_id, address, language) values ($1, $2, 'fr')",
            resident,
            address,
        )
        await connection.execute(
            "insert into person_session (token_hash, person_id, kind, expires_at)"
            " values ($1, $2, 'resident', now() + interval '1 hour')",
            token_hash(token),
            resident,
        )
        signed_in.append((token, visitor))
    drafts, requests = [], []
    path = f"/programmes/{found.programme_id}/deposit/who"
    for n in range(many):
        token, visitor = signed_in[n % RESIDENTS]
        secret = secrets.token_urlsafe(32)
        words = vocabulary.some(3, 10), vocabulary.some(30, 200), "artois"
        drafts.append((*(uuid4(), token_hash(secret), found.programme_id), *words))
        shown = written(dict.fromkeys(WRITTEN, "") | dict(zip(WRITTEN, words, strict=False)))
        names = {"visitor": visitor, "session": token, "draft": secret}
        cookie = "; ".join(f"comptoir-submission-{name}={value}" for name, value in names.items())
        said = {"csrf": form_token(visitor, token), "once": str(uuid4())}
        said |= shown.hidden
        form = urlencode(said | {"name": "Ada Martin", "language": "fr"}).encode()
        requests.append(post(path, form, cookie))
    await connection.executemany(
        "insert into draft (draft_id, secret, programme_id, title, summary, territory, changed_at,"
        " name, address, language) values ($1, $2, $3, $4, $5, $6, now(), '', '', 'fr')",
        drafts,
    )
    await connection.close()
    return requests


async def _all_there(found: Proposing, many: int) -> None:
    """Raises unless each deposit is there once, with its event, and can be found."""
    connection = await found.connect()
    counted = await connection.fetchrow(
        "select (select count(*) from idea) as ideas,"
        " (select count(*) from outbox where type like 'submission.idea-deposited.%') as events,"
        " (select count(*) from project_search) as found, (select count(*) from draft) as drafts"
    )
    await connection.close()
    assert counted is not None
    say(f"{dict(counted)}")
    if (*counted,) != (many, many, many, 0):
        raise RuntimeError(f"{many} ideas were deposited: {dict(counted)}")
