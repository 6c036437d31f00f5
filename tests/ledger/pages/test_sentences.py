"""Every event has a sentence in both languages, with nothing left open in it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger.pages.sentences import NAMES, SENTENCES, Kind, said
from ledger.pages.telling import Teller, commitments, content_ids, labels
from shared.envelope import Envelope, leaf_bytes
from shared.events import BY_TYPE, Event
from shared.events.charter import Act, Phase
from shared.people import Role
from shared.web import messages
from tests.contracts.examples import examples

ROOM = Path(ledger.__file__).parent
FRENCH = messages.translations([ROOM], "fr")
EXAMPLES = [*examples()]
NARROW = "\u202f"


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


def test_every_role_phase_and_act_has_a_name() -> None:
    phases = get_args(Phase.model_fields["name"].annotation)
    assert NAMES.keys() == {*Role, *get_args(Act), *phases}


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


def test_a_type_of_later_is_named_rather_than_refused() -> None:
    entry = leaf(EXAMPLES[0]).replace(EXAMPLES[0].type.encode(), b"submission.seen-later.v1")
    assert "submission.seen-later.v1" in teller("en", {}).tell(0, entry).sentence


def test_a_digest_of_no_words_is_none() -> None:
    body = json.loads(leaf(of_type("voting.round-opened.v1")))["body"]
    assert list(commitments(body)) == []


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
    assert used | {Kind.SENTENCE} == set(Kind)
