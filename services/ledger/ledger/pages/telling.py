"""Entries as people read them: sentences with their values, and the words behind commitments."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ledger.pages.saying import Kind, Said, Shown
from ledger.pages.sentences import NAMES, OWN, said
from shared.decided import Setting, Verdict, sentences
from shared.web.filters import filters
from shared.web.messages import mark

_HASH = re.compile(r"[0-9a-f]{64}")
# Hashes of a body that commit to no words.
_NO_WORDS = frozenset(
    {
        *("charter", "previous", "digest", "rules_digest", "allocation", "root", "schemas"),
        *("listed", "commitment"),
    }
)
_ERASED = mark("erased")
_NOT_HERE = mark("words that are not here yet")
_WITHHELD = mark("kept from the public; whoever has these words can prove them by the fingerprint")
# The words that never come here, by the end of their event's type.
_NEVER_HERE = {
    "idea-deposited.v1": "carrier",
    "import-begun.v1": "file",
    "second-officer-asked.v1": "reason",
    "gap-accepted.v1": "reason",
    "service-key-replaced.v1": "reason",
    "second-officer-declined.v1": "reason",
    "paper-batch-opened.v1": "place",
    "grant-reduced.v1": "reason",
    "grant-lapsed.v1": "reason",
}
_SOURCES = {
    "submission": mark("Proposals"),
    "voting.roll": mark("Roll of voters"),
    "voting.box": mark("Ballot box"),
    "voting.count": mark("Count"),
    "ledger": mark("Ledger"),
}
# The name of a field whose words are shown beside an entry.
_FIELDS = {
    "title": mark("Title"),
    "summary": mark("Summary"),
    "carrier": mark("Carrier"),
    "reason": mark("Reason"),
    "place": mark("Place"),
    "content_ids": mark("Words"),
    "name": mark("Name"),
    "host": mark("Host"),
    "siret": "SIRET",
    "rna": "RNA",
}

# The parts of a charter whose things have labels, and those within others.
_PARTS = (
    *("territories", "carrier_statuses", "families", "documents", "desks", "themes"),
    *("categories", "principles"),
)
_WITHIN = {
    "costs": ("kinds", "excluded"),
    "counters": ("workshops",),
    "funding": ("instalments", "milestones", "duties"),
}
# A duty that is kept is entered as a milestone is.
_AS = {"duties": "milestones"}

type Words = Mapping[str, str | None]
type Labels = Mapping[str, Mapping[str, str]]
type Translate = Callable[[str], str]


@dataclass(frozen=True)
class Told:
    """An entry, as a page shows it."""

    index: int
    sentence: Markup
    at: str
    source: str
    type: str
    number: int
    id: str
    words: Sequence[tuple[str, Markup]]


@dataclass(frozen=True)
class Teller:
    """Tells entries in one language, with the words and labels that were found.

    Of `words`, None stands for those that were erased; what is missing has not arrived. `labels`
    are those of each programme's charter, under None those of the log's own.
    """

    language: str
    translate: Translate
    words: Words
    labels: Mapping[str | None, Labels]

    def tell(self, index: int, entry: bytes) -> Told:
        """One entry of a log."""
        leaf: dict[str, Any] = json.loads(entry)
        found = said(leaf["type"], leaf["body"])
        named = self.labels.get(leaf["body"].get("programme_id"), self.labels.get(None, {}))
        return Told(
            index=index,
            sentence=self._sentence(found, named),
            at=leaf["t"],
            source=self.translate(_SOURCES.get(leaf["src"], leaf["src"])),
            type=leaf["type"],
            number=leaf["number"],
            id=leaf["id"],
            words=[
                (
                    self.translate(_FIELDS.get(field, field)),
                    self._emphasised(_WITHHELD)
                    if _NEVER_HERE.get(leaf["type"].partition(".")[2]) == field
                    else self._words(content_id),
                )
                for field, content_id in commitments(leaf["body"])
            ],
        )

    def _sentence(self, found: Said, named: Labels) -> Markup:
        values = {name: self._shown(value, named) for name, value in found.values.items()}
        # In the page's language, whatever is in the values: only they are escaped.
        return Markup(self.translate(found.sentence)) % values

    def _shown(self, shown: Shown, named: Labels) -> str | Markup:
        filtered = filters(self.language)
        match shown.kind:
            case Kind.MONEY:
                return filtered["money"](shown.value)
            case Kind.NUMBER:
                return filtered["number"](shown.value)
            case Kind.MOMENT:
                return filtered["moment"](shown.value)
            case Kind.DAY:
                return filtered["day"](shown.value)
            case Kind.WORDS:
                return self._words(shown.value)
            case Kind.LABEL:
                return self._label(shown.value, named)
            case Kind.PART:
                part, names = shown.value
                return ", ".join(self._part(part, name, named) for name in names)
            case Kind.GRADES:
                return ", ".join(filtered["grade"](name) for name in shown.value)
            case Kind.SENTENCE:
                return self.translate(shown.value)
            case Kind.SENTENCES:
                return ", ".join(self.translate(each) for each in shown.value)
            case Kind.SAID:
                return self._sentence(shown.value, named)
            case Kind.SEVERAL:
                return Markup(", ").join(self._sentence(each, named) for each in shown.value)
            case Kind.VERDICT:
                return self._verdict(shown.value, named)
            case Kind.TEXT:
                return str(shown.value)

    def _verdict(self, body: Mapping[str, Any], named: Labels) -> str:
        """Why, from the entry alone: nothing here knows the round's titles or its rule."""
        step = body.get("step")
        verdict = Verdict(
            reason=body["reason"],
            votes=body["votes"],
            cost=body["cost"],
            amount=body["amount"],
            rank=body.get("rank"),
            step=None if step is None else (step[0], step[1]),
            facts=body["facts"],
        )
        try:
            return " ".join(sentences(verdict, Setting(labels=named), self.language))
        except (KeyError, ValueError):
            # Whoever published it left out a number of its reason: what is there is shown.
            return f"{body['reason']}."

    def _words(self, content_id: str) -> Markup:
        if content_id not in self.words:
            return self._emphasised(_NOT_HERE)
        words = self.words[content_id]
        return self._emphasised(_ERASED) if words is None else Markup.escape(words)

    def _emphasised(self, sentence: str) -> Markup:
        return Markup("<em>%s</em>") % self.translate(sentence)

    def _label(self, name: str, named: Labels) -> str:
        if (known := NAMES.get(name) or OWN.get(name)) is not None:
            return self.translate(known)
        return named.get(name, {}).get(self.language, name)

    def _part(self, part: str, name: str, named: Labels) -> str:
        known = named.get(f"{part}/{name}") or named.get(name, {})
        return known.get(self.language, name)


def commitments(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a body that commit to words, with their hashes."""
    for field, value in body.items():
        if field in _NO_WORDS:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and _HASH.fullmatch(each):
                yield field, each


def content_ids(entries: Sequence[bytes]) -> list[str]:
    """Every commitment in these entries."""
    return [found for entry in entries for _, found in commitments(json.loads(entry)["body"])]


def title_of(charter: bytes | None) -> str | None:
    """The commitment to the title of a charter's entry."""
    return None if charter is None else str(json.loads(charter)["body"]["title"])


def programme_of(charter: bytes) -> str:
    """The programme of a charter's entry."""
    return str(json.loads(charter)["body"]["programme_id"])


def labels(*charters: bytes | None) -> Labels:
    """The labels that the charters' entries give to what they name, a later version's last.

    Each is found under its name behind that of its part, since two parts may use one name, and
    under its name alone, where those count that a part before it does not have.
    """
    found: dict[str, Mapping[str, str]] = {}
    for charter in charters:
        rules = {} if charter is None else json.loads(charter)["body"].get("rules") or {}
        alone: dict[str, Mapping[str, str]] = {}
        for part, thing in _named(rules):
            label = {"fr": thing["fr"], "en": thing["en"]}
            found[f"{part}/{thing['name']}"] = label
            alone.setdefault(thing["name"], label)
        found |= alone
    return found


def _named(rules: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """All that a charter's rules name, each with the part that it stands in."""
    for part in _PARTS:
        yield from ((part, thing) for thing in rules.get(part, ()))
    for whole, parts in _WITHIN.items():
        for part in parts:
            known = _AS.get(part, part)
            yield from ((known, thing) for thing in rules.get(whole, {}).get(part, ()))
