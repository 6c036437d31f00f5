"""Every event has a sentence in both languages, with nothing left open in it."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

import ledger
from ledger.desk.acts import acts
from ledger.handlers import Sequencer
from ledger.pages.carriers import CHECKS, PARTS, TYPES
from ledger.pages.counters import CAUSES
from ledger.pages.funding import GROUNDS, PAID_ON
from ledger.pages.papers import REASONS
from ledger.pages.proposals import NATURES, PAYERS, REMOVED
from ledger.pages.saying import Kind, Said
from ledger.pages.sentences import NAMES, OWN, SENTENCES, said
from ledger.pages.telling import Teller, commitments, content_ids, labels
from ledger.pages.votes import FORMATS, ORDERS
from shared.envelope import Envelope, leaf_bytes
from shared.events import BY_TYPE, Event, ballots, paper, rules, voting
from shared.events import acts as acts_of_rounds
from shared.events.carriers import CarrierType, Lacking, Part
from shared.events.charter import Act, Phase
from shared.events.funding import GrantLapsed, PaidOn
from shared.events.handoffs import Cause
from shared.events.ledger import Refused
from shared.events.projects import DocumentRemoved, DossierFiled, Source
from shared.events.reasons import Reason
from shared.people import Role
from shared.web import messages
from tests.contracts.examples import examples
from voting.roll.acts import ACTS as ACTS_OF_THE_ROLL

ROOM = Path(ledger.__file__).parent
FRENCH = messages.translations([ROOM], "fr")
EXAMPLES = [*examples()]
NARROW = "\u202f"
IDEA = "submission.idea-deposited.v1"


# A format's fields, and what is said of it.
FORMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "approval": ({"min": 1, "max": 3}, "nomme de 1 à 3 projets", "names 1 to 3 options"),
    "contests": (
        {"own": {"max": 3}, "general": {"max": 1}},
        "nomme au plus 3 projets d’un même territoire",
        "at most 3 options of one territory",
    ),
    "knapsack": ({"cap": 900_00}, "900 € au plus", "cost 900 € at most"),
    "cumulative": ({"total": 10, "most_each": 5}, "jusqu’à 10 points", "up to 10 points"),
    "ranking": ({"points": [3, 2, 1], "max": 3}, "3, 2, 1", "the places: 3, 2, 1"),
    "score": ({"low": -2, "high": 5}, "noté de −2 à 5", "from −2 to 5"),
    "plus-minus": ({"most_plus": 3, "most_minus": 1}, "pour 3 projets", "for up to 3 options"),
    "grades": ({"grades": ["bad", "good", "so-so"]}, "Mauvais, Bien, so-so", "Bad, Good, so-so"),
    "decision": ({"members": 9}, "9 membres", "9 members"),
}


def named(event: Event) -> str:
    return event.type


def leaf(event: Event) -> bytes:
    envelope = Envelope(
        id=UUID(int=7),
        type=event.type,
        source="submission",
        subject=event.subject,
        time=datetime(2027, 4, 20, 10, 30, 15, tzinfo=UTC),
        log="edition",
        number=3,
    )
    return leaf_bytes(envelope, event.body())


def teller(language: str, words: Mapping[str, str | None], charter: bytes | None = None) -> Teller:
    translate = FRENCH.gettext if language == "fr" else str
    return Teller(language, translate, words, {None: labels(charter)})


def test_every_event_type_has_a_sentence() -> None:
    assert SENTENCES.keys() == BY_TYPE.keys()
    assert {event.type for event in EXAMPLES} == BY_TYPE.keys()


def test_every_act_at_the_ledger_and_every_rejection_has_a_name() -> None:
    done_here = acts(Sequencer("ledger.example.org")).acts
    assert OWN.keys() == {*done_here, *get_args(Refused)}
    assert not OWN.keys() & NAMES.keys()


def test_every_reason_of_an_annulment_or_extension_has_words() -> None:
    reasons = (paper.BatchAnnulment, acts_of_rounds.ExtensionReason, acts_of_rounds.AnnulmentReason)
    assert {each for reason in reasons for each in get_args(reason)} == REASONS.keys()


def literals(annotation: Any) -> set[str]:
    """The names that a field knows, whether it may be missing or not."""
    return {
        name
        for each in get_args(annotation)
        for name in ([each] if isinstance(each, str) else literals(each))
    }


def test_every_name_that_an_event_of_a_project_knows_has_words() -> None:
    assert literals(CarrierType) == TYPES.keys()
    assert literals(Part) == PARTS.keys()
    assert literals(Lacking) == CHECKS.keys()
    assert literals(Cause) == CAUSES.keys()
    assert literals(Source) == PAYERS.keys()
    assert literals(DossierFiled.model_fields["nature"].annotation) == NATURES.keys()
    assert literals(DocumentRemoved.model_fields["ground"].annotation) == REMOVED.keys()
    assert literals(PaidOn) == PAID_ON.keys()
    assert literals(GrantLapsed.model_fields["ground"].annotation) == GROUNDS.keys()


def test_every_role_phase_and_act_has_a_name() -> None:
    phases = get_args(Phase.model_fields["name"].annotation)
    # No charter says of these how many officers they take: it is always two.
    always_two = {"erase-content", "reopen-service"}
    always_two |= {"annul-batch", "close-papers", "extend-round", "annul-round"}
    always_two |= ACTS_OF_THE_ROLL.acts.keys()
    assert NAMES.keys() == {*Role, *get_args(Act), *always_two, *phases}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("event", EXAMPLES, ids=named)
def test_an_event_is_told_in_plain_words(event: Event, language: str) -> None:
    entry = leaf(event)
    words = {content_id: f"words of {content_id[:4]}" for content_id in content_ids([entry])}
    told = teller(language, words).tell(4, entry)
    assert told.sentence
    assert "%(" not in told.sentence
    assert "<em>" not in told.sentence  # all words were found
    assert told.sentence.endswith((".", "</em>", *words.values()))
    if language == "fr":
        assert (
            FRENCH.gettext(said(event.type, json.loads(entry)["body"]).sentence)
            != said(event.type, json.loads(entry)["body"]).sentence
        )


def sentences(found: Said) -> Iterator[str]:
    """What is said, and all that is said within it."""
    yield found.sentence
    for value in found.values.values():
        if value.kind is Kind.SENTENCE:
            yield value.value
        elif value.kind in (Kind.SAID, Kind.SEVERAL):
            for each in [value.value] if value.kind is Kind.SAID else value.value:
                yield from sentences(each)


@pytest.mark.parametrize("event", EXAMPLES, ids=named)
def test_nothing_within_a_sentence_is_left_in_english(event: Event) -> None:
    for sentence in sentences(said(event.type, json.loads(event.body()))):
        if re.search("[a-z]", re.sub(r"%\(\w+\)s", "", sentence)):
            assert FRENCH.gettext(sentence) != sentence


# What an event says only where it has a field, in English.
SAYS = [
    ("submission.charter-published.v1", "adopted", "adopted by Conseil départemental, by the act"),
    ("submission.charter-amended.v1", "adopted", "the act CD62-2026-12 of 16 March 2026"),
    ("submission.options-frozen.v1", "charter", "The fingerprint of the charter"),
    ("submission.idea-deposited.v1", "theme", "theme: nature"),
    ("submission.idea-deposited.v1", "category", "category: Youth"),
    ("submission.idea-deposited.v1", "source", "imported file"),
    ("submission.dossier-filed.v1", "carrier_type", "Who carries it: an association"),
    ("submission.dossier-filed.v1", "nature", "investment"),
    ("submission.dossier-filed.v1", "months", "Months that it takes: 12"),
    ("submission.dossier-filed.v1", "principles", "secularity"),
    ("submission.dossier-filed.v1", "costs", "5 500 €, of which: equipment (5 500 €)"),
    ("submission.dossier-filed.v1", "income", "the programme (4 500 €), its carrier (1 000 €)"),
    ("submission.dossier-amended.v1", "charter_version", "version 2 of the charter"),
    ("submission.dossier-reviewed.v1", "until", "completed until 1 September 2026 at 20:00"),
    ("submission.project-withdrawn.v1", "officer", "An officer withdrew"),
    ("submission.carrier-joined.v1", "founded_on", "It exists since 2 May 2019"),
    ("submission.carrier-joined.v1", "seat", "Its seat: Artois"),
    ("submission.carrier-joined.v1", "status", "Its status: Association"),
    (
        "submission.carrier-joined.v1",
        "sse",
        "Its identifier of the social and solidarity economy: ",
    ),
    ("submission.carrier-cleared.v1", "sse_until", "the officer saw holds until 2 May 2027"),
    ("submission.carrier-joined.v1", "sse_until", "holds until 2 May 2027"),
    ("submission.carrier-left.v1", "reason", "The reason: "),
    ("submission.carrier-cleared.v1", "contract_on", "The contract is of 12 October 2026"),
    ("submission.carrier-cleared.v1", "de_minimis", "12 000 €"),
    ("submission.gathering-announced.v1", "title", "Its title"),
    ("submission.gathering-announced.v1", "host", "Its host"),
    ("submission.gathering-announced.v1", "desk", "The desk: Reception"),
    ("submission.gathering-announced.v1", "workshops", "Its workshops: finance"),
    ("submission.gathering-announced.v1", "online", "held online"),
    ("submission.handoff-requested.v1", "after", "from another one"),
    ("submission.handoff-requested.v1", "due_at", "due by 1 September 2026 at 20:00"),
    ("submission.handoff-requested.v1", "desk", "The desk: Reception"),
    ("submission.handoff-accepted.v1", "gathering_id", "The adviser of a counter"),
    ("submission.handoff-redirected.v1", "desk", "(Reception)"),
    ("submission.handoff-scheduled.v1", "officer", "An officer gave a project a place"),
    ("submission.handoff-missed.v1", "reason", "The reason: "),
    ("submission.handoff-returned.v1", "reason", "The reason: "),
    ("voting.agreement-signed.v1", "act", "Its number: 2026-C-17"),
    ("voting.agreement-signed.v1", "signed_on", "Its day: 12 October 2026"),
    ("voting.agreement-signed.v1", "cost", "10 000 €"),
    ("voting.agreement-signed.v1", "instalments", "First (4 500 €, on an order or a quote)"),
]


@pytest.mark.parametrize(("kind", "field", "words"), SAYS)
def test_a_field_that_an_event_may_have_is_said_where_it_has_it(
    kind: str, field: str, words: str
) -> None:
    charter, event = leaf(of_type("submission.charter-published.v1")), of_type(kind)
    with_it = teller("en", {}, charter).tell(0, leaf(event)).sentence.unescape()
    other = event.model_copy(update={field: None})
    without = teller("en", {}, charter).tell(0, leaf(other)).sentence.unescape()
    assert words in with_it.replace(NARROW, " ")
    assert words not in without.replace(NARROW, " ")


def test_a_request_says_whether_it_came_from_a_desk_or_is_for_a_counter_or_a_desk() -> None:
    after = of_type("submission.handoff-requested.v1")
    counter = after.model_copy(update={"after": None})
    desk = counter.model_copy(update={"gathering_id": None})
    told = [teller("en", {}).tell(0, leaf(each)).sentence for each in (after, counter, desk)]
    assert [each.partition(".")[0] for each in told] == [
        "A project came to a desk from another one",
        "The carrier of an idea asked for a place at a counter",
        "A project was handed to a desk",
    ]


def test_a_person_who_carries_a_project_is_not_named() -> None:
    joined = of_type("submission.carrier-joined.v1")
    person = joined.model_copy(update={"name": None, "carrier_type": "person"})
    told = teller("fr", {}).tell(0, leaf(person))
    assert "Quelqu’un (une personne) a rejoint un projet et en répond." in told.sentence.unescape()
    assert "Nom" not in dict(told.words)


def of_type(kind: str) -> Event:
    return next(event for event in EXAMPLES if event.type == kind)


def test_words_that_were_erased_or_have_not_come_are_shown_as_such() -> None:
    idea = leaf(of_type("submission.idea-deposited.v1"))
    body: dict[str, Any] = json.loads(idea)["body"]
    words = {body["title"]: None}
    told = teller("fr", words).tell(0, idea)
    assert "« <em>effacé</em> »".replace(" ", NARROW) in told.sentence
    marked = teller("fr", {body["title"]: "Un banc <script>"}).tell(0, idea)
    assert "Un banc &lt;script&gt;" in marked.sentence
    assert dict(told.words)["Titre"] == "<em>effacé</em>"
    assert dict(told.words)["Résumé"] == "<em>mots pas encore arrivés</em>"


def test_what_a_charter_names_has_its_label() -> None:
    charter = leaf(of_type("submission.charter-published.v1"))
    rules = json.loads(charter)["body"]["rules"]
    family = rules["families"][0]
    labelled = of_type("submission.project-labelled.v1").model_copy(
        update={"family": family["name"]}
    )
    told = teller("fr", {}, charter).tell(0, leaf(labelled))
    assert family["fr"] in told.sentence.unescape()


def test_a_name_that_two_parts_of_a_charter_use_has_the_label_of_its_part() -> None:
    charter: dict[str, Any] = json.loads(leaf(of_type("submission.charter-published.v1")))
    rules = charter["body"]["rules"]
    rules["desks"] = [{"name": "youth", "fr": "Mission jeunes", "en": "Youth office"}]
    entry = leaf(of_type("submission.gathering-announced.v1").model_copy(update={"desk": "youth"}))
    told = teller("en", {}, json.dumps(charter).encode()).tell(0, entry)
    assert "The desk: Youth office." in told.sentence
    idea = teller("en", {}, json.dumps(charter).encode()).tell(0, leaf(of_type(IDEA)))
    assert "category: Youth." in idea.sentence


def test_a_later_version_of_a_charter_names_what_it_has_and_what_only_earlier_ones_had() -> None:
    published = leaf(of_type("submission.charter-published.v1"))
    amended: dict[str, Any] = json.loads(leaf(of_type("submission.charter-amended.v1")))
    amended["body"]["rules"]["themes"] = [{"name": "sport", "fr": "Le sport", "en": "Sport"}]
    amended["body"]["rules"]["categories"][0]["fr"] = "Les jeunes"
    both = labels(published, json.dumps(amended).encode())
    assert both["themes/sport"]["fr"] == both["sport"]["fr"] == "Le sport"
    assert both["themes/nature"] == labels(published)["themes/nature"]
    assert both["categories/youth"]["fr"] == "Les jeunes"
    assert labels(None) == {}


def test_a_type_of_later_is_named_rather_than_refused() -> None:
    entry = leaf(EXAMPLES[0]).replace(EXAMPLES[0].type.encode(), b"submission.seen-later.v1")
    assert "submission.seen-later.v1" in teller("en", {}).tell(0, entry).sentence


@pytest.mark.parametrize(
    "kind",
    ["voting.round-opened.v1", "voting.ballot-cast.v1", "submission.document-attached.v1"],
)
def test_a_digest_of_no_words_is_none(kind: str) -> None:
    body = json.loads(leaf(of_type(kind)))["body"]
    assert list(commitments(body)) == []


def test_an_amended_charter_has_the_words_of_its_reason_alone() -> None:
    body = json.loads(leaf(of_type("submission.charter-amended.v1")))["body"]
    assert [field for field, _ in commitments(body)] == ["reason"]


@given(st.text(), st.text())
def test_no_words_become_markup(title: str, carrier: str) -> None:
    idea = leaf(of_type("submission.idea-deposited.v1"))
    body = json.loads(idea)["body"]
    told = teller("en", {body["title"]: title, body["carrier"]: carrier}).tell(0, idea)
    assert told.sentence.count("<") == 0


def test_every_kind_of_value_is_used() -> None:
    used = {
        value.kind
        for event in EXAMPLES
        for value in said(event.type, json.loads(event.body())).values.values()
    }
    graded = FORMATS["grades"](FORMS["grades"][0])
    used |= {value.kind for value in graded.values.values()}
    assert used | {Kind.SENTENCE} == set(Kind)


def test_every_format_and_order_has_words() -> None:
    formats = get_args(get_args(ballots.Format.__value__)[0])
    assert FORMATS.keys() == {each.model_fields["type"].default for each in formats}
    orders = get_args(get_args(rules.Order.__value__)[0])
    assert ORDERS.keys() == {each.model_fields["type"].default for each in orders}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", FORMS)
def test_an_opened_vote_says_what_a_ballot_says(kind: str, language: str) -> None:
    body = json.loads(of_type("voting.round-opened.v2").body())
    form = TypeAdapter[Any](ballots.Format).validate_python({"type": kind, **FORMS[kind][0]})
    body["format"] = form.model_dump(mode="json", exclude_none=True)
    opened = voting.RoundOpened.model_validate(body)
    told = teller(language, {}).tell(0, leaf(opened)).sentence.unescape()
    _, french, english = FORMS[kind]
    assert (french if language == "fr" else english) in told.replace(NARROW, " ").replace(
        "\u00a0", " "
    )


@pytest.mark.parametrize(
    ("secrecy", "k", "hidden"), [("sealed", 50, True), ("sealed", 1, False), ("named", 50, False)]
)
@pytest.mark.parametrize("vouched", [True, False])
def test_an_opened_vote_says_among_how_many_a_ballot_leaves_and_who_vouches(
    secrecy: Any, k: int, hidden: bool, vouched: bool
) -> None:
    ways = ("declared", "posted-code", "identity-provider") if vouched else None
    flush = voting.FlushRule(k=k, interval=1800)
    opened = of_type("voting.round-opened.v2").model_copy(
        update={"secrecy": secrecy, "flush": flush, "identity": ways}
    )
    for language, least, provider in (
        ("en", "at least 50 voters, at least 30 minutes after", "identity provider may vouch"),
        ("fr", "au moins 50 votants, au moins 30 minutes après", "attester qui vote"),
    ):
        told = teller(language, {}).tell(0, leaf(opened)).sentence.unescape()
        assert (least in told) is hidden
        assert (provider in told) is vouched


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_is_told(reason: Any, language: str) -> None:
    numbers = {"wanted": 900, "needs": 900, "left": 300, "have": 20, "most": 2, "threshold": 0}
    names = {"to": "x", "with": "x", "criterion": "cost", "of": "territory", "value": "artois"}
    decided = of_type("voting.option-decided.v2").model_copy(
        update={"reason": reason, "facts": {**numbers, **names, "envelope": "artois"}}
    )
    told = teller(language, {}).tell(0, leaf(decided)).sentence
    assert told.endswith(".")
    assert not told.endswith(f". {reason}.")


def test_a_reason_without_its_numbers_is_shown_all_the_same() -> None:
    decided = of_type("voting.option-decided.v2").model_copy(
        update={"reason": "unaffordable", "facts": {}}
    )
    assert teller("en", {}).tell(0, leaf(decided)).sentence.endswith("unaffordable.")


def test_a_ballot_of_values_says_them() -> None:
    sealed = of_type("voting.ballot-cast.v1")
    cast = sealed.model_copy(update={"choices": ((1, 4), (2, 1))})
    told = teller("en", {}).tell(0, leaf(cast)).sentence
    assert "1\u00a0→\u00a04, 2\u00a0→\u00a01" in told
    named = cast.model_copy(update={"choices": (1, 2), "revision": 1})
    assert "for the options 1, 2." in teller("en", {}).tell(0, leaf(named)).sentence
    blank = cast.model_copy(update={"choices": (), "revision": 1})
    assert "(aucun)" in teller("fr", {}).tell(0, leaf(blank)).sentence


def test_a_sealed_ballot_is_said_to_be_sealed_and_then_what_it_says() -> None:
    sealed, opened = of_type("voting.ballot-cast.v1"), of_type("voting.ballot-opened.v1")
    assert (
        "sealed ballot was changed (version 2)" in teller("en", {}).tell(0, leaf(sealed)).sentence
    )
    first = sealed.model_copy(update={"revision": 1})
    assert "sealed ballot was cast" in teller("en", {}).tell(0, leaf(first)).sentence
    assert "1\u00a0→\u00a04, 2\u00a0→\u00a01" in teller("en", {}).tell(0, leaf(opened)).sentence
    named = opened.model_copy(update={"choices": (1, 2)})
    assert "for the options 1, 2," in teller("en", {}).tell(0, leaf(named)).sentence
    shut = opened.model_copy(update={"choices": None, "salt": None})
    assert "it is void" in teller("en", {}).tell(0, leaf(shut)).sentence


def test_a_withdrawn_option_is_said_to_be_out() -> None:
    listed = of_type("voting.option-listed.v1")
    assert "by its carrier" in teller("en", {}).tell(0, leaf(listed)).sentence
    without = listed.model_copy(update={"withdrawn": None})
    assert "withdrawn" not in teller("en", {}).tell(0, leaf(without)).sentence


def test_an_order_that_no_officer_said_names_none() -> None:
    ordered = of_type("voting.tie-ordered.v1")
    assert "officers" in teller("en", {}).tell(0, leaf(ordered)).sentence
    alone = ordered.model_copy(update={"officers": None})
    assert "officers" not in teller("en", {}).tell(0, leaf(alone)).sentence
