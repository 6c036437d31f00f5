"""Every sentence of every page is there in French, set as French is."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from shared.web import messages
from shared.web.messages import FRENCH, catalog, extracted, rooms, typeset

ROOT = Path(__file__).parents[3]
ROOMS = [room for folder in ("shared", "services") for room in rooms(ROOT / folder)]
# A placeholder of newstyle gettext.
PUT_IN = re.compile(r"%\(([a-z_]+)\)[sd]")


def named(room: Path) -> str:
    return room.relative_to(ROOT).as_posix()


def strings(found: Catalog) -> list[tuple[str, str]]:
    """Pairs of what is said and its French, plurals one by one."""
    pairs = []
    for message in found:
        said = [message.id] if isinstance(message.id, str) else list(message.id)
        french = [message.string] if isinstance(message.string, str) else list(message.string or ())
        pairs += [(english, text) for english in said if english for text in french]
    return pairs


def test_the_rooms_are_found() -> None:
    assert {"shared/shared/web"} <= set(map(named, ROOMS))


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_every_sentence_has_its_french(room: Path) -> None:
    known = catalog(room / FRENCH)
    said = {message.id: message for message in extracted(room) if message.id}
    missing = [key for key in said if (found := known.get(key)) is None or not found.string]
    assert not missing, "python -m shared.web.messages update"
    assert not messages.untranslated(known)
    assert not {message.id for message in known if message.id} - said.keys(), "no longer said"
    assert not [message.id for message in known if message.id and message.fuzzy]


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_french_is_set_as_french(room: Path) -> None:
    for english, french in strings(catalog(room / FRENCH)):
        assert typeset(french) == french, ascii(french)
        assert "'" not in french, f"an apostrophe is ’: {french}"
        assert '"' not in french, f"quotes are « »: {french}"
        assert "..." not in french, french
        assert not re.search(r"[ \u00a0][:;!?»]|«[ \u00a0]", french), french
        assert set(PUT_IN.findall(french)) <= set(PUT_IN.findall(english)), french


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_what_is_committed_is_what_update_writes(room: Path, tmp_path: Path) -> None:
    for folder in (messages.PAGES, "locale"):
        (tmp_path / room.name / folder).mkdir(parents=True)
    for file in room.rglob("*"):
        if file.suffix in (".py", ".html", ".po"):
            copy = tmp_path / room.name / file.relative_to(room)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    messages.update(tmp_path / room.name)
    written = (tmp_path / room.name / FRENCH).read_text()
    assert written == (room / FRENCH).read_text(), "python -m shared.web.messages update"


MANY = "{{ ngettext('%(num)s page', '%(num)s pages', n) }}"
ONE = "{{ _('%(num)s page', num=n) }}"


@pytest.mark.parametrize(("before", "after"), [(MANY, ONE), (ONE, MANY)], ids=["one", "many"])
def test_a_sentence_whose_plural_comes_or_goes_is_a_new_one(
    tmp_path: Path, before: str, after: str
) -> None:
    kept = "{{ _('Kept') }}"
    update(tmp_path, before, kept)
    french = tmp_path / FRENCH
    french.write_text(
        re.sub(r'(msgstr(?:\[.\])?) ""$', r'\1 "Mots"', french.read_text(), flags=re.M)
    )
    update(tmp_path, before, kept)
    assert not messages.untranslated(catalog(french))
    update(tmp_path, after, kept)
    found = catalog(french)
    assert [message.id for message in found if not any(message.string or ())] == [
        message.id for message in extracted(tmp_path) if message.id and message.id != "Kept"
    ]
    assert found["Kept"].string == "Mots"


def test_what_cannot_be_written_whole_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(tmp_path, ONE)
    before = (tmp_path / FRENCH).read_bytes()

    def broken(opened: Any, *_: Any, **__: Any) -> None:
        opened.write(b"msgid")
        raise OSError("no space left")

    monkeypatch.setattr(messages, "write_po", broken)
    with pytest.raises(OSError, match="no space"):
        update(tmp_path, ONE, MANY)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "replace", broken_replace)
    with pytest.raises(OSError, match="no space"):
        update(tmp_path, ONE, MANY)
    assert (tmp_path / FRENCH).read_bytes() == before
    assert [file.name for file in (tmp_path / "locale").iterdir()] == ["fr.po"]


def broken_replace(_: Path, __: Path) -> None:
    raise OSError("no space left")


def update(room: Path, *said: str) -> None:
    """Bring up to date the French of a room whose one page says this."""
    (room / messages.PAGES).mkdir(exist_ok=True)
    (room / messages.PAGES / "page.html").write_text("\n".join(said))
    messages.update(room)


@pytest.mark.parametrize(
    ("loose", "set_"),
    [
        ("Quoi ?", "Quoi\u202f?"),
        ("Quoi?", "Quoi\u202f?"),
        ("« oui »", "«\u202foui\u202f»"),
        ("De 12:30 à 13:30 : fin", "De 12:30 à 13:30\u202f: fin"),
        ("Voir https://exemple.fr/a?b", "Voir https://exemple.fr/a?b"),
        ("Vraiment ?!", "Vraiment\u202f?!"),
        (" : ", "\u202f: "),
        ("%(name)s : non", "%(name)s\u202f: non"),
    ],
)
def test_spaces_become_those_of_french(loose: str, set_: str) -> None:
    assert typeset(loose) == set_
    assert typeset(set_) == set_
