"""What each event says to people: one sentence a type, and the values in it.

A sentence states what the entry states and no more: nothing here is looked up but the words behind
commitments and the labels of what a charter names.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ledger.pages import (
    carriers,
    counters,
    funding,
    papers,
    proposals,
    roll,
    saying,
    seats,
    votes,
)
from ledger.pages.saying import Body, Kind, Said
from shared.web.messages import mark

# The phases and acts that a charter can have, and the roles of officers.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "rules": mark("Rules"),
        "ideas": mark("Ideas"),
        "counters": mark("Counters"),
        "dossiers": mark("Dossiers"),
        "preselection": mark("First selection"),
        "labelling": mark("Labels"),
        "instruction": mark("Examination"),
        "vote": mark("Vote"),
        "follow-up": mark("Follow-up"),
        "administrator": mark("administrator"),
        "adviser": mark("adviser"),
        "commission": mark("holder of a share of a commission’s key"),
        "committee": mark("member of the committee"),
        "instructor": mark("instructor"),
        "returning-officer": mark("returning officer"),
        "publish-charter": mark("publish a charter"),
        "amend-charter": mark("amend a charter"),
        "redate-phase": mark("give a phase other dates"),
        "merge-projects": mark("merge projects"),
        "freeze-options": mark("freeze the options of a vote"),
        "erase-content": mark("erase words for good"),
        "open-round": mark("open a vote"),
        "close-round": mark("close a vote"),
        "order-tie": mark("say the order of options that are level"),
        "reopen-service": mark("open a restored service"),
        "annul-batch": mark("annul a batch of ballot papers"),
        "close-papers": mark("say that all ballot papers are in"),
        "extend-round": mark("give a vote a later end"),
        "annul-round": mark("annul a vote"),
        "admit-registrations": mark("admit registrations that were held"),
        "decline-registrations": mark("decline registrations that were held"),
        "reissue-code": mark("give a second code to who lost hers"),
        "admit-at-counter": mark("put somebody at a counter on the roll"),
        "validate-result": mark("validate a result"),
        "confirm-funding": mark("confirm a grant"),
        "sign-agreement": mark("sign an agreement"),
        "reduce-grant": mark("lower a grant"),
        "lapse-grant": mark("end a grant"),
    }
)

# What two officers open again, and why its backup was restored.
REOPENED: Mapping[str, str] = MappingProxyType(
    {
        "voting.box": mark("the ballot box"),
        "voting.roll": mark("the roll of voters"),
        "disk-lost": mark("its disk or machine was lost"),
        "data-damaged": mark("its data was damaged"),
        "restored-by-mistake": mark("the backup was restored by mistake"),
        "exercise": mark("recovery was practised"),
    }
)

# What officers do at the ledger, and why an event is in no log.
OWN: Mapping[str, str] = MappingProxyType(
    {
        "accept-gap": mark("give up missing numbers"),
        "reject-event": mark("reject an event that nobody can read"),
        "replace-key": mark("take a service’s key that nobody vouches for"),
        "freeze-log": mark("end a log"),
        "too_large": mark("it is too large"),
        "not_canonical": mark("its bytes are not in the one form of an entry"),
        "not_readable": mark("nobody can read it"),
        "number_taken": mark("its number is another event’s"),
        "log_frozen": mark("its log has ended"),
    }
)


def said(kind: str, body: Body) -> Said:
    """What an event of this type says; of an unknown type, that it is there."""
    speak = SENTENCES.get(kind)
    return (
        saying.say(mark("An event of the type %(type)s."), type=kind)
        if speak is None
        else speak(body)
    )


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
    found = saying.say(sentence, title=saying.words(body["title"]), log=body["log"])
    return _adopted(found, body)


def _adopted(found: Said, body: Body) -> Said:
    """With the act by which a charter was adopted, where it names one."""
    if (adopted := body.get("adopted")) is None:
        return found
    return saying.then(
        found,
        mark("%(so_far)s It was adopted by %(body)s, by the act %(act)s of %(day)s."),
        body=adopted["body"],
        act=adopted["act"],
        day=saying.day(adopted["on"]),
    )


def _amended(body: Body) -> Said:
    found = saying.say(
        mark(
            "Two officers amended the charter: its version %(version)s takes effect on %(at)s. "
            "Those before it stay in the record."
        ),
        version=saying.number(body["version"]),
        at=saying.moment(body["takes_effect_at"]),
    )
    return saying.reasoned(_adopted(found, body), body)


def _phase(sentence: str) -> Callable[[Body], Said]:
    return lambda body: saying.say(
        sentence, phase=saying.label(body["phase"]), at=saying.moment(body["at"])
    )


def _import_begun(body: Body) -> Said:
    return saying.say(
        mark("An officer had a file of %(rows)s rows recorded. The reason: %(reason)s"),
        rows=saying.number(body["rows"]),
        reason=saying.words(body["reason"]),
    )


def _redated(body: Body) -> Said:
    return saying.say(
        mark(
            "Two officers gave the phase “%(phase)s” other dates: "
            "from %(opens)s to %(closes)s. Their reason: %(reason)s"
        ),
        phase=saying.label(body["phase"]),
        opens=saying.moment(body["opens_at"]),
        closes=saying.moment(body["closes_at"]),
        reason=saying.words(body["reason"]),
    )


def _frozen(body: Body) -> Said:
    found = _given(body)
    if (charter := body.get("charter")) is None:
        return found
    return saying.then(
        found,
        mark("%(so_far)s The fingerprint of the charter that holds for them: %(charter)s."),
        charter=charter[:16],
    )


def _given(body: Body) -> Said:
    if body.get("body_name") is not None:
        return saying.say(
            mark(
                "Projects were given to the body “%(body)s” to vote on: they cannot change until it"
                " has decided. Options: %(n)s."
            ),
            body=body["body_name"],
            n=saying.number(len(body["options"])),
        )
    return saying.say(
        mark("The options of a vote were frozen: from now on they cannot change. Options: %(n)s."),
        n=saying.number(len(body["options"])),
    )


def _role(everywhere: str, programme: str, territory: str) -> Callable[[Body], Said]:
    def speak(body: Body) -> Said:
        role = saying.label(body["role"])
        if body.get("territory"):
            return saying.say(territory, role=role, territory=saying.label(body["territory"]))
        return saying.say(programme if body.get("programme_id") else everywhere, role=role)

    return speak


def _erased(body: Body) -> Said:
    return saying.say(
        mark("Words were erased; what commits to them stays. Texts: %(n)s."),
        n=saying.number(len(body["content_ids"])),
    )


def _forgotten(_: Body) -> Said:
    return saying.say(
        mark("A resident was forgotten, at her wish or with the last idea that she carried.")
    )


def _asked(body: Body) -> Said:
    return saying.say(
        mark("An officer asked for what another one has to confirm: %(act)s."),
        act=saying.label(body["act"]),
    )


def _reopened(body: Body) -> Said:
    sentence = (
        mark(
            "Two officers opened %(service)s again after a backup was restored: %(reason)s. What"
            " the public record cannot give back was brought in by hand."
        )
        if body["by_hand"]
        else mark("Two officers opened %(service)s again after a backup was restored: %(reason)s.")
    )
    return saying.say(
        sentence, service=_of_reopening(body["service"]), reason=_of_reopening(body["reason"])
    )


def _of_reopening(name: str) -> saying.Shown:
    return saying.sentence(REOPENED[name]) if name in REOPENED else saying.Shown(Kind.TEXT, name)


# --- the ledger ----------------------------------------------------------------------------------


def _log(sentence: str) -> Callable[[Body], Said]:
    return lambda body: saying.say(sentence, log=body["log"])


def _signed(body: Body) -> Said:
    return saying.say(
        mark("The ledger signed the log %(log)s. Entries: %(size)s."),
        log=body["log"],
        size=saying.number(body["size"]),
    )


def _dead(body: Body) -> Said:
    return saying.say(
        mark("%(process)s could not read a record of %(topic)s and put it aside."),
        process=body["process"],
        topic=body["origin"],
    )


def _rejected(body: Body) -> Said:
    sentence = (
        mark("Two officers rejected an event of %(src)s, its number %(number)s: %(reason)s.")
        if body.get("officers")
        else mark("An event of %(src)s was rejected, its number %(number)s: %(reason)s.")
    )
    return saying.say(
        sentence,
        src=body["src"],
        number=saying.number(body["number"]),
        reason=saying.label(body["reason"]),
    )


def _gap(body: Body) -> Said:
    return saying.say(
        mark(
            "Two officers gave up the numbers %(first)s to %(final)s of %(src)s: "
            "nobody has these events any more."
        ),
        first=saying.number(body["from"]),
        final=saying.number(body["to"]),
        src=body["src"],
    )


def _replaced(body: Body) -> Said:
    return saying.say(
        mark(
            "Two officers took another key for the signatures of %(src)s. "
            "None of its earlier keys vouches for it."
        ),
        src=body["src"],
    )


def _service_key(body: Body) -> Said:
    return saying.say(
        mark("%(src)s has announced another key for its signatures."), src=body["src"]
    )


_CONSENTED = saying.always(mark("Another officer confirmed it, and it was done."))
_DECLINED = saying.always(mark("It was declined, or taken back."))

SENTENCES: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "submission.charter-published.v1": _charter,
        "submission.phase-opened.v1": _phase(mark("The phase “%(phase)s” began: %(at)s.")),
        "submission.phase-closed.v1": _phase(mark("The phase “%(phase)s” ended: %(at)s.")),
        "submission.phase-redated.v1": _redated,
        "submission.import-begun.v1": _import_begun,
        "submission.charter-amended.v1": _amended,
        **proposals.SENTENCES,
        **carriers.SENTENCES,
        **counters.SENTENCES,
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
        "submission.resident-erased.v1": _forgotten,
        "submission.second-officer-asked.v1": _asked,
        "submission.second-officer-consented.v1": _CONSENTED,
        "submission.second-officer-declined.v1": _DECLINED,
        "notification.key-destroyed.v1": saying.always(
            mark("A key was destroyed: what was sealed to it can be read by nobody any more.")
        ),
        "submission.text-published.v1": saying.always(
            mark("Words were sent, to be found by their hash.")
        ),
        "voting.round-prepared.v1": votes.prepared,
        "voting.option-listed.v1": votes.listed,
        "voting.round-opened.v1": votes.opened_before,
        "voting.round-opened.v2": votes.opened,
        "voting.round-closed.v1": votes.closed,
        "voting.tier-keys-prepared.v1": saying.always(
            mark("The roll made the keys that sign rights to vote.")
        ),
        "voting.tier-keys-destroyed.v1": saying.always(
            mark("The keys that signed rights to vote are destroyed: no more can be made.")
        ),
        "voting.tokens-issued.v1": votes.issued,
        "voting.ballot-cast.v1": votes.ballot,
        "voting.ballot-opened.v1": votes.opening,
        "voting.commission-prepared.v1": saying.always(
            mark("The commission of a sealed vote tried its key: it opened a test ballot.")
        ),
        "voting.box-closed.v1": votes.box,
        "voting.tally-updated.v1": votes.tally,
        "voting.seat-granted.v1": seats.granted,
        "voting.seat-withdrawn.v1": seats.withdrawn,
        "voting.seat-ballot-cast.v1": seats.ballot,
        "voting.seat-recused.v1": seats.recused,
        "voting.seats-closed.v1": seats.closed,
        "voting.tie-asked.v1": votes.tie_asked,
        "voting.tie-ordered.v1": votes.tie_ordered,
        "voting.option-decided.v1": votes.decided_before,
        "voting.option-decided.v2": votes.decided,
        "voting.allocation-published.v1": votes.allocated_before,
        "voting.allocation-published.v2": votes.allocated,
        "voting.result-validated.v1": saying.always(
            mark("Two officers validated the result of a vote.")
        ),
        **funding.SENTENCES,
        "voting.count-key-announced.v1": saying.always(
            mark("Count announced the key that signs its decisions.")
        ),
        "voting.roll-key-announced.v1": saying.always(
            mark("The roll announced the key that signs its last counts.")
        ),
        "voting.box-key-announced.v1": saying.always(
            mark("The ballot box announced the key that signs its closings.")
        ),
        "voting.service-reopened.v1": _reopened,
        "voting.paper-batch-opened.v1": papers.batch_opened,
        "voting.paper-batch-locked.v1": papers.batch_locked,
        "voting.paper-ballot-entered.v1": papers.ballot,
        "voting.paper-batch-annulled.v1": papers.batch_annulled,
        "voting.papers-closed.v1": papers.all_in,
        "voting.papers-marked.v1": papers.marked,
        "voting.round-extended.v1": papers.extended,
        "voting.round-annulled.v1": papers.annulled,
        "voting.registrations-counted.v1": roll.registrations,
        "voting.identities-destroyed.v1": roll.destroyed,
        "voting.roll-act-asked.v1": _asked,
        "voting.roll-act-consented.v1": _CONSENTED,
        "voting.roll-act-declined.v1": _DECLINED,
        "voting.second-officer-asked.v1": _asked,
        "voting.second-officer-consented.v1": _CONSENTED,
        "voting.second-officer-declined.v1": _DECLINED,
        "private.message-sealed.v1": saying.always(
            mark("Somebody is to be told something; whom and what is sealed.")
        ),
        "notification.message-accepted.v1": saying.always(mark("A message was taken on.")),
        "notification.message-delivered.v1": saying.always(mark("A message was sent.")),
        "notification.message-bounced.v1": saying.always(mark("A message could not be delivered.")),
        "ledger.checkpoint-published.v1": _signed,
        "ledger.log-opened.v1": _log(
            mark("The log %(log)s was opened, with the key that signs it.")
        ),
        "ledger.key-rotated.v1": _log(
            mark("The log %(log)s is signed with another key from now on.")
        ),
        "ledger.log-begun.v1": _log(
            mark("The log %(log)s begins: every step of this edition follows.")
        ),
        "ledger.service-key-added.v1": _service_key,
        "ledger.service-key-replaced.v1": _replaced,
        "ledger.log-frozen.v1": _log(
            mark("Two officers ended the log %(log)s: nothing follows this entry.")
        ),
        "ledger.ingest-rejected.v1": _rejected,
        "ledger.gap-accepted.v1": _gap,
        "ledger.second-officer-asked.v1": _asked,
        "ledger.second-officer-consented.v1": _CONSENTED,
        "ledger.second-officer-declined.v1": _DECLINED,
        "comptoir.dead-letter.v1": _dead,
    }
)
