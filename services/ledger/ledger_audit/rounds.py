"""What the entries say of each round, gathered before a ballot is looked at.

Entries of different publishers stand in the log in no order that means anything, so a round's
rules may come after its ballots: hence everything but ballots is read first.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ledger_audit.errors import Tampered
from ledger_audit.forms import (
    Form,
    Misformed,
    boolean,
    fields,
    many,
    named,
    one_of,
    text,
    whole,
    words,
)
from ledger_audit.leaves import UUID
from ledger_audit.rules import CENTS, FORMAT, GROUPS, NAME, PLACE, check_options, check_rule
from ledger_audit.services import SOURCES

MOST_OPTIONS = 10_000
_COUNT = whole(0, 2**53 - 1)
_NUMBER = whole(1, MOST_OPTIONS)
_TEXT = words(2000)
_TIERS = named(_TEXT, _TEXT)
_IDS = many(_TEXT, 2)
_ID = _ROUND = text(UUID)
_RATIO = r"(0|[1-9][0-9]{0,14})(/[1-9][0-9]{0,14})?"
_SAID = {"seat_id": _ID, "revision": whole(1, 10_000)}
_OF_BODY = {"seat_id": _ID, "programme_id": _ID, "body_name": words(60)}
_PAPERS = whole(0, 10_000)
_BEGUN = "ledger.log-begun.v1"
# What may happen once in a round, whichever version says it.
_ONCE = {
    "submission.options-frozen.v1": "frozen",
    "voting.round-prepared.v1": "prepared",
    "voting.tier-keys-prepared.v1": "tier_keys",
    "voting.commission-prepared.v1": "commission",
    "voting.round-opened.v1": "opened",
    "voting.round-opened.v2": "opened",
    "voting.box-closed.v1": "box_closed",
    "voting.seats-closed.v1": "seats_closed",
    "voting.allocation-published.v1": "allocation",
    "voting.allocation-published.v2": "allocation",
    "voting.round-closed.v1": "closed",
    "voting.papers-marked.v1": "papers_marked",
    "voting.papers-closed.v1": "papers_closed",
    "voting.result-validated.v1": "validated",
    "voting.round-annulled.v1": "annulled",
}
# What may happen again and again.
_OFTEN = {
    "voting.option-listed.v1": "options",
    "voting.tokens-issued.v1": "issued",
    "voting.seat-ballot-cast.v1": "seat_ballots",
    "voting.seat-recused.v1": "recusals",
    "voting.tie-asked.v1": "asked",
    "voting.tie-ordered.v1": "ordered",
    "voting.option-decided.v1": "decisions",
    "voting.option-decided.v2": "decisions",
    "voting.paper-batch-opened.v1": "batches",
    "voting.paper-batch-locked.v1": "locked",
    "voting.paper-ballot-entered.v1": "papers",
    "voting.paper-batch-annulled.v1": "annulled_batches",
    "voting.round-extended.v1": "extended",
    "voting.funding-confirmed.v1": "confirmed",
    "voting.agreement-signed.v1": "agreed",
    "voting.instalment-paid.v1": "paid",
    "voting.grant-reduced.v1": "reduced",
    "voting.grant-lapsed.v1": "lapsed",
    "submission.project-labelled.v1": "labelled",
    "submission.label-refused.v1": "refused",
}
# Labels are no matter of a round where no committee votes on them.
_LABELS = ("submission.project-labelled.v1", "submission.label-refused.v1")
# What says which money residents and bodies give, and for how many years.
_CHARTERS = ("submission.charter-published.v1", "submission.charter-amended.v1")
_REDATED = "submission.phase-redated.v1"
_COMMISSION = fields({"key": _TEXT, "threshold": whole(1, 16), "shares": whole(1, 16)})
_OPENED = {"tiers": _TIERS, "options": _NUMBER, "digest": _TEXT, "rules_digest": _TEXT}


def _body(always: dict[str, Form], perhaps: dict[str, Form] | None = None) -> Form:
    """The body of an event of a round, in which other fields are no matter of counting."""
    return fields({"round_id": _ROUND, **always}, perhaps, others=True)


def _choice(value: Any, path: str) -> None:
    """A number of an option, or that with a value."""
    pair = value if isinstance(value, list) else [value, 0]
    many(whole(-1_000_000, 1_000_000), 2, 2)(pair, path)
    _NUMBER(pair[0], path)


# What counting relies on, so that it never stumbles over an entry that somebody made up.
_FORMS: dict[str, Form] = {
    "submission.options-frozen.v1": _body({"digest": _TEXT}),
    "voting.round-prepared.v1": _body({"digest": _TEXT}),
    "voting.tier-keys-prepared.v1": _body({"tiers": _TIERS}),
    "voting.option-listed.v1": _body(
        {"option_id": words(100), "number": _NUMBER, "cost": CENTS, "title": _TEXT},
        {
            "territory": NAME,
            "family": NAME,
            "groups": GROUPS,
            "filed": _COUNT,
            "jury_rank": PLACE,
            "other_money": CENTS,
            "withdrawn": words(),
            "on_top": CENTS,
        },
    ),
    "voting.round-opened.v1": _body(
        {
            **_OPENED,
            "format": fields(
                {"type": one_of("approval"), "min": whole(0, MOST_OPTIONS), "max": _NUMBER}
            ),
            "rule": _TEXT,
            "budget": CENTS,
            "tie_order": many(one_of("cost", "option"), 0, 8),
        }
    ),
    "voting.round-opened.v2": _body(
        {**_OPENED, "format": FORMAT, "listed": _TEXT},
        {
            "secrecy": one_of("named", "live", "sealed"),
            "commission": _COMMISSION,
            "flush": fields({"k": _COUNT, "interval": _COUNT}),
            "padded": whole(1, 2**16),
            "seats": fields(
                {
                    "body_name": words(60),
                    "members": whole(1, MOST_OPTIONS),
                    "quorum": text(_RATIO),
                }
            ),
        },
    ),
    "voting.commission-prepared.v1": _body({"commission": _COMMISSION}),
    "voting.seat-ballot-cast.v1": _body({**_SAID, "choices": many(_choice, 0, MOST_OPTIONS)}),
    "voting.seat-recused.v1": _body({**_SAID, "number": _NUMBER, "by": _ROUND}, {"reason": _TEXT}),
    "voting.seats-closed.v1": _body({"ballots": _COUNT, "seats": _COUNT, "quorum": boolean}),
    "voting.tokens-issued.v1": _body(
        {"issued": named(_TEXT, _COUNT), "final": boolean},
        {"reissued": named(_TEXT, _COUNT), "codes": named(_TEXT, _COUNT)},
    ),
    "voting.box-closed.v1": _body({"ballots": _COUNT, "keys": _COUNT}),
    "voting.tie-asked.v1": _body({"options": _IDS, "step": many(_TEXT, 2, 2)}),
    "voting.tie-ordered.v1": _body({"order": _IDS}),
    "voting.option-decided.v1": _body({"option_id": _TEXT, "number": _NUMBER, "rank": _COUNT}),
    "voting.option-decided.v2": _body({"option_id": _TEXT, "number": _NUMBER}),
    "voting.allocation-published.v1": _body({}),
    "voting.allocation-published.v2": _body({}),
    "voting.round-closed.v1": _body({"closed_at": _TEXT}),
    "voting.paper-batch-opened.v1": _body({"batch_id": _ID, "stubs": _PAPERS}),
    "voting.paper-batch-locked.v1": _body(
        {
            "batch_id": _ID,
            "batch_key": _TEXT,
            "stubs": _PAPERS,
            "ballots": _PAPERS,
            "void": named(_TEXT, _PAPERS),
            "digest": _TEXT,
        }
    ),
    "voting.paper-ballot-entered.v1": _body(
        {
            "v": whole(1, 1),
            "batch_id": _ID,
            "tier": one_of("P"),
            "number": _PAPERS,
            "choices": many(_choice, 0, MOST_OPTIONS),
            "sig": _TEXT,
        }
    ),
    "voting.paper-batch-annulled.v1": _body({"batch_id": _ID}),
    "voting.papers-closed.v1": _body(
        {"batches": _COUNT, "stubs": _COUNT, "ballots": _COUNT, "void": named(_TEXT, _COUNT)}
    ),
    "voting.papers-marked.v1": _body({"marked": _COUNT, "set_aside": _COUNT}),
    "voting.round-extended.v1": _body({"closes_at": _TEXT}),
    "voting.round-annulled.v1": _body({}),
    "voting.result-validated.v1": _body({"allocation": _TEXT}),
    "voting.funding-confirmed.v1": _body({"option_id": _TEXT, "amount": CENTS}),
    "voting.agreement-signed.v1": _body(
        {"option_id": _TEXT, "amount": CENTS},
        {
            "cost": CENTS,
            "instalments": many(fields({"name": _TEXT, "amount": CENTS}, others=True), 1, 12),
        },
    ),
    "voting.instalment-paid.v1": _body(
        {"option_id": _TEXT, "instalment": _TEXT, "amount": CENTS, "reference": _TEXT}
    ),
    "voting.grant-reduced.v1": _body(
        {"option_id": _TEXT, "before": CENTS, "amount": CENTS, "spent": CENTS}
    ),
    "voting.grant-lapsed.v1": _body({"option_id": _TEXT, "left": CENTS}),
    **dict.fromkeys(_LABELS, _body({"project_id": _ID})),
}


# The seats of bodies, which vote in any of their rounds.
_SEATS: dict[str, Form] = {
    "voting.seat-granted.v1": fields({**_OF_BODY, "chair": boolean}, others=True),
    "voting.seat-withdrawn.v1": fields(_OF_BODY, others=True),
}


@dataclass(frozen=True, slots=True)
class Said:
    """An event of a round: where it stands, its number, its version and its body."""

    index: int
    number: int
    version: int
    body: dict[str, Any]

    def whole(self, name: str) -> int:
        """A field that is a number, to sort by; -1 where it is none."""
        value = self.body.get(name)
        return value if type(value) is int else -1


@dataclass
class Round:
    """One round's events by kind. One that may happen once is in `said`, the first of its kind."""

    round_id: str
    said: dict[str, Said] = field(default_factory=dict)
    options: list[Said] = field(default_factory=list)
    decisions: list[Said] = field(default_factory=list)
    issued: list[Said] = field(default_factory=list)
    asked: list[Said] = field(default_factory=list)
    ordered: list[Said] = field(default_factory=list)
    seat_ballots: list[Said] = field(default_factory=list)
    recusals: list[Said] = field(default_factory=list)
    batches: list[Said] = field(default_factory=list)
    locked: list[Said] = field(default_factory=list)
    papers: list[Said] = field(default_factory=list)
    annulled_batches: list[Said] = field(default_factory=list)
    extended: list[Said] = field(default_factory=list)
    confirmed: list[Said] = field(default_factory=list)
    agreed: list[Said] = field(default_factory=list)
    paid: list[Said] = field(default_factory=list)
    reduced: list[Said] = field(default_factory=list)
    lapsed: list[Said] = field(default_factory=list)
    labelled: list[Said] = field(default_factory=list)
    refused: list[Said] = field(default_factory=list)
    # Labels that name no round, and go past this one.
    alone: list[Said] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_sealed(self) -> bool:
        """Whether its ballots say their choices only when they are opened."""
        return self.is_opened and self.said["opened"].body.get("secrecy") == "sealed"

    @property
    def grants(self) -> list[Said]:
        """What followed its decisions about money, in the order of their publisher."""
        found = [*self.confirmed, *self.agreed, *self.paid, *self.reduced, *self.lapsed]
        return sorted(found, key=lambda said: said.number)

    @property
    def is_opened(self) -> bool:
        """Whether its rules were published."""
        return "opened" in self.said

    def outcome(self) -> list[Said]:
        """What can only be said of a round that was opened: that its box or seats closed, that all
        papers are in, decisions, and labels of which it is the ground."""
        names = ("box_closed", "seats_closed", "papers_closed", "allocation")
        once = [self.said[name] for name in names if name in self.said]
        often = [*self.decisions, *self.labelled, *self.refused]
        return sorted([*once, *often], key=lambda said: said.index)

    def decided(self) -> list[Said]:
        """The decisions about options, and the allocation, in the order of their publisher."""
        once = [self.said["allocation"]] if "allocation" in self.said else []
        return sorted([*self.decisions, *once], key=lambda said: said.number)

    def matters(self) -> bool:
        """Whether there is something to count."""
        return self.is_opened or bool(self.outcome())

    def place(self) -> tuple[bool, int]:
        """Where it comes among the rounds of its log."""
        opened = self.said.get("opened")
        return opened is None, (opened or self.outcome()[0]).index

    def reissued(self) -> int:
        """How many second codes the roll gave to people who had lost theirs: of each tier the most
        that it ever said, since none is taken back."""
        most = Counter[str]()
        for said in self.issued:
            most |= Counter(said.body.get("reissued", {}))
        return most.total()

    def passed_by(self, labels: Iterable[Said]) -> list[Said]:
        """Those of these labels, which name no round, that this one had to give: it gave others, or
        members vote in it on projects that were given to them before."""
        if self.labelled or self.refused:
            return [*labels]
        frozen = self.said.get("frozen")
        if frozen is None or not self.is_opened or "seats" not in self.said["opened"].body:
            return []
        given = self.costs()
        return [
            said
            for said in labels
            if said.number > frozen.number and said.body["project_id"] in given
        ]

    def costs(self) -> dict[str, int]:
        """Cost by option id, in cents."""
        return {said.body["option_id"]: said.body["cost"] for said in self.options}

    def numbers(self) -> dict[int, str]:
        """Option id by its number on the ballot."""
        return {said.body["number"]: said.body["option_id"] for said in self.options}

    def seen(self) -> list[dict[str, Any]]:
        """What the rule sees of the options, by number; of a number that is twice, the first."""
        found: dict[int, dict[str, Any]] = {}
        for said in sorted(self.options, key=lambda said: said.index):
            found.setdefault(said.body["number"], _seen(said.body))
        return [found[number] for number in sorted(found)]


class Gathered(NamedTuple):
    """The rounds of a log by id: those that were opened, in that order, and behind them those of
    which a box was closed or something decided all the same; what the entry says that begins the
    log, where one does; and the seats of bodies."""

    rounds: dict[str, Round]
    begun: Mapping[str, Any]
    bodies: "Bodies"
    # The rules of each version of the charter, and phases as they were dated anew.
    charters: Sequence[Mapping[str, Any]] = ()


@dataclass
class Bodies:
    """The seats of a log's bodies: which were given, and which were withdrawn, by their ids."""

    granted: dict[str, Said] = field(default_factory=dict)
    withdrawn: dict[str, Said] = field(default_factory=dict)
    twice: list[int] = field(default_factory=list)

    def take(self, kind: str, said: Said) -> None:
        """A seat was given or withdrawn."""
        known = self.granted if kind == "voting.seat-granted.v1" else self.withdrawn
        if said.body["seat_id"] in known:
            self.twice.append(said.index)
        known.setdefault(said.body["seat_id"], said)

    def standing(self, opened: Said) -> dict[str, Said]:
        """The seats of a round's body that were given before it opened, and not withdrawn then."""
        seats, programme = opened.body["seats"], opened.body.get("programme_id")
        return {
            id: said
            for id, said in self.granted.items()
            if said.body["body_name"] == seats["body_name"]
            and said.body["programme_id"] == programme
            and said.number < opened.number
            and not self.gone(id, opened.number)
        }

    def gone(self, seat_id: str, number: int) -> bool:
        """Whether a seat was withdrawn before that number."""
        withdrawn = self.withdrawn.get(seat_id)
        return withdrawn is not None and withdrawn.number < number


def gathered(entries: Iterable[tuple[int, bytes]]) -> Gathered:
    """What a log says of its rounds, from its entries and their indexes; ballots and openings may
    be left out.

    Raises `Tampered` where an event does not have the fields of its kind.
    """
    rounds, begun, bodies = dict[str, Round](), dict[str, Any](), Bodies()
    alone, charters = list[Said](), list[Mapping[str, Any]]()
    for index, entry in entries:
        leaf = json.loads(entry)
        kind = leaf["type"]
        if kind in _LABELS and not _of_round(leaf["body"]):
            if isinstance(leaf["body"].get("project_id"), str):
                alone.append(Said(index, leaf["number"], leaf["v"], leaf["body"]))
            continue
        if kind in _FORMS or kind in _SEATS:
            if leaf["src"] != SOURCES[kind]:
                raise Tampered(9, f"{kind} is said by {leaf['src']}", index)
            said = Said(index, leaf["number"], leaf["v"], leaf["body"])
            _check_form(kind, said)
            if kind in _SEATS:
                bodies.take(kind, said)
            else:
                _gather(rounds, kind, said)
        elif index == 0 and kind == _BEGUN:
            begun = leaf["body"]
        elif kind in _CHARTERS and isinstance(rules := leaf["body"].get("rules"), dict):
            charters.append(rules)
        elif kind == _REDATED:
            charters.append({"phases": [leaf["body"]]})
    known = sorted(filter(Round.matters, rounds.values()), key=Round.place)
    for each in known:
        if each.is_opened:
            _check_rules(each)
        each.alone = each.passed_by(alone)
        told = {said.index for said in each.alone}
        alone = [said for said in alone if said.index not in told]
    return Gathered({each.round_id: each for each in known}, begun, bodies, charters)


def _of_round(body: Any) -> bool:
    """Whether a label has a round as its ground; what is no label is looked at as if it had."""
    return not isinstance(body, dict) or "round_id" in body


def _check_form(kind: str, said: Said) -> None:
    try:
        (_FORMS.get(kind) or _SEATS[kind])(said.body, "")
    except Misformed as wrong:
        raise Tampered(9, f"{kind}: {wrong}", said.index) from None


def _gather(rounds: dict[str, Round], kind: str, said: Said) -> None:
    round_id = said.body["round_id"]
    found = rounds.setdefault(round_id, Round(round_id))
    if (name := _OFTEN.get(kind)) is not None:
        getattr(found, name).append(said)
    elif (name := _ONCE.get(kind)) is not None:
        if name in found.said:
            found.twice.append((kind, said.index))
        found.said.setdefault(name, said)


def _check_rules(found: Round) -> None:
    """That the rule of a round can be counted at all, with its format and its options."""
    opened = found.said["opened"]
    if opened.version == 1:
        return
    sealed = opened.body.get("secrecy") == "sealed"
    if sealed != ("padded" in opened.body) or sealed != ("commission" in opened.body):
        what = "a sealed round has a commission and the size of its ballots, and no other has"
        raise Tampered(9, f"voting.round-opened.v2: {what}", opened.index)
    try:
        check_rule(opened.body.get("rule"), opened.body["format"], "rule")
    except Misformed as wrong:
        raise Tampered(9, f"voting.round-opened.v2: {wrong}", opened.index) from None
    for said in found.options:
        try:
            check_options(opened.body["rule"], [_seen(said.body)])
        except Misformed as wrong:
            raise Tampered(9, f"voting.option-listed.v1: {wrong}", said.index) from None


def _seen(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule sees of an option; territory and family are kinds of groups like the others."""
    own = {kind: [body[kind]] for kind in ("territory", "family") if kind in body}
    names = ("filed", "jury_rank", "withdrawn", "on_top")
    asked = {name: body[name] for name in names if name in body}
    return {
        "id": body["option_id"],
        "number": body["number"],
        "cost": body["cost"],
        "groups": own | body.get("groups", {}),
        "other_money": body.get("other_money", 0),
        **asked,
    }
