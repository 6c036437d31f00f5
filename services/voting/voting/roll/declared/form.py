"""What somebody declares, read from a form, and what a charter says about it. Pure."""

from datetime import date, datetime, timedelta
from typing import NamedTuple, get_args
from uuid import UUID

from shared.contacts import Contact
from shared.events.charter import CharterRules
from shared.events.scheme import Link
from shared.events.screening import Screening
from shared.proof_of_work import holds
from shared.refusal import Refusal
from shared.web.filters import PARIS
from shared.web.languages import LANGUAGES
from voting.roll import identity as rules
from voting.roll.identity import Charter, Declared, Identity

LINKS: tuple[Link, ...] = get_args(Link)


class NotOffered(Refusal):
    """In this round nobody can declare an identity: the codes come by post."""

    code = "not_offered"


class FormIncomplete(Refusal):
    """The form came without its one-time value, or with a language that is none."""

    code = "form_incomplete"


class ProofMissing(Refusal):
    """The form came without its proof of work, or with one that proves nothing here or today."""

    code = "proof_missing"


class Form(NamedTuple):
    """What was declared, read. `told` is where notices go: a mail address, else the telephone."""

    identity: Identity
    declared: Declared
    telephone: Contact
    told: Contact
    once: str
    lesson: str


def read_form(data: dict[str, str]) -> Form:
    """What was declared.

    Raises `IdentityMalformed`, `TelephoneMalformed`, `AddressMalformed`, `FormIncomplete`.
    """
    identity = Identity.read(
        *(data.get(name, "") for name in ("birth_name", "first_name", "born", "country", "commune"))
    )
    language, once = data.get("language", ""), data.get("once", "")
    telephone = rules.read_telephone(data.get("telephone", ""))
    address = data.get("address", "").strip()
    if language not in LANGUAGES or not 16 <= len(once) <= 64 or not once.isascii():
        raise FormIncomplete("load the page anew; nothing was kept of what you wrote")
    told = rules.read_address(address) if address else telephone
    return Form(
        identity,
        read_declared(data),
        Contact(telephone, language),
        Contact(told, language),
        once,
        data.get("lesson", "").strip(),
    )


def read_declared(data: dict[str, str]) -> Declared:
    """What is declared beside an identity."""
    return Declared(
        territory=data.get("territory", ""),
        sworn=data.get("sworn") == "yes",
        consent=data.get("consent") == "yes",
        links=[link for link in LINKS if data.get(f"link-{link}") == "yes"],
    )


def charter_of(said: CharterRules | None, opens_at: datetime | None) -> Charter:
    """Who may be on the roll of a round that opens then. Raises `NotOffered`."""
    if said is None or said.vote is None or opens_at is None:
        raise NotOffered("in this round nobody declares an identity: codes come by post")
    return Charter(
        minimum_age=said.vote.minimum_age,
        territories={territory.name for territory in said.territories},
        opens=opens_at.astimezone(PARIS).date(),
        consent_age=said.vote.consent_age or rules.CONSENT_AGE,
        links=said.vote.links.of if said.vote.links else (),
        least_links=said.vote.links.least if said.vote.links else 0,
    )


def figures_of(said: CharterRules | None) -> Screening:
    """The figures by which a round's registrations are screened: its charter's."""
    return (said.screening if said is not None else None) or Screening()


def challenge(round_id: UUID, day: str, once: str) -> str:
    """What work is proved on: good for one form, in one round, for a day."""
    return f"{round_id}/{day}/{once}"


def check_proof(round_id: UUID, data: dict[str, str], bits: int, today: date) -> None:
    """Refuse what costs nobody anything. Raises `ProofMissing`."""
    day, once = data.get("proof_day", ""), data.get("once", "")
    fresh = day in {str(today), str(today - timedelta(days=1))}
    if not fresh or not holds(challenge(round_id, day, once), data.get("proof", ""), bits):
        raise ProofMissing("the proof of work is missing: the page makes it when it is sent")
