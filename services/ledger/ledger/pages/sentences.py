"""What each event says to people: one sentence a type, and the values in it.

A sentence states what the entry states and no more: nothing here is looked up but the words behind
commitments and the labels of what a charter names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from shared.web.messages import mark

type Body = Mapping[str, Any]


class Kind(Enum):
    """How a value is shown."""

    TEXT = "as it is"
    MONEY = "cents"
    NUMBER = "a count"
    MOMENT = "a time"
    WORDS = "the words behind a commitment"
    LABEL = "what a charter names"
    SENTENCE = "a sentence of this module"
    SENTENCES = "several of them"
    SAID = "a sentence of this module with values of its own"
    VERDICT = "why an option is funded or is not"
    LIST = "several that a charter names"


@dataclass(frozen=True)
class Shown:
    """A value and how it is shown."""

    kind: Kind
    value: Any


@dataclass(frozen=True)
class Said:
    """A sentence, in English, with its values by name."""

    sentence: str
    values: Mapping[str, Shown]


# The phases and acts that a charter can have, and the roles of officers.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ideas": mark("Ideas"),
        "counters": mark("Counters"),
        "dossiers": mark("Dossiers"),
        "labelling": mark("Labels"),
        "vote": mark("Vote"),
        "administrator": mark("administrator"),
        "adviser": mark("adviser"),
        "committee": mark("member of the committee"),
        "returning-officer": mark("returning officer"),
        "publish-charter": mark("publish a charter"),
        "redate-phase": mark("give a phase other dates"),
        "freeze-options": mark("freeze the options of a vote"),
        "open-round": mark("open a vote"),
        "close-round": mark("close a vote"),
        "order-tie": mark("say the order of options that are level"),
        "validate-result": mark("validate a result"),
        "sign-agreement": mark("sign an agreement"),
    }
)


def said(kind: str, body: Body) -> Said:
    """What an event of this type says; of an unknown type, that it is there."""
    speak = SENTENCES.get(kind)
    return _say(mark("An event of the type %(type)s."), type=kind) if speak is None else speak(body)


def _say(sentence: str, **values: Any) -> Said:
    return Said(
        sentence,
        {
            name: value if isinstance(value, Shown) else Shown(Kind.TEXT, value)
            for name, value in values.items()
        },
    )


def _of(kind: Kind) -> Callable[[Any], Shown]:
    def shown(value: Any) -> Shown:
        return Shown(kind, value)

    return shown


_money, _number, _moment = _of(Kind.MONEY), _of(Kind.NUMBER), _of(Kind.MOMENT)
_words, _label, _list, _sentence = (
    *(_of(Kind.WORDS), _of(Kind.LABEL), _of(Kind.LIST), _of(Kind.SENTENCE)),
)
_sentences, _said, _verdict = _of(Kind.SENTENCES), _of(Kind.SAID), _of(Kind.VERDICT)


def _always(sentence: str) -> Callable[[Body], Said]:
    return lambda _: _say(sentence)


# --- submission ----------------------------------------------------------------------------------


def _charter(body: Body) -> Said:
    sentence = (
        mark(
            "The programme “%(title)s” was published, as a rehearsal. "
            "What follows stands in the log %(log)s."
        )
        if body["rehearsal"]
        else mark(
            "The programme “%(title)s” was published. What follows stands in the log %(log)s."
        )
    )
    return _say(sentence, title=_words(body["title"]), log=body["log"])


def _phase(sentence: str) -> Callable[[Body], Said]:
    return lambda body: _say(sentence, phase=_label(body["phase"]), at=_moment(body["at"]))


def _redated(body: Body) -> Said:
    return _say(
        mark(
            "Two officers gave the phase “%(phase)s” other dates: "
            "from %(opens)s to %(closes)s. Their reason: %(reason)s"
        ),
        phase=_label(body["phase"]),
        opens=_moment(body["opens_at"]),
        closes=_moment(body["closes_at"]),
        reason=_words(body["reason"]),
    )


def _idea(body: Body) -> Said:
    return _say(
        mark(
            "An idea was deposited: “%(title)s” (%(territory)s). Who carries it is not public here."
        ),
        title=_words(body["title"]),
        territory=_label(body["territory"]),
    )


def _dossier(sentence: str) -> Callable[[Body], Said]:
    return lambda body: _say(sentence, title=_words(body["title"]), cost=_money(body["cost"]))


def _reviewed(body: Body) -> Said:
    if not body["missing"]:
        return _say(mark("An officer read a dossier: it is complete."))
    return _say(
        mark("An officer read a dossier. It lacks: %(missing)s."),
        missing=_list(body["missing"]),
    )


def _labelled(body: Body) -> Said:
    return _say(
        mark(
            "The committee gave a project its label, “%(family)s”: "
            "it will be voted on, for at most %(ceiling)s. The reason: %(reason)s"
        ),
        family=_label(body["family"]),
        ceiling=_money(body["ceiling"]),
        reason=_words(body["reason"]),
    )


def _with_reason(sentence: str) -> Callable[[Body], Said]:
    return lambda body: _say(sentence, reason=_words(body["reason"]))


def _missed(body: Body) -> Said:
    if body.get("reason") is None:
        return _say(
            mark("The carrier of an idea did not come to the counter; another one can be asked.")
        )
    return _say(
        mark(
            "The carrier of an idea did not come to the counter; another one can be asked. "
            "The reason: %(reason)s"
        ),
        reason=_words(body["reason"]),
    )


def _gathering(body: Body) -> Said:
    return _say(
        mark(
            "A counter will be held at “%(place)s” (%(territory)s), "
            "from %(begins)s to %(ends)s. Places: %(capacity)s."
        ),
        place=_words(body["place"]),
        territory=_label(body["territory"]),
        begins=_moment(body["begins_at"]),
        ends=_moment(body["ends_at"]),
        capacity=_number(body["capacity"]),
    )


def _frozen(body: Body) -> Said:
    return _say(
        mark("The options of a vote were frozen: from now on they cannot change. Options: %(n)s."),
        n=_number(len(body["options"])),
    )


def _role(everywhere: str, programme: str, territory: str) -> Callable[[Body], Said]:
    def speak(body: Body) -> Said:
        role = _label(body["role"])
        if body.get("territory"):
            return _say(territory, role=role, territory=_label(body["territory"]))
        return _say(programme if body.get("programme_id") else everywhere, role=role)

    return speak


def _erased(body: Body) -> Said:
    return _say(
        mark("Words were erased; what commits to them stays. Texts: %(n)s."),
        n=_number(len(body["content_ids"])),
    )


def _asked(body: Body) -> Said:
    return _say(
        mark("An officer asked for what another one has to confirm: %(act)s."),
        act=_label(body["act"]),
    )


# --- voting --------------------------------------------------------------------------------------


def _prepared(body: Body) -> Said:
    return _say(
        mark("A vote was prepared; nobody can vote yet. Options: %(n)s."),
        n=_number(body["options"]),
    )


def _listed(body: Body) -> Said:
    values = {
        "number": _number(body["number"]),
        "title": _words(body["title"]),
        "cost": _money(body["cost"]),
    }
    if (withdrawn := body.get("withdrawn")) is None:
        return _say(mark("Option %(number)s of a vote: “%(title)s”, for %(cost)s."), **values)
    sentence = mark(
        "Option %(number)s of a vote: “%(title)s”, for %(cost)s. It was withdrawn (%(withdrawn)s) "
        "and is never funded."
    )
    return _say(sentence, withdrawn=withdrawn, **values)


def _opened_before(body: Body) -> Said:
    return _say(
        mark(
            "A vote was opened; from now on none of its rules changes. "
            "It runs from %(opens)s to %(closes)s. Each ballot names %(least)s to %(most)s "
            "options; %(budget)s is shared out."
        ),
        opens=_moment(body["opens_at"]),
        closes=_moment(body["closes_at"]),
        least=_number(body["format"]["min"]),
        most=_number(body["format"]["max"]),
        budget=_money(body["budget"]),
    )


def _opened(body: Body) -> Said:
    rule = body["rule"]
    orders = dict.fromkeys(ORDERS[each["order"]["type"]] for each in rule["passes"])
    budget = next(each["amount"] for each in rule["envelopes"] if each.get("within") is None)
    return _say(
        mark(
            "A vote was opened; from now on none of its rules changes. "
            "It runs from %(opens)s to %(closes)s. %(format)s "
            "What is shared out: %(budget)s, %(orders)s."
        ),
        opens=_moment(body["opens_at"]),
        closes=_moment(body["closes_at"]),
        format=_said(FORMATS[body["format"]["type"]](body["format"])),
        budget=_money(budget),
        orders=_sentences([*orders]),
    )


def _limits(sentence: str, *names: str) -> Callable[[Body], Said]:
    """A format's sentence, with these of its numbers."""
    return lambda form: _say(sentence, **{name: _number(form[name]) for name in names})


def _contests(form: Body) -> Said:
    return _say(
        mark(
            "Each ballot names at most %(own)s options of one territory, "
            "and at most %(general)s of those for all."
        ),
        own=_number(form["own"]["max"]),
        general=_number(form["general"]["max"]),
    )


def _knapsack(form: Body) -> Said:
    sentence = mark("Each ballot names options that cost %(cap)s at most together.")
    return _say(sentence, cap=_money(form["cap"]))


def _ranking(form: Body) -> Said:
    return _say(
        mark("Each ballot ranks up to %(max)s options; the points of the places: %(points)s."),
        max=_number(form["max"]),
        points=", ".join(map(str, form["points"])),
    )


def _grades(form: Body) -> Said:
    sentence = mark(
        "Each ballot grades options; the grades from the worst to the best: %(grades)s."
    )
    return _say(sentence, grades=_list(form["grades"]))


FORMATS: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "approval": _limits(mark("Each ballot names %(min)s to %(max)s options."), "min", "max"),
        "contests": _contests,
        "knapsack": _knapsack,
        "cumulative": _limits(
            mark(
                "Each ballot gives up to %(total)s points, and up to %(most_each)s to one option."
            ),
            "total",
            "most_each",
        ),
        "ranking": _ranking,
        "score": _limits(
            mark("Each ballot scores options from %(low)s to %(high)s."), "low", "high"
        ),
        "plus-minus": _limits(
            mark(
                "Each ballot is for up to %(most_plus)s options, and against up to %(most_minus)s."
            ),
            "most_plus",
            "most_minus",
        ),
        "grades": _grades,
        "decision": _limits(
            mark("On each option %(members)s members say yes or no, or abstain."), "members"
        ),
    }
)
ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "votes": mark("by votes"),
        "votes-per-cost": mark("by votes for each euro"),
        "jury-rank": mark("by the ranks of a jury"),
        "median-grade": mark("by the median grade"),
        "equal-shares": mark("by equal shares"),
    }
)


def _closed(body: Body) -> Said:
    return _say(mark("A vote ended: %(at)s."), at=_moment(body["closed_at"]))


def _issued(body: Body) -> Said:
    sentence = (
        mark("The roll gave out its last right to vote. Rights in all: %(n)s.")
        if body["final"]
        else mark("The roll counted the rights to vote that it gave out so far: %(n)s.")
    )
    return _say(sentence, n=_number(sum(body["issued"].values())))


def _ballot(body: Body) -> Said:
    again, valued = body["revision"] > 1, any(isinstance(c, list) for c in body["choices"])
    if again and valued:
        sentence = mark(
            "A ballot was changed (version %(revision)s). What it now gives to options, by their "
            "number: %(choices)s. It names no voter."
        )
    elif valued:
        sentence = mark(
            "A ballot was cast. What it gives to options, by their number: %(choices)s. "
            "It names no voter."
        )
    elif again:
        sentence = mark(
            "A ballot was changed (version %(revision)s): "
            "it now names the options %(choices)s. It names no voter."
        )
    else:
        sentence = mark("A ballot was cast for the options %(choices)s. It names no voter.")
    revision = {"revision": _number(body["revision"])} if again else {}
    return _say(sentence, choices=_choices(body), **revision)


def _choices(body: Body) -> Shown:
    chosen = [
        f"{each[0]}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{each[1]}"
        if isinstance(each, list)
        else str(each)
        for each in body["choices"]
    ]
    return Shown(Kind.TEXT, ", ".join(chosen)) if chosen else _sentence(mark("(none)"))


def _box(body: Body) -> Said:
    return _say(
        mark(
            "The ballot box is closed. Voters: %(voters)s; ballots with all changes: %(ballots)s."
        ),
        voters=_number(body["keys"]),
        ballots=_number(body["ballots"]),
    )


def _tally(body: Body) -> Said:
    return _say(
        mark("Where a vote stood. Ballots counted: %(ballots)s."),
        ballots=_number(body["ballots"]),
    )


def _tie_asked(body: Body) -> Said:
    return _say(
        mark(
            "The count waits: who gets what depends on the order of options that are level, "
            "and the rule leaves it to two officers to say it. Such options: %(n)s."
        ),
        n=_number(len(body["options"])),
    )


def _tie_ordered(body: Body) -> Said:
    sentence = (
        mark("Two officers said the order of options that were level. Such options: %(n)s.")
        if body.get("officers")
        else mark("The order of options that were level was said. Such options: %(n)s.")
    )
    return _say(sentence, n=_number(len(body["order"])))


_DECIDED = {
    "funded": mark("Option %(number)s is funded with %(cost)s. Votes: %(votes)s; place: %(rank)s."),
    "does_not_fit": mark(
        "Option %(number)s is not funded: it costs %(cost)s, and %(left)s was left. "
        "Votes: %(votes)s; place: %(rank)s."
    ),
    "no_votes": mark("Option %(number)s is not funded: nobody voted for it."),
}


def _decided_before(body: Body) -> Said:
    every = {
        "number": _number(body["number"]),
        "cost": _money(body["cost"]),
        "votes": _number(body["votes"]),
        "rank": _number(body["rank"]),
        "left": _money(body["left"]),
    }
    return _say(_DECIDED[body["reason"]], **every)


def _decided(body: Body) -> Said:
    sentence = (
        mark("Option %(number)s is funded. %(why)s")
        if body["funded"]
        else mark("Option %(number)s is not funded. %(why)s")
    )
    return _say(sentence, number=_number(body["number"]), why=_verdict(body))


def _allocated_before(body: Body) -> Said:
    return _say(
        mark(
            "A vote is decided. Options funded: %(funded)s of %(options)s, "
            "with %(spent)s of %(budget)s. Ballots: %(ballots)s."
        ),
        **_result(body),
    )


def _allocated(body: Body) -> Said:
    return _say(
        mark(
            "A vote is decided. Options funded: %(funded)s of %(options)s, "
            "with %(spent)s of %(budget)s. Ballots: %(ballots)s, "
            "of which void: %(void)s; blank: %(blank)s."
        ),
        void=_number(sum(body["void"].values())),
        blank=_number(body["blank"]),
        **_result(body),
    )


def _result(body: Body) -> dict[str, Shown]:
    return {
        "funded": _number(body["funded"]),
        "options": _number(body["options"]),
        "spent": _money(body["spent"]),
        "budget": _money(body["budget"]),
        "ballots": _number(body["ballots"]),
    }


def _agreed(body: Body) -> Said:
    return _say(
        mark("Two officers signed the agreement with the carrier of a project: %(amount)s."),
        amount=_money(body["amount"]),
    )


# --- the ledger ----------------------------------------------------------------------------------


def _log(sentence: str) -> Callable[[Body], Said]:
    return lambda body: _say(sentence, log=body["log"])


def _signed(body: Body) -> Said:
    return _say(
        mark("The ledger signed the log %(log)s. Entries: %(size)s."),
        log=body["log"],
        size=_number(body["size"]),
    )


def _dead(body: Body) -> Said:
    return _say(
        mark("%(process)s could not read a record of %(topic)s and put it aside."),
        process=body["process"],
        topic=body["origin"],
    )


_CONSENTED = _always(mark("Another officer confirmed it, and it was done."))
_DECLINED = _always(mark("It was declined, or taken back."))

SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "submission.charter-published.v1": _charter,
        "submission.phase-opened.v1": _phase(mark("The phase “%(phase)s” began: %(at)s.")),
        "submission.phase-closed.v1": _phase(mark("The phase “%(phase)s” ended: %(at)s.")),
        "submission.phase-redated.v1": _redated,
        "submission.idea-deposited.v1": _idea,
        "submission.dossier-filed.v1": _dossier(
            mark("A dossier was filed: “%(title)s”. It asks for %(cost)s.")
        ),
        "submission.dossier-amended.v1": _dossier(
            mark("A dossier was changed: “%(title)s”. It now asks for %(cost)s.")
        ),
        "submission.dossier-reviewed.v1": _reviewed,
        "submission.project-labelled.v1": _labelled,
        "submission.label-refused.v1": _with_reason(
            mark("The committee refused a project its label. The reason: %(reason)s")
        ),
        "submission.gathering-announced.v1": _gathering,
        "submission.handoff-requested.v1": _always(
            mark("The carrier of an idea asked for a place at a counter.")
        ),
        "submission.handoff-accepted.v1": _always(
            mark("The adviser of a counter took an idea on.")
        ),
        "submission.handoff-declined.v1": _with_reason(
            mark("The adviser of a counter could not take an idea on. The reason: %(reason)s")
        ),
        "submission.handoff-attended.v1": _always(
            mark("The carrier of an idea was at the counter: a dossier may be filed.")
        ),
        "submission.handoff-missed.v1": _missed,
        "submission.options-frozen.v1": _frozen,
        "submission.role-granted.v1": _role(
            mark("An officer was given a role everywhere: %(role)s."),
            mark("An officer was given a role in one programme: %(role)s."),
            mark("An officer was given a role in %(territory)s: %(role)s."),
        ),
        "submission.role-revoked.v1": _role(
            mark("An officer lost a role everywhere: %(role)s."),
            mark("An officer lost a role in one programme: %(role)s."),
            mark("An officer lost a role in %(territory)s: %(role)s."),
        ),
        "submission.content-erased.v1": _erased,
        "submission.second-officer-asked.v1": _asked,
        "submission.second-officer-consented.v1": _CONSENTED,
        "submission.second-officer-declined.v1": _DECLINED,
        "submission.text-published.v1": _always(
            mark("Words were sent, to be found by their hash.")
        ),
        "voting.round-prepared.v1": _prepared,
        "voting.option-listed.v1": _listed,
        "voting.round-opened.v1": _opened_before,
        "voting.round-opened.v2": _opened,
        "voting.round-closed.v1": _closed,
        "voting.tier-keys-prepared.v1": _always(
            mark("The roll made the keys that sign rights to vote.")
        ),
        "voting.tokens-issued.v1": _issued,
        "voting.ballot-cast.v1": _ballot,
        "voting.box-closed.v1": _box,
        "voting.tally-updated.v1": _tally,
        "voting.tie-asked.v1": _tie_asked,
        "voting.tie-ordered.v1": _tie_ordered,
        "voting.option-decided.v1": _decided_before,
        "voting.option-decided.v2": _decided,
        "voting.allocation-published.v1": _allocated_before,
        "voting.allocation-published.v2": _allocated,
        "voting.result-validated.v1": _always(mark("Two officers validated the result of a vote.")),
        "voting.agreement-signed.v1": _agreed,
        "voting.second-officer-asked.v1": _asked,
        "voting.second-officer-consented.v1": _CONSENTED,
        "voting.second-officer-declined.v1": _DECLINED,
        "private.message-sealed.v1": _always(
            mark("Somebody is to be told something; whom and what is sealed.")
        ),
        "notification.message-accepted.v1": _always(mark("A message was taken on.")),
        "notification.message-delivered.v1": _always(mark("A message was sent.")),
        "notification.message-bounced.v1": _always(mark("A message could not be delivered.")),
        "ledger.checkpoint-published.v1": _signed,
        "ledger.log-opened.v1": _log(
            mark("The log %(log)s was opened, with the key that signs it.")
        ),
        "ledger.log-begun.v1": _log(
            mark("The log %(log)s begins: every step of this edition follows.")
        ),
        "comptoir.dead-letter.v1": _dead,
    }
)
