"""Values of events in plain words, in English and in French. Values are others', of any form."""

import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ledger_audit.sentences import (
    FLUSH,
    FURTHER,
    INSTEAD,
    NAMES,
    NOTHING,
    OPTIONS,
    PLACE,
    SEALED,
    SENTENCES,
    UNKNOWN,
    VERDICTS,
    VOUCHED,
)

LANGUAGES = ("en", "fr")
_NARROW, _BREAKLESS = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
_LONGEST = 200
_MANY = 100


def sentence(kind: str, body: Mapping[str, Any], language: str) -> str:
    """What an event of this type says; of an unknown type, that it is there."""
    place = LANGUAGES.index(language)
    known = SENTENCES.get(kind, UNKNOWN)
    if kind in SEALED and "choices" not in body:
        known = SEALED[kind]
    known = next(iter(_said_of(INSTEAD, kind, body)), known)
    more = _said_of(FURTHER, kind, body)
    if kind == "voting.round-opened.v2":
        more = _frozen(body)
    template = spaced(" ".join(each[place] for each in (known, *more)))
    return _Speaking(language).vformat(template, (), {**body, "type": kind})


def _said_of(
    sentences: Mapping[str, Mapping[str, tuple[str, str]]], kind: str, body: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Those of the fields that this event has."""
    each = sentences.get(kind, {}).items()
    return [said for field, said in each if body.get(field) is not None]


def _frozen(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an opening freezes of voters: among how many their ballots leave, and who vouches."""
    flush, identity = body.get("flush"), body.get("identity")
    found = list[tuple[str, str]]()
    if isinstance(flush, dict) and type(k := flush.get("k")) is int and k > 1:
        found += [FLUSH] if body.get("secrecy") != "named" else []
    if isinstance(identity, list) and "identity-provider" in identity:
        found.append(VOUCHED)
    return found


def spaced(text: str) -> str:
    """With the spaces that French has before its signs, where no line breaks."""
    for sign in ":;?!»":
        text = text.replace(f" {sign}", f"{_BREAKLESS}{sign}")
    return text.replace("« ", f"«{_BREAKLESS}")


class _Speaking(string.Formatter):
    """Fills a sentence in; a field that is missing or of another form is shown as it is."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        return kwargs.get(field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return said(value, format_spec, self._language)


def said(value: Any, form: str, language: str) -> str:
    """A value in a form: number, money (of cents), moment, count, sum and others."""
    place = LANGUAGES.index(language)
    match form, value:
        case "number", int():
            return number(value, language)
        case "money", int():
            return money(value, language)
        case "moment", str():
            return moment(value, language)
        case "day", str():
            return day(value, language)
        case "count", list():
            return number(len(value), language)
        case "sum", dict() if all(type(each) is int for each in value.values()):
            return number(sum(value.values()), language)
        case (("funded" | "flagged"), bool()):
            return VERDICTS[form][place][0 if value else 1]
        case "total", list():
            return _total(value, language)
        case "payers", list():
            return ", ".join(_payer(each, language) for each in value[:_MANY]) or "?"
        case "checked", list():
            return ", ".join(_named(form, each, place) for each in value[:_MANY]) or "?"
        case "adopted", {"body": str(body), "act": str(act), "on": str(on)}:
            return f"{_plain(body)}, {_plain(act)}, {day(on, language)}"
        case "least", {"k": int(k)}:
            return number(k, language)
        case "minutes", {"interval": int(seconds)}:
            return number(seconds // 60, language)
        case "budget", dict():
            return _budget(value, language)
        case "choices", list():
            return _choices(value, place)
    return _named(form, value, place)


def number(value: int, language: str) -> str:
    """A whole number, in groups of three digits."""
    return f"{value:,}".replace(",", _NARROW if language == "fr" else ",").replace("-", "−")


def money(cents: int, language: str) -> str:
    """An amount in euros."""
    sign, cents = "−" if cents < 0 else "", abs(cents)
    euros, rest = number(cents // 100, language), cents % 100
    if language == "fr":
        return f"{sign}{euros}{f',{rest:02}' if rest else ''}{_BREAKLESS}€"
    return f"{sign}€{euros}{f'.{rest:02}' if rest else ''}"


def moment(text: str, language: str) -> str:
    """A time, in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _plain(text)
    if language == "fr":
        return f"{found:%d/%m/%Y} à {found:%H}{_BREAKLESS}h{_BREAKLESS}{found:%M} UTC"
    return f"{found.day} {_MONTHS[found.month - 1]} {found:%Y} at {found:%H:%M} UTC"


def day(text: str, language: str) -> str:
    """A day."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return _plain(text)
    if language == "fr":
        return f"{found:%d/%m/%Y}"
    return f"{found.day} {_MONTHS[found.month - 1]} {found:%Y}"


def place(values: Mapping[str, Any], language: str) -> list[str]:
    """Where an entry stands, and what holds it there."""
    return [spaced(line).format(**values) for line in PLACE[LANGUAGES.index(language)]]


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _budget(rule: Mapping[str, Any], language: str) -> str:
    envelopes = rule.get("envelopes")
    for each in envelopes if isinstance(envelopes, list) else []:
        if isinstance(each, dict) and each.get("within") is None:
            return said(each.get("amount"), "money", language)
    return "?"


def _choices(choices: Sequence[Any], place: int) -> str:
    shown = [
        f"{each[0]}{_BREAKLESS}→{_BREAKLESS}{each[1]}"
        if isinstance(each, list) and len(each) == 2
        else _plain(each)
        for each in choices[:_MANY]
    ]
    more = ["…"] if len(choices) > _MANY else []
    return OPTIONS[place].format(", ".join([*shown, *more])) if shown else NOTHING[place]


def _total(lines: Sequence[Any], language: str) -> str:
    """What amounts are together; of lines of another form, nothing can be said."""
    amounts = [each.get("amount") if isinstance(each, dict) else None for each in lines]
    whole = [each for each in amounts if type(each) is int]
    return money(sum(whole), language) if len(whole) == len(lines) else "?"


def _payer(line: Any, language: str) -> str:
    if not isinstance(line, dict):
        return _plain(line)
    who = _named("payer", line.get("source"), LANGUAGES.index(language))
    return f"{who} ({said(line.get('amount'), 'money', language)})"


def _named(form: str, value: Any, place: int) -> str:
    """The words for a name that the form knows; anything else as it is."""
    known = NAMES.get(form, {}).get(value) if isinstance(value, str) else None
    return _plain(value) if known is None else known[place]


def _plain(value: Any) -> str:
    text = "?" if value is None else str(value)
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
