"""The last step of most deposits, in two statements: a person's, where her charter counts nothing.

On the day before ideas end everybody comes. In a session the same takes six times as much of a
core; whatever needs one, or is refused, is left to it.
"""

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from shared.contacts import Contact
from shared.database import Database
from shared.events.charter import CharterRules
from shared.people import Person
from shared.people.guards import token_hash
from submission.carriers.limits import PARIS, submitting
from submission.carriers.telling import Telling
from submission.projects.deposit import queries
from submission.projects.deposit.deposit import made
from submission.projects.deposit.depositor import read_said
from submission.projects.deposit.drafts import written
from submission.projects.ideas import Place, Words
from submission.repeats import Asked
from submission.showing import Went


@lru_cache(maxsize=8)
def _rules(written: str) -> CharterRules:
    return CharterRules.model_validate_json(written)


async def deposit_at_once(
    database: Database,
    programme_id: UUID,
    secret: str,
    data: Mapping[str, str],
    asked: Asked,
    who: Person,
    telling: Telling,
) -> Went | None:
    """Where a resident's form led that deposited her idea; None where nothing was done.

    Raises `FormRefused`.
    """
    if who.kind != "resident" or asked.key is None:
        return None
    ready = await queries.ready(database, token_hash(secret), programme_id)
    # Links that were mailed for somebody else are forgotten in a session.
    if ready is None or ready["address"] not in ("", who.address):
        return None
    if written(dict(ready)).stale(data):
        return None
    rules, now = _rules(ready["rules"]), ready["now"]
    today = now.astimezone(PARIS).date()
    said = read_said(rules, data, ready["category"] or None, who.address, today)
    limited = submitting(rules).most_ideas is not None
    if limited or said.carrier_type != "person" or said.representative:
        return None
    deposit = made(
        programme_id,
        ready["log"],
        Words(ready["title"], ready["summary"], said.name),
        Place(ready["territory"], ready["theme"] or None, ready["category"] or None),
        who.id,
        Contact(said.address, said.language),
        now,
        telling,
    )
    to = Went.deposited(deposit.event.project_id)
    first = await queries.deposit_first(database, asked, to.model_dump(), ready, deposit)
    return to if first else None
