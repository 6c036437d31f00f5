"""Every message in every language, with values as awkward as people type them."""

import email
import email.policy
import html.parser
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jinja2 import UndefinedError

from notification.mails import Mail
from notification.smtp import Server, as_bytes
from notification.writing import PARTS, SMS, TEMPLATES, Office, Writer
from shared.contacts import (
    BY_SMS,
    BY_SMS_ALONE,
    LANGUAGES,
    MESSAGES,
    Contact,
    Kind,
    Message,
    Untellable,
)
from shared.web.filters import filters

OFFICE = Office("Département du Pas-de-Calais", "03 21 00 00 00", "comptoir.example")
WRITER = Writer(OFFICE)
MESSAGE_ID = UUID("00000000-0000-4000-8000-0000000000a1")
AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
EVERY = [(n, language) for n in MESSAGES if n not in BY_SMS_ALONE for language in LANGUAGES]
EVERY_SMS = [(name, language) for name in sorted(BY_SMS) for language in LANGUAGES]
# 3GPP TS 23.038: what an SMS says with seven bits a character, 160 of them, or 153 in each part.
SEVEN_BITS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

TITLES = [
    "Un verger pour l'école",
    "<script>alert('mail')</script> & <b>gras</b>",
    "Dit « le \"Bon\" 'Coin' »",
    "Jardin 🌱 partagé 👩‍🌾",
    "حديقة للجميع in Lens",
    "é" * 200,
    "{{ office }} {% raw %}",
    "%0D%0ABcc: everybody",
    "</title></style><img src=x>",
]


def values_of(name: str, title: str) -> dict[str, Any]:
    of_kind: dict[Kind, Any] = {
        Kind.LINE: title,
        Kind.TEXT: f"{title}\nEt encore ceci.",
        Kind.LINK: "https://budget.example.org/ideas/1?a=1&b=%22",
        Kind.MOMENT: "2026-05-14T16:30:00+00:00",
        Kind.CENTS: 1_250_050,
    }
    return {value: of_kind[kind] for value, kind in MESSAGES[name].items()}


def written(name: str, language: str, title: str = TITLES[0]) -> Mail:
    contact = Contact("lea.petit@example.org", language)
    return WRITER.write(Message(contact, name, values_of(name, title)), MESSAGE_ID, AT)


class Read(html.parser.HTMLParser):
    """What a person reads of a page, and the elements that made it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._hidden = 0
        self.feed(page)
        self.close()

    @property
    def words(self) -> str:
        return squeezed("".join(self._words))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self._hidden += tag in ("style", "title")
        if tag in ("p", "br", "blockquote", "footer"):
            self._words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def without_links(text: str) -> str:
    """The words alone: a link stands behind its words in text, and below them in HTML."""
    return squeezed(re.sub(r"\s*:?\s*https://\S+", " ", text))


def test_there_are_templates_for_every_message_and_for_no_other() -> None:
    folders = {folder.name for folder in TEMPLATES.iterdir()} - {"layout"}
    assert folders == set(MESSAGES)
    for name in MESSAGES:
        wanted = {*(() if name in BY_SMS_ALONE else PARTS), *((SMS,) if name in BY_SMS else ())}
        for language in LANGUAGES:
            assert {file.name for file in Path(TEMPLATES, name, language).iterdir()} == wanted


@pytest.mark.parametrize(("name", "language"), EVERY_SMS)
def test_an_sms_says_all_that_it_must_in_two_parts_at_most(name: str, language: str) -> None:
    link = f"https://roll.budget-citoyen.example.org/rounds/{MESSAGE_ID}/vote#code=23MFFMV0YJH8"
    values = values_of(name, "x") | {"code": "23MF FMV0 YJH8", "url": link, "case": "8f3a2b1c"}
    values = {each: values[each] for each in MESSAGES[name]}
    sms = WRITER.write(Message(Contact("+33612345678", language), name, values), MESSAGE_ID, AT)
    assert (sms.subject, sms.html, sms.address) == ("", "", "+33612345678")
    assert OFFICE.name in sms.text and len(sms.text.strip()) <= 2 * 153
    assert set(sms.text) <= SEVEN_BITS, set(sms.text) - SEVEN_BITS
    assert all(str(value) in sms.text for each, value in values.items() if each != "title")


def test_what_is_long_is_not_said_by_sms_nor_a_code_for_a_telephone_by_mail() -> None:
    for name, address in (("funded", "+33612345678"), ("phone-code", "a@example.org")):
        message = Message(Contact(address, "fr"), name, values_of(name, "x"))
        with pytest.raises(Untellable):
            WRITER.write(message, MESSAGE_ID, AT)


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_text_and_html_say_the_same(name: str, language: str, title: str) -> None:
    mail = written(name, language, title)
    assert without_links(mail.text) == without_links(Read(mail.html).words)


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_value_is_told_as_it_was_typed(name: str, language: str, title: str) -> None:
    mail, show = written(name, language, title), filters(language)
    page = Read(mail.html)
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    for value, kind in MESSAGES[name].items():
        given = values_of(name, title)[value]
        match kind:
            case Kind.LINK:
                assert links == [given] and given in mail.text and given in page.words
            case Kind.CENTS:
                assert all(squeezed(show["money"](given)) in squeezed(w) for w in both(mail))
            case Kind.MOMENT:
                assert all(squeezed(show["hour"](given)) in squeezed(w) for w in both(mail))
            case _:
                assert all(squeezed(given) in squeezed(w) for w in both(mail))


def both(mail: Mail) -> tuple[str, str]:
    return mail.text, Read(mail.html).words


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_nothing_that_was_typed_becomes_an_element(name: str, language: str, title: str) -> None:
    plain = [tag for tag, _ in Read(written(name, language, "a word").html).elements]
    assert [tag for tag, _ in Read(written(name, language, title).html).elements] == plain
    assert not {"script", "img", "link", "iframe", "form", "object"} & set(plain)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_mail_fetches_nothing_and_has_no_style_but_its_own(name: str, language: str) -> None:
    page = written(name, language).html
    elements = Read(page).elements
    assert ("html", {"lang": language}) in elements
    assert not any({"style", "src", "background", "onclick"} & set(at) for _, at in elements)
    assert "url(" not in page and "@import" not in page
    hosts = set(re.findall(r"https?://([^/\"<\s]+)", page))
    assert hosts == {"budget.example.org"}


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_subject_is_one_line_and_not_escaped(name: str, language: str, title: str) -> None:
    mail = written(name, language, title)
    assert len(mail.subject.splitlines()) == 1
    if "title" in MESSAGES[name] and name != "counter-appointment":
        assert mail.subject.endswith(title)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_mail_names_the_office_and_its_telephone(name: str, language: str) -> None:
    for words in both(written(name, language)):
        assert OFFICE.name in words and "03 21 00 00 00" in words


def test_an_office_without_a_telephone_names_none() -> None:
    office = Writer(Office("Mairie", None, "comptoir.example"))
    message = Message(Contact("a@example.org", "fr"), "funded", values_of("funded", "x"))
    mail = office.write(message, MESSAGE_ID, AT)
    assert "Appelez" not in mail.text and "None" not in mail.text + mail.html


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_template_uses_every_value_and_only_those(name: str, language: str) -> None:
    """One less, and rendering fails; the check before it sees to it that none is too many."""
    values = values_of(name, "a word")
    for missing in values:
        rest = {each: given for each, given in values.items() if each != missing}
        with pytest.raises((UndefinedError, TypeError, AssertionError)):
            for part in PARTS:
                WRITER._part(Message(Contact("a@example.org", language), name, rest), part)
        with pytest.raises(Untellable):
            contact = Contact("a@example.org", language)
            WRITER.write(Message(contact, name, rest), MESSAGE_ID, AT)
    with pytest.raises(Untellable):
        contact = Contact("a@example.org", language)
        WRITER.write(Message(contact, name, {**values, "more": "x"}), MESSAGE_ID, AT)


def test_a_sign_in_link_says_for_what_unless_it_is_for_signing_in() -> None:
    for purpose, words in (("sign-in", "Voici votre lien."), ("voter", "lien pour\u00a0: voter.")):
        values = {"url": "https://example.org/#code=1", "purpose": purpose}
        message = Message(Contact("a@example.org", "fr"), "sign-in-link", values)
        assert f"{words}\n\n" in WRITER.write(message, MESSAGE_ID, AT).text


def test_a_line_break_in_a_value_never_reaches_a_header() -> None:
    values = {"title": "x\r\nBcc: everybody@example.org", "url": "https://example.org/"}
    with pytest.raises(Untellable):
        message = Message(Contact("a@example.org", "fr"), "funded", {**values, "amount": 1})
        WRITER.write(message, MESSAGE_ID, AT)


def test_dates_and_amounts_are_in_the_reader_s_words() -> None:
    french, english = (written("counter-appointment", language) for language in LANGUAGES)
    assert "jeudi 14 mai 2026, de 18\u00a0h\u00a030" in french.text
    assert "Thursday 14 May 2026, from 18:30" in english.text
    assert "12\u202f500,50\u202f€" in written("funded", "fr").text
    assert "12\u202f500.50\u202f€" in written("funded", "en").text


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_mail_has_the_same_bytes_at_every_attempt(name: str, language: str, title: str) -> None:
    server = Server("localhost", 25, "none", None, None, "budget@comptoir.example", OFFICE.name)
    first, second = (as_bytes(written(name, language, title), server) for _ in range(2))
    assert first == second
    head = first.partition(b"\r\n\r\n")[0]
    assert first.isascii() and max(map(len, first.split(b"\r\n"))) <= 998
    assert (
        head.count(b"\nMessage-ID: <00000000-0000-4000-8000-0000000000a1@")
        + head.startswith(b"Message-ID: <00000000-0000-4000-8000-0000000000a1@")
        == 1
    )
    assert head.lower().count(b"\nto: lea.petit@example.org") == 1
    assert b"\nbcc:" not in head.lower()
    read = email.message_from_bytes(first, policy=email.policy.default)
    mail = written(name, language, title)
    assert squeezed(str(read["Subject"])) == squeezed(mail.subject)
    assert str(read["From"]) == f"{OFFICE.name} <budget@comptoir.example>"
    for kind, words in (("plain", mail.text), ("html", mail.html)):
        part = read.get_body((kind,))
        assert part is not None and not part.defects
        assert part.get_content().replace("\r\n", "\n") == words
